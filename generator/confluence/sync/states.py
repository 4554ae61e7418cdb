"""What the wiki was seen to hold, as the plan is given it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from generator.confluence.settings import PublishSettings
from generator.confluence.sync.difference import same_content
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import Manifest, ManifestEntry, Run
from generator.confluence.wiki import Attachment, Child, Flavour, InlineComment, Page, Space, Status


@dataclass(frozen=True, slots=True)
class Published:
    """A page of ours, from the manifest, the journal or the page itself."""

    entry: ManifestEntry
    owned: bool = True
    """Whether the page carries its ownership property; where not, its first body has told whose it is."""
    recorded: bool = True
    """Whether the entry tells all; where not, only the page is known: a manifest was lost, a run was killed."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What every plan begins with: a few requests, however many pages there are."""

    flavour: Flavour
    space: Space
    host: str
    """The id of the page that the book hangs under."""
    manifest: Manifest
    published: Mapping[str, Published]
    """By reference."""
    pages: Mapping[str, Page]
    """Our pages as they stand, by id; what is gone for good is absent."""
    busy: Run | None = None
    """A run that holds the lock."""
    listing: tuple[Page, ...] | None = None
    """Every page of the space, where it had to be read."""

    @property
    def refs(self) -> dict[str, str]:
        """The references of our pages, by id."""
        return {each.entry.page_id: ref for ref, each in self.published.items()}

    @property
    def holding(self) -> dict[str, str]:
        """The titles that our pages have now, by reference, as far as readers still find the pages."""
        standing = ((ref, self.pages.get(each.entry.page_id)) for ref, each in self.published.items())
        return {ref: page.title for ref, page in standing if page is not None and page.status is Status.CURRENT}

    def with_found(self, found: Mapping[str, tuple[Published, Page]]) -> "Snapshot":
        """Return the snapshot with pages that were found; they count where the page that is listed is not there."""
        published, pages = dict(self.published), dict(self.pages)
        standing = self.holding
        for ref, (each, page) in found.items():
            if ref not in standing:
                published[ref] = each
                pages[page.id] = page
        return replace(self, published=published, pages=pages)


@dataclass(frozen=True, slots=True)
class DetailQueries:
    """What has to be looked up before a plan can be made; page ids throughout."""

    bodies: tuple[str, ...] = ()
    """As they stand now."""
    versions: tuple[tuple[str, int], ...] = ()
    """Bodies as they were in a version."""
    details: tuple[str, ...] = ()
    """Labels and files."""
    children: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    """Account ids whose names the wiki did not tell."""

    def beyond(self, known: "PageDetails") -> "DetailQueries":
        """Return those that are not answered yet."""
        return DetailQueries(
            tuple(page_id for page_id in self.bodies if page_id not in known.bodies),
            tuple(version for version in self.versions if version[0] not in known.versions),
            tuple(page_id for page_id in self.details if page_id not in known.labels),
            tuple(page_id for page_id in self.children if page_id not in known.children),
            tuple(account for account in self.accounts if account not in known.names),
        )


