"""A model after deployment: its operations and the stage of its lifecycle."""

from collections.abc import Iterator
from datetime import date

from generator.graph.people import resolve_owner
from generator.history.events import ChangeKind
from generator.history.facts import FactKind
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import FactRow, LabelledLink
from generator.pages.markup import is_linkable
from generator.schema import Model
from generator.schema.card import Lifecycle
from generator.values import FrozenValue

_PARTS_OF_OPERATIONS = ("monitoring", "alerts", "drift_check", "capacity")


class OperationsRow(FrozenValue):
    """A part of the operations of a model, with its last check."""

    name: str
    link: LabelledLink | None
    state: str
    owner: Ref | None
    on: date | None


class LifecycleStep(FrozenValue):
    """A stage of the lifecycle."""

    name: str
    is_current: bool
    since: date | None
    """The day on which git has the present stage for the first time, if an earlier one is known."""


def list_operations(book: Book, model: Model) -> Iterator[OperationsRow]:
    """List the parts of `operations` that the card has."""
    operations = model.operations
    for name in _PARTS_OF_OPERATIONS if operations is not None else ():
        entry = getattr(operations, name)
        if entry is not None:
            link = LabelledLink("Open" if is_linkable(entry.link) else entry.link, entry.link) if entry.link else None
            owner = resolve_owner(book.graph, entry.by) if entry.by else None
            yield OperationsRow(_format_name(name), link, entry.result or "", owner, entry.on)
    if operations is not None and operations.rollout is not None:
        rollout = operations.rollout
        note = f"; {rollout.note}" if rollout.note else ""
        owner = resolve_owner(book.graph, rollout.by) if rollout.by else None
        yield OperationsRow("Roll-out", None, f"{rollout.traffic:g} % of the traffic{note}", owner, rollout.since)


def list_operations_facts(book: Book, model: Model) -> Iterator[FactRow]:
    """List the parts of `operations` as facts: the link, the result, the day and who checked it."""
    for row in list_operations(book, model):
        link = LabelledLink(row.link.target, row.link.target) if row.link else None
        yield FactRow(row.name, tuple(value for value in (link, row.state, row.on, row.owner) if value))


def list_missing_operations(model: Model) -> Iterator[str]:
    """List the parts of `operations` that a model in production does not have, and the runbook."""
    if model.lifecycle is Lifecycle.PRODUCTION:
        yield from [] if model.runbook else ["runbook"]
        for name in (*_PARTS_OF_OPERATIONS, "rollout"):
            if getattr(model.operations, name, None) is None:
                yield "roll-out" if name == "rollout" else _format_name(name).lower()


def _format_name(name: str) -> str:
    return name.replace("_", " ").capitalize()


def list_lifecycle_steps(book: Book, model: Model) -> Iterator[LifecycleStep]:
    """List the stages of the lifecycle, and since when the model is in the present one."""
    changes = (event for event in book.list_trail(model.ref) if event.kind is FactKind.LIFECYCLE)
    days = {event.after: event.on for event in changes if event.change is ChangeKind.CHANGED}
    for stage in Lifecycle:
        is_current = stage is model.lifecycle
        yield LifecycleStep(stage.capitalize(), is_current, days.get(stage) if is_current else None)
