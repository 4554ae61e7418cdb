"""MB50x and MB51x: an A/B test from its start to its decision, and the clean-up after it."""

import re
from collections.abc import Collection, Iterator

from generator.checks.people import describe_departed, suggest_replacement
from generator.checks.rule import RuleContext, Violation, report, report_at_key, report_duty, report_overdue, rule
from generator.findings import Severity
from generator.graph.duties import Duty
from generator.graph.edges import DEPENDING, Relation
from generator.graph.people import has_left
from generator.load.bind import LoadedCard
from generator.names import Ref, suggest_name
from generator.schema import Experiment, Model, Person
from generator.schema.card import Lifecycle
from generator.schema.model import Feature
from generator.schema.rollouts import CleanupItem, ExperimentStatus

_ROUNDING = 0.15
"""Three variants of 33.3 % are 100 %."""


@rule("MB511", "no-decision", kinds=(Experiment,))
def no_decision(context: RuleContext) -> Iterator[Violation]:
    """Checks that a concluded experiment has a decision.

    Why: without the decision neither variant can be removed, and the test is repeated years later.
    Fix: add `decision:` with the winner, who decided, and the day.
    """
    for loaded, experiment in context.list_cards(Experiment):
        if experiment.is_finished and experiment.decision is None:
            fix = "add `decision: {winner: …, by: …, decided_on: …}`"
            yield report(loaded, f"{experiment.status} {experiment.ref} has no decision", fix, "status")


@rule("MB512", "unknown-winner", kinds=(Experiment,))
def unknown_winner(context: RuleContext) -> Iterator[Violation]:
    """Checks that the winner of an experiment is one of its variants.

    Why: the winner decides which variant stays and which is cleaned up.
    Fix: write the name of a variant.
    """
    for loaded, experiment in context.list_cards(Experiment):
        winner = experiment.decision.winner if experiment.decision else None
        if winner is not None and winner not in experiment.variants:
            message = f"unknown winner {winner!r}: expected a variant of {experiment.ref}"
            yield report(loaded, message, suggest_name(winner, experiment.variants), "decision", "winner")


@rule("MB513", "runs-too-long", Severity.WARNING, kinds=(Experiment,))
def runs_too_long(context: RuleContext) -> Iterator[Violation]:
    """Checks that an experiment runs for at most `limits.experiment_days`.

    Why: a test that does not end becomes production, with part of the traffic on a variant without a decision.
    Fix: end it and decide, or accept the finding under `x-allow:` with the reason.
    """
    return report_overdue(context, "MB513", "end it: set `ended_on:` and `status: concluded`")


@rule("MB514", "no-start-day", Severity.WARNING, kinds=(Experiment,))
def no_start_day(context: RuleContext) -> Iterator[Violation]:
    """Checks that an experiment that has started has a start date.

    Why: its numbers and its length cannot be judged without the date.
    Fix: add `started_on:` with the first day of traffic.
    """
    for loaded, experiment in context.list_cards(Experiment):
        if experiment.status is not ExperimentStatus.DRAFT and experiment.started_on is None:
            message = f"{experiment.status} {experiment.ref} has no start date"
            yield report(loaded, message, "add `started_on:`", "status")


@rule("MB515", "ended-yet-running", Severity.WARNING, kinds=(Experiment,))
def ended_yet_running(context: RuleContext) -> Iterator[Violation]:
    """Checks that an experiment whose last day has passed does not have the status `running`.

    Why: it waits for a decision, and its card does not show that.
    Fix: add `decision:` and set `status: concluded`, or correct `ended_on:`.
    """
    return report_overdue(context, "MB515", "add `decision:` and set `status: concluded`")


@rule("MB516", "traffic-is-not-100", kinds=(Experiment,))
def traffic_is_not_100(context: RuleContext) -> Iterator[Violation]:
    """Checks that the traffic of the variants adds up to 100 percent.

    Why: if a variant is missing or a share is wrong, the comparison is wrong too.
    Fix: correct the shares, in percent of the traffic of the test.
    """
    for loaded, experiment in context.list_cards(Experiment):
        total = sum(variant.traffic for variant in experiment.variants.values())
        if experiment.variants and abs(total - 100) > _ROUNDING:
            shares = " + ".join(f"{variant.traffic:g}" for variant in experiment.variants.values())
            message = f"the traffic of {experiment.ref} adds up to {total:g} %: expected 100 % ({shares})"
            fix = "correct the shares, or add the missing variant"
            yield report_at_key(loaded, message, fix, "variants")


