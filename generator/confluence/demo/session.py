"""The operations of an account on the content of a demo server, the same for both flavours."""

from dataclasses import dataclass, replace
from uuid import NAMESPACE_URL, uuid5

from generator.confluence.demo.content import (
    PAGE,
    Comment,
    Content,
    DemoPerson,
    NoPermission,
    Refusal,
    Space,
    Variant,
    Version,
    World,
)
from generator.confluence.demo.storage import find_markers, mark_text, rewrite_body
from generator.confluence.wiki import TITLE_LIMIT, Flavour, Place, Status

BODY_LIMIT = 5 * 1024 * 1024
"""Bytes: v2 document, POST /pages, 413."""


@dataclass(frozen=True)
class Draft:
    """A version to save."""

    title: str
    body: str = ""
    message: str = ""
    minor: bool = False


@dataclass(frozen=True)
class Session:
    """An account at one moment, which is ISO 8601 with milliseconds."""

    world: World
    person: DemoPerson
    now: str
    variant: Variant

    def can(self, verb: str, content: Content) -> bool:
        """Return whether the account has a permission: in the space, and by the restrictions of the content."""
        allowed = content.readers if verb == "read" else content.editors
        in_space = any(space.id == content.space_id and self.person.can(verb, space.key) for space in self.world.spaces)
        return in_space and (allowed is None or self.person.id in allowed)

    def demand(self, verb: str, content: Content) -> None:
        """Refuse the request unless the account has a permission."""
        if not self.can(verb, content):
            raise NoPermission(403, f"User not permitted to {verb} content {content.id}")

    def list_spaces(self) -> list[Space]:
        """Return the spaces that the account can read."""
        return [space for space in self.world.spaces if self.person.can("read", space.key)]

    def space(self, wanted: object, *, write: bool = False) -> Space:
        """Return a space by its key or id."""
        for space in self.list_spaces():
            if wanted in (space.key, space.id, str(space.id)):
                if write and not self.person.can("write", space.key):
                    raise NoPermission(403, f"User not permitted to create content in space {space.key}")
                return space
        raise Refusal(404, f"No space found with key : {wanted}")

    def find(self, content_id: object, *statuses: Status, kind: str = "") -> Content:
        """Return readable content by its id, of a kind and in one of the statuses if they are given."""
        text = str(content_id)
        found = self.world.contents.get(int(text)) if text.isdecimal() and len(text) < 20 else None
        wanted = found is not None and found.status in (statuses or tuple(Status)) and kind in ("", found.kind)
        if found is None or not wanted or not self.can("read", found):
            raise Refusal(404, f"No content found with id: ContentId{{id={content_id}}}")
        return found

    def list_pages(self, *statuses: Status, title: str = "") -> list[Content]:
        """Return the readable pages of all spaces."""
        pages = (each for each in self.world.contents.values() if each.kind == PAGE and each.status in statuses)
        folded = title.lower()
        return [each for each in pages if (not title or each.title.lower() == folded) and self.can("read", each)]

    def list_children(self, parent_id: int | None, space_id: int) -> list[Content]:
        """Return the readable current children of a parent, or the top of a space, in the order of readers."""
        children = (each for each in self.world.contents.values() if each.parent_id == parent_id)
        current = (each for each in children if each.status is Status.CURRENT and each.space_id == space_id)
        ordered = sorted(current, key=lambda each: (each.position is None, each.position, each.title.lower()))
        return [each for each in ordered if self.can("read", each)]

    def list_ancestors(self, content: Content) -> list[Content]:
        """Return the parents up to the top, starting with the top."""
        above: list[Content] = []
        parent = self.world.contents.get(content.parent_id or 0)
        while parent is not None:
            above.insert(0, parent)
            parent = self.world.contents.get(parent.parent_id or 0)
        return above

    def list_descendants(self, content: Content, depth: int) -> list[tuple[int, Content]]:
        """Return the readable descendants with their depth, the highest first."""
        level, found, number = [content], list[tuple[int, Content]](), 1
        while level and number <= depth:
            level = [child for parent in level for child in self.list_children(parent.id, parent.space_id)]
            found += [(number, child) for child in level]
            number += 1
        return found

    def create(self, kind: str, space: Space, parent_id: object, draft: Draft) -> Content:
        """Create a page or a folder; without a parent at the top of the space."""
        self.space(space.id, write=True)
        title = self._check_title(kind, space, draft.title)
        parent = None if parent_id is None else self._find_parent(space.id, parent_id).id
        version = self._build_version(self.world.last_id + 1, 1, replace(draft, title=title))
        position = self._find_next_position(parent, space.id)
        content = Content(self.world.new_id(), kind, space.id, parent, position, [version])
        self.world.contents[content.id] = content
        self.world.notifications.append((content.id, "created"))
        return content

    def update(self, page: Content, number: object, parent_id: object, draft: Draft) -> None:
        """Save a new version; on a page in the trash, only restore it."""
        self.demand("write", page)
        current = page.current.number
        if number != current + 1:
            raise Refusal(
                409,
                "com.atlassian.confluence.api.service.exceptions.ConflictException: Version must be incremented on"
                f" update. Current version is: {current}",
                f"Version must be incremented when updating a page. Current Version: [{current}]."
                f" Provided version: [{number}]",
            )
        space, restores = self.space(page.space_id), page.status is Status.TRASHED
        if restores:
            # "page contents will not be updated and only the page status will be changed": v2, PageUpdateRequest;
            # "No other field modifications will be performed": Data Center, PUT content/{contentId}
            draft, parent_id = replace(draft, title=page.title, body=page.current.body), None
        title = self._check_title(PAGE, space, draft.title, page.id)
        parent = None if parent_id is None else self._find_parent(space.id, parent_id)
        if parent is not None:
            self._check_loop(page, parent)
        page.versions.append(self._build_version(page.id, current + 1, replace(draft, title=title)))
        if restores:
            above = self.world.contents.get(page.parent_id or 0)
            page.status = Status.CURRENT
            page.parent_id = page.parent_id if above and above.status is Status.CURRENT else space.homepage_id
        if parent is not None and parent.id != page.parent_id:
            page.position, page.parent_id = self._find_next_position(parent.id, space.id), parent.id
        if self.variant.update_clears_state:
            page.state = None
        markers = frozenset[str]() if self.variant.detaches_comments else find_markers(page.current.body)
        for comment in page.comments:
            if (comment.marker in markers) == (comment.state == "dangling"):
                comment.state = "open" if comment.marker in markers else "dangling"
        if not draft.minor:
            self.world.notifications.append((page.id, "edited"))

    def move(self, page: Content, place: str, target: Content) -> None:
        """Move a page before or after a target or to the end of its children; no version is created."""
        self.demand("write", page)
        if place not in list(Place):
            raise Refusal(400, f"position must be before, after or append, not {place}")
        parent = target if place == Place.APPEND else self.world.contents.get(target.parent_id or 0)
        space = self.space(target.space_id, write=True)
        if parent is not None:
            self._check_loop(page, parent)
        if space.id != page.space_id:
            self._check_title(PAGE, space, page.title)
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
        self.demand("delete", content)
        content.status = status
        for child in self.list_children(content.id, content.space_id):
            child.position = self._find_next_position(content.parent_id, content.space_id)
            child.parent_id = content.parent_id

    def comment(self, page: Content, selection: str, index: int, body: str) -> Comment:
        """Create an inline comment on an occurrence of a text; no version is created."""
        self.space(page.space_id, write=True)
        ref = str(uuid5(NAMESPACE_URL, f"comment/{self.world.last_id + 1}"))
        marked = mark_text(page.current.body, selection, index, ref) if selection else None
        if marked is None:
            raise Refusal(400, f"The text {selection!r} is not on the page")
        page.current.body = marked
        page.comments.append(Comment(self.world.new_id(), ref, selection, body, self.person.id, self.now))
        return page.comments[-1]

    def _build_version(self, content_id: int, number: int, draft: Draft) -> Version:
        if len(draft.body.encode()) > BODY_LIMIT:
            raise Refusal(413, "The page body is larger than 5 MB")
        body = rewrite_body(draft.body, self.world.flavour, f"{content_id}/{number}")
        return Version(number, draft.title, body, draft.message, draft.minor, self.person.id, self.now)

    def _find_parent(self, space_id: int, parent_id: object) -> Content:
        parent = self.find(parent_id, Status.CURRENT)
        if parent.space_id != space_id:
            raise Refusal(400, "The parent is in another space")
        return parent

    def _check_title(self, kind: str, space: Space, title: str, own_id: int = 0) -> str:
        """Return a title that no other page of the space has; archived pages keep theirs."""
        title = title.strip()
        if not title:
            raise Refusal(400, "Title is required")
        if len(title) > TITLE_LIMIT:
            raise Refusal(400, f"Title cannot be longer than {TITLE_LIMIT} characters.")
        others = (each for each in self.world.contents.values() if (each.space_id, each.kind) == (space.id, kind))
        named = [each for each in others if each.title.lower() == title.lower() and each.id != own_id]
        if any(each.status in (Status.CURRENT, Status.ARCHIVED) for each in named):
            v1 = f"A {kind} already exists with the title {title} in the space with key {space.key}"
            v2 = f"A {kind} with this title already exists: A {kind} already exists with the same TITLE in this space"
            raise Refusal(400, v1, v2)
        return title

    def _check_loop(self, page: Content, parent: Content) -> None:
        if page is parent or page in self.list_ancestors(parent):
            raise Refusal(400, "A page cannot be its own ancestor")

    def _find_next_position(self, parent_id: int | None, space_id: int) -> int | None:
        """Return the position of a new child: the last on Cloud, none on Data Center, which sorts by title."""
        if self.world.flavour is Flavour.DATACENTER:
            return None
        places = (child.position for child in self.list_children(parent_id, space_id))
        return max((place for place in places if place is not None), default=-1) + 1
