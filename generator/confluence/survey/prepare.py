"""From the built site and the wiki to a plan: look, ask, look closer, plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from generator.confluence.built import Built
from generator.confluence.manifest.journal import Trace
from generator.confluence.manifest.manifest import Manifest
from generator.confluence.plan.cases import cases_of, depths_of, questions_about
from generator.confluence.plan.changes import Desk
from generator.confluence.plan.comments import named, nameless
from generator.confluence.plan.draft import Draft, body_of, draft_of, places_of
from generator.confluence.plan.make import make_plan
from generator.confluence.plan.settings import PublishSettings
from generator.confluence.plan.titles import questioned, titled
from generator.confluence.plan.values import Plan
from generator.confluence.survey.closer import evidence_for, names_of
from generator.confluence.survey.gather import gathered
from generator.confluence.survey.ground import Waiting, ground_of
from generator.confluence.survey.holders import disputed
from generator.confluence.wiki import Wiki
from generator.findings import Severity

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
    trace: Trace | None = None,
    severities: Mapping[str, Severity | None] | None = None,
) -> Prepared:
    """The plan for a built site. An unchanged book costs one request for the space, one for the manifest, and one
    for every `flavour.bulk` pages.
    """
    ground = ground_of(wiki, settings, trace, waiting)
    pages = {entry.ref: entry for entry in built.entries}
    ground, holders = disputed(wiki, ground, questioned(built.entries, ground.holding, settings), pages)
    titles = titled(built.entries, ground.holding, holders, settings)
    places = places_of(titles.by_ref, ground.space.key)
    drafts = [draft_of(wanted, places, settings) for wanted in built.all_wanted()]
    cases = cases_of(ground, drafts)
    evidence = evidence_for(wiki, questions_about(cases, ground, removing=settings.orphans != "keep"))

    def storage(draft: Draft) -> str:
        return body_of(built.wanted(pages[draft.ref]), places)

    desk = Desk(ground, evidence, settings, storage, depths_of(drafts))
    plan = make_plan(cases, desk, titles, severities or {})
    return Prepared(_with_remarks(wiki, plan), ground.manifest)


def _with_remarks(wiki: Wiki, plan: Plan) -> Plan:
    """The plan with the comments that would lose their place told by author and words."""
    losing = [change.page_id for change in plan.changes if change.remarks]
    if not losing:
        return plan
    comments = gathered(wiki.inline_comments, losing)
    names = names_of(wiki, nameless(each for found in comments.values() for each in found))
    return replace(plan, changes=named(plan.changes, comments, names))
