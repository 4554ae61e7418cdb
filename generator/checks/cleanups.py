"""MB5xx, second half: the clean-up that an A/B test owes."""

import re
from collections.abc import Iterator

from generator.checks.leavers import departed, instead
from generator.checks.rule import Facts, rule
from generator.findings import Finding, Severity
from generator.graph.duties import Duty
from generator.graph.edges import DEPENDING, Relation
from generator.graph.people import list_departed
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import Experiment, Model
from generator.schema.experiment import ExperimentStatus
from generator.schema.model import Lifecycle

_SOON_DAYS = 30
_OVER = frozenset({ExperimentStatus.CONCLUDED, ExperimentStatus.CLEANED})


def _removed(experiment: Experiment) -> frozenset[Ref]:
    items = experiment.cleanup.items if experiment.cleanup else ()
    return frozenset(Ref.parse(item.remove) for item in items)


@rule("MB501", "cleanup-overdue", Severity.WARNING)
def cleanup_overdue(facts: Facts) -> Iterator[Finding]:
    """What an experiment left behind is removed by its due date.

    Why: a cloned collection or a forgotten topic is served, paid for and depended on by accident.
    Fix: remove it and set `done_on:`, or move `due:` with a reason in the notes.
    """
    for loaded, duty in facts.duties("MB501"):
        yield cleanup_overdue.report(loaded, duty, _ask_owners(duty))


@rule("MB502", "cleanup-due-soon", Severity.INFO)
def cleanup_due_soon(facts: Facts) -> Iterator[Finding]:
    """A clean-up that is due within 30 days is announced.

    Why: it can be planned instead of being missed.
    Fix: remove what is listed and set `done_on:`.
    """
    for loaded, duty in facts.duties("MB502"):
        if duty.due is not None and (duty.due - facts.today).days <= _SOON_DAYS:
            yield cleanup_due_soon.report(loaded, duty, _ask_owners(duty))


def _ask_owners(duty: Duty) -> str:
    owners = ", ".join(map(str, duty.owners))
    return f"ask {owners}; then set `done_on:`" if owners else "set `owner:` and, once it is removed, `done_on:`"


@rule("MB503", "cleanup-without-due-date", Severity.WARNING)
def cleanup_without_due_date(facts: Facts) -> Iterator[Finding]:
    """A concluded experiment says what it leaves behind, and by when that is gone.

    Why: what is due at no time is never done.
    Fix: add `cleanup:` with `due:` and `items:`; where nothing is left behind, set `status: cleaned`.
    """
    reported = set[Ref]()
    for loaded, duty in facts.duties("MB503"):
        experiment = facts.find(loaded.ref, Experiment)
        if experiment is None or experiment.status is not ExperimentStatus.CONCLUDED or loaded.ref in reported:
            continue
        reported.add(loaded.ref)
        if duty.key:
            yield cleanup_without_due_date.report(loaded, duty, "add `due:`", at=loaded.at_key("cleanup"))
        else:
            hint = "add `cleanup:` with `due:` and `items:`; if nothing is left behind, set `status: cleaned`"
            yield cleanup_without_due_date.report(loaded, duty, hint)


@rule("MB504", "cleaned-yet-open")
def cleaned_yet_open(facts: Facts) -> Iterator[Finding]:
    """In an experiment that is called cleaned every item is done.

    Why: nobody looks at it again, and what is still open stays for good.
    Fix: set `done_on:`, or set `status: concluded`.
    """
    for loaded, duty in facts.duties("MB504"):
        yield cleaned_yet_open.report(loaded, duty, "set `done_on:`, or `status: concluded`")


