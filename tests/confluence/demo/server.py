"""A demo server whose behaviour can vary where Atlassian's documents are silent, and what people do there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lxml import etree
from werkzeug import Request
from werkzeug.routing import Rule

from generator.confluence.demo import ADMIN, DemoPerson, DemoServer
from generator.confluence.demo.api import V2, Answer, Call, pick, pick_storage, reply
from generator.confluence.demo.cloud import V1, to_comment
from generator.confluence.demo.server import Exchange
from generator.confluence.demo.storage import Refusal, parse_body, write_body
from generator.confluence.demo.world import AccountSession, Comment, Content, Space, Version
from generator.confluence.storage.parse import AC, get_name
from generator.confluence.wiki import Flavour, Status

_UNMARKED = ("ac:plain-text-body", "ac:plain-text-link-body", "ac:parameter", "ac:placeholder")


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

    def list_spaces(self) -> list[Space]:
        return super().list_spaces() if "read" in get_verbs(self.person) else []

    def find(self, content_id: object, *statuses: Status, kind: str = "") -> Content:
        found = super().find(content_id, *statuses, kind=kind)
        if self.person.id not in self.readers.get(found.id, {self.person.id}):
            raise Refusal(404, f"No content found with id: ContentId{{id={content_id}}}")
        return found

    def update(self, page: Content, number: object, parent_id: object, draft: Version) -> None:
        super().update(page, number, parent_id, draft)
        if self.variant.update_clears_state:
            page.state = None
        if self.variant.detaches_comments:
            for comment in page.comments:
                comment.state = "dangling"


class VariantServer(DemoServer):
    """A demo server with a variant; on Cloud it also has the call that creates an inline comment."""

    def __init__(self, flavour: Flavour, variant: Variant = Variant(), **more: Any) -> None:
        self.variant = variant
        self.readers: dict[int, set[str]] = {}
        self.editors: dict[int, set[str]] = {}
        """The accounts that may read and change a page; without an entry everybody."""
        super().__init__(flavour, **more)
        if flavour is Flavour.CLOUD:
            self.routes.add(Rule(f"{V2}/inline-comments", methods=["POST"], endpoint=_create_comment))

    def session(self, person: DemoPerson = ADMIN) -> AccountSession:
        plain = super().session(person)
        return VariantSession(plain.world, plain.person, plain.now, self.variant, self.readers)

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


def get_verbs(person: DemoPerson) -> tuple[str, ...]:
    return person.verbs if isinstance(person, Account) else ("read", "write", "delete")


def _create_comment(call: Call) -> Answer:
    values = call.read_object("pageId", "body", "inlineCommentProperties")
    page, where = call.page(values["pageId"], Status.CURRENT), values["inlineCommentProperties"]
    index, count = (pick(where, f"textSelectionMatch{name}", int) for name in ("Index", "Count"))
    if not 0 <= index < max(count, 1):
        raise Refusal(400, "textSelectionMatchIndex must be less than textSelectionMatchCount")
    text, body = pick(where, "textSelection", str), pick_storage(values["body"])
    return reply(to_comment(page, create_comment(call.session, page, text, index, body)), 201)


def add_comment(demo: DemoServer, page_id: str, selection: str) -> Comment:
    """Create an inline comment on the first occurrence of a text."""
    session = demo.session()
    return create_comment(session, session.find(page_id), selection, 0, "<p>Is that so?</p>")


def create_comment(session: AccountSession, page: Content, selection: str, index: int, body: str) -> Comment:
    """Create an inline comment on an occurrence of a text; no version is created."""
    ref = str(uuid5(NAMESPACE_URL, f"comment/{session.world.last_id + 1}"))
    marked = mark_text(page.current.body, selection, index, ref) if selection else None
    if marked is None:
        raise Refusal(400, f"The text {selection!r} is not on the page")
    page.current.body = marked
    page.comments.append(Comment(session.world.new_id(), ref, selection, body, session.person.id, session.now))
    return page.comments[-1]


def mark_text(body: str, selection: str, index: int, ref: str) -> str | None:
    """Return the body with a marker around an occurrence of a text, counted from 0; None if there is none."""
    root = parse_body(body)
    for element, attribute in _list_texts(root):
        parts = (getattr(element, attribute) or "").split(selection)
        if index < len(parts) - 1:
            marker = etree.Element(f"{{{AC}}}inline-comment-marker", {f"{{{AC}}}ref": ref})
            marker.text, marker.tail = selection, selection.join(parts[index + 1 :])
            setattr(element, attribute, selection.join(parts[: index + 1]))
            parent = element if attribute == "text" else element.getparent()
            assert parent is not None, "only the root has no parent, and its tail is not listed"
            parent.insert(0 if attribute == "text" else parent.index(element) + 1, marker)
            return write_body(root)
        index -= len(parts) - 1
    return None


def _list_texts(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """List the texts that readers see, in their order: an element with `text`, or `tail` for the text after it."""
    if get_name(element) not in _UNMARKED and not get_name(element).startswith("ac:task-"):
        yield element, "text"
    if get_name(element) in _UNMARKED:
        return
    for child in element:
        yield from _list_texts(child)
        yield child, "tail"


def count_notifications(demo: DemoServer) -> int:
    """Return the number of mails that people would have got for versions and files, but the home pages."""
    homes = [space.homepage_id for space in demo.world.spaces]
    pages = [page for page in demo.world.contents.values() if page.id not in homes]
    versions = sum(not version.minor for page in pages for version in page.versions)
    return versions + sum(not file.minor for page in pages for file in page.files.values())


def count_requests(demo: DemoServer, method: str = "*", path: str = "*") -> int:
    """Return the number of requests that match; `*` for anything."""
    return sum(fnmatchcase(one.method, method) and fnmatchcase(one.path, path) for one in demo.log)
