"""MB5xx, second half: the clean-up that an A/B test owes."""

from collections.abc import Iterator

from generator.checks.leavers import departed, has_left, instead
from generator.checks.rule import Facts, rule
from generator.findings import Finding, Severity
from generator.graph.edges import DEPENDING, Relation
from generator.names import Ref
from generator.schema import Experiment, Model, Person
from generator.schema.experiment import CleanupItem, ExperimentStatus
from generator.schema.model import Lifecycle

_SOON_DAYS = 30
_OVER = frozenset({ExperimentStatus.CONCLUDED, ExperimentStatus.CLEANED})


def _open_items(experiment: Experiment) -> Iterator[tuple[int, CleanupItem]]:
    """What is not removed yet, with its place in the list; nothing once the experiment is called cleaned."""
    if experiment.cleanup is not None and experiment.status is not ExperimentStatus.CLEANED:
        for index, item in enumerate(experiment.cleanup.items):
            if item.done_on is None:
                yield index, item


def _removed(experiment: Experiment) -> frozenset[Ref]:
    items = experiment.cleanup.items if experiment.cleanup else ()
    return frozenset(Ref.parse(item.remove) for item in items)


@rule("MB501", "cleanup-overdue", Severity.WARNING)
def cleanup_overdue(facts: Facts) -> Iterator[Finding]:
    """What an experiment left behind is removed by its due date.

    Why: a cloned collection or a forgotten topic is served, paid for and depended on by accident.
    Fix: remove it and set `done_on:`, or move `due:` with a reason in the notes.
    """
    for loaded, experiment in facts.of(Experiment):
        due = experiment.cleanup.due if experiment.cleanup else None
        for index, item in _open_items(experiment):
            if due is not None and due < facts.today:
                message = f"{item.remove} of {experiment.ref} was to be removed by {due}"
                hint = f"ask {_who(experiment, item)}; then set `done_on:`"
                position = loaded.at("cleanup", "items", index, "remove")
                yield cleanup_overdue.at(position, message, hint, experiment.ref)


@rule("MB502", "cleanup-due-soon", Severity.INFO)
def cleanup_due_soon(facts: Facts) -> Iterator[Finding]:
    """A clean-up that is due within 30 days is announced.

    Why: it can be planned instead of being missed.
    Fix: remove what is listed and set `done_on:`.
    """
    for loaded, experiment in facts.of(Experiment):
        due = experiment.cleanup.due if experiment.cleanup else None
        for index, item in _open_items(experiment):
            if due is not None and 0 <= (due - facts.today).days <= _SOON_DAYS:
                message = f"{item.remove} of {experiment.ref} is to be removed by {due}"
                hint = f"ask {_who(experiment, item)}; then set `done_on:`"
                position = loaded.at("cleanup", "items", index, "remove")
                yield cleanup_due_soon.at(position, message, hint, experiment.ref)


def _who(experiment: Experiment, item: CleanupItem) -> str:
    return item.owner or ", ".join(experiment.owners) or "whoever ran it"


@rule("MB503", "cleanup-without-due-date", Severity.WARNING)
def cleanup_without_due_date(facts: Facts) -> Iterator[Finding]:
    """A concluded experiment says what it leaves behind, and by when that is gone.

    Why: what is due at no time is never done.
    Fix: add `cleanup:` with `due:` and `items:`; where nothing is left behind, set `status: cleaned`.
    """
    for loaded, experiment in facts.of(Experiment):
        if experiment.status is not ExperimentStatus.CONCLUDED:
            continue
        if experiment.cleanup is None:
            message = f"{experiment.ref} is concluded and says nothing of a clean-up"
            hint = "add `cleanup:`; where nothing is left behind, set `status: cleaned`"
            yield cleanup_without_due_date.at(loaded.at("status"), message, hint, experiment.ref)
        elif experiment.cleanup.due is None and experiment.cleanup.open_items:
            message = f"the clean-up of {experiment.ref} is open and due at no time"
            yield cleanup_without_due_date.at(loaded.at_key("cleanup"), message, "add `due:`", experiment.ref)


