"""The values and the problems of the calls of a Confluence, the same for Cloud and Data Center."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from generator.values import FrozenValue

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


class Account(FrozenValue):
    """An account; the name is empty if the wiki gives only the id."""

    id: str
    name: str = ""


class Space(FrozenValue):
    """A space; `homepage_id` is None if it has no home page."""

    id: str
    key: str
    name: str
    homepage_id: str | None


class PageVersion(FrozenValue):
    """A version of a page; `created_at` is ISO 8601, as the wiki wrote it."""

    number: int
    message: str
    author: Account
    created_at: str


class Page(FrozenValue):
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


class Descendant(FrozenValue):
    """The content below a page or folder: a page, or on Cloud also a folder, whiteboard, database or embed."""

    id: str
    kind: str
    title: str
    status: Status
    parent_id: str = ""


class NewPage(FrozenValue):
    """A page to create; without a parent, page or folder, it is at the top of the space."""

    space: Space
    title: str
    body: str
    parent_id: str | None = None


class PageUpdate(FrozenValue):
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


class Property(FrozenValue):
    """A value under a key on a page or folder; at most PROPERTY_LIMIT bytes as JSON."""

    id: str
    key: str
    value: Json
    version: int


class PageRecord(FrozenValue):
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


class Attachment(FrozenValue):
    """A file on a page."""

    id: str
    name: str
    comment: str
    version: int


class InlineComment(FrozenValue):
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
        self, call: str, message: str, status: int | None = None, content_id: str | None = None, *, fix: str = ""
    ) -> None:
        super().__init__(f"{call}: {message}" if message else call)
        self.call = call
        self.message = message
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
