"""MB4xx: the lifecycle of a model, and what each stage requires."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from generator.checks.rule import RuleContext, Violation, report, report_at_key, report_duty, report_overdue, rule
from generator.findings import Finding, Severity
from generator.graph.duties import DutyState
from generator.graph.edges import DEPENDING, FLOWING, Relation
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import Migration, Model, System
from generator.schema.card import PLACEHOLDER_SUMMARY, TO_BE_WRITTEN, Lifecycle

LIVE = frozenset({Lifecycle.PRODUCTION, Lifecycle.DEPRECATED})
"""The models that users depend on today."""


def get_gap_severity(model: Model, production: Severity = Severity.ERROR) -> Severity | None:
    """Return the severity of a missing value: at most a warning once deprecated, None if retired."""
    match model.lifecycle:
        case Lifecycle.PRODUCTION:
            return production
        case Lifecycle.DEPRECATED:
            return max(production, Severity.WARNING, key=lambda severity: severity.rank)
        case Lifecycle.EXPERIMENTAL:
            return Severity.INFO
        case Lifecycle.RETIRED:
            return None


def find_chain_ends(following: Mapping[str, str]) -> dict[str, str | None]:
    """Return the last of the chain of each start, sorted: itself on a cycle, None if the chain runs into a cycle.

    Each link is followed once.
    """
    found: dict[str, str | None] = {}
    for start in following:
        path: dict[str, None] = {}
        current = start
        while current in following and current not in found and current not in path:
            path[current] = None
            current = following[current]
        if current in path:
            cycle = list(path)[list(path).index(current) :]
            found |= {each: each for each in cycle}
        is_on_cycle = found.get(current) == current
        end = None if is_on_cycle else found.get(current, current)
        found |= dict.fromkeys((each for each in path if each not in found), end)
    return {start: found[start] for start in sorted(found)}


@rule("MB401", "no-deployment-date", Severity.WARNING, kinds=(Model,))
def no_deployment_date(context: RuleContext) -> Iterator[Violation]:
    """Checks that a production model has the date on which its version was deployed.

    Why: when metrics change, the deployments of that day are the first place to look.
    Fix: add `deployed_on:` with the day on which `version:` was deployed.
    """
    for loaded, model in context.list_cards(Model):
        if model.lifecycle is Lifecycle.PRODUCTION and model.deployed_on is None:
            yield report(loaded, f"production {model.ref} has no deployment date", "add `deployed_on:`", "lifecycle")


@rule("MB402", "deployed-in-the-future", Severity.WARNING, kinds=(Model,))
def deployed_in_the_future(context: RuleContext) -> Iterator[Violation]:
    """Checks that the deployment date of a production model is not in the future.

    Why: a future date is a plan or a typing error, but the card claims that users see the model.
    Fix: correct the date, or set `lifecycle: experimental` until then.
    """
    for loaded, model in context.list_cards(Model):
        if model.lifecycle in LIVE and model.deployed_on is not None and model.deployed_on > context.today:
            message = f"{model.lifecycle} {model.ref} is deployed in the future: {model.deployed_on}"
            yield report(loaded, message, f"correct the date; today is {context.today}", "deployed_on")


_REVIEW = "review the model, then set the next `review_by:`"


@rule("MB403", "review-overdue", Severity.WARNING, kinds=(Model,))
def review_overdue(context: RuleContext) -> Iterator[Violation]:
    """Checks that the model and its card were reviewed by `review_by:`.

    Why: a card that was not reviewed for a year describes a model that no longer exists.
    Fix: review the model, correct the card, and set the next `review_by:`.
    """
    for loaded, duty in context.list_duties("MB403"):
        yield report_duty(loaded, duty, _REVIEW)


@rule("MB404", "review-due-soon", Severity.INFO, kinds=(Model,))
def review_due_soon(context: RuleContext) -> Iterator[Violation]:
    """Checks that no review is due within `limits.review_soon_days`.

    Why: a review that is announced can be planned.
    Fix: review the model, correct the card, and set the next `review_by:`.
    """
    for loaded, duty in context.list_duties("MB404"):
        if duty.state is DutyState.OPEN:
            yield report_duty(loaded, duty, _REVIEW)


@rule("MB405", "no-review-date", Severity.INFO, kinds=(Model,))
def no_review_date(context: RuleContext) -> Iterator[Violation]:
    """Checks that a production or deprecated model has a review date.

    Why: without a date the model is not reviewed, and its card becomes outdated.
    Fix: add `review_by:`, for example half a year ahead.
    """
    for loaded, model in context.list_cards(Model):
        if model.lifecycle in LIVE and model.review_by is None:
            yield report(loaded, f"{model.ref} has no review date", "add `review_by:`", "review_by")


@rule("MB406", "retired-yet-consumed", kinds=(Model,))
def retired_yet_consumed(context: RuleContext) -> Iterator[Violation]:
    """Checks that no card uses a retired model.

    Why: either the model still runs without maintenance, or its consumer is broken.
    Fix: move the consumer to the successor, and remove the use from both cards. Until then, set
    `lifecycle: deprecated`.
    """
    for loaded, duty in context.list_duties("MB406"):
        model = context.find(loaded.ref, Model)
        fix = f"move it to {model.successor}" if model and model.successor else "move it to another model"
        for edge in context.graph.list_incoming_edges(loaded.ref, *FLOWING):
            if str(edge.source) == duty.key:
                violation = report_duty(loaded, duty, fix, at=edge.position)
                yield replace(violation, subject=edge.declared_by)


@rule("MB407", "deprecated-without-successor", Severity.WARNING, kinds=(Model,))
def deprecated_without_successor(context: RuleContext) -> Iterator[Violation]:
    """Checks that a deprecated model names its successor.

    Why: its consumers must move, and need to know where to.
    Fix: add `successor:`. If there is no successor, accept the finding under `x-allow:` with what consumers should do.
    """
    for loaded, duty in context.list_duties("MB407"):
        yield report_duty(loaded, duty, "add `successor:`")


@rule("MB408", "dead-successor", Severity.WARNING, scope="book")
def dead_successor(context: RuleContext) -> Iterator[Violation]:
    """Checks that the chain of successors ends with a model that is not retired.

    Why: consumers that move to the successor end with a retired model, or in a cycle.
    Fix: name the model that replaces it today.
    """
    for start, last in find_chain_ends(context.facts.indexes.successors).items():
        end = context.find_model(last)  # None if the chain runs into a cycle, which is reported there
        if end is not None and (last == start or end.is_retired):
            where = "in a cycle" if last == start else f"with {end.ref}, which is retired"
            loaded = context.graph.cards[Ref("model", start)]
            message = f"the successors of {loaded.ref} end {where}"
            yield report(loaded, message, "name the model that replaces it today", "successor")


@rule("MB409", "dead-fallback", kinds=(Model,))
def dead_fallback(context: RuleContext) -> Iterator[Violation]:
    """Checks that the fallback of a model is not retired.

    Why: the fallback is needed during an outage, and it is not there.
    Fix: name a model that is not retired, or remove `fallback:` and describe under `notes:` what users see.
    """
    return report_retired_fallbacks(context, context.list_current_models())


def report_retired_fallbacks(
    context: RuleContext, cards: Iterable[tuple[LoadedCard, Model | Migration]]
) -> Iterator[Violation]:
    """Build the violations of models and migrations whose fallback is retired."""
    for loaded, card in cards:
        fallback = context.find_model(card.fallback)
        if fallback is not None and fallback.is_retired:
            message = f"the fallback of {card.ref}, {fallback.ref}, is retired"
            other = f"its successor, {fallback.successor}" if fallback.successor else "a model that is not retired"
            yield report(loaded, message, f"name {other}", "fallback")


@rule("MB410", "fallback-in-a-circle", scope="book")
def fallback_in_a_circle(context: RuleContext) -> Iterator[Violation]:
    """Checks that the chain of fallbacks ends.

    Why: when one of the models fails under load, the calls circulate and take down the others.
    Fix: end the chain with a model that has no fallback and few dependencies.
    """
    following = context.facts.indexes.fallbacks
    for start, last in find_chain_ends(following).items():
        if last != start:
            continue
        cycle = [start, following[start]]
        while cycle[-1] != start and len(cycle) < _MOST_IN_A_CYCLE:
            cycle.append(following[cycle[-1]])
        loaded = context.graph.cards[Ref("model", start)]
        message = f"circular fallback: {' -> '.join(cycle)}{'' if cycle[-1] == start else ' -> …'}"
        yield report(loaded, message, "end the chain with a model that has no fallback", "fallback")


_MOST_IN_A_CYCLE = 6
"""The models of a cycle that a message names."""


@rule("MB411", "nobody-uses-it", Severity.WARNING, kinds=(Model,))
def nobody_uses_it(context: RuleContext) -> Iterator[Violation]:
    """Checks that a production model has a consumer: a system, another model, or one that falls back to it.

    Why: either it costs money without a use, or its consumers are unknown and break with the next change.
    Fix: add the consumers under `consumers:` with the reason, or retire the model.
    """
    for loaded, model in context.list_cards(Model):
        is_used = context.graph.list_incoming_edges(model.ref, *DEPENDING, Relation.RESCUED_BY)
        # A consumer that does not resolve has a finding of its own.
        is_named = any(context.find(Ref("system", one.system), System) is None for one in model.consumers)
        is_unknown = is_named or context.cards.unread.has_id(model.id)
        if model.lifecycle is Lifecycle.PRODUCTION and not is_used and not is_unknown:
            message, fix = f"production {model.ref} has no consumers", "add the consumers under `consumers:`"
            yield report_at_key(loaded, message, fix, "consumers")


@rule("MB412", "version-went-backwards", Severity.WARNING, kinds=(Model,))
def version_went_backwards(context: RuleContext) -> Iterator[Violation]:
    """Checks that the version in a card is not lower than its version before, as recorded in git.

    Why: an old branch was merged and reset the card, or the version has a typing error.
    Fix: restore the version. After a rollback, accept the finding under `x-allow:` with the reason.
    """
    for loaded, model in context.list_cards(Model):
        earlier = [version for version in context.versions.get(model.ref, ()) if version != model.version]
        if model.version is not None and earlier and is_lower_version(model.version, earlier[-1]):
            message = f"the version of {model.ref} went back from {earlier[-1]} to {model.version}"
            fix = "restore it, or accept it under `x-allow:` with the reason for the rollback"
            yield report(loaded, message, fix, "version")


@rule("MB413", "retired-before-sunset", kinds=(Model,))
def retired_before_sunset(context: RuleContext) -> Iterator[Violation]:
    """Checks that a model is not retired before its announced end.

    Why: its consumers rely on the announced day, and some of them have not moved yet.
    Fix: set `lifecycle: deprecated` until that day, or correct `sunset_on:` after all consumers have agreed. A retired
    model with consumers is reported by MB406, whatever its announced end.
    """
    for loaded, model in context.list_cards(Model):
        if model.is_retired and model.sunset_on is not None and model.sunset_on > context.today:
            message = f"{model.ref} is retired before its announced end on {model.sunset_on}"
            yield report(loaded, message, "set `lifecycle: deprecated` until that day", "lifecycle")


@rule("MB414", "sunset-passed", Severity.WARNING, kinds=(Model,))
def sunset_passed(context: RuleContext) -> Iterator[Violation]:
    """Checks that a model is retired once its announced end has passed.

    Why: consumers do not rely on the next announced end if this one has no effect, and the model runs without a plan.
    Fix: move the consumers that are left and set `lifecycle: retired`, or announce a later `sunset_on:`.
    """
    return report_overdue(context, "MB414", "set `lifecycle: retired`, or announce a later `sunset_on:`")


@rule("MB415", "retired-system-in-use", kinds=(System,))
def retired_system_in_use(context: RuleContext) -> Iterator[Violation]:
    """Checks that no card depends on a retired system.

    Why: either the system still runs without maintenance, or its dependents are broken.
    Fix: remove the dependency from the card that declares it, or set `lifecycle: deprecated` on the system.
    """
    for loaded, system in context.list_cards(System):
        for edge in context.graph.list_incoming_edges(loaded.ref, *FLOWING) if system.is_retired else ():
            message = f"{loaded.ref} is retired, but {edge.source} still depends on it"
            fix = f"remove it from {edge.declared_by}"
            yield Violation(edge.position, message, fix, edge.declared_by)


@rule("MB416", "retired-system-still-uses", Severity.WARNING, kinds=(System,))
def retired_system_still_uses(context: RuleContext) -> Iterator[Violation]:
    """Checks that no card names a retired system as a consumer.

    Why: a consumer that no longer exists keeps a model running, and its owner is asked before each change of the model.
    Fix: remove the use from the card that declares it, or set `lifecycle: deprecated` on the system.
    """
    for loaded, system in context.list_cards(System):
        for edge in context.graph.list_outgoing_edges(loaded.ref, *FLOWING) if system.is_retired else ():
            message = f"{loaded.ref} is retired, but it still depends on {edge.target}"
            fix = f"remove it from {edge.declared_by}"
            yield Violation(edge.position, message, fix, edge.declared_by)


@rule("MB417", "confirmed-unused-yet-used", Severity.WARNING, kinds=(Model,))
def confirmed_unused_yet_used(context: RuleContext) -> Iterator[Violation]:
    """Checks that a model whose owner confirmed that nothing uses it has no consumer.

    Why: one of the two statements is wrong, and a reader may switch the model off.
    Fix: remove `confirmed_unused:`, or remove the use from the card that declares it.
    """
    for loaded, model in context.list_current_models():
        edges = context.graph.list_incoming_edges(loaded.ref, *FLOWING) if model.confirmed_unused else ()
        for source in dict.fromkeys(edge.source for edge in edges):
            message = f"{loaded.ref} is confirmed as unused, but {source} depends on it"
            yield report(loaded, message, "remove `confirmed_unused:`", "confirmed_unused")


@rule("MB418", "placeholder-summary", Severity.WARNING)
def placeholder_summary(context: RuleContext) -> Iterator[Violation]:
    """Checks that a card has a summary of its own.

    Why: the placeholder of `modelbook new` would be the first sentence of the page. Notes about such a card, such as
    missing contacts, are not reported until it is filled in.
    Fix: fill in the card, and describe it in one line under `summary:`.
    """
    for loaded in context.items:
        if loaded.card.summary == PLACEHOLDER_SUMMARY:
            message = f"{loaded.ref} is not filled in: its summary is a placeholder"
            yield report(loaded, message, "fill in the card, and replace the summary", "summary")


@rule("MB419", "text-to-be-written", Severity.WARNING)
def text_to_be_written(context: RuleContext) -> Iterator[Violation]:
    """Checks that no summary and no reason of a use is left to be written.

    Why: `modelbook import` and `modelbook scan --fix` find a use, but not its purpose. Readers need the purpose.
    Fix: ask the owner of the system, and replace the text.
    """
    for loaded in context.items:
        card = loaded.card
        texts: list[tuple[str | None, tuple[str | int, ...]]] = [(card.summary, ("summary",))]
        if isinstance(card, System):
            texts += [(use.why, ("uses", index, "why")) for index, use in enumerate(card.uses)]
        if isinstance(card, Model):
            texts += [(use.why, ("consumers", index, "why")) for index, use in enumerate(card.consumers)]
        for text, path in texts:
            if text is not None and text.startswith(TO_BE_WRITTEN):
                yield report(loaded, f"{loaded.ref}: a text is still to be written: {text!r}", "replace it", *path)


def omit_notes_on_new_cards(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings without the notes about cards that are not filled in."""
    code = placeholder_summary.rule.code
    new = {finding.subject for finding in findings if finding.code == code}
    for finding in findings:
        if finding.severity is not Severity.INFO or finding.code == code or finding.subject not in new:
            yield finding


