"""What the stand-in keeps, as values; the store turns rows into them."""

from dataclasses import dataclass, field

from generator.confluence.wiki import Status


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody with an account; `may` holds the verbs for each space key, `*` standing for any space."""

    id: str
    name: str
    email: str
    token: str = field(repr=False)
    may: tuple[tuple[str, str], ...] = (("*", "read"), ("*", "write"), ("*", "delete"), ("*", "administer"))
    """Pairs of a space key and `read`, `write`, `delete` or `administer`."""

    def can(self, verb: str, space_key: str) -> bool:
        """Return whether this person may do that in a space."""
        return (space_key, verb) in self.may or ("*", verb) in self.may


@dataclass(frozen=True, slots=True)
class SpaceRecord:
    """A space."""

    id: int
    key: str
    name: str
    homepage_id: int | None


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page with its current version, or the version that was asked for."""

    id: int
    space_id: int
    space_key: str
    parent_id: int | None
    title: str
    status: Status
    position: int | None
    version: int
    body: str
    message: str
    minor: bool
    author_id: str
    author_name: str
    created_at: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", Status(self.status))
        object.__setattr__(self, "minor", bool(self.minor))


@dataclass(frozen=True, slots=True)
class PropertyRecord:
    """A property; `value` is its JSON."""

    id: int
    page_id: int
    key: str
    value: str
    version: int


@dataclass(frozen=True, slots=True)
class FileRecord:
    """An attachment without its content."""

    id: int
    page_id: int
    name: str
    media_type: str
    comment: str
    size: int
    version: int
    created_at: str
    author_id: str


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """An inline comment."""

    id: int
    page_id: int
    marker: str
    selection: str
    body: str
    state: str
    author_id: str
    author_name: str
    created_at: str
