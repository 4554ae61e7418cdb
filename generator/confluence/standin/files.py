"""Attachments: one name once on a page, versions, the trash."""

from generator.confluence.standin.messages import Form
from generator.confluence.standin.records import FileRecord, PageRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.visit import Visit

_SELECT = """SELECT id, page_id, name, media_type, comment, length(content), version, created_at, author_id
  FROM file WHERE trashed = 0 AND """


def on_page(visit: Visit, page: PageRecord, name: str = "") -> list[FileRecord]:
    """Return a page's files, or the one with a name."""
    if name:
        return visit.tables.all(FileRecord, f"{_SELECT}page_id = ? AND name = ?", page.id, name)
    return visit.tables.all(FileRecord, f"{_SELECT}page_id = ? ORDER BY id", page.id)


def find(visit: Visit, file_id: str) -> FileRecord:
    """Return a file by its id, with or without the `att` that Cloud puts before it."""
    digits = file_id.removeprefix("att")
    found = visit.tables.one(FileRecord, f"{_SELECT}id = ?", int(digits)) if digits.isdigit() else None
    if found is None:
        raise Refusal(Reason.NOT_FOUND, f"No attachment with id {file_id}")
    return found


def content(visit: Visit, file: FileRecord) -> bytes:
    """Return a file's bytes."""
    held = visit.tables.rows("SELECT content FROM file WHERE id = ?", file.id)[0][0]
    assert isinstance(held, bytes), "the column holds nothing else"
    return held


def create(visit: Visit, page: PageRecord, form: Form) -> FileRecord:
    """Return a new file; Refusal when its name is in use on the page."""
    visit.demand("write", page.space_key, f"content {page.id}")
    if on_page(visit, page, form.file_name):
        raise Refusal(
            Reason.FILE_TAKEN,
            f"Cannot add a new attachment with same file name as an existing attachment: {form.file_name}",
        )
    if not form.file_name or "/" in form.file_name:
        raise Refusal(Reason.BAD_REQUEST, f"{form.file_name!r} is no file name")
    number = visit.tables.new_id()
    visit.tables.run(
        "INSERT INTO file VALUES(?, ?, ?, ?, ?, ?, 1, 0, ?, ?)",
        *(number, page.id, form.file_name, form.media_type, form.fields.get("comment", ""), form.content),
        *(visit.now, visit.person.id),
    )
    _tell(visit, page, form)
    return find(visit, str(number))


def update(visit: Visit, page: PageRecord, file: FileRecord, form: Form) -> FileRecord:
    """Return the next version of a file."""
    visit.demand("write", page.space_key, f"content {page.id}")
    if file.page_id != page.id:
        raise Refusal(Reason.NOT_FOUND, f"No attachment {file.id} on content {page.id}")
    visit.tables.run(
        "UPDATE file SET media_type = ?, comment = ?, content = ?, version = version + 1, created_at = ?,"
        " author_id = ? WHERE id = ?",
        *(form.media_type, form.fields.get("comment", ""), form.content, visit.now, visit.person.id, file.id),
    )
    _tell(visit, page, form)
    return find(visit, str(file.id))


def trash(visit: Visit, page: PageRecord, file: FileRecord) -> None:
    """Moves a file to the trash; its name is free again."""
    visit.demand("delete", page.space_key, f"attachment {file.id}")
    visit.tables.run("UPDATE file SET trashed = 1 WHERE id = ?", file.id)


def _tell(visit: Visit, page: PageRecord, form: Form) -> None:
    if form.fields.get("minorEdit") != "true":
        visit.tables.run("INSERT INTO notification(page_id, what) VALUES(?, 'attached')", page.id)
