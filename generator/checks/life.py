"""MB4xx: where in its life a model is, and what that asks for."""

from collections.abc import Iterator
from dataclasses import replace

from generator.checks.chains import ends
from generator.checks.demands import LIVE
from generator.checks.rule import Facts, rule
from generator.checks.versions import went_backwards
from generator.findings import Finding, Severity
from generator.graph.duties import DutyState
from generator.graph.edges import DEPENDING, FLOWING, Relation
from generator.schema import Model
from generator.schema.model import Lifecycle


@rule("MB401", "no-deployment-date", Severity.WARNING)
def no_deployment_date(facts: Facts) -> Iterator[Finding]:
    """A model in production says since when its version serves.

    Why: when numbers change, the first question is what was deployed that day.
    Fix: add `deployed_on:` with the day on which `version:` went live.
    """
    for loaded, model in facts.of(Model):
        if model.lifecycle is Lifecycle.PRODUCTION and model.deployed_on is None:
            message = f"{model.ref} is in production and does not say since when"
            position = loaded.at("lifecycle")
            yield no_deployment_date.at(position, message, "add `deployed_on:`", model.ref)


@rule("MB402", "deployed-in-the-future", Severity.WARNING)
def deployed_in_the_future(facts: Facts) -> Iterator[Finding]:
    """What is in production was deployed today or before.

    Why: a day that has not come is a plan or a typing error; the card claims that users see the model.
    Fix: correct the day, or leave the lifecycle at experimental until then.
    """
    for loaded, model in facts.of(Model):
        if model.lifecycle in LIVE and model.deployed_on is not None and model.deployed_on > facts.today:
            message = f"{model.ref} says {model.lifecycle}, yet is deployed only on {model.deployed_on}"
            hint = f"correct the day; today is {facts.today}"
            yield deployed_in_the_future.at(loaded.at("deployed_on"), message, hint, model.ref)


@rule("MB403", "review-overdue", Severity.WARNING)
def review_overdue(facts: Facts) -> Iterator[Finding]:
    """Somebody looks at the card and the model again by the day that was set for it.

    Why: a card that nobody has looked at for a year describes a model that no longer exists.
    Fix: review it, correct what has changed, and set the next `review_by:`.
    """
    for loaded, duty in facts.duties("MB403"):
        yield review_overdue.report(loaded, duty, "review it and set the next `review_by:`")


@rule("MB404", "review-due-soon", Severity.INFO)
def review_due_soon(facts: Facts) -> Iterator[Finding]:
    """A review that is due soon is announced; how soon, `limits.review_soon_days` says.

    Why: it can be planned instead of being missed.
    Fix: review it and set the next `review_by:`.
    """
    for loaded, duty in facts.duties("MB404"):
        if duty.state is DutyState.OPEN:
            yield review_due_soon.report(loaded, duty, "review it and set the next `review_by:`")


@rule("MB405", "no-review-date", Severity.INFO)
def no_review_date(facts: Facts) -> Iterator[Finding]:
    """A model that users depend on has a day by which somebody looks at it again.

    Why: without a day nobody does, and the card grows wrong unnoticed.
    Fix: add `review_by:`; half a year ahead is usual.
    """
    for loaded, model in facts.of(Model):
        if model.lifecycle in LIVE and model.review_by is None:
            message = f"{model.ref} has no day of review"
            yield no_review_date.at(loaded.at("review_by"), message, "add `review_by:`", model.ref)


@rule("MB406", "retired-yet-consumed")
def retired_yet_consumed(facts: Facts) -> Iterator[Finding]:
    """Nothing uses a retired model.

    Why: either the model still runs and nobody looks after it, or the consumer calls into nothing.
    Fix: move the consumer to the successor and take the use out of both cards; until then, call the model deprecated.
    """
    for loaded, duty in facts.duties("MB406"):
        model = facts.find(loaded.ref, Model)
        hint = f"move it to {model.successor}" if model and model.successor else "move it to another model"
        for edge in facts.graph.list_incoming_edges(loaded.ref, *FLOWING):
            if str(edge.source) == duty.key:
                finding = retired_yet_consumed.report(loaded, duty, hint, at=edge.position)
                yield replace(finding, subject=edge.declared_by)


@rule("MB407", "deprecated-without-successor", Severity.WARNING)
def deprecated_without_successor(facts: Facts) -> Iterator[Finding]:
    """A deprecated model names the model that takes over.

    Why: its consumers are told to leave, and not where to.
    Fix: add `successor:`. Where nothing takes over, accept the finding under `x-allow:` and say what consumers do.
    """
    for loaded, duty in facts.duties("MB407"):
        yield deprecated_without_successor.report(loaded, duty, "add `successor:`")


