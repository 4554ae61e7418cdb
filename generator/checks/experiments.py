"""MB51x: an A/B test from its start to its decision."""

from collections.abc import Iterator

from generator.checks.rule import RuleContext, rule
from generator.findings import Finding, Severity
from generator.names import suggest_name
from generator.schema import Experiment
from generator.schema.experiment import ExperimentStatus
from generator.schema.model import Lifecycle

OVER = frozenset({ExperimentStatus.CONCLUDED, ExperimentStatus.CLEANED})
"""An experiment with one of these statuses has ended."""
_ROUNDING = 0.15
"""Three variants of 33.3 % are 100 %."""


@rule("MB511", "no-decision")
def no_decision(context: RuleContext) -> Iterator[Finding]:
    """Checks that a concluded experiment has a decision.

    Why: without the decision neither variant can be removed, and the test is repeated years later.
    Fix: add `decision:` with the winner, who decided, and the day.
    """
    for loaded, experiment in context.list_cards(Experiment):
        if experiment.status in OVER and experiment.decision is None:
            message = f"{experiment.status} {experiment.ref} has no decision"
            fix = "add `decision: {winner: …, by: …, decided_on: …}`"
            yield no_decision.report(loaded, message, fix, "status")


@rule("MB512", "unknown-winner")
def unknown_winner(context: RuleContext) -> Iterator[Finding]:
    """Checks that the winner of an experiment is one of its variants.

    Why: the winner decides which variant stays and which is cleaned up.
    Fix: write the name of a variant.
    """
    for loaded, experiment in context.list_cards(Experiment):
        winner = experiment.decision.winner if experiment.decision else None
        if winner is not None and winner not in experiment.variants:
            message = f"unknown winner {winner!r}: expected a variant of {experiment.ref}"
            yield unknown_winner.report(
                loaded, message, suggest_name(winner, experiment.variants), "decision", "winner"
            )


@rule("MB513", "runs-too-long", Severity.WARNING)
def runs_too_long(context: RuleContext) -> Iterator[Finding]:
    """Checks that an experiment runs for at most `limits.experiment_days`.

    Why: a test that does not end becomes production, with part of the traffic on a variant without a decision.
    Fix: end it and decide, or accept the finding under `x-allow:` with the reason.
    """
    for loaded, duty in context.list_duties("MB513"):
        if duty.is_overdue:
            yield runs_too_long.report_duty(loaded, duty, "end it: set `ended_on:` and `status: concluded`")


@rule("MB514", "no-start-day", Severity.WARNING)
def no_start_day(context: RuleContext) -> Iterator[Finding]:
    """Checks that an experiment that has started has a start date.

    Why: its numbers and its length cannot be judged without the date.
    Fix: add `started_on:` with the first day of traffic.
    """
    for loaded, experiment in context.list_cards(Experiment):
        if experiment.status is not ExperimentStatus.DRAFT and experiment.started_on is None:
            message = f"{experiment.status} {experiment.ref} has no start date"
            yield no_start_day.report(loaded, message, "add `started_on:`", "status")


@rule("MB515", "ended-yet-running", Severity.WARNING)
def ended_yet_running(context: RuleContext) -> Iterator[Finding]:
    """Checks that an experiment whose last day has passed does not have the status `running`.

    Why: it waits for a decision, and its card does not show that.
    Fix: add `decision:` and set `status: concluded`, or correct `ended_on:`.
    """
    for loaded, duty in context.list_duties("MB515"):
        if duty.is_overdue:
            yield ended_yet_running.report_duty(loaded, duty, "add `decision:` and set `status: concluded`")


@rule("MB516", "traffic-is-not-100")
def traffic_is_not_100(context: RuleContext) -> Iterator[Finding]:
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
            yield traffic_is_not_100.report_at_key(loaded, message, fix, "variants")


@rule("MB517", "tests-a-retired-model")
def tests_a_retired_model(context: RuleContext) -> Iterator[Finding]:
    """Checks that no variant of a running experiment uses a retired model.

    Why: a part of the users gets no answer, or the answer of a model without maintenance.
    Fix: end the experiment, or correct the lifecycle of the model.
    """
    for loaded, experiment in context.list_cards(Experiment):
        for name, variant in experiment.variants.items():
            model = context.find_model(variant.model) if experiment.status is ExperimentStatus.RUNNING else None
            if model is not None and model.lifecycle is Lifecycle.RETIRED:
                message = f"variant {name!r} of {experiment.ref} uses {model.ref}, which is retired"
                fix = "end the experiment, or correct the lifecycle of the model"
                yield tests_a_retired_model.report(loaded, message, fix, "variants", name, "model")


RULES = (
    no_decision, unknown_winner, runs_too_long, no_start_day, ended_yet_running, traffic_is_not_100,
    tests_a_retired_model,
)  # fmt: skip
