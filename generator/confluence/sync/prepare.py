"""A plan for a built site: the site is read and converted once, and the wiki asked for what the plan needs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from generator.confluence.built import Built, Wanted, find_broken_anchors
from generator.confluence.settings import PublishSettings
from generator.confluence.sync.difference import text_digest
from generator.confluence.sync.draft import Draft, assign_titles, body_of, draft_of
from generator.confluence.sync.manifest import Manifest
from generator.confluence.sync.planner import PlanInput, make_plan
from generator.confluence.sync.recovery import settle_titles
from generator.confluence.sync.snapshot import Waiting, read_details, read_snapshot
from generator.confluence.sync.states import PageDetails
from generator.confluence.sync.values import NO_CONSENT, Consent, Plan
from generator.confluence.wiki import Wiki
from generator.findings import Severity


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, with the manifest that applying it would otherwise read again."""

    plan: Plan
    manifest: Manifest


def prepare(
    wiki: Wiki,
    built: Built,
    settings: PublishSettings,
    waiting: Waiting,
    *,
    consent: Consent = NO_CONSENT,
    severities: Mapping[str, Severity | None] | None = None,
    report: Callable[[int, int], object] = lambda _done, _total: None,
) -> Prepared:
    """Return the plan for a built site. `report` receives the number of pages that are read, and that of all pages.

    An unchanged book costs one request for the space, one for the manifest, and one for every `flavour.bulk` pages.
    """
    snapshot = read_snapshot(wiki, settings, waiting)
    built = built.for_flavour(wiki.flavour)
    pages = {entry.ref: entry for entry in built.entries}

    def render(ref: str, titles: Mapping[str, str]) -> str:
        return body_of(built.wanted(pages[ref]), titles, snapshot.space.key)

    wanted = {entry.ref: entry.title for entry in built.entries}
    titles, _ = assign_titles(wanted, snapshot.holding, {}, (), settings)

    def text_of(ref: str) -> str | None:
        """Convert a page only if a page without a known version has to be recognized."""
        if ref not in pages:
            return None
        return text_digest(render(ref, titles))

    found, holders = settle_titles(wiki, snapshot, built.entries, settings, text_of)
    drafts: list[Draft] = []

    def convert_pages() -> Iterator[Wanted]:
        for page in built.all_wanted():
            drafts.append(draft_of(page, settings, wiki.flavour))
            report(len(drafts), len(built.entries))
            yield page

    broken = find_broken_anchors(convert_pages())
    given = PlanInput(
        snapshot=found,
        drafts=tuple(drafts),
        holders=holders,
        settings=settings,
        render=lambda draft, titles: render(draft.ref, titles),
        details=PageDetails(partial(read_details, wiki)),
        consent=consent,
        severities=severities,
        findings=broken,
    )
    plan = make_plan(given)
    return Prepared(plan, found.record_found(change.ref for change in plan.changes))
