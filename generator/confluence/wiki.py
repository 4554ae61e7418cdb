"""The port to a Confluence: its calls, their values and their problems, the same for Cloud and Data Center."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
"""A JSON value."""

PROPERTY_LIMIT = 32_000
"""Bytes of JSON that fit one property: Confluence takes 32,768 characters, and some room is left."""

TITLE_LIMIT = 255
"""Characters that fit a page's title."""


class Flavour(StrEnum):
    """A kind of Confluence, with the differences that concern a publisher."""

    CLOUD = "cloud"
    DATACENTER = "datacenter"

    @property
    def archives(self) -> bool:
        """Whether pages can be archived over the API."""
        return self is Flavour.CLOUD

    @property
    def bulk(self) -> int:
        """The number of pages in one bulk read; older releases of Data Center answer with fewer at a time."""
        return 250 if self is Flavour.CLOUD else 200


class Status(StrEnum):
    """The status of a page."""

    CURRENT = "current"
    ARCHIVED = "archived"
    TRASHED = "trashed"
    DELETED = "deleted"
    DRAFT = "draft"
    HISTORICAL = "historical"


class Place(StrEnum):
    """The new place of a moved page: next to the target, or last among its children."""

    BEFORE = "before"
    AFTER = "after"
    APPEND = "append"


class ParentKind(StrEnum):
    """The kind of content that a book can be published under; only Cloud has folders."""

    PAGE = "page"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Account:
    """An account; the name is empty if the wiki gives only the id."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Space:
    """A space; `homepage_id` is None if it has no home page."""

    id: str
    key: str
    name: str
    homepage_id: str | None


@dataclass(frozen=True, slots=True)
class PageVersion:
    """A version of a page; `created_at` is ISO 8601, as the wiki wrote it."""

    number: int
    message: str
    author: Account
    created_at: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page; `body` is its storage format, None if it was not requested."""

    id: str
    space_id: str
    title: str
    status: Status
    parent_id: str | None
    version: PageVersion
    body: str | None
    url: str
    """The address for readers."""
    kind: ParentKind = ParentKind.PAGE
    """A folder only if the parent of a book was asked for."""


@dataclass(frozen=True, slots=True)
class Descendant:
    """The content below a page or folder: a page, or on Cloud also a folder, whiteboard, database or embed."""

    id: str
    kind: str
    title: str
    status: Status
    parent_id: str = ""


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page to create; without a parent, page or folder, it is at the top of the space."""

    space: Space
    title: str
    body: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class PageUpdate:
    """The next version of a page, with its whole body."""

    page_id: str
    title: str
    body: str
    version: int
    """One above the number that was read: the wiki refuses any other, so that no edit of a user is overwritten."""
    message: str = ""
    minor: bool = True
    parent_id: str | None = None
    """The new parent; None does not move the page."""


@dataclass(frozen=True, slots=True)
class Property:
    """A value under a key on a page or folder; at most PROPERTY_LIMIT bytes as JSON."""

    id: str
    key: str
    value: Json
    version: int


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page without its body, its global labels, and the value of one of its properties; None if it has none."""

    page: Page
    labels: frozenset[str]
    value: Json


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for a page."""

    name: str
    content: bytes = field(repr=False)
    media_type: str
    comment: str = ""
    minor: bool = True


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a page."""

    id: str
    name: str
    comment: str
    version: int


@dataclass(frozen=True, slots=True)
class InlineComment:
    """A comment on a part of a page's text."""

    marker: str
    """The `ac:ref` of the marker around the text."""
    selection: str
    """The text that was marked when the comment was made."""
    body: str
    state: str
    """`open`, `resolved`, `reopened`, or `dangling` if its text was removed."""
    author: Account


class WikiProblem(Exception):  # noqa: N818 - the subclasses are named for the answer: NotFound, TitleTaken
    """A request without success; its text names the request and the server's words, never a secret."""

    def __init__(
        self, call: str, said: str, status: int | None = None, content_id: str | None = None, *, fix: str = ""
    ) -> None:
        super().__init__(f"{call}: {said}" if said else call)
        self.call = call
        self.said = said
        self.status = status
        self.content_id = content_id
        """The page, folder or attachment that the request was about; None for the space, the account and new pages."""
        self.fix = fix
        """The possible fix; empty if the wiki gives no reason."""


class NotFound(WikiProblem):
    """Nothing there, or nothing that this account may see: Confluence gives one answer for both."""


class NoPermission(WikiProblem):
    """An operation on existing content that this account is not allowed."""


class Unauthorized(WikiProblem):
    """Wrong credentials, or an expired token."""


class TitleTaken(WikiProblem):
    """A title that another page of the space has; an archived page keeps its title, a trashed one does not."""


class VersionConflict(WikiProblem):
    """A version that is not one above the current one, because another user saved in between."""


class AlreadyExists(WikiProblem):
    """A property's key or an attachment's file name that is in use on the page."""


class BadStorage(WikiProblem):
    """A body that is not storage format."""


class TooLarge(WikiProblem):
    """A body, property or file above the limit of the wiki."""


class Refused(WikiProblem):
    """Any other refusal."""


class NotOffered(WikiProblem):
    """A call that this flavour of Confluence does not have."""


class RateLimited(WikiProblem):
    """A rate limit that outlasts all retries; nothing was done."""