@rule("MB505", "loser-not-cleaned-up")
def loser_not_cleaned_up(facts: Facts) -> Iterator[Finding]:
    """The model of a losing variant is in the clean-up, unless it is already on its way out.

    Why: the losing model stays deployed, and its features, topics and alerts with it.
    Fix: add it under `cleanup.items`. A loser that is deprecated or retired leaves by that way, and one that another
    experiment still tests may wait for that one.
    """
    for loaded, experiment, name, model in _list_losers(facts):
        if model.ref in _removed(experiment):
            continue
        if model.lifecycle in {Lifecycle.EXPERIMENTAL, Lifecycle.PRODUCTION}:
            message = f"{model.ref} lost {experiment.ref} as {name!r} and is not in its clean-up"
            hint = f"add `{{remove: {model.ref}}}` under `cleanup.items`"
            position = loaded.at("variants", name, "model")
            yield loser_not_cleaned_up.at(position, message, hint, experiment.ref)


def _list_losers(facts: Facts) -> Iterator[tuple[LoadedCard, Experiment, str, Model]]:
    """List the models that lost a decided experiment, with their variants, unless another one still tests them."""
    for loaded, experiment in facts.of(Experiment):
        decision = experiment.decision
        if experiment.status not in _OVER or decision is None or decision.winner not in experiment.variants:
            continue
        winner = experiment.variants[decision.winner].model
        for name, variant in experiment.variants.items():
            model = facts.model(variant.model)
            if model is not None and model.id != winner and not _tested_again(facts, model):
                yield loaded, experiment, name, model


def _tested_again(facts: Facts, model: Model) -> bool:
    """Whether another experiment still needs the model."""
    others = (
        facts.find(edge.source, Experiment) for edge in facts.graph.list_incoming_edges(model.ref, Relation.TESTS)
    )
    return any(other is not None and other.status not in _OVER for other in others)


@rule("MB506", "resource-not-cleaned-up")
def resource_not_cleaned_up(facts: Facts) -> Iterator[Finding]:
    """What was created for an experiment is in its clean-up.

    Why: a collection or a topic outlives its test when nobody wrote it down.
    Fix: add it under `cleanup.items`; where it stays for good, take `created_for:` off its card. While the
    experiment runs it is a note.
    """
    for _, experiment in facts.of(Experiment):
        severity = Severity.ERROR if experiment.status in _OVER else Severity.INFO
        removed = _removed(experiment)
        for edge in facts.graph.list_incoming_edges(experiment.ref, Relation.CREATED_FOR):
            if edge.source not in removed and experiment.status is not ExperimentStatus.DRAFT:
                message = f"{edge.source} was created for {experiment.ref} and is not in its clean-up"
                hint = f"add `{{remove: {edge.source}}}` there, or drop `created_for:` if it stays"
                yield resource_not_cleaned_up.at(edge.position, message, hint, edge.declared_by, severity)


@rule("MB507", "removed-yet-alive")
def removed_yet_alive(facts: Facts) -> Iterator[Finding]:
    """What a clean-up calls removed is gone from the other cards too: nothing depends on it, and a model is retired.

    Why: either it was not removed, or whoever depends on it is broken and does not know.
    Fix: take it out of the card that still names it, set the model's `lifecycle: retired`, or drop `done_on:`.
    """
    for loaded, experiment in facts.of(Experiment):
        for index, item in enumerate(experiment.cleanup.items if experiment.cleanup else ()):
            alive = _alive(facts, Ref.parse(item.remove)) if item.done_on is not None else None
            if alive is not None:
                message = f"{item.remove} was removed on {item.done_on}, yet {alive}"
                hint = "correct that card, or drop `done_on:`"
                position = loaded.at("cleanup", "items", index, "remove")
                yield removed_yet_alive.at(position, message, hint, experiment.ref)


def _alive(facts: Facts, ref: Ref) -> str | None:
    """What shows that something still lives."""
    model = facts.find(ref, Model)
    if model is not None and model.lifecycle is not Lifecycle.RETIRED:
        return f"its lifecycle is {model.lifecycle}"
    edges = facts.graph.list_incoming_edges(ref, *DEPENDING)
    return f"{edges[0].source} depends on it ({edges[0].position})" if edges and model is None else None