@rule("MB517", "tests-a-retired-model", kinds=(Experiment,))
def tests_a_retired_model(context: RuleContext) -> Iterator[Violation]:
    """Checks that no variant of a running experiment uses a retired model.

    Why: a part of the users gets no answer, or the answer of a model without maintenance.
    Fix: end the experiment, or correct the lifecycle of the model.
    """
    for loaded, experiment in context.list_cards(Experiment):
        for name, variant in experiment.variants.items():
            model = context.find_model(variant.model) if experiment.status is ExperimentStatus.RUNNING else None
            if model is not None and model.is_retired:
                message = f"variant {name!r} of {experiment.ref} uses {model.ref}, which is retired"
                fix = "end the experiment, or correct the lifecycle of the model"
                yield report(loaded, message, fix, "variants", name, "model")


_SOON_DAYS = 30


def _list_items(experiment: Experiment) -> tuple[CleanupItem, ...]:
    return experiment.cleanup.items if experiment.cleanup else ()


def _list_removed(experiment: Experiment) -> frozenset[Ref]:
    return frozenset(Ref.parse(item.remove) for item in _list_items(experiment))


@rule("MB501", "cleanup-overdue", Severity.WARNING, kinds=(Experiment,))
def cleanup_overdue(context: RuleContext) -> Iterator[Violation]:
    """Checks that the items of a clean-up are removed by its due date.

    Why: a cloned collection or an unused topic costs money, and other systems start to depend on it.
    Fix: remove the item and set `done_on:`, or set a later `due:` with the reason under `notes:`.
    """
    for loaded, duty in context.list_duties("MB501"):
        yield report_duty(loaded, duty, _suggest_removal(duty))


@rule("MB502", "cleanup-due-soon", Severity.INFO, kinds=(Experiment,))
def cleanup_due_soon(context: RuleContext) -> Iterator[Violation]:
    """Checks that no clean-up is due within 30 days.

    Why: a clean-up that is announced can be planned.
    Fix: remove the items and set `done_on:`.
    """
    for loaded, duty in context.list_duties("MB502"):
        if duty.due is not None and (duty.due - context.today).days <= _SOON_DAYS:
            yield report_duty(loaded, duty, _suggest_removal(duty))


def _suggest_removal(duty: Duty) -> str:
    owners = ", ".join(map(str, duty.owners))
    return f"ask {owners}, then set `done_on:`" if owners else "set `owner:`, then `done_on:` once it is removed"


@rule("MB503", "cleanup-without-due-date", Severity.WARNING, kinds=(Experiment,))
def cleanup_without_due_date(context: RuleContext) -> Iterator[Violation]:
    """Checks that a concluded experiment has a clean-up with a due date.

    Why: a clean-up without a date is not done.
    Fix: add `cleanup:` with `due:` and `items:`. If there is nothing to remove, set `status: cleaned`.
    """
    reported = set[Ref]()
    for loaded, duty in context.list_duties("MB503"):
        experiment = context.find(loaded.ref, Experiment)
        if experiment is None or experiment.status is not ExperimentStatus.CONCLUDED or loaded.ref in reported:
            continue
        reported.add(loaded.ref)
        if duty.key:
            yield report_duty(loaded, duty, "add `due:`", at=loaded.at_key("cleanup"))
        else:
            fix = "add `cleanup:` with `due:` and `items:`, or set `status: cleaned` if there is nothing to remove"
            yield report_duty(loaded, duty, fix)


