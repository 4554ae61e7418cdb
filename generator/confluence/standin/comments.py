"""Inline comments: tied to a marker in the body, dangling once a save drops it."""

from uuid import NAMESPACE_URL, uuid5

from generator.confluence.standin.records import CommentRecord, PageRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.rewriting import marked, markers
from generator.confluence.standin.store import Tables
from generator.confluence.standin.visit import Visit

_SELECT = """SELECT comment.id, comment.page_id, comment.marker, comment.selection, comment.body, comment.state,
  comment.author_id, coalesce(person.name, ''), comment.created_at
  FROM comment LEFT JOIN person ON person.id = comment.author_id WHERE """


def on_page(tables: Tables, page_id: int) -> list[CommentRecord]:
    """Return a page's inline comments, the oldest first."""
    return tables.all(CommentRecord, f"{_SELECT}comment.page_id = ? ORDER BY comment.id", page_id)


def create(visit: Visit, page: PageRecord, selection: str, index: int, body: str) -> CommentRecord:
    """Marks a stretch of the page's text, the index-th of its kind, and remarks on it; makes no version."""
    visit.demand("write", page.space_key, f"content {page.id}")
    number = visit.tables.new_id()
    ref = str(uuid5(NAMESPACE_URL, f"comment/{number}"))
    text = marked(page.body, selection, index, ref) if selection else None
    if text is None:
        raise Refusal(Reason.BAD_REQUEST, f"The text {selection!r} does not stand on the page")
    visit.tables.run("UPDATE version SET body = ? WHERE page_id = ? AND number = ?", text, page.id, page.version)
    visit.tables.run(
        "INSERT INTO comment VALUES(?, ?, ?, ?, ?, 'open', ?, ?)",
        *(number, page.id, ref, selection, body, visit.person.id, visit.now),
    )
    found = visit.tables.one(CommentRecord, f"{_SELECT}comment.id = ?", number)
    assert found is not None, "it was just written"
    return found


def resolve(visit: Visit, comment_id: int) -> None:
    """Marks a comment as settled."""
    if not visit.tables.run("UPDATE comment SET state = 'resolved' WHERE id = ?", comment_id):
        raise Refusal(Reason.NOT_FOUND, f"No comment {comment_id}")


def reattach(tables: Tables, page_id: int, body: str) -> None:
    """After a save: a comment whose marker is gone dangles, one whose marker is back stands open again."""
    standing = on_page(tables, page_id)
    if not standing:
        return
    kept = markers(body)
    for comment in standing:
        gone = comment.marker not in kept
        if gone != (comment.state == "dangling"):
            state = "dangling" if gone else "open"
            tables.run("UPDATE comment SET state = ? WHERE id = ?", state, comment.id)