@rule("MB504", "cleaned-yet-open")
def cleaned_yet_open(facts: Facts) -> Iterator[Finding]:
    """In an experiment that is called cleaned every item is done.

    Why: nobody looks at it again, and what is still open stays for good.
    Fix: set `done_on:`, or take the status back to concluded.
    """
    for loaded, experiment in facts.of(Experiment):
        if experiment.status is not ExperimentStatus.CLEANED or experiment.cleanup is None:
            continue
        for index, item in enumerate(experiment.cleanup.items):
            if item.done_on is None:
                message = f"{experiment.ref} is called cleaned, yet {item.remove} is still open"
                position = loaded.at("cleanup", "items", index, "remove")
                yield cleaned_yet_open.at(position, message, "set `done_on:`, or `status: concluded`", experiment.ref)


@rule("MB505", "loser-not-cleaned-up")
def loser_not_cleaned_up(facts: Facts) -> Iterator[Finding]:
    """The model of a losing variant is in the clean-up, unless it is already on its way out.

    Why: the losing model stays deployed, and its features, topics and alerts with it.
    Fix: add it under `cleanup.items`. A loser that is deprecated or retired leaves by that way, and one that another
    experiment still tests may wait for that one.
    """
    for loaded, experiment in facts.of(Experiment):
        decision = experiment.decision
        if experiment.status not in _OVER or decision is None or decision.winner not in experiment.variants:
            continue
        kept = {experiment.variants[decision.winner].model}
        for name, variant in experiment.variants.items():
            model = facts.model(variant.model)
            if model is None or model.id in kept or model.ref in _removed(experiment):
                continue
            if model.lifecycle in {Lifecycle.EXPERIMENTAL, Lifecycle.PRODUCTION} and not _tested_again(facts, model):
                message = f"{model.ref} lost {experiment.ref} as {name!r} and is not in its clean-up"
                hint = f"add `{{remove: {model.ref}}}` under `cleanup.items`"
                position = loaded.at("variants", name, "model")
                yield loser_not_cleaned_up.at(position, message, hint, experiment.ref)


def _tested_again(facts: Facts, model: Model) -> bool:
    """Whether another experiment still needs the model."""
    others = (facts.find(edge.source, Experiment) for edge in facts.graph.into(model.ref, Relation.TESTS))
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
        for edge in facts.graph.into(experiment.ref, Relation.CREATED_FOR):
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
    edges = facts.graph.into(ref, *DEPENDING)
    return f"{edges[0].source} depends on it ({edges[0].position})" if edges and model is None else None


@rule("MB508", "cleaner-has-left")
def cleaner_has_left(facts: Facts) -> Iterator[Finding]:
    """Whoever is to remove something still works here.

    Why: nobody will do it, and nobody else feels meant.
    Fix: name somebody else, best a team.
    """
    for loaded, experiment in facts.of(Experiment):
        for index, item in _open_items(experiment):
            person = _person(facts, item.owner)
            if person is not None and has_left(facts, person):
                message = f"{item.remove} waits for somebody who is gone: {departed(person)}"
                position = loaded.at("cleanup", "items", index, "owner")
                yield cleaner_has_left.at(position, message, instead(facts, person), experiment.ref)


def _person(facts: Facts, owner: str | None) -> Person | None:
    """The person that an owner is, where it is no team; a team of the same id comes first."""
    bare = (owner or "").removeprefix("person:")
    if not bare or bare.startswith("team:") or (bare == owner and Ref("team", bare) in facts.graph):
        return None
    return facts.find(Ref("person", bare), Person)


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


RULES = (
    cleanup_overdue, cleanup_due_soon, cleanup_without_due_date, cleaned_yet_open, loser_not_cleaned_up,
    resource_not_cleaned_up, removed_yet_alive, cleaner_has_left, removed_in_the_future,
)  # fmt: skip