class Unavailable(WikiProblem):
    """A wiki that cannot be reached or fails; this request wrote nothing."""


class LostAnswer(WikiProblem):
    """A write without a usable response: it may have happened. Look before another try."""


class Wiki(Protocol):
    """One Confluence as one account sees it; safe to use from several threads.

    Every call is one request unless its docstring differs, and raises a WikiProblem if it fails: each may be
    Unauthorized, NotFound, RateLimited or Unavailable; each that writes may be NoPermission or LostAnswer.
    No call repeats a write that may have happened.
    """

    @property
    def flavour(self) -> Flavour:
        """Cloud or Data Center."""

    def account(self) -> Account:
        """Fetch the account of the credentials."""

    def account_name(self, account_id: str) -> str:
        """Fetch the display name of an account; the id if the wiki does not show the name."""

    def space(self, key: str) -> Space:
        """Fetch the space with a key."""

    def operations(self, space: Space) -> frozenset[str]:
        """Fetch what the account may do in a space, such as "create page"; on Data Center, to its home page."""

    def page(self, page_id: str, *, body: bool = False, version: int | None = None) -> Page:
        """Fetch a page in any status, in its current or an older version."""

    def pages(self, page_ids: Iterable[str], *, body: bool = False) -> Mapping[str, Page]:
        """Fetch the existing pages with some ids, with one request for each `flavour.bulk`, or 50 with bodies."""

    def page_records(self, page_ids: Iterable[str], key: str) -> Mapping[str, PageRecord]:
        """Fetch the existing pages with a property; one request a page, or for each `bulk` on Data Center."""

    def pages_in_space(self, space: Space) -> Iterator[Page]:
        """Fetch all current and archived pages of a space; one request for each `flavour.bulk` pages."""

    def page_titled(self, space: Space, title: str) -> Page | None:
        """Fetch the current or archived page with a title in a space."""

    def parent(self, content_id: str) -> Page:
        """Fetch a page or a folder to publish under; a folder costs two requests."""

    def children(self, content_id: str, *, kind: ParentKind = ParentKind.PAGE) -> tuple[Descendant, ...]:
        """Fetch the direct children in their order; one request for each `flavour.bulk`."""

    def descendants(self, content_id: str, *, kind: ParentKind = ParentKind.PAGE) -> tuple[Descendant, ...]:
        """Fetch all content below; one request for each `flavour.bulk`, and on Cloud for each in the tenth level."""

    def create_page(self, new: NewPage) -> Page:
        """Create a page as the last of its siblings; raise TitleTaken, BadStorage or TooLarge if it is invalid."""

    def update_page(self, update: PageUpdate) -> Page:
        """Save a new version; raise VersionConflict, TitleTaken, BadStorage or TooLarge if it is invalid."""

    def move_page(self, page_id: str, place: Place, target_id: str) -> None:
        """Move a page with its children next to or below a target, without a new version."""

    def trash_page(self, page_id: str) -> None:
        """Move a page to the trash; its children move up to its parent."""

    def archive_pages(self, page_ids: Iterable[str]) -> Callable[[], bool]:
        """Start to archive pages, and return how to fetch whether that has ended; raise NotOffered on Data Center."""

    def content_state(self, page_id: str) -> str | None:
        """Fetch the name of the content state of a page; None if it has none, and on Data Center."""

    def set_content_state(self, page_id: str, name: str, color: str) -> None:
        """Set the content state of a page in a new version, or remove it if the name is empty.

        Raise NotOffered on Data Center, Refused if it is not allowed.
        """

    def properties(self, content_id: str, *, kind: ParentKind = ParentKind.PAGE) -> tuple[Property, ...]:
        """Fetch the properties of a page or folder with their values; one request for each `flavour.bulk`."""

    def create_property(
        self, content_id: str, key: str, value: Json, *, kind: ParentKind = ParentKind.PAGE
    ) -> Property:
        """Create a property; raise TooLarge if it does not fit. After another 400 or 409 the key may exist: look."""

    def update_property(
        self, content_id: str, current: Property, value: Json, *, kind: ParentKind = ParentKind.PAGE
    ) -> Property:
        """Replace the value of a property; raise VersionConflict if it has changed."""

    def delete_property(self, content_id: str, current: Property, *, kind: ParentKind = ParentKind.PAGE) -> None:
        """Delete a property."""

    def labels(self, page_id: str) -> frozenset[str]:
        """Fetch the global labels of a page."""

    def add_labels(self, page_id: str, labels: Iterable[str]) -> frozenset[str]:
        """Add labels, keep the others, and return all of them."""

    def remove_label(self, page_id: str, label: str) -> None:
        """Remove a label."""

    def attachments(self, page_id: str) -> tuple[Attachment, ...]:
        """Fetch the attachments of a page without their content; one request for each `flavour.bulk`."""

    def create_attachment(self, page_id: str, upload: Upload) -> Attachment:
        """Create an attachment; raise AlreadyExists if its name is in use."""

    def update_attachment(self, page_id: str, attachment_id: str, upload: Upload) -> Attachment:
        """Save a new version of an attachment."""

    def delete_attachment(self, attachment_id: str) -> None:
        """Move an attachment to the trash."""

    def inline_comments(self, page_id: str) -> tuple[InlineComment, ...]:
        """Fetch the inline comments of a page, including resolved and dangling ones."""