@rule("MB504", "cleaned-yet-open", kinds=(Experiment,))
def cleaned_yet_open(context: RuleContext) -> Iterator[Violation]:
    """Checks that every item of a clean-up is done if the experiment has the status `cleaned`.

    Why: a cleaned experiment is not looked at again, and the open items stay.
    Fix: set `done_on:`, or set `status: concluded`.
    """
    for loaded, duty in context.list_duties("MB504"):
        yield report_duty(loaded, duty, "set `done_on:`, or set `status: concluded`")


@rule("MB505", "loser-not-cleaned-up", kinds=(Experiment,))
def loser_not_cleaned_up(context: RuleContext) -> Iterator[Violation]:
    """Checks that a clean-up removes the models of the losing variants.

    Why: the losing model stays deployed, with its features, topics and alerts.
    Fix: add the model under `cleanup.items`. A model that is deprecated or retired, or that another experiment still
    tests, is not reported.
    """
    for loaded, experiment, name, model in _list_losers(context):
        is_kept = model.lifecycle in {Lifecycle.EXPERIMENTAL, Lifecycle.PRODUCTION}
        if is_kept and model.ref not in _list_removed(experiment):
            message = f"the clean-up of {experiment.ref} does not remove {model.ref}, the losing variant {name!r}"
            fix = f"add `{{remove: {model.ref}}}` under `cleanup.items`"
            yield report(loaded, message, fix, "variants", name, "model")


def _list_losers(context: RuleContext) -> Iterator[tuple[LoadedCard, Experiment, str, Model]]:
    """List the models that lost a decided experiment, with their variants, unless another one still tests them."""
    for loaded, experiment in context.list_cards(Experiment):
        decision = experiment.decision
        if not experiment.is_finished or decision is None or decision.winner not in experiment.variants:
            continue
        winner = experiment.variants[decision.winner].model
        for name, variant in experiment.variants.items():
            model = context.find_model(variant.model)
            if model is None or model.id == winner:
                continue
            edges = context.graph.list_incoming_edges(model.ref, Relation.TESTS)
            others = (context.find(edge.source, Experiment) for edge in edges)
            if not any(other is not None and not other.is_finished for other in others):
                yield loaded, experiment, name, model


@rule("MB506", "resource-not-cleaned-up", kinds=(Experiment,))
def resource_not_cleaned_up(context: RuleContext) -> Iterator[Violation]:
    """Checks that a clean-up removes the resources that were created for its experiment.

    Why: a collection or a topic that is not listed outlives its test.
    Fix: add it under `cleanup.items`, or remove `created_for:` from its card if it stays. While the experiment runs,
    it is a note.
    """
    for _, experiment in context.list_cards(Experiment):
        severity = Severity.ERROR if experiment.is_finished else Severity.INFO
        removed = _list_removed(experiment)
        for edge in context.graph.list_incoming_edges(experiment.ref, Relation.CREATED_FOR):
            if edge.source not in removed and experiment.status is not ExperimentStatus.DRAFT:
                message = f"the clean-up of {experiment.ref} does not remove {edge.source}, which was created for it"
                fix = f"add `{{remove: {edge.source}}}` there, or remove `created_for:` if it stays"
                yield Violation(edge.position, message, fix, edge.declared_by, severity)


@rule("MB507", "removed-yet-alive", kinds=(Experiment,))
def removed_yet_alive(context: RuleContext) -> Iterator[Violation]:
    """Checks that no card depends on a removed item, and that a removed model is retired.

    Why: either the item was not removed, or its dependents are broken.
    Fix: remove the dependency from the other card, set `lifecycle: retired` on the model, or remove `done_on:`.
    """
    for loaded, experiment in context.list_cards(Experiment):
        for index, item in enumerate(_list_items(experiment)):
            if item.done_on is None:
                continue
            ref = Ref.parse(item.remove)
            model, edges = context.find(ref, Model), context.graph.list_incoming_edges(ref, *DEPENDING)
            if model is not None and not model.is_retired:
                use = f"its lifecycle is {model.lifecycle}"
            elif model is None and edges:
                use = f"{edges[0].source} depends on it ({edges[0].position})"
            else:
                continue
            message, fix = f"{ref} was removed on {item.done_on}, but {use}", "correct that card, or remove `done_on:`"
            yield report(loaded, message, fix, "cleanup", "items", index, "remove")


