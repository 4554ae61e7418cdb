"""The states that a page can be in: what was published of it, compared with the book and the wiki."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeAlias

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.difference import same_content
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import Manifest, ManifestEntry, Run
from generator.confluence.wiki import Attachment, Descendant, Flavour, InlineComment, Page, Space, Status


@dataclass(frozen=True, slots=True)
class Published:
    """A page of ours, from the manifest or from the page itself."""

    entry: ManifestEntry
    owned: bool = True
    """Whether the page has its ownership property."""
    recorded: bool = True
    """Whether the entry is complete; if not, labels and files have to be read from the page."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The wiki before a plan: a few requests, however many pages there are."""

    flavour: Flavour
    space: Space
    host: str
    """The id of the parent page of the book."""
    manifest: Manifest
    published: Mapping[str, Published]
    """By reference."""
    pages: Mapping[str, Page]
    """Our pages by id, without deleted ones."""
    busy: Run | None = None
    """The run that has the lock."""
    listing: tuple[Page, ...] | None = None
    """All pages of the space, if they had to be read."""

    @property
    def refs(self) -> dict[str, str]:
        """The references of our pages, by id."""
        return {each.entry.page_id: ref for ref, each in self.published.items()}

    @property
    def holding(self) -> dict[str, str]:
        """The present titles of our current pages, by reference."""
        found = ((ref, self.pages.get(each.entry.page_id)) for ref, each in self.published.items())
        return {ref: page.title for ref, page in found if page is not None and page.status is Status.CURRENT}

    def with_found(self, found: Mapping[str, tuple[Published, Page]]) -> "Snapshot":
        """Return the snapshot with more pages of ours; they replace those that are not there any more."""
        published, pages = dict(self.published), dict(self.pages)
        current = self.holding
        for ref, (each, page) in found.items():
            if ref not in current:
                published[ref] = each
                pages[page.id] = page
        return replace(self, published=published, pages=pages)


@dataclass(frozen=True, slots=True)
class DetailQueries:
    """The details that a plan needs, by page id."""

    bodies: tuple[str, ...] = ()
    """Present bodies."""
    versions: tuple[tuple[str, int], ...] = ()
    """Bodies of older versions."""
    labels: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    """Account ids whose names the wiki did not give."""

    def beyond(self, known: "PageDetails") -> "DetailQueries":
        """Return the queries without an answer yet."""
        return DetailQueries(
            tuple(page_id for page_id in self.bodies if page_id not in known.bodies),
            tuple(version for version in self.versions if version[0] not in known.versions),
            tuple(page_id for page_id in self.labels if page_id not in known.labels),
            tuple(page_id for page_id in self.files if page_id not in known.files),
            tuple(page_id for page_id in self.children if page_id not in known.children),
            tuple(page_id for page_id in self.comments if page_id not in known.comments),
            tuple(account for account in self.accounts if account not in known.names),
        )


