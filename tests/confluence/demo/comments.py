"""Inline comments on the pages of a demo server, which people make in a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from generator.confluence.demo.api import Call, Json, to_user
from generator.confluence.demo.storage import Refusal, parse_body, write_body
from generator.confluence.demo.world import AccountSession, Content
from generator.confluence.storage.parse import AC, get_attribute, get_name

_UNMARKED = ("ac:plain-text-body", "ac:plain-text-link-body", "ac:parameter", "ac:placeholder")


@dataclass
class Comment:
    """An inline comment; `state` is open, resolved or dangling."""

    id: int
    marker: str
    selection: str
    body: str
    author: str
    when: str
    state: str = "open"


def create_comment(session: AccountSession, page: Content, selection: str, index: int, body: str) -> Comment:
    """Create an inline comment on an occurrence of a text; no version is created."""
    ref = str(uuid5(NAMESPACE_URL, f"comment/{session.world.last_id + 1}"))
    marked = mark_text(page.current.body, selection, index, ref) if selection else None
    if marked is None:
        raise Refusal(400, f"The text {selection!r} is not on the page")
    page.current.body = marked
    return Comment(session.world.new_id(), ref, selection, body, session.person.id, session.now)


def detach_comments(comments: list[Comment], body: str) -> None:
    """Change the states of the comments on a page after its body was saved."""
    markers = find_markers(body)
    for comment in comments:
        if (comment.marker in markers) == (comment.state == "dangling"):
            comment.state = "open" if comment.marker in markers else "dangling"


def find_markers(body: str) -> frozenset[str]:
    """Return the references of the inline comments that a body marks."""
    markers = parse_body(body).iterdescendants(f"{{{AC}}}inline-comment-marker")
    return frozenset(get_attribute(element, "ac:ref") for element in markers)


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


def to_cloud_json(page: Content, comment: Comment) -> Json:
    """Return an inline comment as Cloud does."""
    return {
        "id": str(comment.id),
        "pageId": str(page.id),
        "version": {
            "number": 1,
            "minorEdit": False,
            "message": "",
            "authorId": comment.author,
            "createdAt": comment.when,
        },
        "body": {"storage": {"representation": "storage", "value": comment.body}},
        "resolutionStatus": comment.state,
        "properties": {"inlineMarkerRef": comment.marker, "inlineOriginalSelection": comment.selection},
    }


def to_datacenter_json(call: Call, comment: Comment) -> Json:
    """Return an inline comment as Data Center does."""
    return {
        "id": str(comment.id),
        "type": "comment",
        "body": {"storage": {"value": comment.body, "representation": "storage"}},
        "version": {"number": 1, "when": comment.when, "by": to_user(call, comment.author)},
        "extensions": {
            "location": "resolved" if comment.state == "resolved" else "inline",
            "inlineProperties": {"originalSelection": comment.selection, "markerRef": comment.marker},
            "resolution": {"status": comment.state},
        },
    }
