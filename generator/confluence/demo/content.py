"""The content of a demo server: accounts, spaces, and pages and folders with everything on them."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ConfigDict

from generator.confluence.wiki import Flavour, Status

PAGE, FOLDER = "page", "folder"


@dataclass(frozen=True)
class DemoPerson:
    """An account; `may` has pairs of a space key (`*` for any) and `read`, `write`, `delete` or `administer`."""

    id: str
    name: str
    email: str
    token: str = field(repr=False)
    may: tuple[tuple[str, str], ...] = (("*", "read"), ("*", "write"), ("*", "delete"), ("*", "administer"))

    def can(self, verb: str, space_key: str) -> bool:
        """Return whether the account has a permission in a space."""
        return (space_key, verb) in self.may or ("*", verb) in self.may


ADMIN = DemoPerson("admin", "Ada Admin", "admin@example.com", "admin")
"""An account with all permissions; its token is not a secret, since the server listens on loopback only."""
READER = DemoPerson("reader", "A reader", "", "", (("*", "read"),))  # a browser needs no login


@dataclass(frozen=True)
class Variant:
    """The behaviour where Atlassian's documents are silent, or where real sites differ from them."""

    forbidden: int | None = None
    """The status if an account can read a page and not change it: 403 or 404. The document of Cloud's v2 says 404, and
    sites answer 403 too. None for the documented one."""
    taken_key: int = 409
    """The status for a property key that exists on Cloud: 409 or 400. Data Center always answers 400."""
    update_clears_state: bool = False
    """Whether a new version removes the content state."""
    archive_limit: int = 300
    """Pages in one request to archive them; 1 without a premium edition, 0 in a free one (v1 document)."""
    detaches_comments: bool = False
    """Whether every save detaches the inline comments, even if the body has their markers."""


class Refusal(Exception):  # noqa: N818 - an answer of the server, not an error
    """A request that is not executed; `v2` is the text of Cloud's API v2, if it differs from v1."""

    def __init__(self, status: int, text: str, v2: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.v2 = v2 or text


class NoPermission(Refusal):
    """A change that the account may not make to content that it can read."""


@dataclass
class Version:
    """A saved version of a page."""

    number: int
    title: str
    body: str
    message: str
    minor: bool
    author: str
    when: str


@dataclass
class Property:
    """A content property."""

    id: int
    key: str
    value: Any
    version: int = 1


@dataclass
class File:
    """An attachment."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    id: int
    name: str
    media_type: str
    comment: str
    content: bytes
    author: str
    when: str
    version: int = 1


@dataclass
class Comment:
    """An inline comment; `state` is open, resolved or dangling."""

    id: int
    marker: str
    selection: str
    body: str
    author: str
    when: str
    state: str = "open"


@dataclass
class Content:
    """A page, or a folder, which has no text."""

    id: int
    kind: str
    space_id: int
    parent_id: int | None
    position: int | None
    versions: list[Version]
    status: Status = Status.CURRENT
    properties: dict[str, Property] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    state: dict[str, Any] | None = None
    """The content state on Cloud: id, name and color."""
    readers: list[str] | None = None
    editors: list[str] | None = None
    """The accounts that may read and change it; None without a restriction."""

    @property
    def current(self) -> Version:
        """The last version."""
        return self.versions[-1]

    @property
    def title(self) -> str:
        """The current title."""
        return self.versions[-1].title


@dataclass
class Space:
    """A space; its home page is a page like others."""

    id: int
    key: str
    name: str
    homepage_id: int | None = None


@dataclass
class World:
    """Everything that a demo server has, as its file contains it."""

    flavour: Flavour
    people: dict[str, DemoPerson] = field(default_factory=dict)
    spaces: list[Space] = field(default_factory=list)
    contents: dict[int, Content] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)
    """The tasks of archiving, with the number of times that their state was asked for."""
    notifications: list[tuple[int, str]] = field(default_factory=list)
    """The mails that people would have got: the page, and `created`, `edited` or `attached`."""
    last_id: int = 98_304
    """The first id of a real site, which cannot be confused with a version."""

    def new_id(self) -> int:
        """Return the next id; pages, files, comments and properties share one sequence."""
        self.last_id += 1
        return self.last_id
