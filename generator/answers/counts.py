"""What counts on a person or a team: every card that names somebody who must be there, and in which role."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.findings import Position
from generator.graph.edges import Graph
from generator.graph.people import PARTIES, require_ref
from generator.graph.references import Reference, list_references, resolve_target
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.schema import Experiment, Model
from generator.schema.card import OwnedCard

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """One place where a card counts on a person."""

    card: Ref
    name: str
    role: str
    path: Path
    """Where in the card."""
    text: str
    """The reference as it stands there."""
    position: Position
    sole: bool
    """Whether the card has nobody else in that role, or no contact but this person."""


def counts_on(graph: Graph, party: Ref) -> tuple[Count, ...]:
    """Every place that counts on a person or a team, in the order of files and lines.

    What records the past is left out, and stays true after the person has left: who decided on an experiment, who
    removed what is gone. Raises UserError when the book does not have the party.
    """
    require_ref(graph, party)
    counts = [
        _count(loaded, reference)
        for loaded in graph.cards.values()
        for reference in _to(graph, loaded, party)
        if not is_record(loaded, reference.path)
    ]
    return tuple(sorted(counts, key=lambda count: count.position))


def all_counts(graph: Graph) -> Mapping[Ref, tuple[Count, ...]]:
    """What counts on each person and each team, in one pass over the cards."""
    found: dict[Ref, list[Count]] = {}
    for loaded in graph.cards.values():
        for reference in list_references(loaded):
            party = _party(graph, reference)
            if party is not None and not is_record(loaded, reference.path):
                found.setdefault(party, []).append(_count(loaded, reference))
    return {ref: tuple(sorted(several, key=lambda count: count.position)) for ref, several in found.items()}


def _party(graph: Graph, reference: Reference) -> Ref | None:
    ref = resolve_target(reference, graph.cards)
    return ref if ref in graph and ref.kind in PARTIES else None


def records(graph: Graph, person: Ref) -> tuple[Position, ...]:
    """Where cards record what the person did."""
    return tuple(
        loaded.at(*reference.path)
        for loaded in graph.cards.values()
        for reference in _to(graph, loaded, person)
        if is_record(loaded, reference.path)
    )


def is_record(loaded: LoadedCard, path: Path) -> bool:
    """Whether a reference tells what was, and asks nothing of anybody."""
    match path:
        case ("decision", "by"):
            return True
        case ("cleanup", "items", int(index), "owner"):
            cleanup = loaded.card.cleanup if isinstance(loaded.card, Experiment) else None
            return cleanup is not None and cleanup.items[index].done_on is not None
        case _:
            return False


def _to(graph: Graph, loaded: LoadedCard, party: Ref) -> Iterator[Reference]:
    for reference in list_references(loaded):
        if reference.text in {party.id, str(party)} and resolve_target(reference, graph.cards) == party:
            yield reference


def _count(loaded: LoadedCard, reference: Reference) -> Count:
    card = loaded.card
    role, sole = _role(loaded, reference)
    return Count(card.ref, card.name, role, reference.path, reference.text, loaded.at(*reference.path), sole)


def _role(loaded: LoadedCard, reference: Reference) -> tuple[str, bool]:
    card = loaded.card
    match reference.path:
        case ("owners", int()):
            return "owner", isinstance(card, OwnedCard) and len(set(card.owners)) == 1
        case ("contacts", str(function)):
            return f"{function} contact", isinstance(card, Model) and len(set(card.contacts.values())) == 1
        case ("stakeholders", int()):
            return "stakeholder", False
        case ("lead",):
            return "lead", True
        case ("successor",):
            return "successor", True
        case ("cleanup", "items", int(index), "owner") if isinstance(card, Experiment) and card.cleanup:
            return f"removes {card.cleanup.items[index].remove}", True
        case path:
            return f"named under `{'.'.join(str(step) for step in path)}`", False
