"""A plan made once more where links have to lead to what a page is called in the wiki, not in the book."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.confluence.built import Built, Wanted, dangling
from generator.confluence.settings import PublishSettings
from generator.confluence.storage.write import WikiLocation
from generator.confluence.sync.changes import Desk
from generator.confluence.sync.difference import text_digest
from generator.confluence.sync.draft import Draft, body_of, draft_of, places_of, relinked
from generator.confluence.sync.gather import gathered
from generator.confluence.sync.manifest import Manifest
from generator.confluence.sync.markers import named, nameless
from generator.confluence.sync.planner import make_plan
from generator.confluence.sync.snapshot import Waiting, fetch_details, names_of, read_snapshot, settle_titles
from generator.confluence.sync.states import PageDetails, Snapshot, cases_of, depths_of, list_queries
from generator.confluence.sync.titles import Titles, settled, titled
from generator.confluence.sync.values import Consent, Plan
from generator.confluence.wiki import Page, Status, Wiki
from generator.findings import Finding, Severity

_ANY_CONSENT = Consent(removals=True, comments=True)
"""What is refused even so is refused whatever anybody says."""


@dataclass(frozen=True, slots=True)
class Planning:
    """What does not change between a plan and the next one, whose links lead elsewhere."""

    wiki: Wiki
    built: Built
    settings: PublishSettings
    snapshot: Snapshot
    titles: Titles
    severities: Mapping[str, Severity | None]
    findings: tuple[Finding, ...]

    @property
    def standing(self) -> dict[str, Page]:
        """Our pages that have a title in the wiki, by reference."""
        pages, published = self.snapshot.pages, self.snapshot.published
        found = ((ref, pages.get(each.entry.page_id)) for ref, each in published.items())
        titled = (Status.CURRENT, Status.ARCHIVED)
        return {ref: page for ref, page in found if page is not None and page.status in titled}

    def plan(
        self, drafts: Sequence[Draft], places: Mapping[str, WikiLocation], known: PageDetails
    ) -> tuple[Plan, PageDetails]:
        """Return the plan whose links lead to the places, with all that had to be looked up for it."""
        pages = {entry.ref: entry for entry in self.built.entries}
        cases = cases_of(self.snapshot, drafts)
        questions = list_queries(cases, self.snapshot, self.settings)
        details = fetch_details(self.wiki, questions, known)

        def storage(draft: Draft) -> str:
            return body_of(self.built.wanted(pages[draft.ref]), places)

        desk = Desk(self.snapshot, details, self.settings, storage, depths_of(drafts))
        return make_plan(cases, desk, self.titles, self.severities, self.findings), details


def plan_of(planning: Planning, drafts: Sequence[Draft]) -> Plan:
    """Return the plan with every link leading to what its page is called afterwards.

    Which pages stay as they are is known only once there is a plan; where one of them has another title than it
    should, what links to it is planned again. Which pages stay does not depend on links, so twice is enough.
    """
    snapshot, wanted = planning.snapshot, planning.titles.by_ref
    plan, details = planning.plan(drafts, places_of(wanted, snapshot.space.key), PageDetails())
    called = settled(planning.titles, {change.ref for change in plan.changes}, planning.standing)
    if called == wanted or plan.refusals(_ANY_CONSENT):
        return plan
    places = places_of(called, snapshot.space.key)
    elsewhere = {ref for ref, title in called.items() if title != wanted[ref]}
    pages = {entry.ref: entry for entry in planning.built.entries}
    again = [
        relinked(draft, planning.built.wanted(pages[draft.ref]), places) if draft.links & elsewhere else draft
        for draft in drafts
    ]
    plan, _ = planning.plan(again, places, details)
    return replace(plan, titles=dict(sorted(called.items())))


__all__ = ["Prepared", "Waiting", "prepare"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what applying it at once need not read again."""

    plan: Plan
    manifest: Manifest


def prepare(
    wiki: Wiki,
    built: Built,
    settings: PublishSettings,
    waiting: Waiting,
    *,
    severities: Mapping[str, Severity | None] | None = None,
) -> Prepared:
    """The plan for a built site. An unchanged book costs one request for the space, one for the manifest, and one
    for every `flavour.bulk` pages.
    """
    snapshot = read_snapshot(wiki, settings, waiting)
    built = built.for_flavour(wiki.flavour)
    pages = {entry.ref: entry for entry in built.entries}

    def text_of(ref: str) -> str | None:
        """Convert a page only if a page without a known version has to be recognized."""
        if ref not in pages:
            return None
        places = places_of(titled(built.entries, snapshot.holding, {}, settings).by_ref, snapshot.space.key)
        return text_digest(body_of(built.wanted(pages[ref]), places))

    snapshot, holders = settle_titles(wiki, snapshot, built.entries, settings, text_of)
    titles = titled(built.entries, snapshot.holding, holders, settings)
    drafts, broken = _drafted(built, places_of(titles.by_ref, snapshot.space.key), settings)
    planning = Planning(wiki, built, settings, snapshot, titles, severities or {}, broken)
    return Prepared(_with_remarks(wiki, plan_of(planning, drafts)), snapshot.manifest)


def _drafted(
    built: Built, places: Mapping[str, WikiLocation], settings: PublishSettings
) -> tuple[tuple[Draft, ...], tuple[Finding, ...]]:
    """Return every page, read and converted once, and the links between them that lead to no anchor."""
    drafts: list[Draft] = []

    def one_at_a_time() -> Iterator[Wanted]:
        for wanted in built.all_wanted():
            drafts.append(draft_of(wanted, places, settings))
            yield wanted

    broken = dangling(one_at_a_time())
    return tuple(drafts), broken


def _with_remarks(wiki: Wiki, plan: Plan) -> Plan:
    """Return the plan with the comments that would lose their place told by author and words."""
    losing = [change.page_id for change in plan.changes if change.remarks]
    if not losing:
        return plan
    comments = gathered(wiki.inline_comments, losing)
    names = names_of(wiki, nameless(each for found in comments.values() for each in found))
    return replace(plan, changes=named(plan.changes, comments, names))
