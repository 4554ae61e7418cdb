"""A demo server whose behaviour can vary where Atlassian's documents are silent, and what people do there."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from werkzeug import Request
from werkzeug.routing import Rule

from generator.confluence.demo import ADMIN, DemoPerson, DemoServer
from generator.confluence.demo.api import V2, Answer, Call, pick, pick_storage, reply
from generator.confluence.demo.cloud import V1
from generator.confluence.demo.datacenter import API
from generator.confluence.demo.server import Exchange
from generator.confluence.demo.storage import Refusal
from generator.confluence.demo.world import AccountSession, Content, Space, Version
from generator.confluence.wiki import Flavour, Status
from tests.confluence.demo.comments import (
    Comment,
    create_comment,
    detach_comments,
    to_cloud_json,
    to_datacenter_json,
)


@dataclass(frozen=True)
class Variant:
    """The behaviour where Atlassian's documents are silent, or where real sites differ from them."""

    forbidden: int | None = None
    """The status if an account can read a page and not change it: 403 or 404. The document of Cloud's v2 says 404, and
    sites answer 403 too. None for the documented one."""
    taken_key: int = 409
    """The status for a property key that exists on Cloud: 409 or 400. Data Center always answers 400."""
    update_clears_state: bool = False
    """Whether a new version removes the content state."""
    archive_limit: int = 300
    """Pages in one request to archive them; 1 without a premium edition, 0 in a free one (v1 document)."""
    detaches_comments: bool = False
    """Whether every save detaches the inline comments, even if the body has their markers."""


@dataclass(frozen=True)
class Account(DemoPerson):
    """An account with the permissions `read`, `write` and `delete`, or fewer, in every space."""

    verbs: tuple[str, ...] = ("read",)


VERBS = {"read": "read", "update": "write", "create": "write", "delete": "delete", "archive": "delete"}
"""The permission that an operation needs."""


@dataclass(frozen=True)
class VariantSession(AccountSession):
    """A session of a server with a variant."""

    variant: Variant
    readers: dict[int, set[str]]
    comments: defaultdict[int, list[Comment]]

    def list_spaces(self) -> list[Space]:
        return super().list_spaces() if "read" in get_verbs(self.person) else []

    def find(self, content_id: object, *statuses: Status, kind: str = "") -> Content:
        found = super().find(content_id, *statuses, kind=kind)
        if self.person.id not in self.readers.get(found.id, {self.person.id}):
            raise Refusal(404, f"No content found with id: ContentId{{id={content_id}}}")
        return found

    def update(self, page: Content, number: object, parent_id: object, draft: Version) -> None:
        super().update(page, number, parent_id, draft)
        detach_comments(self.comments[page.id], page.current.body)
        if self.variant.update_clears_state:
            page.state = None
        if self.variant.detaches_comments:
            for comment in self.comments[page.id]:
                comment.state = "dangling"


