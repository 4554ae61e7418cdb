"""Pages: found, listed, created and given their next version."""

from dataclasses import dataclass

from generator.confluence.standin import comments
from generator.confluence.standin.records import PageRecord, SpaceRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.rewriting import saved
from generator.confluence.standin.visit import Visit
from generator.confluence.wiki import TITLE_LIMIT, Flavour, Status

BODY_LIMIT = 5 * 1024 * 1024
HOLDS_TITLE = (Status.CURRENT, Status.ARCHIVED)
_SELECT = """SELECT page.id, page.space_id, space.key, page.parent_id, version.title, page.status, page.position,
  version.number, version.body, version.message, version.minor, version.author_id,
  coalesce(person.name, ''), version.created_at
  FROM page JOIN space ON space.id = page.space_id JOIN version ON version.page_id = page.id
  LEFT JOIN person ON person.id = version.author_id WHERE """
_CURRENT = _SELECT + "version.number = page.version AND "
_IN_ORDER = "AND page.status = 'current' ORDER BY page.position IS NULL, page.position, page.title COLLATE NOCASE"


@dataclass(frozen=True, slots=True)
class Content:
    """What somebody saves."""

    title: str
    body: str
    message: str = ""
    minor: bool = False


def find(visit: Visit, page_id: str, statuses: tuple[Status, ...] = tuple(Status)) -> PageRecord:
    """Return a page in one of the statuses that this person may read; Refusal otherwise."""
    page = None
    if page_id.isdigit():
        page = visit.tables.one(PageRecord, f"{_CURRENT}page.id = ?", int(page_id))
    if page is None or page.status not in statuses or not visit.person.can("read", page.space_key):
        raise Refusal(Reason.NOT_FOUND, f"No content found with id: ContentId{{id={page_id}}}")
    return page


def find_version(visit: Visit, page_id: str, number: int) -> PageRecord:
    """Return a page as it was."""
    current = find(visit, page_id)
    old = visit.tables.one(PageRecord, f"{_SELECT}page.id = ? AND version.number = ?", current.id, number)
    if old is None:
        raise Refusal(Reason.NOT_FOUND, f"No version {number} of content {page_id}")
    return old


def with_ids(visit: Visit, ids: list[int], statuses: tuple[Status, ...]) -> list[PageRecord]:
    """Return the readable ones among these pages, by id."""
    marks = ",".join("?" * len(ids))
    found = visit.tables.all(PageRecord, f"{_CURRENT}page.id IN ({marks}) ORDER BY page.id", *ids)
    return [page for page in found if page.status in statuses and visit.person.can("read", page.space_key)]


def in_space(visit: Visit, space: SpaceRecord, statuses: tuple[Status, ...], title: str = "") -> list[PageRecord]:
    """Return the pages of a space, by id; with a title only the one that has it."""
    query, values = f"{_CURRENT}page.space_id = ?", [space.id]
    if title:
        found = visit.tables.all(PageRecord, f"{query} AND page.title = ? COLLATE NOCASE", *values, title)
    else:
        found = visit.tables.all(PageRecord, f"{query} ORDER BY page.id", *values)
    return [page for page in found if page.status in statuses]


def children(visit: Visit, parent_id: int) -> list[PageRecord]:
    """Return the current pages below a page, in the order in which a reader sees them."""
    return visit.tables.all(PageRecord, f"{_CURRENT}page.parent_id = ? {_IN_ORDER}", parent_id)


def roots(visit: Visit, space: SpaceRecord) -> list[PageRecord]:
    """Return the current pages at the top of a space, in the order in which a reader sees them."""
    return visit.tables.all(PageRecord, f"{_CURRENT}page.parent_id IS NULL AND page.space_id = ? {_IN_ORDER}", space.id)


def ancestors(visit: Visit, page: PageRecord) -> list[PageRecord]:
    """Return the pages above a page, from the top."""
    above: list[PageRecord] = []
    parent_id = page.parent_id
    while parent_id is not None:
        parent = visit.tables.one(PageRecord, f"{_CURRENT}page.id = ?", parent_id)
        if parent is None:
            break
        above.insert(0, parent)
        parent_id = parent.parent_id
    return above


