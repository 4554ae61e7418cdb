"""The content of a demo server, and what an account does with it: the same for both flavours."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ConfigDict

from generator.confluence.demo.storage import Refusal, rewrite_body
from generator.confluence.wiki import TITLE_LIMIT, Flavour, Place, Status

PAGE, FOLDER = "page", "folder"
BODY_LIMIT = 5 * 1024 * 1024
"""Bytes: v2 document, POST /pages, 413."""


@dataclass(frozen=True)
class DemoPerson:
    """An account; a user of Data Center has a name, which is the id, and one of Cloud an e-mail address."""

    id: str
    name: str
    email: str
    token: str = field(repr=False)


ADMIN = DemoPerson("admin", "Ada Admin", "admin@example.com", "admin")
"""An account with all permissions; its token is not a secret, since the server listens on loopback only."""


@dataclass
class Version:
    """A version of a page; one that is still to be saved has no number, author and time."""

    title: str
    body: str = ""
    message: str = ""
    minor: bool = False
    number: int = 0
    author: str = ""
    when: str = ""


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
    minor: bool = False


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
    state: dict[str, Any] | None = None
    """The content state on Cloud: id, name and color."""

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
    last_id: int = 98_304
    """The first id of a real site, which cannot be confused with a version."""

    def __post_init__(self) -> None:
        """Index the content by the titles of all its versions; the index is not in the file."""
        self._ids_by_title: defaultdict[str, set[int]] = defaultdict(set)
        for content in self.contents.values():
            for version in content.versions:
                self._ids_by_title[version.title.lower()].add(content.id)

    def add_version(self, content: Content, version: Version) -> None:
        """Append a version to content."""
        content.versions.append(version)
        self._ids_by_title[version.title.lower()].add(content.id)

    def list_titled(self, title: str) -> list[Content]:
        """Return the content with a title, in upper or lower case."""
        ids = sorted(self._ids_by_title.get(title.lower(), ()))
        found = [self.contents[each] for each in ids if each in self.contents]
        return [each for each in found if each.title.lower() == title.lower()]

    def new_id(self) -> int:
        """Return the next id; pages, files, comments and properties share one sequence."""
        self.last_id += 1
        return self.last_id


@dataclass(frozen=True)
class AccountSession:
    """An account at one moment, which is ISO 8601 with milliseconds."""

    world: World
    person: DemoPerson
    now: str

    def list_spaces(self) -> list[Space]:
        """Return the spaces that the account can read."""
        return self.world.spaces

    def space(self, wanted: object) -> Space:
        """Return a space by its key or id."""
        space = next((each for each in self.list_spaces() if wanted in (each.key, each.id, str(each.id))), None)
        if space is None:
            raise Refusal(404, f"No space found with key : {wanted}")
        return space

    def find(self, content_id: object, *statuses: Status, kind: str = "") -> Content:
        """Return content by its id, of a kind and in one of the statuses if they are given."""
        text = str(content_id)
        found = self.world.contents.get(int(text)) if text.isdecimal() and len(text) < 20 else None
        wanted = found is not None and found.status in (statuses or tuple(Status)) and kind in ("", found.kind)
        if found is None or not wanted:
            raise Refusal(404, f"No content found with id: ContentId{{id={content_id}}}")
        return found

    def list_pages(self, *statuses: Status, title: str = "") -> list[Content]:
        """Return the pages of all spaces."""
        contents = self.world.list_titled(title) if title else self.world.contents.values()
        return [each for each in contents if each.kind == PAGE and each.status in statuses]

    def list_children(self, parent_id: int | None, space_id: int) -> list[Content]:
        """Return the current children of a parent, or the top of a space, in the order of readers."""
        children = self._find_children(parent_id, space_id)
        return sorted(children, key=lambda each: (each.position is None, each.position, each.title.lower()))

    def list_ancestors(self, content: Content) -> list[Content]:
        """Return the parents up to the top, starting with the top."""
        parent = self.world.contents.get(content.parent_id or 0)
        return [*self.list_ancestors(parent), parent] if parent else []

    def list_descendants(self, content: Content, depth: int) -> list[tuple[int, Content]]:
        """Return the descendants with their depth, the highest first."""
        level, found, number = [content], list[tuple[int, Content]](), 1
        while level and number <= depth:
            level = [child for parent in level for child in self.list_children(parent.id, parent.space_id)]
            found += [(number, child) for child in level]
            number += 1
        return found

    def create(self, kind: str, space: Space, parent_id: object, draft: Version) -> Content:
        """Create a page or a folder; without a parent at the top of the space."""
        content = Content(self.world.last_id + 1, kind, space.id, None, None, [])
        if parent_id is not None:
            content.parent_id = self._find_parent(content, parent_id).id
        content.position = self._find_next_position(content.parent_id, space.id)
        self._save(content, draft)
        self.world.contents[self.world.new_id()] = content
        return content

    def update(self, page: Content, number: object, parent_id: object, draft: Version) -> None:
        """Save a new version; on a page in the trash, only restore it."""
        current = page.current
        if number != current.number + 1:
            raise Refusal(
                409,
                "com.atlassian.confluence.api.service.exceptions.ConflictException: Version must be incremented on"
                f" update. Current version is: {current.number}",
                f"Version must be incremented when updating a page. Current Version: [{current.number}]."
                f" Provided version: [{number}]",
            )
        if page.status is Status.TRASHED:
            # "page contents will not be updated and only the page status will be changed": v2, PageUpdateRequest;
            # "No other field modifications will be performed": Data Center, PUT content/{contentId}
            self._save(page, replace(draft, title=page.title, body=current.body))
            above = self.world.contents.get(page.parent_id or 0)
            page.status = Status.CURRENT
            if above is None or above.status is not Status.CURRENT:
                page.parent_id = self.space(page.space_id).homepage_id
        else:
            parent = None if parent_id is None else self._find_parent(page, parent_id)
            self._save(page, draft)
            if parent is not None and parent.id != page.parent_id:
                page.position, page.parent_id = self._find_next_position(parent.id, page.space_id), parent.id

    def move(self, page: Content, place: str, target: Content) -> None:
        """Move a page before or after a target or to the end of its children; no version is created."""
        if place not in list(Place):
            raise Refusal(400, f"position must be before, after or append, not {place}")
        parent = target if place == Place.APPEND else self.world.contents.get(target.parent_id or 0)
        space = self.space(target.space_id)
        if parent is not None and page in (parent, *self.list_ancestors(parent)):
            raise Refusal(400, "A page cannot be its own ancestor")
        if space.id != page.space_id:
            self._check_title(page, space, page.title)
            for _, below in [(0, page), *self.list_descendants(page, len(self.world.contents))]:
                below.space_id = space.id
        page.parent_id = parent.id if parent else None
        siblings = [each for each in self.list_children(page.parent_id, space.id) if each is not page]
        at = len(siblings) if place == Place.APPEND else siblings.index(target) + (place == Place.AFTER)
        siblings.insert(at, page)
        for position, each in enumerate(siblings):
            each.position = position

    def leave(self, content: Content, status: Status) -> None:
        """Trash or archive content; its children move up to its parent."""
        content.status = status
        for child in self.list_children(content.id, content.space_id):
            child.position = self._find_next_position(content.parent_id, content.space_id)
            child.parent_id = content.parent_id

    def _save(self, content: Content, draft: Version) -> None:
        """Append a version with the body as Confluence rewrites it."""
        title, number = draft.title.strip(), len(content.versions) + 1
        self._check_title(content, self.space(content.space_id), title)
        if len(draft.body.encode()) > BODY_LIMIT:
            raise Refusal(413, "The page body is larger than 5 MB")
        body = rewrite_body(draft.body, self.world.flavour, f"{content.id}/{number}")
        saved = replace(draft, title=title, body=body, number=number, author=self.person.id, when=self.now)
        self.world.add_version(content, saved)

    def _find_parent(self, content: Content, parent_id: object) -> Content:
        parent = self.find(parent_id, Status.CURRENT)
        if parent.space_id != content.space_id:
            raise Refusal(400, "The parent is in another space")
        if content in (parent, *self.list_ancestors(parent)):
            raise Refusal(400, "A page cannot be its own ancestor")
        return parent

    def _check_title(self, content: Content, space: Space, title: str) -> None:
        """Refuse a title that other content of its kind has in the space; archived pages keep theirs."""
        if not title:
            raise Refusal(400, "Title is required")
        if len(title) > TITLE_LIMIT:
            raise Refusal(400, f"Title cannot be longer than {TITLE_LIMIT} characters.")
        for other in self.world.list_titled(title):
            same = other is not content and other.kind == content.kind and other.space_id == space.id
            if same and other.status in (Status.CURRENT, Status.ARCHIVED):
                v1 = f"A {content.kind} already exists with the title {title} in the space with key {space.key}"
                same_title = f"A {content.kind} already exists with the same TITLE in this space"
                raise Refusal(400, v1, f"A {content.kind} with this title already exists: {same_title}")

    def _find_next_position(self, parent_id: int | None, space_id: int) -> int | None:
        """Return the position of a new child: the last on Cloud, none on Data Center, which sorts by title."""
        if self.world.flavour is Flavour.DATACENTER:
            return None
        places = [child.position for child in self._find_children(parent_id, space_id)]
        return max([place for place in places if place is not None], default=-1) + 1

    def _find_children(self, parent_id: int | None, space_id: int) -> list[Content]:
        """Return the current children, unsorted: sorting them for every new page would be slow."""
        children = [each for each in self.world.contents.values() if each.parent_id == parent_id]
        return [each for each in children if each.status is Status.CURRENT and each.space_id == space_id]
