"""Writes that are done once even when their answers are lost: after each loss comes a look, then the second try."""

from collections.abc import Callable, Mapping

from generator.confluence.sync.marks import file_digest, placeholder_ref, signature
from generator.confluence.wiki import (
    AlreadyExists,
    Attachment,
    Json,
    LostAnswer,
    NewPage,
    NotFound,
    Page,
    PageUpdate,
    Property,
    Refused,
    Status,
    TitleTaken,
    Upload,
    VersionConflict,
    Wiki,
)

_TRIES = 3


def created(wiki: Wiki, new: NewPage, book: str, token: str, ref: str) -> Page:
    """Return the new page, or the one that a lost answer was about: it has our token in its body."""
    for _ in range(_TRIES):
        try:
            return wiki.create_page(new)
        except (LostAnswer, TitleTaken) as problem:
            page = wiki.page_titled(new.space, new.title)
            body = wiki.page(page.id, body=True).body if page is not None else None
            if page is not None and placeholder_ref(body or "", book, token) == ref:
                return page
            last = problem
            if isinstance(problem, TitleTaken):
                break
    raise last


def updated(wiki: Wiki, update: PageUpdate, book: str) -> Page:
    """Return the next version, or the one that a lost answer was about: it has our number and our digest."""
    for _ in range(_TRIES):
        try:
            return wiki.update_page(update)
        except LostAnswer as problem:
            page = wiki.page(update.page_id)
            there, number = page.version, update.version
            ours = signature(there.message, book, number) == signature(update.message, book, number)
            if there.number == number and ours:
                return page
            if page.version.number != update.version - 1:
                said = f"somebody saved version {page.version.number} in between"
                raise VersionConflict(problem.call, said, 409) from problem
            last = problem
    raise last


def stored(wiki: Wiki, page_id: str, key: str, current: Property | None, value: Json) -> Property:
    """Return a property with this value; VersionConflict if somebody wrote another one in between."""
    for _ in range(_TRIES):
        try:
            if current is None:
                return wiki.create_property(page_id, key, value)
            return wiki.update_property(page_id, current, value)
        except (LostAnswer, AlreadyExists, Refused) as problem:
            if isinstance(problem, Refused) and problem.status not in (400, 409):
                raise
            found = next((each for each in wiki.properties(page_id) if each.key == key), None)
            if found is not None and found.value == value:
                return found
            if (found is None) != (current is None) or (found and current and found.version != current.version):
                raise VersionConflict(problem.call, f"somebody else wrote the property {key}", 409) from problem
            last = problem
    raise last


def owned(wiki: Wiki, page_id: str, key: str, value: Json) -> None:
    """Our ownership property on a page of ours, whatever stood under its key.

    VersionConflict if the wiki would not take it, as it does for a while after the page was made.
    """
    try:
        stored(wiki, page_id, key, None, value)
    except VersionConflict as conflict:
        found = next((each for each in wiki.properties(page_id) if each.key == key), None)
        if found is None:
            said = f"the wiki does not take our mark on it ({conflict.said}); run again later"
            raise VersionConflict(conflict.call, said, 409) from conflict
        stored(wiki, page_id, key, found, value)


def uploaded(wiki: Wiki, page_id: str, attachment_id: str, upload: Upload, book: str) -> Attachment:
    """Return the file on the page. One of the same name that is not ours stays, and Refused says so."""
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
                raise Refused(problem.call, f"somebody else's file is named {upload.name}", 409) from problem
            attachment_id = "" if found is None else found.id
            last = problem
    raise last


def file_removed(wiki: Wiki, page_id: str, name: str, attachment_id: str, book: str) -> None:
    """No file of ours with this name on the page."""
    if not attachment_id:
        there = (each for each in wiki.attachments(page_id) if each.name == name)
        attachment_id = next((each.id for each in there if file_digest(each.comment, book)), "")
    _gone(wiki.delete_attachment, attachment_id)


def _gone(remove: Callable[[str], None], identifier: str) -> None:
    """Removes what may be gone already: not found is what was wanted, even after an answer that was lost."""
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


def label_removed(wiki: Wiki, page_id: str, label: str) -> None:
    """No such label on the page."""
    _gone(lambda name: wiki.remove_label(page_id, name), label)


def trashed(wiki: Wiki, page_id: str) -> None:
    """The page in the trash."""
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


def archived(wiki: Wiki, page_ids: tuple[str, ...], sleep: Callable[[float], None]) -> Mapping[str, Page]:
    """Starts to archive the pages, waits for it, and gives the pages as they stand then."""
    left = page_ids
    for _ in range(_TRIES):
        try:
            task = wiki.archive_pages(left)
        except LostAnswer as problem:
            last = problem
        else:
            _finished(wiki, task.id, sleep)
            return wiki.pages(page_ids)
        there = wiki.pages(page_ids)
        left = tuple(page_id for page_id in left if page_id in there and there[page_id].status is Status.CURRENT)
        if not left:
            return there
    raise last


def _finished(wiki: Wiki, task_id: str, sleep: Callable[[float], None]) -> None:
    """Waits for a task; some minutes for hundreds of pages, and the pages are looked at afterwards anyway."""
    for wait in (0.5, 1, 2, *[5.0] * 60):
        if wiki.task(task_id).finished:
            return
        sleep(wait)
