"""Where pages stand: moved, put in order, trashed, purged and archived."""

from uuid import NAMESPACE_URL, uuid5

from generator.confluence.standin import pages
from generator.confluence.standin.records import PageRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.visit import Visit
from generator.confluence.wiki import Place, Status


def move(visit: Visit, page_id: str, place: str, target_id: str) -> None:
    """Puts a page before or after a target, or last among its children; makes no version."""
    page = pages.find(visit, page_id, (Status.CURRENT,))
    target = pages.find(visit, target_id, (Status.CURRENT,))
    visit.demand("write", page.space_key, f"content {page_id}")
    if place not in list(Place):
        raise Refusal(Reason.BAD_REQUEST, f"position must be before, after or append, not {place}")
    parent_id = target.id if place == Place.APPEND else target.parent_id
    if parent_id is None:
        raise Refusal(Reason.BAD_REQUEST, "A page cannot be moved beside the top of a space")
    _refuse_circle(visit, page, parent_id)
    siblings = [one.id for one in pages.children(visit, parent_id) if one.id != page.id]
    where = len(siblings) if place == Place.APPEND else siblings.index(target.id) + (place == Place.AFTER)
    siblings.insert(where, page.id)
    visit.tables.run("UPDATE page SET parent_id = ? WHERE id = ?", parent_id, page.id)
    for position, sibling in enumerate(siblings):
        visit.tables.run("UPDATE page SET position = ? WHERE id = ?", position, sibling)


def _refuse_circle(visit: Visit, page: PageRecord, parent_id: int) -> None:
    parent = pages.find(visit, str(parent_id))
    if page.id in (parent_id, *(one.id for one in pages.ancestors(visit, parent))):
        raise Refusal(Reason.BAD_REQUEST, "A page cannot be its own ancestor")


def trash(visit: Visit, page_id: str) -> None:
    """Moves a page to the trash; its children move up to its parent."""
    page = pages.find(visit, page_id, (Status.CURRENT, Status.ARCHIVED))
    visit.demand("delete", page.space_key, f"content {page_id}")
    _leave(visit, page, Status.TRASHED)


def purge(visit: Visit, page_id: str) -> None:
    """Removes a trashed page for good, with all that hangs on it."""
    page = pages.find(visit, page_id, (Status.TRASHED,))
    visit.demand("administer", page.space_key, f"content {page_id}")
    visit.tables.run("DELETE FROM page WHERE id = ?", page.id)
    for table in ("version", "property", "label", "file", "comment"):
        visit.tables.run(f"DELETE FROM {table} WHERE page_id = ?", page.id)  # noqa: S608 - the names stand above


def archive(visit: Visit, page_ids: list[str]) -> str:
    """Archives pages as a task and gives its id; one that is not current refuses the whole request."""
    chosen = [pages.find(visit, page_id) for page_id in page_ids]
    for page in chosen:
        visit.demand("delete", page.space_key, f"content {page.id}")
        if page.status is not Status.CURRENT:
            raise Refusal(Reason.BAD_REQUEST, f"Page {page.id} is {page.status} and cannot be archived")
        _leave(visit, page, Status.ARCHIVED)
    task_id = str(uuid5(NAMESPACE_URL, f"task/{visit.tables.new_id()}"))
    visit.tables.run("INSERT INTO task VALUES(?, 'archive', ?, 0)", task_id, f"{len(chosen)} pages archived")
    return task_id


def _leave(visit: Visit, page: PageRecord, status: Status) -> None:
    visit.tables.run("UPDATE page SET status = ? WHERE id = ?", status.value, page.id)
    visit.tables.run(
        "UPDATE page SET parent_id = ?, position = NULL WHERE parent_id = ? AND status = 'current'",
        *(page.parent_id, page.id),
    )
