"""MB42x: the inventory of models: validation, approved uses, exceptions and tiers."""

from collections.abc import Iterator, Mapping

from generator.checks.rule import RuleContext, Violation, report, report_duty, report_overdue, rule
from generator.findings import Position, Severity
from generator.graph.edges import FLOWING, Edge, Relation
from generator.graph.people import find_team, list_owners
from generator.grouping import group_pairs
from generator.names import Ref, format_choices
from generator.schema import Model
from generator.schema.card import Lifecycle


@rule("MB420", "validation-overdue", Severity.WARNING, kinds=(Model,))
def validation_overdue(context: RuleContext) -> Iterator[Violation]:
    """Checks that a model was validated by the day on which its validation was due.

    The day is `validation.next`, or `validation.on` and the days of the tier under `inventory.tiers` in mkdocs.yml.

    Why: data and uses change after a validation, and its result then does not apply to the current model.
    Fix: validate the model, and record the day and the result under `validation:`.
    """
    return report_overdue(context, "MB420", "validate the model, then set `on:` and `next:` under `validation:`")


@rule("MB421", "not-validated", Severity.WARNING, kinds=(Model,))
def not_validated(context: RuleContext) -> Iterator[Violation]:
    """Checks that a model in production was validated, if the models of its tier must be.

    Why: the tier requires an independent review of the model before customers depend on it.
    Fix: record the validation under `validation:`, or the day by which it is planned as `next:`.
    """
    for loaded, duty in context.list_duties("MB421"):
        yield report_duty(loaded, duty, "add `validation:` with `by:`, `on:` and `result:`, or with `next:`")


@rule("MB422", "validated-by-owner", Severity.INFO, kinds=(Model,))
def validated_by_owner(context: RuleContext) -> Iterator[Violation]:
    """Checks that a model was not validated by one of its owners or by a member of an owning team.

    Why: a validation is worth its independence: who built a model overlooks the same mistakes again.
    Fix: have another team validate the model, and name it under `validation.by:`.
    """
    for loaded, model in context.list_cards(Model):
        owners = list_owners(context.graph, model.ref)
        teams = {find_team(context.graph, owner) for owner in owners}
        for edge in context.graph.list_outgoing_edges(model.ref, Relation.VALIDATED_BY):
            if not model.is_retired and find_team(context.graph, edge.target) in teams:
                who = "one of its owners" if edge.target in owners else "from the team of its owner"
                message = f"{model.ref} was validated by {edge.target}, {who}"
                yield report(loaded, message, "have another team validate it", "validation", "by")


@rule("MB423", "use-not-approved", Severity.WARNING, kinds=(Model,))
def use_not_approved(context: RuleContext) -> Iterator[Violation]:
    """Checks that an approved use covers every consumer of a model that has `approved_uses:`.

    Why: a model is approved for a purpose. Another consumer may need other data, other limits, or another tier.
    Fix: have the use approved, and name the system under `systems:` of an approved use; or remove the use.
    """
    uses: dict[Ref, Mapping[str, tuple[Edge, ...]]] = {}
    for loaded, duty in context.list_duties("MB423"):
        if not duty.is_overdue:
            continue
        position: Position | None = None
        if duty.due is None:  # the use is new: the place that declares it, that of the consumer first
            if loaded.ref not in uses:
                edges = context.graph.list_incoming_edges(loaded.ref, *FLOWING)
                uses[loaded.ref] = group_pairs((str(edge.source), edge) for edge in edges)
            declared = uses[loaded.ref][duty.key]
            position = min(
                declared, key=lambda edge: (edge.declared_by != edge.source, edge.declared_by != edge.target)
            ).position
        name = duty.key.partition(":")[2]
        fix = f"have the use approved, and add `{name}` to `systems:` of an approved use"
        yield report_duty(loaded, duty, "renew the approval" if duty.due else fix, at=position)


@rule("MB424", "exception-expired", Severity.WARNING, kinds=(Model,))
def exception_expired(context: RuleContext) -> Iterator[Violation]:
    """Checks that no exception from the policy is older than its `until:`.

    Why: an exception is accepted for a time. Afterwards the departure from the policy is no longer accepted.
    Fix: end the departure and remove the exception, or have it accepted again with a later `until:`.
    """
    return report_overdue(context, "MB424", "remove the exception, or have it accepted again with a later `until:`")


@rule("MB425", "unknown-tier", kinds=(Model,))
def unknown_tier(context: RuleContext) -> Iterator[Violation]:
    """Checks that the tier of a model is one of those under `inventory.tiers` in mkdocs.yml, if there are any.

    Why: a mistyped tier has no days between validations, so that the model is never due.
    Fix: correct the tier, or add it to `inventory.tiers`.
    """
    tiers = context.settings.inventory.tiers
    for loaded, model in context.list_cards(Model):
        if tiers and model.tier is not None and model.tier not in tiers:
            hint = f"{format_choices(tiers)}, or add it to `inventory.tiers` in mkdocs.yml"
            yield report(loaded, f"unknown tier {model.tier!r} of {model.ref}", hint, "tier")


@rule("MB426", "rejected-in-production", Severity.WARNING, kinds=(Model,))
def rejected_in_production(context: RuleContext) -> Iterator[Violation]:
    """Checks that no model in production has a validation whose result begins with `rejected` or `not approved`.

    Why: users depend on a model that the validation found unfit.
    Fix: take the model out of production, or correct it and have it validated again. If it stays in use until then,
    accept the finding under `x-allow:` with the reason.
    """
    for loaded, model in context.list_cards(Model):
        validation = model.validation
        if model.lifecycle is Lifecycle.PRODUCTION and validation is not None and validation.is_rejected:
            message = f"{model.ref} is in production, but its validation has the result {validation.result!r}"
            yield report(loaded, message, "take it out of production, or validate it again", "validation", "result")


@rule("MB427", "validation-days", Severity.WARNING, kinds=(Model,))
def validation_days(context: RuleContext) -> Iterator[Violation]:
    """Checks that the day of a validation is not in the future, and that the next one is later.

    Why: with a mistyped day, the validation is never due.
    Fix: correct the day. A validation that is only planned has `next:` and no `on:`.
    """
    for loaded, model in context.list_cards(Model):
        validation = model.validation
        if validation is None or validation.on is None:
            continue
        if validation.on > context.today:
            message = f"{model.ref} was validated in the future: {validation.on}"
            yield report(loaded, message, f"correct the day; today is {context.today}", "validation", "on")
        elif validation.next is not None and validation.next <= validation.on:
            message = f"the next validation of {model.ref} is not after the last one: {validation.next}"
            yield report(loaded, message, f"write a day after {validation.on}", "validation", "next")
