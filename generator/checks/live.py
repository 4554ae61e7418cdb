"""MB721-MB723: the last answers of the endpoints of models, as `modelbook verify` has seen them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from generator.checks.rule import RuleContext, Violation, report_at_key, rule
from generator.evidence.live_requests import LiveRequest, is_production, list_addresses, plan_requests
from generator.evidence.records import AnswerShape, Verification
from generator.findings import Severity
from generator.load.bind import LoadedCard
from generator.schema import Model


def _list_answers(
    context: RuleContext, has_shape: Callable[[AnswerShape], bool]
) -> Iterator[tuple[LoadedCard, Model, Verification, str]]:
    """List the answers of endpoints that the cards still have, each with the name of its endpoint."""
    for loaded, model in context.list_current_models():
        instances = {instance.id: instance.endpoints for instance in model.instances}
        for seen in context.evidence.list_records(Verification, loaded.ref):
            endpoints = instances.get(seen.instance, {}) if seen.instance else model.endpoints
            if seen.environment in endpoints and has_shape(seen.shape):
                of = f"{seen.instance} of {model.ref}" if seen.instance else str(model.ref)
                yield loaded, model, seen, f"the {seen.environment} endpoint of {of}"


def _format_command(name: str, environment: str) -> str:
    consent = " --yes" if is_production(environment) else ""
    return f"`modelbook verify {name} --env {environment}{consent}`"


@rule("MB721", "answer-breaks-contract", kinds=(Model,))
def answer_breaks_contract(context: RuleContext) -> Iterator[Violation]:
    """Checks that the last answer of each verified endpoint matches the contract.

    Why: callers rely on the contract, and the next one that is built from it fails.
    Fix: correct the model, or the response in the contract, then verify the endpoint again. The message names the
    place in the contract, never a value of the answer.
    """
    for loaded, model, seen, endpoint in _list_answers(context, lambda shape: shape is AnswerShape.INVALID):
        command = _format_command(seen.instance or model.id, seen.environment)
        message = f"{endpoint} broke its contract on {seen.day}: {seen.problem}"
        fix = f"correct the model or `contract.response`, then run {command}"
        yield report_at_key(loaded, message, fix, "contract", "response")


@rule("MB722", "sample-refused", Severity.WARNING, kinds=(Model,))
def sample_refused(context: RuleContext) -> Iterator[Violation]:
    """Checks that each verified endpoint answered the example of its contract.

    Why: people copy the sample call during an outage, and cannot tell a wrong example from a broken model.
    Fix: correct the example, the headers or the address of the endpoint, then verify it again.
    """
    said = {
        AnswerShape.REFUSED: ("refused the example", "correct the example, the headers or the address"),
        AnswerShape.NO_ANSWER: ("did not answer the example", "correct the address, or start the model"),
    }
    for loaded, model, seen, endpoint in _list_answers(context, said.__contains__):
        what, fix = said[seen.shape]
        if "certificate" in seen.problem:
            fix = "renew the certificate, or trust the authority that signed it with REQUESTS_CA_BUNDLE"
        command = _format_command(seen.instance or model.id, seen.environment)
        message = f"{endpoint} {what} on {seen.day}: {seen.problem}"
        yield report_at_key(loaded, message, f"{fix}, then run {command}", "contract", "examples")


@rule("MB723", "endpoint-not-verified", Severity.INFO, kinds=(Model,))
def endpoint_not_verified(context: RuleContext) -> Iterator[Violation]:
    """Checks that each endpoint in an environment that is verified was verified recently.

    Why: an answer of last year does not show that the contract is still true.
    Fix: run `modelbook verify` regularly, as in a nightly job. The limit is `limits.evidence_days`. Nothing is reported
    for a model that cannot be verified, and in a book in which no endpoint was ever verified.
    """
    days = context.cache_result(_index_days)
    first = context.today - timedelta(days=context.settings.limits.evidence_days)
    recent = {key for key, day in days.items() if day >= first}
    for loaded, model in context.list_current_models() if days else ():
        shared = {address: context.facts.find_production_model(address) for address in list_addresses(model)}
        production = {address: ref for address, ref in shared.items() if ref is not None}
        for environment in context.cache_result(_list_environments):
            endpoints = (("", model.endpoints), *((instance.id, instance.endpoints) for instance in model.instances))
            keys = {(str(model.ref), name, environment) for name, urls in endpoints if environment in urls}
            if keys <= recent:
                continue
            for planned in plan_requests([model], environment, context.settings.verify, production):
                if not isinstance(planned, LiveRequest) or planned.key in recent:
                    continue
                day = days.get(planned.key)
                of = f"{planned.instance} of {planned.ref}" if planned.instance else str(planned.ref)
                when = f"was verified {(context.today - day).days} days ago, on {day}" if day else "was never verified"
                fix = f"run {_format_command(planned.instance or planned.ref.id, environment)}"
                yield report_at_key(loaded, f"the {environment} endpoint of {of} {when}", fix, "endpoints")


def _index_days(context: RuleContext) -> Mapping[tuple[str, str, str], date]:
    """Return the days of the verifications by their keys."""
    return {one.key: one.day for one in context.evidence.verifications}


def _list_environments(context: RuleContext) -> tuple[str, ...]:
    """List the environments that are verified."""
    return tuple(sorted({one.environment for one in context.evidence.verifications}))
