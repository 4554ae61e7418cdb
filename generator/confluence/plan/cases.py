"""Every page three ways: what we published, what the site says now, what stands in the wiki."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.confluence.manifest.entry import ManifestEntry
from generator.confluence.manifest.marks import signature
from generator.confluence.plan.difference import same_content
from generator.confluence.plan.draft import Draft
from generator.confluence.plan.seen import Evidence, Ground, Published, Questions
from generator.confluence.settings import PublishSettings
from generator.confluence.wiki import Page, Status


@dataclass(frozen=True, slots=True)
class Case:
    """One page: `draft` is None if the card is gone, `held` where nothing was published yet."""

    draft: Draft | None
    held: Published | None
    page: Page | None
    signed: str | None = None
    """The digest in the present version's message, where that version is ours and the entry does not know it."""
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
        return entry is not None and page is not None and page.version.number != entry.version and not self.signed

    @property
    def as_wanted(self) -> bool:
        """Whether the present version is one of ours and says all that is wanted."""
        if self.draft is None or self.entry is None or self.present is None or self.suspected:
            return False
        return (self.signed or self.entry.digest) == self.draft.digest

    @property
    def unrecorded(self) -> bool:
        """Whether labels and files have to be looked up, as only a digest tells what we published."""
        if self.draft is None or self.held is None or self.present is None or self.as_wanted:
            return False
        if self.signed or self.held.entry.files is None:
            return bool(self.signed or self.held.entry.finished or self.suspected)  # else nothing is there yet
        return not self.held.recorded


def card_of(case: Case) -> str:
    """Where the author of the page changes it."""
    return "" if case.draft is None else f"{case.draft.source.file}:{case.draft.source.line}"


def cases_of(ground: Ground, drafts: Iterable[Draft]) -> tuple[Case, ...]:
    """Return the pages of the site in its order, then what has no card any more by reference."""
    listed = {draft.ref: draft for draft in drafts}
    gone = sorted(ref for ref in ground.published if ref not in listed)
    return tuple(_case(ref, listed.get(ref), ground) for ref in (*listed, *gone))


def _case(ref: str, draft: Draft | None, ground: Ground) -> Case:
    held = ground.published.get(ref)
    if held is None:
        return Case(draft, None, None)
    page = ground.pages.get(held.entry.page_id)
    if page is None or page.status is not Status.CURRENT:
        return Case(draft, held, page)
    ours = _signed(held.entry, page, ground)
    return Case(draft, held, page, ours, ours is None and _misplaced(held, page, ground))


def _signed(entry: ManifestEntry, page: Page, ground: Ground) -> str | None:
    """The digest in the message of a version of ours that the entry does not know, as a run that was killed leaves."""
    number = page.version.number
    return None if number == entry.version else signature(page.version.message, ground.manifest.book, number)


def _misplaced(held: Published, page: Page, ground: Ground) -> bool:
    """Whether a page that we finished stands elsewhere; not asked where its parent is gone, as it then moved up."""
    if not held.recorded or not held.entry.finished:
        return False
    if held.entry.parent is None:
        return page.parent_id != ground.host
    parent = ground.published.get(held.entry.parent)
    above = ground.pages.get(parent.entry.page_id) if parent is not None else None
    return above is not None and above.status is Status.CURRENT and page.parent_id != above.id


def left_to_people(case: Case, settings: PublishSettings) -> bool:
    """Return whether its card is gone and it is to be kept: nobody touches the page, so it is anybody's to edit."""
    return case.draft is None and settings.orphans == "keep"


def questions_about(cases: Iterable[Case], ground: Ground, settings: PublishSettings) -> Questions:
    """What has to be known of the cases before they can be planned."""
    listed = [case for case in cases if not left_to_people(case, settings)]
    suspected = [case for case in listed if case.suspected]
    bodies = [case for case in listed if case.suspected or needs_body(case, ground)]
    orphans = [case for case in listed if case.draft is None and case.present]
    return Questions(
        bodies=_ids(bodies),
        versions=tuple(_base_versions(suspected)),
        details=_ids(case for case in listed if case.unrecorded),
        children=_ids(orphans),
        accounts=tuple(dict.fromkeys(_nameless(suspected))),
    )


def needs_body(case: Case, ground: Ground) -> bool:
    """Whether the page's present text takes part in the change: to show what changes and to keep its comments."""
    entry, draft, page = case.entry, case.draft, case.present
    if entry is None or draft is None or page is None or not entry.finished:
        return False
    if case.as_wanted:
        return placed_otherwise(draft, page, ground)
    return case.unrecorded or entry.body != draft.body or placed_otherwise(draft, page, ground)


def placed_otherwise(draft: Draft, page: Page, ground: Ground) -> bool:
    """Return whether the page has another title or stands elsewhere than it should."""
    return page.title != draft.title or page.parent_id != parent_id_of(draft, ground)


def parent_id_of(draft: Draft, ground: Ground) -> str | None:
    """Return the page that it should stand below; None if that is still to be created."""
    if draft.parent is None:
        return ground.host
    parent = ground.published.get(draft.parent)
    return None if parent is None else parent.entry.page_id


def edited(case: Case, evidence: Evidence) -> bool:
    """Return whether the present version says something else than ours: saving it unchanged is no edit."""
    entry, page = case.entry, case.present
    if not case.suspected or entry is None or page is None:
        return False
    ours, theirs = evidence.versions.get(page.id), evidence.bodies.get(page.id)
    return ours is None or theirs is None or page.title != entry.title or not same_content(ours, theirs)


def acknowledged(cases: Sequence[Case], evidence: Evidence) -> tuple[Case, ...]:
    """Return the cases, with a version that only looks foreign taken for what it is: the same as ours."""
    return tuple(_acknowledged(case) if case.suspected and not edited(case, evidence) else case for case in cases)


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