_VERSION = re.compile(
    r"[vV]?(?P<numbers>[0-9]{1,18}(?:\.[0-9]{1,18})*)"
    r"(?:-?(?P<before>(?:a|b|c|rc|alpha|beta|dev|pre|snapshot)[-.]?[0-9]{0,18})|[-.](?P<other>[0-9A-Za-z.-]+))?"
    r"(?:\+[0-9A-Za-z.-]+)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9]+")


def is_lower_version(version: str, other: str) -> bool:
    """Return whether a version is lower than another one of the same form.

    `2.9` is lower than `2.10`, and `3.0-rc2` lower than `3.0` and `3.0-rc10`. False if the two cannot be compared:
    commits, words, or a date and a number with dots.
    """
    low, high = _to_sort_key(version), _to_sort_key(other)
    return low is not None and high is not None and ("." in version) == ("." in other) and low < high


def _to_sort_key(version: str) -> tuple[tuple[int, ...], bool, str, int] | None:
    match = _VERSION.fullmatch(version.strip())
    if match is None or match["other"]:
        return None
    numbers = [int(number) for number in match["numbers"].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    suffix = (match["before"] or "").lower()
    number = _NUMBER.search(suffix)
    # `dev` is lower than `alpha`: https://packaging.python.org/en/latest/specifications/version-specifiers/
    word = _NUMBER.sub("", suffix).strip("-.").replace("dev", "")
    return tuple(numbers), not suffix, word, int(number.group()) if number else 0
