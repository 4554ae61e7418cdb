"""MB5xx, first half: an A/B test from its start to its decision."""

from collections.abc import Iterator

from generator.checks.rule import Facts, rule
from generator.findings import Finding, Severity
from generator.names import suggest_name
from generator.schema import Experiment
from generator.schema.experiment import ExperimentStatus
from generator.schema.model import Lifecycle

_OVER = frozenset({ExperimentStatus.CONCLUDED, ExperimentStatus.CLEANED})
_ROUNDING = 0.15
"""Three arms of 33.3 % are meant to be the whole."""


@rule("MB511", "no-decision")
def no_decision(facts: Facts) -> Iterator[Finding]:
    """A concluded experiment says what was decided.

    Why: without the decision nobody dares to remove either arm, and the test is run again two years later.
    Fix: add `decision:` with winner, who decided and when.
    """
    for loaded, experiment in facts.of(Experiment):
        if experiment.status in _OVER and experiment.decision is None:
            message = f"{experiment.ref} is {experiment.status} without a decision"
            hint = "add `decision: {winner: …, by: …, decided_on: …}`"
            yield no_decision.at(loaded.at("status"), message, hint, experiment.ref)


@rule("MB512", "unknown-winner")
def unknown_winner(facts: Facts) -> Iterator[Finding]:
    """The winner of an experiment is one of its variants.

    Why: which arm stays, and which is cleaned up, follows from it.
    Fix: write the variant's name, as the hint says.
    """
    for loaded, experiment in facts.of(Experiment):
        winner = experiment.decision.winner if experiment.decision else None
        if winner is not None and winner not in experiment.variants:
            message = f"the winner {winner!r} is no variant of {experiment.ref}"
            position = loaded.at("decision", "winner")
            yield unknown_winner.at(position, message, suggest_name(winner, experiment.variants), experiment.ref)


@rule("MB513", "runs-too-long", Severity.WARNING)
def runs_too_long(facts: Facts) -> Iterator[Finding]:
    """An experiment runs no longer than `limits.experiment_days`.

    Why: a test that nobody ends becomes production with half of the traffic on something that was never decided.
    Fix: end it and decide, or say under `x-allow:` why it needs longer.
    """
    for loaded, duty in facts.duties("MB513"):
        if duty.is_overdue:
            yield runs_too_long.report(loaded, duty, "end it: set `ended_on:` and `status: concluded`")


@rule("MB514", "no-start-day", Severity.WARNING)
def no_start_day(facts: Facts) -> Iterator[Finding]:
    """An experiment that has started says when.

    Why: without the day nobody can tell how long it has been running, nor read its numbers.
    Fix: add `started_on:` with the first day of traffic.
    """
    for loaded, experiment in facts.of(Experiment):
        if experiment.status is not ExperimentStatus.DRAFT and experiment.started_on is None:
            message = f"{experiment.ref} is {experiment.status} and does not say since when it ran"
            yield no_start_day.at(loaded.at("status"), message, "add `started_on:`", experiment.ref)


@rule("MB515", "ended-yet-running", Severity.WARNING)
def ended_yet_running(facts: Facts) -> Iterator[Finding]:
    """An experiment whose last day is past is no longer called running.

    Why: it waits for a decision, and nobody notices.
    Fix: decide and set `status: concluded`, or correct `ended_on:`.
    """
    for loaded, duty in facts.duties("MB515"):
        if duty.is_overdue:
            yield ended_yet_running.report(loaded, duty, "add `decision:` and set `status: concluded`")


@rule("MB516", "traffic-is-not-100")
def traffic_is_not_100(facts: Facts) -> Iterator[Finding]:
    """The traffic of the variants adds up to 100 percent.

    Why: either an arm is missing or a share is wrong, and the comparison with it.
    Fix: correct the shares; they are percent of the traffic that is in the test.
    """
    for loaded, experiment in facts.of(Experiment):
        total = sum(variant.traffic for variant in experiment.variants.values())
        if experiment.variants and abs(total - 100) > _ROUNDING:
            shares = " + ".join(f"{variant.traffic:g}" for variant in experiment.variants.values())
            message = f"the traffic of {experiment.ref} adds up to {total:g}, not 100: {shares}"
            hint = "correct the shares, or add the arm that is missing"
            yield traffic_is_not_100.at(loaded.at_key("variants"), message, hint, experiment.ref)


@rule("MB517", "tests-a-retired-model")
def tests_a_retired_model(facts: Facts) -> Iterator[Finding]:
    """A running experiment sends nobody to a retired model.

    Why: that arm answers nothing, or something that nobody looks after.
    Fix: end the experiment, or correct the model's lifecycle.
    """
    for loaded, experiment in facts.of(Experiment):
        if experiment.status is not ExperimentStatus.RUNNING:
            continue
        for name, variant in experiment.variants.items():
            model = facts.model(variant.model)
            if model is not None and model.lifecycle is Lifecycle.RETIRED:
                message = f"variant {name!r} of {experiment.ref} serves {model.ref}, which is retired"
                hint = "end the experiment, or correct the model's lifecycle"
                position = loaded.at("variants", name, "model")
                yield tests_a_retired_model.at(position, message, hint, experiment.ref)


RULES = (
    no_decision, unknown_winner, runs_too_long, no_start_day, ended_yet_running, traffic_is_not_100,
    tests_a_retired_model,
)  # fmt: skip