@rule("MB508", "cleaner-has-left", kinds=(Experiment,))
def cleaner_has_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that the owner of an open clean-up item is a current employee.

    Why: the item stays, because no one else is responsible for it.
    Fix: name another owner, preferably a team.
    """
    waiting = {
        loaded.at(*duty.path[:-1], "owner"): duty
        for loaded, duty in context.list_duties("MB501", "MB502", "MB503")
        if duty.key
    }
    for subject in dict.fromkeys(duty.subject for duty in waiting.values()):
        for edge in context.graph.list_outgoing_edges(subject, Relation.REMOVED_BY):
            person, duty = context.find(edge.target, Person), waiting.get(edge.position)
            if person is not None and duty is not None and has_left(context.graph, person.ref, context.today):
                message = f"the owner of {duty.key}, {describe_departed(person)}"
                yield Violation(edge.position, message, suggest_replacement(context, person), duty.subject)


@rule("MB509", "removed-in-the-future", Severity.WARNING, kinds=(Experiment,))
def removed_in_the_future(context: RuleContext) -> Iterator[Violation]:
    """Checks that `done_on:` of a clean-up item is not in the future.

    Why: a plan that is recorded as done is forgotten.
    Fix: write the planned day as `due:`, and set `done_on:` once the item is removed.
    """
    for loaded, experiment in context.list_cards(Experiment):
        for index, item in enumerate(_list_items(experiment)):
            if item.done_on is not None and item.done_on > context.today:
                message = f"{item.remove} is recorded as removed in the future: {item.done_on}"
                yield report(loaded, message, "write the planned day as `due:`", "cleanup", "items", index, "done_on")


@rule("MB510", "loser-leaves-something-behind", Severity.WARNING, kinds=(Experiment,))
def loser_leaves_something_behind(context: RuleContext) -> Iterator[Violation]:
    """Checks that a clean-up which removes a losing model also removes what only that model uses.

    Why: features that no other model reads are still computed, and a staging endpoint still runs and costs money.
    Fix: add an item for each, or name them in the `note:` of the item that removes the model. Only features that no
    other model reads count, and only endpoints other than `production` that no other model has.
    """
    for loaded, experiment, _, model in _list_losers(context):
        removed = _list_removed(experiment)
        if model.ref not in removed or experiment.status is ExperimentStatus.CLEANED:
            continue
        items = _list_items(experiment)
        texts = " ".join(f"{item.remove} {item.note or ''}" for item in items)
        left = [
            f"feature {feature.view}:{feature.name}"
            for feature in model.features
            if not _has_other_reader(context, feature, removed)
            and Ref("feature_view", feature.view) not in removed
            and not _has_word(texts, feature.name)
        ]
        left += [
            f"endpoint {environment!r}"
            for environment, address in model.endpoints.items()
            if environment != "production"
            and not _has_other_model(context, address, removed)
            and not _has_word(texts, environment)
            and address not in texts
        ]  # fmt: skip
        if left:
            index = next(index for index, item in enumerate(items) if Ref.parse(item.remove) == model.ref)
            message = f"the clean-up of {experiment.ref} omits what only {model.ref} uses: {', '.join(left)}"
            fix = "add an item for each, or name them in the `note:` of this item"
            yield report(loaded, message, fix, "cleanup", "items", index, "remove")


def _has_other_reader(context: RuleContext, feature: Feature, removed: Collection[Ref]) -> bool:
    """Return whether a model in use, other than the removed ones, reads a feature."""
    edges = context.graph.list_incoming_edges(Ref("feature_view", feature.view), Relation.FEATURE_OF)
    readers = (edge.source for edge in edges if edge.role == feature.name and edge.source not in removed)
    return any(not context.graph.is_retired(reader) for reader in readers)


def _has_other_model(context: RuleContext, address: str, removed: Collection[Ref]) -> bool:
    """Return whether a model in use, other than the removed ones, has an endpoint."""
    others = (loaded.card for loaded in context.facts.list_models_by_address(address) if loaded.ref not in removed)
    return any(isinstance(model, Model) and address in model.endpoints.values() for model in others)


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