@dataclass(frozen=True, slots=True)
class PageDetails:
    """The answers, by page id."""

    bodies: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str | None] = field(default_factory=dict)
    """None if that version is not there any more."""
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    files: Mapping[str, tuple[Attachment, ...]] = field(default_factory=dict)
    children: Mapping[str, tuple[Child, ...]] = field(default_factory=dict)
    comments: Mapping[str, tuple[InlineComment, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """By account id."""

    def joined(self, more: "PageDetails") -> "PageDetails":
        """These answers and more of them."""
        both = ({**getattr(self, each.name), **getattr(more, each.name)} for each in fields(self))
        return PageDetails(*both)


@dataclass(frozen=True, slots=True)
class Case:
    """One page: `draft` is None if the card is gone, `held` where nothing was published yet."""

    draft: Draft | None
    held: Published | None
    page: Page | None
    misplaced: bool = False
    """Whether it stands below another page than the one we put it under."""
    touched: bool = False
    """Whether the present version is not ours and says the same."""

    @property
    def ref(self) -> str:
        """Its reference."""
        if self.draft is not None:
            return self.draft.ref
        assert self.held is not None, "a case has a draft or something that was published"
        return self.held.entry.ref

    @property
    def entry(self) -> ManifestEntry | None:
        """What was published."""
        return None if self.held is None else self.held.entry

    @property
    def present(self) -> Page | None:
        """The page, where readers still find it."""
        return self.page if self.page is not None and self.page.status is Status.CURRENT else None

    @property
    def suspected(self) -> bool:
        """Whether somebody else made the present version."""
        entry, page = self.entry, self.present
        return entry is not None and page is not None and page.version.number != entry.version

    @property
    def as_wanted(self) -> bool:
        """Whether the present version is one of ours and says all that is wanted."""
        if self.draft is None or self.entry is None or self.present is None or self.suspected:
            return False
        return self.entry.digest == self.draft.digest

    @property
    def unrecorded(self) -> bool:
        """Whether labels and files have to be looked up, as only a digest tells what we published."""
        if self.draft is None or self.held is None or self.present is None or self.as_wanted:
            return False
        return self.held.entry.files is None or not self.held.recorded


def card_of(case: Case) -> str:
    """Where the author of the page changes it."""
    return "" if case.draft is None else f"{case.draft.source.file}:{case.draft.source.line}"


def cases_of(snapshot: Snapshot, drafts: Iterable[Draft]) -> tuple[Case, ...]:
    """Return the pages of the site in its order, then what has no card any more by reference."""
    listed = {draft.ref: draft for draft in drafts}
    gone = sorted(ref for ref in snapshot.published if ref not in listed)
    return tuple(_case(ref, listed.get(ref), snapshot) for ref in (*listed, *gone))


def _case(ref: str, draft: Draft | None, snapshot: Snapshot) -> Case:
    held = snapshot.published.get(ref)
    if held is None:
        return Case(draft, None, None)
    page = snapshot.pages.get(held.entry.page_id)
    if page is None or page.status is not Status.CURRENT:
        return Case(draft, held, page)
    return Case(draft, held, page, _misplaced(held, page, snapshot))


def _misplaced(held: Published, page: Page, snapshot: Snapshot) -> bool:
    """Whether a page that we finished stands elsewhere; not asked where its parent is gone, as it then moved up."""
    if not held.recorded or not held.entry.finished:
        return False
    if held.entry.parent is None:
        return page.parent_id != snapshot.host
    parent = snapshot.published.get(held.entry.parent)
    above = snapshot.pages.get(parent.entry.page_id) if parent is not None else None
    return above is not None and above.status is Status.CURRENT and page.parent_id != above.id


def left_to_people(case: Case, settings: PublishSettings) -> bool:
    """Return whether its card is gone and it is to be kept: nobody touches the page, so it is anybody's to edit."""
    return case.draft is None and settings.orphans == "keep"


def list_queries(cases: Iterable[Case], snapshot: Snapshot, settings: PublishSettings) -> DetailQueries:
    """What has to be known of the cases before they can be planned."""
    listed = [case for case in cases if not left_to_people(case, settings)]
    suspected = [case for case in listed if case.suspected]
    bodies = [case for case in listed if case.suspected or needs_body(case, snapshot)]
    orphans = [case for case in listed if case.draft is None and case.present]
    return DetailQueries(
        bodies=_ids(bodies),
        versions=tuple(_base_versions(suspected)),
        details=_ids(case for case in listed if case.unrecorded),
        children=_ids(orphans),
        accounts=tuple(dict.fromkeys(_nameless(suspected))),
    )


def needs_body(case: Case, snapshot: Snapshot) -> bool:
    """Whether the page's present text takes part in the change: to show what changes and to keep its comments."""
    entry, draft, page = case.entry, case.draft, case.present
    if entry is None or draft is None or page is None:
        return False
    if case.as_wanted:
        return placed_otherwise(draft, page, snapshot)
    return entry.body != draft.body or placed_otherwise(draft, page, snapshot)


def placed_otherwise(draft: Draft, page: Page, snapshot: Snapshot) -> bool:
    """Return whether the page has another title or stands elsewhere than it should."""
    return page.title != draft.title or page.parent_id != parent_id_of(draft, snapshot)


def parent_id_of(draft: Draft, snapshot: Snapshot) -> str | None:
    """Return the page that it should stand below; None if that is still to be created."""
    if draft.parent is None:
        return snapshot.host
    parent = snapshot.published.get(draft.parent)
    return None if parent is None else parent.entry.page_id


def edited(case: Case, details: PageDetails) -> bool:
    """Return whether the present version says something else than ours: saving it unchanged is no edit."""
    entry, page = case.entry, case.present
    if not case.suspected or entry is None or page is None:
        return False
    ours, theirs = details.versions.get(page.id), details.bodies.get(page.id)
    return ours is None or theirs is None or page.title != entry.title or not same_content(ours, theirs)


def acknowledged(cases: Sequence[Case], details: PageDetails) -> tuple[Case, ...]:
    """Return the cases, with a version that only looks foreign taken for what it is: the same as ours."""
    return tuple(_acknowledged(case) if case.suspected and not edited(case, details) else case for case in cases)


def _acknowledged(case: Case) -> Case:
    assert case.held is not None, "only what was published can look edited"
    assert case.page is not None, "and only where it still stands"
    entry = replace(case.held.entry, version=case.page.version.number)
    return replace(case, held=replace(case.held, entry=entry), touched=True)


def _ids(cases: Iterable[Case]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(case.page.id for case in cases if case.page is not None))


def _base_versions(cases: Iterable[Case]) -> Iterator[tuple[str, int]]:
    for case in cases:
        if case.entry is not None and case.page is not None and 0 < case.entry.version < case.page.version.number:
            yield case.page.id, case.entry.version


def _nameless(cases: Iterable[Case]) -> Iterator[str]:
    authors = (case.page.version.author for case in cases if case.page is not None)
    return (author.id for author in authors if author.id and not author.name)


def depths_of(drafts: Iterable[Draft]) -> Mapping[str, int]:
    """Return how many pages of the book stand above each; parents come before their children."""
    depths: dict[str, int] = {}
    for draft in drafts:
        depths[draft.ref] = 0 if draft.parent is None else depths[draft.parent] + 1
    return depths
