"""The calls of API v1 that both flavours share: attachments, labels, moves and accounts."""

from collections.abc import Iterable

from generator.confluence.rest.call import ApiRequest, JsonObject, RetryPolicy, build_read
from generator.confluence.rest.transport import Transport
from generator.confluence.wiki import Account, Attachment, Place, Upload

API = "rest/api"


class SharedApi:
    """Calls of Data Center that Cloud has not replaced with v2."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def account(self) -> Account:
        """Fetch the account of the credentials."""
        return self._transport.fetch(build_read(f"{API}/user/current"), parse_account)

    def move_page(self, page_id: str, place: Place, target_id: str) -> None:
        """Move a page next to or below another."""
        self._transport.send(
            ApiRequest("PUT", f"{API}/content/{page_id}/move/{place}/{target_id}", retry=RetryPolicy.FREELY),
        )

    def add_labels(self, page_id: str, labels: Iterable[str]) -> frozenset[str]:
        """Add labels and keep the others."""
        payload = [{"prefix": "global", "name": label} for label in sorted(labels)]
        call = ApiRequest("POST", f"{API}/content/{page_id}/label", payload=payload, retry=RetryPolicy.FREELY)
        return self._transport.fetch(call, parse_labels)

    def remove_label(self, page_id: str, label: str) -> None:
        """Remove a label."""
        self._transport.send(
            ApiRequest("DELETE", f"{API}/content/{page_id}/label", {"name": label}, retry=RetryPolicy.FREELY),
        )

    def create_attachment(self, page_id: str, upload: Upload) -> Attachment:
        """Create an attachment of a page."""
        call = ApiRequest("POST", f"{API}/content/{page_id}/child/attachment", upload=upload)
        return self._transport.fetch(call, lambda data: parse_attachment(data["results"][0], page_id))

    def update_attachment(self, page_id: str, attachment_id: str, upload: Upload) -> Attachment:
        """Save a new version of an attachment; both flavours accept this path."""
        call = ApiRequest("POST", f"{API}/content/{page_id}/child/attachment/{attachment_id}/data", upload=upload)
        return self._transport.fetch(call, lambda data: parse_attachment(data, page_id))


def parse_account(data: JsonObject) -> Account:
    """Parse a user: Cloud has account ids, Data Center user keys, and before version 7 only names."""
    identifier = data.get("accountId") or data.get("userKey") or data.get("username") or ""
    return Account(str(identifier), str(data.get("displayName") or data.get("publicName") or ""))


def parse_labels(data: JsonObject) -> frozenset[str]:
    """Parse the global labels; personal and team labels belong to users."""
    return frozenset(str(label["name"]) for label in data["results"] if label.get("prefix", "global") == "global")


def parse_attachment(data: JsonObject, page_id: str) -> Attachment:
    """Parse an attachment."""
    extensions = data.get("extensions", {})
    return Attachment(
        id=str(data["id"]),
        page_id=page_id,
        name=str(data["title"]),
        media_type=str(extensions.get("mediaType", "")),
        size=int(extensions.get("fileSize", 0)),
        comment=str(extensions.get("comment", "") or data.get("metadata", {}).get("comment", "") or ""),
        version=int(data.get("version", {}).get("number", 1)),
    )
