"""Writes that happen once even if their answers are lost: after each loss the wiki is read before the next try."""

from collections.abc import Callable, Mapping

from generator.confluence.sync.difference import text_digest
from generator.confluence.sync.marks import file_digest, read_claim
from generator.confluence.wiki import (
    AlreadyExists,
    Attachment,
    Json,
    LostAnswer,
    NewPage,
    NotFound,
    NotOffered,
    Page,
    PageUpdate,
    ParentKind,
    Property,
    Refused,
    Status,
    TitleTaken,
    Upload,
    VersionConflict,
    Wiki,
)

_TRIES = 3


def create_page_once(wiki: Wiki, new: NewPage, book: str, account_id: Callable[[], str]) -> Page:
    """Create a page, or return the one that a request with a lost answer created."""
    for _ in range(_TRIES):
        try:
            return wiki.create_page(new)
        except (LostAnswer, TitleTaken) as problem:
            found = wiki.page_titled(new.space, new.title)
            page = wiki.page(found.id, body=True) if found is not None and found.status is Status.CURRENT else None
            if page is not None and _is_own_creation(wiki, page, text_digest(new.body), book, account_id):
                return page
            last = problem
            if isinstance(problem, TitleTaken):
                break
    raise last


def _is_own_creation(wiki: Wiki, page: Page, text: str, book: str, account_id: Callable[[], str]) -> bool:
    """Return whether a lost request created a page: its first version, by this account, with the text, unmarked."""
    if page.version.number != 1 or text_digest(page.body or "") != text or page.version.author.id != account_id():
        return False
    return read_claim(wiki, page.id, book) is None


def update_page_once(wiki: Wiki, update: PageUpdate, account_id: Callable[[], str]) -> Page:
    """Save the next version, or return the one that a request with a lost answer saved."""
    for _ in range(_TRIES):
        try:
            return wiki.update_page(update)
        except LostAnswer as problem:
            page = wiki.page(update.page_id, body=True)
            number = page.version.number
            same = page.title == update.title and text_digest(page.body or "") == text_digest(update.body)
            if number == update.version and same and page.version.author.id == account_id():
                return page
            if number != update.version - 1:
                said = f"somebody saved version {number} in between"
                raise VersionConflict(problem.call, said, 409) from problem
            last = problem
    raise last


def store_property(
    wiki: Wiki,
    content_id: str,
    key: str,
    current: Property | None,
    value: Json,
    *,
    kind: ParentKind = ParentKind.PAGE,
) -> Property:
    """Store a property; raise VersionConflict if another value was written in between."""
    for _ in range(_TRIES):
        try:
            if current is None:
                return wiki.create_property(content_id, key, value, kind=kind)
            return wiki.update_property(content_id, current, value, kind=kind)
        except (LostAnswer, AlreadyExists, Refused) as problem:
            if isinstance(problem, Refused) and problem.status not in (400, 409):
                raise
            found = next((each for each in wiki.properties(content_id, kind=kind) if each.key == key), None)
            if found is not None and found.value == value:
                return found
            if (found is None) != (current is None) or (found and current and found.version != current.version):
                raise VersionConflict(problem.call, f"somebody else wrote the property {key}", 409) from problem
            last = problem
    raise last


def overwrite_property(wiki: Wiki, page_id: str, key: str, current: Property | None, value: Json) -> Property:
    """Store a property of a page, whatever value it had.

    Raise VersionConflict if the wiki rejects it, as it does for a while after the page was created.
    """
    try:
        return store_property(wiki, page_id, key, current, value)
    except (VersionConflict, NotFound) as conflict:
        found = next((each for each in wiki.properties(page_id) if each.key == key), None)
        if found is None and current is None:
            said = f"the wiki does not take our mark on it ({conflict.said}); run again later"
            raise VersionConflict(conflict.call, said, 409) from conflict
        return store_property(wiki, page_id, key, found, value)


