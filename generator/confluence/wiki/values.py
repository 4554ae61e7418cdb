"""What a wiki holds: pages, versions, properties, attachments and comments, the same for both flavours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
"""A value as JSON carries it."""

PROPERTY_LIMIT = 32_000
"""Bytes of JSON that fit one property: Confluence takes 32,768 characters, and some room is left."""

TITLE_LIMIT = 255
"""Characters that fit a page's title."""


class Flavour(StrEnum):
    """Which Confluence it is; what differs for a publisher is asked here, never by name."""

    CLOUD = "cloud"
    DATACENTER = "datacenter"

    @property
    def archives(self) -> bool:
        """Whether pages can be archived over the API; elsewhere the trash is all there is."""
        return self is Flavour.CLOUD

    @property
    def bulk(self) -> int:
        """How many pages one bulk read brings."""
        return 250 if self is Flavour.CLOUD else 100


class Status(StrEnum):
    """Where a page is in its life."""

    CURRENT = "current"
    ARCHIVED = "archived"
    TRASHED = "trashed"
    DELETED = "deleted"
    DRAFT = "draft"
    HISTORICAL = "historical"


class Place(StrEnum):
    """Where a moved page goes, seen from the target: beside it, or last among its children."""

    BEFORE = "before"
    AFTER = "after"
    APPEND = "append"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who edits; the name is empty if the wiki gives only the id."""

    id: str
    name: str = ""


@dataclass(frozen=True, order=True, slots=True)
class Operation:
    """Something that the account may do in a space: `create` a `page`."""

    verb: str
    target: str


@dataclass(frozen=True, slots=True)
class Space:
    """A space; `homepage_id` is None if it has no home page."""

    id: str
    key: str
    name: str
    homepage_id: str | None


@dataclass(frozen=True, slots=True)
class PageVersion:
    """One save of a page: who, when (ISO 8601, as the wiki wrote it) and with which message."""

    number: int
    message: str
    minor: bool
    author: Account
    created_at: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the wiki has it; `body` is its storage format, None if it was not asked for."""

    id: str
    space_id: str
    title: str
    status: Status
    parent_id: str | None
    position: int | None
    """Place among its siblings; None if nobody has put them in order."""
    version: PageVersion
    body: str | None
    url: str
    """Where people read it."""


@dataclass(frozen=True, slots=True)
class Child:
    """Something directly below a page: a page, or on Cloud also a folder, whiteboard or database."""

    id: str
    kind: str
    title: str
    status: Status


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page to create; without a parent it stands at the top of the space."""

    space: Space
    title: str
    body: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class PageUpdate:
    """The next version of a page, whole: the wiki keeps nothing of the old body.

    `version` is the new number, one above the number that was read: with anything else the
    wiki answers VersionConflict, so nobody's edit is overwritten unseen.
    """

    page_id: str
    title: str
    body: str
    version: int
    message: str = ""
    minor: bool = True
    parent_id: str | None = None
    """Where it moves; None leaves it where it is."""


@dataclass(frozen=True, slots=True)
class Property:
    """A value under a key on a page; at most PROPERTY_LIMIT bytes as JSON."""

    id: str
    key: str
    value: Json
    version: int


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
    page_id: str
    name: str
    media_type: str
    size: int
    comment: str
    version: int


@dataclass(frozen=True, slots=True)
class InlineComment:
    """A remark on a stretch of a page's text; `marker` is the `ac:ref` of the marker around it."""

    id: str
    page_id: str
    marker: str
    selection: str
    """The text that was marked when the remark was made."""
    body: str
    state: str
    """`open`, `resolved`, `reopened`, or `dangling`: its text is gone."""
    author: Account


@dataclass(frozen=True, slots=True)
class Task:
    """Work that the wiki does on its own time, such as archiving."""

    id: str
    finished: bool
    successful: bool
    messages: tuple[str, ...] = ()