@rule("MB408", "dead-successor", Severity.WARNING)
def dead_successor(facts: Facts) -> Iterator[Finding]:
    """The chain of successors ends at a model that lives.

    Why: whoever follows the advice to move ends at a model that is gone, or where they started.
    Fix: name the model that serves today.
    """
    last = ends({model.id: model.successor for _, model in facts.of(Model) if model.successor})
    for loaded, model in facts.of(Model):
        end = facts.model(last.get(model.id))  # a circle that it only leads into is reported where it is
        if end is not None and (end is model or end.lifecycle is Lifecycle.RETIRED):
            where = "in a circle" if end is model else f"at {end.ref}, which is retired"
            message = f"the successors of {model.ref} end {where}"
            hint = "name the model that serves today"
            yield dead_successor.at(loaded.at("successor"), message, hint, model.ref)


@rule("MB409", "dead-fallback")
def dead_fallback(facts: Facts) -> Iterator[Finding]:
    """The fallback of a model is not retired.

    Why: the fallback is needed at the worst moment, and it is not there.
    Fix: name a model that serves, or remove `fallback:` and say under `notes:` what users see.
    """
    for loaded, model in facts.of(Model):
        fallback = facts.model(model.fallback)
        if fallback is None or model.lifecycle is Lifecycle.RETIRED:
            continue
        if fallback.lifecycle is Lifecycle.RETIRED:
            message = f"the fallback of {model.ref}, {fallback.ref}, is retired"
            hint = f"its successor is {fallback.successor}" if fallback.successor else "name a model that serves"
            yield dead_fallback.at(loaded.at("fallback"), message, hint, model.ref)


@rule("MB410", "fallback-in-a-circle")
def fallback_in_a_circle(facts: Facts) -> Iterator[Finding]:
    """Falling back comes to an end: no model is, through others, its own fallback.

    Why: when one of them fails under load the calls go round, and take the others down.
    Fix: end the chain at a model that depends on as little as possible.
    """
    last = ends({model.id: model.fallback for _, model in facts.of(Model) if model.fallback})
    for loaded, model in facts.of(Model):
        if last.get(model.id) == model.id:
            back = "to itself" if model.fallback == model.id else f"in a circle: {model.fallback} leads back to it"
            message = f"{model.ref} falls back {back}"
            hint = "end the chain at a model that depends on little"
            yield fallback_in_a_circle.at(loaded.at("fallback"), message, hint, model.ref)


@rule("MB411", "nobody-uses-it", Severity.WARNING)
def nobody_uses_it(facts: Facts) -> Iterator[Finding]:
    """A model in production has a consumer: a system, another model, or one that falls back to it.

    Why: either it costs money for nobody, or its consumers are unknown and will be broken without being asked.
    Fix: name them under `consumers:`, with why they use it; or retire the model.
    """
    for loaded, model in facts.of(Model):
        if model.lifecycle is not Lifecycle.PRODUCTION or facts.graph.list_incoming_edges(
            model.ref, *DEPENDING, Relation.RESCUED_BY
        ):
            continue
        if facts.cards.unread.has_id(model.id):
            continue
        message = f"{model.ref} is in production, and no card uses it"
        hint = "name who does under `consumers:`"
        yield nobody_uses_it.at(loaded.at_key("consumers"), message, hint, model.ref)


@rule("MB412", "version-went-backwards", Severity.WARNING)
def version_went_backwards(facts: Facts) -> Iterator[Finding]:
    """The version in a card is not lower than the one that stood there before, as git remembers it.

    Why: an old branch was merged and took the card back with it, or a version was mistyped.
    Fix: restore the right version. After a real rollback, accept the finding under `x-allow:` and say why.
    """
    for loaded, model in facts.of(Model):
        earlier = [version for version in facts.versions.get(model.ref, ()) if version != model.version]
        if model.version is not None and earlier and went_backwards(earlier[-1], model.version):
            message = f"the version of {model.ref} went back from {earlier[-1]} to {model.version}"
            hint = "restore it, or say under `x-allow:` why it was rolled back"
            yield version_went_backwards.at(loaded.at("version"), message, hint, model.ref)


RULES = (
    no_deployment_date, deployed_in_the_future, review_overdue, review_due_soon, no_review_date, retired_yet_consumed,
    deprecated_without_successor, dead_successor, dead_fallback, fallback_in_a_circle, nobody_uses_it,
    version_went_backwards,
)  # fmt: skip