def set_state_once(wiki: Wiki, page_id: str, name: str, color: str) -> bool:
    """Set the content state of a page, or clear it if the name is empty; return whether that made a version.

    A space that allows no such states, and Data Center, which has none, are no reason to keep the page.
    """
    for _ in range(_TRIES):
        try:
            if name:
                wiki.set_content_state(page_id, name, color)
            else:
                wiki.clear_content_state(page_id)
        except NotOffered:
            return False
        except Refused as problem:
            if problem.status == 400:
                return False
            raise
        except LostAnswer as problem:
            if (wiki.content_state(page_id) or "") == name:
                return True
            last = problem
        else:
            return True
    raise last


def upload_file(wiki: Wiki, page_id: str, attachment_id: str, upload: Upload, book: str) -> Attachment:
    """Upload a file; raise Refused if a file of the same name is not managed."""
    digest = file_digest(upload.comment, book)
    for _ in range(_TRIES):
        try:
            if attachment_id:
                return wiki.update_attachment(page_id, attachment_id, upload)
            return wiki.create_attachment(page_id, upload)
        except (LostAnswer, AlreadyExists, NotFound) as problem:
            found = next((each for each in wiki.attachments(page_id) if each.name == upload.name), None)
            theirs = None if found is None else file_digest(found.comment, book)
            if found is not None and theirs == digest:
                return found
            if found is not None and theirs is None and found.id != attachment_id:
                raise Refused(problem.call, f"somebody else's file is named {upload.name}") from problem
            attachment_id = "" if found is None else found.id
            last = problem
    raise last


def remove_file(wiki: Wiki, page_id: str, name: str, attachment_id: str, book: str) -> None:
    """Remove a managed file from a page."""
    if not attachment_id:
        there = (each for each in wiki.attachments(page_id) if each.name == name)
        attachment_id = next((each.id for each in there if file_digest(each.comment, book)), "")
    _remove(wiki.delete_attachment, attachment_id)


def _remove(remove: Callable[[str], None], identifier: str) -> None:
    """Remove content that may be gone already, also because of a request with a lost answer."""
    if not identifier:
        return
    for _ in range(_TRIES):
        try:
            remove(identifier)
        except NotFound:
            return
        except LostAnswer as problem:
            if problem.status == 404:
                return
            last = problem
        else:
            return
    raise last


def remove_label(wiki: Wiki, page_id: str, label: str) -> None:
    """Remove a label from a page."""
    _remove(lambda name: wiki.remove_label(page_id, name), label)


def trash_page(wiki: Wiki, page_id: str) -> None:
    """Move a page to the trash."""
    for _ in range(_TRIES):
        try:
            wiki.trash_page(page_id)
        except (LostAnswer, NotFound) as problem:
            if _absent(wiki, page_id):
                return
            if isinstance(problem, NotFound):
                raise
            last = problem
        else:
            return
    raise last


def _absent(wiki: Wiki, page_id: str) -> bool:
    try:
        return wiki.page(page_id).status is not Status.CURRENT
    except NotFound:
        return True


def archive_pages(wiki: Wiki, page_ids: tuple[str, ...], sleep: Callable[[float], None]) -> Mapping[str, Page]:
    """Archive pages, wait for the end of the task, and return the pages as they are then."""
    left = page_ids
    for _ in range(_TRIES):
        try:
            task = wiki.archive_pages(left)
        except LostAnswer as problem:
            last = problem
        else:
            _wait_for_task(wiki, task.id, sleep)
            return wiki.pages(page_ids)
        there = wiki.pages(page_ids)
        left = tuple(page_id for page_id in left if page_id in there and there[page_id].status is Status.CURRENT)
        if not left:
            return there
    raise last


def _wait_for_task(wiki: Wiki, task_id: str, sleep: Callable[[float], None]) -> None:
    """Wait some minutes for a task; the pages are read afterwards anyway."""
    for wait in (0.5, 1, 2, *[5.0] * 60):
        if wiki.task(task_id).finished:
            return
        sleep(wait)
