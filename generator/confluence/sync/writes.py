"""Writes that happen once even if their answers are lost: after each loss the wiki is read before the next try."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from generator.confluence.rest import Wiki
from generator.confluence.sync.difference import text_digest
from generator.confluence.sync.manifest import file_digest, parse_claim
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
    WikiProblem,
)

ARCHIVE_LIMIT = 300
"""Pages in one request to archive them: v1 document, POST content/archive."""
Answer = TypeVar("Answer")


def _write_once(
    send: Callable[[], Answer],
    look: Callable[[WikiProblem], Answer | None],
    unsure: tuple[type[WikiProblem], ...] = (LostAnswer,),
    tries: int = 3,
) -> Answer:
    """Send a request until its answer arrives.

    After a problem that leaves the result unknown, `look` returns the result if this or an earlier try was
    carried out, None for another try, or raises a problem.
    """
    try:
        return send()
    except unsure as problem:
        found = look(problem)
        if found is not None:
            return found
        if tries == 1:
            raise
    return _write_once(send, look, unsure, tries - 1)


def create_page_once(wiki: Wiki, new: NewPage, book: str, account_id: Callable[[], str]) -> Page:
    """Create a page, or return the page that a request with a lost answer created."""

    def find_created(problem: WikiProblem) -> Page | None:
        """Return the page if it is of a lost request: its first version, by this account, with the text, unmarked."""
        found = wiki.page_titled(new.space, new.title)
        page = wiki.page(found.id, body=True) if found is not None and found.status is Status.CURRENT else None
        if (
            page is not None
            and (page.version.number, text_digest(page.body or "")) == (1, text_digest(new.body))
            and page.version.author.id == account_id()
            and parse_claim(wiki.properties(page.id), book, page.id) is None
        ):
            return page
        if isinstance(problem, TitleTaken):
            raise problem
        return None

    return _write_once(lambda: wiki.create_page(new), find_created, (LostAnswer, TitleTaken))


def update_page_once(wiki: Wiki, update: PageUpdate, account_id: Callable[[], str]) -> Page:
    """Save the next version, or return the version that a request with a lost answer saved."""

    def find_saved(problem: WikiProblem) -> Page | None:
        page = wiki.page(update.page_id, body=True)
        number = page.version.number
        same = page.title == update.title and text_digest(page.body or "") == text_digest(update.body)
        if number == update.version and same and page.version.author.id == account_id():
            return page
        if number != update.version - 1:
            raise VersionConflict(problem.call, f"another client saved version {number} in between", 409) from problem
        return None

    return _write_once(lambda: wiki.update_page(update), find_saved)


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

    def send() -> Property:
        if current is None:
            return wiki.create_property(content_id, key, value, kind=kind)
        return wiki.update_property(content_id, current, value, kind=kind)

    def find_stored(problem: WikiProblem) -> Property | None:
        if isinstance(problem, Refused) and problem.status not in (400, 409):
            raise problem
        found = next((each for each in wiki.properties(content_id, kind=kind) if each.key == key), None)
        if found is not None and found.value == value:
            return found
        if (found and found.version) != (current and current.version):
            raise VersionConflict(problem.call, f"another client wrote the property {key}", 409) from problem
        return None

    return _write_once(send, find_stored, (LostAnswer, AlreadyExists, Refused))


def overwrite_property(wiki: Wiki, page_id: str, key: str, current: Property | None, value: Json) -> Property:
    """Store a property of a page, whatever value it had.

    Raise VersionConflict if the wiki rejects it, as it does for a while after the page was created.
    """
    try:
        return store_property(wiki, page_id, key, current, value)
    except (VersionConflict, NotFound) as conflict:
        found = next((each for each in wiki.properties(page_id) if each.key == key), None)
        if found is None and current is None:
            message = f"the wiki rejects the property {key} ({conflict.message}); run again later"
            raise VersionConflict(conflict.call, message, 409) from conflict
        return store_property(wiki, page_id, key, found, value)


def set_state_once(wiki: Wiki, page_id: str, name: str, color: str) -> bool:
    """Set the content state of a page, or clear it if the name is empty; return whether that made a version.

    A space that allows no such states, and Data Center, which has none, are no reason to keep the page.
    """

    def send() -> bool:
        wiki.set_content_state(page_id, name, color)
        return True

    try:
        return _write_once(send, lambda _: (wiki.content_state(page_id) or "") == name or None)
    except NotOffered:
        return False
    except Refused as problem:
        if problem.status != 400:
            raise
        return False


def upload_file(wiki: Wiki, page_id: str, attachment_id: str, upload: Upload, book: str) -> Attachment:
    """Upload a file; raise Refused if a file of the same name is not managed."""
    replaced = attachment_id

    def send() -> Attachment:
        if replaced:
            return wiki.update_attachment(page_id, replaced, upload)
        return wiki.create_attachment(page_id, upload)

    def find_uploaded(problem: WikiProblem) -> Attachment | None:
        nonlocal replaced
        found = next((each for each in wiki.attachments(page_id) if each.name == upload.name), None)
        digest = None if found is None else file_digest(found.comment, book)
        if found is not None and digest == file_digest(upload.comment, book):
            return found
        if found is not None and digest is None and found.id != replaced:
            raise Refused(problem.call, f"a file of a user is named {upload.name}") from problem
        replaced = "" if found is None else found.id
        return None

    return _write_once(send, find_uploaded, (LostAnswer, AlreadyExists, NotFound))


def trash_page(wiki: Wiki, page_id: str) -> None:
    """Move a page to the trash."""

    def is_gone(problem: WikiProblem) -> bool:
        try:
            gone = wiki.page(page_id).status is not Status.CURRENT
        except NotFound:
            gone = True
        if not gone and isinstance(problem, NotFound):
            raise problem
        return gone

    remove_once(lambda: wiki.trash_page(page_id), is_gone)


def remove_once(
    remove: Callable[[], None],
    is_gone: Callable[[WikiProblem], bool] = lambda problem: isinstance(problem, NotFound) or problem.status == 404,
) -> None:
    """Remove content that may be removed already, also by a request with a lost answer."""

    def send() -> bool:
        remove()
        return True

    _write_once(send, lambda problem: is_gone(problem) or None, (LostAnswer, NotFound))


def archive_pages(wiki: Wiki, page_ids: tuple[str, ...], sleep: Callable[[float], None]) -> Mapping[str, Page]:
    """Archive pages, wait some minutes for the end of the task, and return the pages as they are then."""
    left = page_ids

    def send() -> Mapping[str, Page]:
        has_ended = wiki.archive_pages(left)
        for wait in (0.5, 1, 2, *[5.0] * 60):
            if has_ended():
                break
            sleep(wait)
        return wiki.pages(page_ids)

    def find_archived(_problem: WikiProblem) -> Mapping[str, Page] | None:
        nonlocal left
        there = wiki.pages(page_ids)
        left = tuple(page_id for page_id in left if page_id in there and there[page_id].status is Status.CURRENT)
        return None if left else there

    return _write_once(send, find_archived)