def create(visit: Visit, space: SpaceRecord, parent_id: str | None, content: Content) -> PageRecord:
    """Return a new page, at the top of the space when it has no parent."""
    visit.demand("write", space.key, f"space {space.key}")
    title = _title(visit, space.id, space.key, content.title)
    parent = None if parent_id is None else _parent(visit, space.id, parent_id)
    page_id = visit.tables.new_id()
    visit.tables.run("INSERT INTO page VALUES(?, ?, ?, ?, 'current', NULL, 1)", page_id, space.id, parent, title)
    _append(visit, page_id, parent)
    _save(visit, page_id, 1, Content(title, content.body))
    visit.tables.run("INSERT INTO notification(page_id, what) VALUES(?, 'created')", page_id)
    return find(visit, str(page_id))


def update(visit: Visit, page_id: str, number: int, parent_id: str | None, content: Content) -> PageRecord:
    """Return the next version; Refusal when the number is not the next one. A trashed page comes back by it."""
    page = find(visit, page_id, (Status.CURRENT, Status.TRASHED))
    visit.demand("write", page.space_key, f"content {page_id}")
    if number != page.version + 1:
        raise Refusal(Reason.STALE_VERSION, "Version must be incremented", current=page.version, provided=number)
    title = _title(visit, page.space_id, page.space_key, content.title, page.id)
    parent = page.parent_id if parent_id is None else _new_parent(visit, page, parent_id)
    visit.tables.run(
        "UPDATE page SET title = ?, parent_id = ?, status = 'current', version = ? WHERE id = ?",
        *(title, parent, number, page.id),
    )
    _save(visit, page.id, number, Content(title, content.body, content.message, content.minor))
    if not content.minor:
        visit.tables.run("INSERT INTO notification(page_id, what) VALUES(?, 'edited')", page.id)
    return find(visit, page_id)


def _save(visit: Visit, page_id: int, number: int, content: Content) -> None:
    body = saved(_checked(content.body), visit.flavour, f"{page_id}/{number}")
    visit.tables.run(
        "INSERT INTO version VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        *(page_id, number, content.title, body, content.message, int(content.minor), visit.person.id, visit.now),
    )
    comments.reattach(visit.tables, page_id, body)


def _checked(body: str) -> str:
    if len(body.encode()) > BODY_LIMIT:
        raise Refusal(Reason.TOO_LARGE, "The page body is larger than 5 MB")
    return body


def _title(visit: Visit, space_id: int, space_key: str, title: str, own_id: int = 0) -> str:
    """Return a title that the space can take; upper and lower case do not make a difference."""
    title = title.strip()
    if not title:
        raise Refusal(Reason.BAD_REQUEST, "Title is required")
    if len(title) > TITLE_LIMIT:
        raise Refusal(Reason.BAD_REQUEST, f"Title cannot be longer than {TITLE_LIMIT} characters.")
    taken = visit.tables.number(
        "SELECT count(*) FROM page WHERE space_id = ? AND title = ? COLLATE NOCASE AND id != ?"
        " AND status IN ('current', 'archived')",
        *(space_id, title, own_id),
    )
    if taken:
        raise Refusal(Reason.TITLE_TAKEN, "A page with this title already exists", title=title, space=space_key)
    return title


def _parent(visit: Visit, space_id: int, parent_id: str) -> int:
    parent = find(visit, parent_id, (Status.CURRENT,))
    if parent.space_id != space_id:
        raise Refusal(Reason.BAD_REQUEST, "The parent is in another space")
    return parent.id


def _new_parent(visit: Visit, page: PageRecord, parent_id: str) -> int:
    """A parent that is not the page itself nor below it; a page under a new parent loses its place."""
    parent = _parent(visit, page.space_id, parent_id)
    above = [one.id for one in ancestors(visit, find(visit, parent_id))]
    if page.id in (parent, *above):
        raise Refusal(Reason.BAD_REQUEST, "A page cannot be its own ancestor")
    if parent != page.parent_id:
        visit.tables.run("UPDATE page SET position = NULL WHERE id = ?", page.id)
        _append(visit, page.id, parent)
    return parent


def _append(visit: Visit, page_id: int, parent_id: int | None) -> None:
    """Put a page last among its siblings on Cloud; Data Center shows it by title."""
    if visit.flavour is Flavour.CLOUD:
        last = "SELECT COALESCE(MAX(position), -1) + 1 FROM page WHERE parent_id IS ? AND id != ?"
        visit.tables.run(f"UPDATE page SET position = ({last}) WHERE id = ?", parent_id, page_id, page_id)  # noqa: S608