@rule("MB508", "cleaner-has-left")
def cleaner_has_left(facts: Facts) -> Iterator[Finding]:
    """Whoever is to remove something still works here.

    Why: nobody will do it, and nobody else feels meant.
    Fix: name somebody else, best a team.
    """
    waiting = {
        loaded.at(*duty.path[:-1], "owner"): duty
        for loaded, duty in facts.duties("MB501", "MB502", "MB503")
        if duty.key
    }
    for person in list_departed(facts.graph, facts.today):
        for edge in facts.graph.list_incoming_edges(person.ref, Relation.REMOVED_BY):
            duty = waiting.get(edge.position)
            if duty is not None:
                message = f"the owner of {duty.key} is no longer here: {departed(person)}"
                yield cleaner_has_left.at(edge.position, message, instead(facts, person), duty.subject)


@rule("MB509", "removed-in-the-future", Severity.WARNING)
def removed_in_the_future(facts: Facts) -> Iterator[Finding]:
    """The day on which something was removed has come.

    Why: a plan that is written down as done is forgotten.
    Fix: write the plan as `due:`, and `done_on:` when it is done.
    """
    for loaded, experiment in facts.of(Experiment):
        for index, item in enumerate(experiment.cleanup.items if experiment.cleanup else ()):
            if item.done_on is not None and item.done_on > facts.today:
                message = f"{item.remove} is called removed on {item.done_on}, which has not come"
                position = loaded.at("cleanup", "items", index, "done_on")
                yield removed_in_the_future.at(position, message, "plans go under `due:`", experiment.ref)


@rule("MB510", "loser-leaves-something-behind", Severity.WARNING)
def loser_leaves_something_behind(facts: Facts) -> Iterator[Finding]:
    """Checks that a clean-up which removes a losing model also removes what only that model uses.

    Why: features that no other model reads are still computed, and a staging endpoint still runs and costs money.
    Fix: add an item for each, or name them in the `note:` of the item that removes the model. Only features that no
    other model reads count, and only endpoints other than `production` that no other model has.
    """
    for loaded, experiment, _, model in _list_losers(facts):
        cleanup = experiment.cleanup
        removed = _removed(experiment)
        if cleanup is None or model.ref not in removed or experiment.status is ExperimentStatus.CLEANED:
            continue
        texts = " ".join(f"{item.remove} {item.note or ''}" for item in cleanup.items)
        rest = [
            other
            for _, other in facts.of(Model)
            if other.ref not in removed and other.lifecycle is not Lifecycle.RETIRED
        ]
        features = {(feature.view, feature.name) for other in rest for feature in other.features}
        addresses = {address for other in rest for address in other.endpoints.values()}
        left = [
            f"feature {feature.view}:{feature.name}"
            for feature in model.features
            if (feature.view, feature.name) not in features
            and Ref("feature_view", feature.view) not in removed
            and not _has_word(texts, feature.name)
        ]
        left += [
            f"endpoint {environment!r}"
            for environment, address in model.endpoints.items()
            if environment != "production"
            and address not in addresses
            and not _has_word(texts, environment)
            and address not in texts
        ]  # fmt: skip
        if left:
            index = next(index for index, item in enumerate(cleanup.items) if Ref.parse(item.remove) == model.ref)
            message = f"the clean-up of {experiment.ref} omits what only {model.ref} uses: {', '.join(left)}"
            hint = "add an item for each, or name them in the `note:` of this item"
            position = loaded.at("cleanup", "items", index, "remove")
            yield loser_leaves_something_behind.at(position, message, hint, experiment.ref)


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


RULES = (
    cleanup_overdue, cleanup_due_soon, cleanup_without_due_date, cleaned_yet_open, loser_not_cleaned_up,
    resource_not_cleaned_up, removed_yet_alive, cleaner_has_left, removed_in_the_future,
    loser_leaves_something_behind,
)  # fmt: skip
