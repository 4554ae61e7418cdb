"""The older API's calls that both flavours have: users, moves, labels and uploads."""

from collections.abc import Sequence

from generator.confluence.standin import details, files, page_tree, pages, people
from generator.confluence.standin.messages import NOTHING, Reply, Route, Wire, form_of, json_reply
from generator.confluence.standin.records import DemoPerson, FileRecord, PageRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.visit import Visit
from generator.confluence.wiki import Flavour


def user(at: Visit, person: DemoPerson) -> Wire:
    """Return a person: Cloud knows account ids, Data Center user keys."""
    if at.flavour is Flavour.CLOUD:
        return {
            "type": "known",
            "accountId": person.id,
            "accountType": "atlassian",
            "email": person.email,
            "publicName": person.name,
            "displayName": person.name,
        }
    return {"type": "known", "username": person.id, "userKey": person.id, "displayName": person.name}


def current_user(at: Visit) -> Reply:
    """Who asks."""
    return json_reply(user(at, at.person))


def get_user(at: Visit) -> Reply:
    """Anybody, by id."""
    key = at.request.one("accountId" if at.flavour is Flavour.CLOUD else "key")
    return json_reply(user(at, people.by_id(at.tables, key)))


def move(at: Visit, page_id: str, place: str, target_id: str) -> Reply:
    """Puts a page beside or below another."""
    page_tree.move(at, page_id, place, target_id)
    return json_reply({"pageId": page_id})


def labels(at: Visit, page: PageRecord) -> Reply:
    """Return a page's labels."""
    found = [
        {"prefix": "global", "name": name, "id": str(number), "label": name}
        for number, name in details.labels(at, page)
    ]
    return json_reply({"results": found, "start": 0, "limit": 200, "size": len(found), "_links": {}})


def add_labels(at: Visit, page_id: str) -> Reply:
    """Adds labels, given as a list or one by itself."""
    page, given = pages.find(at, page_id), at.request.any_json()
    listed = given if isinstance(given, list) else [given]
    if not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in listed):
        raise Refusal(Reason.BAD_REQUEST, "a label needs a name")
    details.add_labels(at, page, [one["name"] for one in listed])
    return labels(at, page)


def remove_label(at: Visit, page_id: str) -> Reply:
    """Takes a label away."""
    details.remove_label(at, pages.find(at, page_id), at.request.one("name"))
    return NOTHING


def create_file(at: Visit, page_id: str) -> Reply:
    """Return a new attachment; a second of the same name is refused."""
    _demand_token(at)
    created = files.create(at, pages.find(at, page_id), form_of(at.request))
    return json_reply(_listed([file(at, created)]))


def upsert_file(at: Visit, page_id: str) -> Reply:
    """Return a new attachment, or the next version of the one with its name."""
    _demand_token(at)
    page, form = pages.find(at, page_id), form_of(at.request)
    standing = files.on_page(at, page, form.file_name)
    saved = files.update(at, page, standing[0], form) if standing else files.create(at, page, form)
    return json_reply(_listed([file(at, saved)]))


def update_file(at: Visit, page_id: str, file_id: str) -> Reply:
    """Return the next version of an attachment."""
    _demand_token(at)
    saved = files.update(at, pages.find(at, page_id), files.find(at, file_id), form_of(at.request))
    return json_reply(file(at, saved))


def file(at: Visit, record: FileRecord) -> Wire:
    """Return an attachment."""
    prefix = "att" if at.flavour is Flavour.CLOUD else ""
    return {
        "id": f"{prefix}{record.id}",
        "type": "attachment",
        "status": "current",
        "title": record.name,
        "version": {"number": record.version, "when": record.created_at, "message": record.comment},
        "metadata": {"mediaType": record.media_type, "comment": record.comment},
        "extensions": {"mediaType": record.media_type, "fileSize": record.size, "comment": record.comment},
        "_links": {"download": f"/download/attachments/{record.page_id}/{record.name}"},
    }


def _listed(found: Sequence[Wire]) -> Wire:
    return {"results": list(found), "start": 0, "limit": 100, "size": len(found), "_links": {}}


def _demand_token(at: Visit) -> None:
    """A form without this header could come from any web page that the account's browser shows."""
    accepted = {"no-check", "nocheck"} if at.flavour is Flavour.CLOUD else {"no-check"}
    if at.request.headers.get("x-atlassian-token", "") not in accepted:
        raise Refusal(Reason.CROSS_SITE, "XSRF check failed")


def routes(api: str) -> tuple[Route, ...]:
    """Return the routes below a flavour's path."""
    return (
        Route("GET", f"{api}/user/current", current_user),
        Route("GET", f"{api}/user", get_user),
        Route("PUT", f"{api}/content/{{page_id}}/move/{{place}}/{{target_id}}", move),
        Route("POST", f"{api}/content/{{page_id}}/label", add_labels),
        Route("DELETE", f"{api}/content/{{page_id}}/label", remove_label),
        Route("POST", f"{api}/content/{{page_id}}/child/attachment", create_file),
        Route("POST", f"{api}/content/{{page_id}}/child/attachment/{{file_id}}/data", update_file),
    )
