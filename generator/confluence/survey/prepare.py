"""From the built site and the wiki to a plan: look, ask, look closer, plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from generator.confluence.built import Built, Wanted, dangling
from generator.confluence.manifest.journal import Trace
from generator.confluence.manifest.manifest import Manifest
from generator.confluence.plan.comments import named, nameless
from generator.confluence.plan.draft import Draft, draft_of, places_of
from generator.confluence.plan.titles import questioned, titled
from generator.confluence.plan.values import Plan
from generator.confluence.settings import PublishSettings
from generator.confluence.storage.write import WikiLocation
from generator.confluence.survey.closer import names_of
from generator.confluence.survey.gather import gathered
from generator.confluence.survey.ground import Waiting, ground_of
from generator.confluence.survey.holders import disputed
from generator.confluence.survey.planning import Planning, plan_of
from generator.confluence.wiki import Wiki
from generator.findings import Finding, Severity

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
    drafts, broken = _drafted(built, places_of(titles.by_ref, ground.space.key), settings)
    planning = Planning(wiki, built, settings, ground, titles, severities or {}, broken)
    return Prepared(_with_remarks(wiki, plan_of(planning, drafts)), ground.manifest)


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