class VariantServer(DemoServer):
    """A demo server with a variant and with inline comments, which on Cloud can be created over the API."""

    def __init__(self, flavour: Flavour, variant: Variant = Variant(), **more: Any) -> None:
        self.variant = variant
        self.readers: dict[int, set[str]] = {}
        self.editors: dict[int, set[str]] = {}
        """The accounts that may read and change a page; without an entry everybody."""
        self.comments = defaultdict[int, list[Comment]](list)
        """By the id of their page."""
        super().__init__(flavour, **more)

    @classmethod
    def list_rules(cls, flavour: Flavour) -> Iterator[Rule]:
        yield from super().list_rules(flavour)
        is_cloud = flavour is Flavour.CLOUD
        path = f"{V2}/pages/<int:page_id>/inline-comments" if is_cloud else f"{API}/content/<int:page_id>/child/comment"
        yield Rule(path, methods=["GET"], endpoint="list_comments")
        if is_cloud:
            yield Rule(f"{V2}/inline-comments", methods=["POST"], endpoint="create_comment")
            # Calls that v2 replaced; they are in no document since 2026.
            for path in (f"{V1}/content", f"{V1}/content/<path:rest>"):
                yield Rule(path, methods=["GET", "POST", "PUT", "DELETE"], endpoint=_refuse_removed)

    def session(self, person: DemoPerson = ADMIN) -> AccountSession:
        plain = super().session(person)
        return VariantSession(plain.world, plain.person, plain.now, self.variant, self.readers, self.comments)

    def handle(self, call: Call) -> Answer:
        """Refuse a change that the account or the restrictions of a page do not allow, and list allowed operations."""
        method, path, person = call.request.method, call.request.path, call.session.person
        numbered = re.match(r".*/(?:pages|folders|content)/(\d+)", path)
        if method != "GET" and "/rest/" in path.replace("/api/", "/rest/"):
            removes = path.endswith("/archive") or (method == "DELETE" and re.search(r"/(att)?\d+$", path))
            editors = self.editors.get(int(numbered[1]), {person.id}) if numbered else {person.id}
            if ("delete" if removes else "write") not in get_verbs(person) or person.id not in editors:
                # v2 document, 404: "The user does not have the needed permissions to update a page in the space"
                documented = 404 if call.v2 else 403
                in_v1_of_cloud = call.cloud and not call.v2
                status = documented if in_v1_of_cloud else self.variant.forbidden or documented
                raise Refusal(status, f"User not permitted to change {path}")
        answer = super().handle(call)
        if isinstance(answer, dict) and "operations" in answer:
            answer["operations"] = [o for o in answer["operations"] if VERBS[o["operation"]] in get_verbs(person)]
        return answer

    def exchange(self, request: Request) -> Exchange:
        request.get_data(cache=True)
        archives = request.method == "POST" and request.path == f"{V1}/content/archive"
        if archives and len((request.get_json(silent=True) or {}).get("pages", ())) > self.variant.archive_limit:
            return Exchange(reply({"statusCode": 400, "message": "too many pages"}, 400))
        exchange = super().exchange(request)
        response = exchange.response
        if response is not None and response.status_code == 409 and b"A property with key" in response.get_data():
            response.status_code = self.variant.taken_key
        return exchange

    def list_comments(self, call: Call, page_id: int) -> Answer:
        page, comments = call.page(page_id), self.comments[page_id]
        if call.cloud:
            return call.part(comments, lambda comment: to_cloud_json(page, comment))
        found = [to_datacenter_json(call, comment) for comment in comments]
        locations = call.get_list("location") or ["inline", "resolved"]
        return call.part([each for each in found if each["extensions"]["location"] in locations], lambda each: each)

    def create_comment(self, call: Call) -> Answer:
        values = call.read_object("pageId", "body", "inlineCommentProperties")
        page, where = call.page(values["pageId"], Status.CURRENT), values["inlineCommentProperties"]
        index, count = (pick(where, f"textSelectionMatch{name}", int) for name in ("Index", "Count"))
        if not 0 <= index < max(count, 1):
            raise Refusal(400, "textSelectionMatchIndex must be less than textSelectionMatchCount")
        text, body = pick(where, "textSelection", str), pick_storage(values["body"])
        self.comments[page.id].append(create_comment(call.session, page, text, index, body))
        return reply(to_cloud_json(page, self.comments[page.id][-1]), 201)


def _refuse_removed(call: Call, **_: object) -> Answer:
    text = f"GoneException: This deprecated endpoint has been removed. ({call.request.path})"
    return reply({"statusCode": 410, "message": text, "reason": "Gone"}, 410)


def get_verbs(person: DemoPerson) -> tuple[str, ...]:
    return person.verbs if isinstance(person, Account) else ("read", "write", "delete")


def add_comment(demo: DemoServer, page_id: str, selection: str) -> Comment:
    """Create an inline comment on the first occurrence of a text."""
    assert isinstance(demo, VariantServer)
    session = demo.session()
    demo.comments[int(page_id)].append(
        create_comment(session, session.find(page_id), selection, 0, "<p>Is that so?</p>")
    )
    return demo.comments[int(page_id)][-1]


def count_notifications(demo: DemoServer) -> int:
    """Return the number of mails that people would have got for versions and files, but the home pages."""
    homes = [space.homepage_id for space in demo.world.spaces]
    pages = [page for page in demo.world.contents.values() if page.id not in homes]
    versions = sum(not version.minor for page in pages for version in page.versions)
    return versions + sum(not file.minor for page in pages for file in page.files.values())


def count_requests(demo: DemoServer, method: str = "*", path: str = "*") -> int:
    """Return the number of requests that match; `*` for anything."""
    return sum(fnmatchcase(one.method, method) and fnmatchcase(one.path, path) for one in demo.log)
