"""A plan made once more where links have to lead to what a page is called in the wiki, not in the book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from generator.confluence.built import Built
from generator.confluence.plan.cases import cases_of, depths_of, questions_about
from generator.confluence.plan.changes import Desk
from generator.confluence.plan.draft import Draft, body_of, places_of, relinked
from generator.confluence.plan.make import make_plan
from generator.confluence.plan.seen import Evidence, Ground
from generator.confluence.plan.titles import Titles, settled
from generator.confluence.plan.values import Consent, Plan
from generator.confluence.settings import PublishSettings
from generator.confluence.storage.write import WikiLocation
from generator.confluence.survey.closer import evidence_for
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
    ground: Ground
    titles: Titles
    severities: Mapping[str, Severity | None]
    findings: tuple[Finding, ...]

    @property
    def standing(self) -> dict[str, Page]:
        """Our pages that have a title in the wiki, by reference."""
        pages, published = self.ground.pages, self.ground.published
        found = ((ref, pages.get(each.entry.page_id)) for ref, each in published.items())
        titled = (Status.CURRENT, Status.ARCHIVED)
        return {ref: page for ref, page in found if page is not None and page.status in titled}

    def plan(
        self, drafts: Sequence[Draft], places: Mapping[str, WikiLocation], known: Evidence
    ) -> tuple[Plan, Evidence]:
        """Return the plan whose links lead to the places, with all that had to be looked up for it."""
        pages = {entry.ref: entry for entry in self.built.entries}
        cases = cases_of(self.ground, drafts)
        questions = questions_about(cases, self.ground, self.settings)
        evidence = evidence_for(self.wiki, questions, known)

        def storage(draft: Draft) -> str:
            return body_of(self.built.wanted(pages[draft.ref]), places)

        desk = Desk(self.ground, evidence, self.settings, storage, depths_of(drafts))
        return make_plan(cases, desk, self.titles, self.severities, self.findings), evidence


def plan_of(planning: Planning, drafts: Sequence[Draft]) -> Plan:
    """Return the plan with every link leading to what its page is called afterwards.

    Which pages stay as they are is known only once there is a plan; where one of them has another title than it
    should, what links to it is planned again. Which pages stay does not depend on links, so twice is enough.
    """
    ground, wanted = planning.ground, planning.titles.by_ref
    plan, evidence = planning.plan(drafts, places_of(wanted, ground.space.key), Evidence())
    called = settled(planning.titles, {change.ref for change in plan.changes}, planning.standing)
    if called == wanted or plan.refusals(_ANY_CONSENT):
        return plan
    places = places_of(called, ground.space.key)
    elsewhere = {ref for ref, title in called.items() if title != wanted[ref]}
    pages = {entry.ref: entry for entry in planning.built.entries}
    again = [
        relinked(draft, planning.built.wanted(pages[draft.ref]), places) if draft.links & elsewhere else draft
        for draft in drafts
    ]
    plan, _ = planning.plan(again, places, evidence)
    return replace(plan, titles=dict(sorted(called.items())))