@dataclass(frozen=True, slots=True)
class PageDetails:
    """The answers to queries, by page id."""

    bodies: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str | None] = field(default_factory=dict)
    """None if the wiki no longer has that version."""
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    files: Mapping[str, tuple[Attachment, ...]] = field(default_factory=dict)
    children: Mapping[str, tuple[Descendant, ...]] = field(default_factory=dict)
    comments: Mapping[str, tuple[InlineComment, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """By account id."""

    def joined(self, more: "PageDetails") -> "PageDetails":
        """Return these answers and more of them."""
        both = ({**getattr(self, each.name), **getattr(more, each.name)} for each in fields(self))
        return PageDetails(*both)


Fetch: TypeAlias = Callable[[DetailQueries, PageDetails], PageDetails]
"""Answers queries, with the known details; asks the wiki only for the others."""


@dataclass(frozen=True, slots=True)
class New:
    """A page that was never published."""

    draft: Draft

    @property
    def ref(self) -> str:
        """Its reference."""
        return self.draft.ref


@dataclass(frozen=True, slots=True)
class Missing:
    """A page of the book that readers no longer find: archived, in the trash, deleted or hidden."""

    draft: Draft
    published: Published
    page: Page | None

    @property
    def ref(self) -> str:
        """Its reference."""
        return self.draft.ref

    @property
    def is_archived(self) -> bool:
        """Whether it is archived: it keeps its title, and no request restores it."""
        return self.page is not None and self.page.status is Status.ARCHIVED


@dataclass(frozen=True, slots=True)
class Live:
    """A page of the book that readers find."""

    draft: Draft
    published: Published
    page: Page
    misplaced: bool = False
    """Whether it is below another page than the one we put it under."""
    edited: bool = False
    """Whether a user has changed its text or title."""
    touched: bool = False
    """Whether a user has saved it without a change."""

    @property
    def ref(self) -> str:
        """Its reference."""
        return self.draft.ref


@dataclass(frozen=True, slots=True)
class Orphan:
    """A page that readers find, and whose card is gone."""

    published: Published
    page: Page
    misplaced: bool = False
    edited: bool = False
    touched: bool = False

    @property
    def ref(self) -> str:
        """Its reference."""
        return self.published.entry.ref


@dataclass(frozen=True, slots=True)
class Gone:
    """A page that readers no longer find, and whose card is gone too."""

    published: Published
    page: Page | None

    @property
    def ref(self) -> str:
        """Its reference."""
        return self.published.entry.ref


PageState: TypeAlias = New | Missing | Live | Orphan | Gone


def match_pages(snapshot: Snapshot, drafts: Iterable[Draft]) -> tuple[PageState, ...]:
    """Return the pages of the book in its order, then those without a card by reference."""
    listed = {draft.ref: draft for draft in drafts}
    states: list[PageState] = []
    for ref in (*listed, *sorted(ref for ref in snapshot.published if ref not in listed)):
        draft, published = listed.get(ref), snapshot.published.get(ref)
        page = None if published is None else snapshot.pages.get(published.entry.page_id)
        if published is None:
            states += [] if draft is None else [New(draft)]
        elif page is None or page.status is not Status.CURRENT:
            states.append(Gone(published, page) if draft is None else Missing(draft, published, page))
        elif draft is None:
            states.append(Orphan(published, page, _is_misplaced(published, page, snapshot)))
        else:
            wanted = snapshot.published.get(draft.parent or "")
            is_wanted = wanted is not None and wanted.entry.page_id == page.parent_id
            states.append(Live(draft, published, page, not is_wanted and _is_misplaced(published, page, snapshot)))
    return tuple(states)


def _is_misplaced(published: Published, page: Page, snapshot: Snapshot) -> bool:
    """Return whether a user has moved a page. If its parent is gone, the wiki itself has moved it up."""
    if not published.recorded or not published.entry.digest:
        return False
    if published.entry.parent is None:
        return page.parent_id != snapshot.host
    parent = snapshot.published.get(published.entry.parent)
    above = None if parent is None else snapshot.pages.get(parent.entry.page_id)
    return above is not None and above.status is Status.CURRENT and page.parent_id != above.id


def _is_foreign_version(state: Live | Orphan) -> bool:
    return state.page.version.number != state.published.entry.version


def list_queries(states: Iterable[PageState], settings: PublishSettings, *, removes: bool = True) -> DetailQueries:
    """Return the queries that decide who changed which page, and which pages can be removed if any are."""
    present = [state for state in states if isinstance(state, Live | Orphan)]
    listed = [state for state in present if isinstance(state, Live) or settings.orphans != "keep"]
    foreign = [state for state in listed if _is_foreign_version(state)]
    authors = [state.page.version.author for state in foreign]
    return DetailQueries(
        bodies=tuple(state.page.id for state in foreign),
        versions=tuple(
            (state.page.id, state.published.entry.version)
            for state in foreign
            if 0 < state.published.entry.version < state.page.version.number
        ),
        children=tuple(state.page.id for state in listed if removes and isinstance(state, Orphan)),
        accounts=tuple(dict.fromkeys(author.id for author in authors if author.id and not author.name)),
    )


def compare_versions(states: Iterable[PageState], details: PageDetails) -> tuple[PageState, ...]:
    """Return the states with the judgement on each version that is not ours: an edit, or a save without a change."""
    return tuple(
        _compare_version(state, details) if isinstance(state, Live | Orphan) and _is_foreign_version(state) else state
        for state in states
    )


def _compare_version(state: Live | Orphan, details: PageDetails) -> Live | Orphan:
    published, page = state.published, state.page
    ours, theirs = details.versions.get(page.id), details.bodies.get(page.id)
    known = ours is not None and theirs is not None
    if not known or page.title != published.entry.title or not same_content(ours or "", theirs or ""):
        return replace(state, edited=True)
    entry = replace(published.entry, version=page.version.number)
    return replace(state, published=replace(published, entry=entry), touched=True)


def depths_of(drafts: Sequence[Draft]) -> Mapping[str, int]:
    """Return the number of ancestors in the book of each page; parents come before their children."""
    depths: dict[str, int] = {}
    for draft in drafts:
        depths[draft.ref] = 0 if draft.parent is None else depths[draft.parent] + 1
    return depths
