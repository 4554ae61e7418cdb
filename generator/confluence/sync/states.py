"""The states that a page can be in: its published version compared with the book and the wiki."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

from msgspec import field, structs

from generator.confluence.sync.difference import same_content
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import UNFINISHED, Manifest, ManifestEntry, Run
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import Account, Attachment, Descendant, Flavour, InlineComment, Page, Space, Status
from generator.values import FrozenValue


@dataclass(frozen=True)
class Snapshot:
    """The wiki before a plan: a few requests, however many pages there are."""

    flavour: Flavour
    space: Space
    host: str
    """The id of the parent page of the book."""
    manifest: Manifest
    published: Mapping[str, ManifestEntry]
    """The entries of the pages of the book by reference, from the manifest or from the pages themselves."""
    pages: Mapping[str, Page]
    """Our pages by id, without deleted ones."""
    former_refs: Mapping[str, tuple[str, ...]]
    """The pages of the site by each reference that they can have had before."""
    busy: Run | None = None
    """The run that has the lock."""
    listing: tuple[Page, ...] | None = None
    """All pages of the space, if they had to be read."""

    @cached_property
    def refs(self) -> dict[str, str]:
        """The references of our pages, by id."""
        return {each.page_id: ref for ref, each in self.published.items()}

    @cached_property
    def holding(self) -> dict[str, str]:
        """The present titles of our current pages, by reference."""
        found = ((ref, self.pages.get(each.page_id)) for ref, each in self.published.items())
        return {ref: page.title for ref, page in found if page is not None and page.status is Status.CURRENT}

    def with_found(self, found: Mapping[str, tuple[ManifestEntry, Page]]) -> "Snapshot":
        """Return the snapshot with more pages of the book; they replace those that no longer exist."""
        current = self.holding
        new = {ref: each for ref, each in found.items() if ref not in current}
        published = {**self.published, **{ref: each for ref, (each, _) in new.items()}}
        pages = {**self.pages, **{page.id: page for _, page in new.values()}}
        return replace(self, published=published, pages=pages).with_renamed()

    def with_renamed(self) -> "Snapshot":
        """Return the snapshot with the page of each renamed card under its present reference.

        A card without a page gets that of a removed card whose id is among its aliases, the first of several, unless
        another card has this alias too. The entry keeps the former reference, by which the plan knows that the card
        was renamed.
        """
        claimed = [(refs[0], old) for old, refs in self.former_refs.items() if len(refs) == 1 and old in self.published]
        names = {old: ref for ref, old in dict(reversed(claimed)).items() if ref not in self.published}
        if not names:
            return self
        published = {
            names.get(ref, ref): structs.replace(entry, parent=names.get(entry.parent or "", entry.parent))
            for ref, entry in self.published.items()
        }
        return replace(self, published=published)

    def record_found(self) -> Manifest:
        """Return the manifest with the pages that it does not have, and those of renamed cards.

        Else the next run would look for a page that is held, or that this run did not reach, by its title, which users
        can have changed, and create it a second time. A renamed card replaces the former one in a single write, so that
        a killed run leaves one of them.
        """
        found = {ref: entry for ref, entry in self.published.items() if entry.ref != ref or not entry.recorded}
        # Its labels and files are unknown, whatever the digest in its mark says; the mark may name the former card.
        unfinished = {ref: structs.replace(entry, ref=ref, digest=UNFINISHED) for ref, entry in found.items()}
        recent = {**self.manifest.recent, **dict.fromkeys(entry.ref for entry in found.values()), **unfinished}
        return structs.replace(self.manifest, recent=recent)


class PageDetails(FrozenValue):
    """What only some pages are asked for, by page id; it is read once, when a plan needs it."""

    read: Callable[[str, tuple[Any, ...]], Mapping[Any, Any]]
    """Returns the answers for a field, given its name and the keys; none for what the wiki refuses."""
    bodies: dict[str, str] = field(default_factory=dict)
    versions: dict[tuple[str, int], str | None] = field(default_factory=dict)
    """Bodies of older versions, by page id and number."""
    labels: dict[str, frozenset[str]] = field(default_factory=dict)
    files: dict[str, tuple[Attachment, ...]] = field(default_factory=dict)
    children: dict[str, tuple[Descendant, ...]] = field(default_factory=dict)
    comments: dict[str, tuple[InlineComment, ...]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """By account id."""

    def fetch(self, **queries: Iterable[object]) -> None:
        """Read the missing values of each field, by its name: `fetch(labels=["7"])`."""
        for name, keys in queries.items():
            known = getattr(self, name)
            asked = tuple(dict.fromkeys(key for key in keys if key not in known))
            known |= self.read(name, asked) if asked else {}

    def fetch_names(self, authors: Iterable[Account]) -> None:
        """Read the names of the authors that the wiki gave only by id."""
        self.fetch(names=(author.id for author in authors if author.id and not author.name))

    def get_name(self, author: Account) -> str:
        """Return the name of an author; the id if the wiki has no name."""
        return author.name or self.names.get(author.id, author.id)


class New(FrozenValue):
    """A page that was never published."""

    ref: str
    draft: Draft


class Missing(FrozenValue):
    """A page of the book that readers no longer find: archived, in the trash, deleted or hidden."""

    ref: str
    draft: Draft
    published: ManifestEntry
    page: Page | None


class Live(FrozenValue):
    """A page of the book that readers find."""

    ref: str
    draft: Draft
    published: ManifestEntry
    page: Page
    misplaced: bool = False
    """Whether it is below another page than the one we put it under."""
    edited: bool = False
    """Whether a user has changed its text or title."""
    touched: bool = False
    """Whether a user has saved it without a change."""
    parent_id: str | None = None
    """The id of the parent that it gets or keeps; None if that is still to be created."""
    parent: str | None = None
    """The reference of that parent; None for the parent of the book."""

    @property
    def is_as_wanted(self) -> bool:
        """Whether the last publish is what the book wants, and no user has edited the page since."""
        return not self.edited and self.published.digest == self.draft.digest

    @property
    def is_placed_otherwise(self) -> bool:
        """Whether it has another title or parent than wanted."""
        return self.page.title != self.draft.title or self.page.parent_id != self.parent_id

    @property
    def needs_version(self) -> bool:
        """Whether it needs a new version: for its text, its title or its place."""
        changes_text = self.edited or self.published.body != self.draft.body
        return self.is_placed_otherwise or (changes_text and not self.is_as_wanted)


class Gone(FrozenValue):
    """A page that readers no longer find, and whose card was removed too."""

    ref: str
    published: ManifestEntry
    page: Page | None


class Orphan(FrozenValue):
    """A page that readers find, and whose card was removed."""

    ref: str
    published: ManifestEntry
    page: Page
    misplaced: bool = False
    edited: bool = False


PageState: TypeAlias = New | Missing | Live | Orphan | Gone


def read_states(
    snapshot: Snapshot, drafts: Iterable[Draft], settings: PublishSettings, details: PageDetails
) -> dict[str, PageState]:
    """Return the pages of the book in its order, then those without a card by reference.

    For a version of another author, both texts are read: it is an edit, or a save without a change.
    """
    listed = {draft.ref: draft for draft in drafts}
    states: dict[str, PageState] = {}
    for ref in (*listed, *sorted(ref for ref in snapshot.published if ref not in listed)):
        draft, published = listed.get(ref), snapshot.published.get(ref)
        page = None if published is None else snapshot.pages.get(published.page_id)
        if published is None:
            states |= {} if draft is None else {ref: New(ref, draft)}
        elif page is None or page.status is not Status.CURRENT:
            states[ref] = Gone(ref, published, page) if draft is None else Missing(ref, draft, published, page)
        elif draft is None:
            states[ref] = Orphan(ref, published, page, _is_misplaced(published, page, snapshot))
        else:
            wanted = snapshot.published.get(draft.parent or "")
            is_wanted = wanted is not None and wanted.page_id == page.parent_id
            is_misplaced = not is_wanted and _is_misplaced(published, page, snapshot)
            states[ref] = Live(ref, draft, published, page, is_misplaced)
    keeps = settings.orphans == "keep"
    present = [each for each in states.values() if isinstance(each, Live) or (isinstance(each, Orphan) and not keeps)]
    foreign = [state for state in present if state.page.version.number != state.published.version]
    versions = [(state.page.id, state.published.version, state.page.version.number) for state in foreign]
    details.fetch(
        bodies=(state.page.id for state in foreign),
        versions=((page_id, ours) for page_id, ours, theirs in versions if 0 < ours < theirs),
    )
    details.fetch_names(state.page.version.author for state in foreign)
    for state in foreign:
        published, page = state.published, state.page
        ours, theirs = details.versions.get((page.id, published.version)), details.bodies.get(page.id)
        is_same = ours is not None and theirs is not None and same_content(ours, theirs)
        if is_same and page.title == published.title:
            saved = structs.replace(state, published=structs.replace(published, version=page.version.number))
            states[state.ref] = structs.replace(saved, touched=True) if isinstance(saved, Live) else saved
        else:
            states[state.ref] = structs.replace(state, edited=True)
    return states


def _is_misplaced(published: ManifestEntry, page: Page, snapshot: Snapshot) -> bool:
    """Return whether a user has moved a page. If its parent was removed, the wiki itself has moved it up."""
    if not published.recorded or not published.digest:
        return False
    if published.parent is None:
        return page.parent_id != snapshot.host
    parent = snapshot.published.get(published.parent)
    above = None if parent is None else snapshot.pages.get(parent.page_id)
    return above is not None and above.status is Status.CURRENT and page.parent_id != above.id
