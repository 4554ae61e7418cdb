"""In which order to move things, with the reason for each pair; and whether a hand-written order keeps to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.answers.reasons import chain
from generator.errors import UserError
from generator.graph.edges import Graph
from generator.graph.order import DependencyOrder, DependencyPath, compute_order
from generator.graph.people import require_ref
from generator.names import Ref, suggest_name
from generator.schema import Flow, Migration


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one thing moves before another."""

    before: Ref
    after: Ref
    because: str
    """The edges from the later one to what it needs, in words."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """The answer to `modelbook order`."""

    waves: tuple[tuple[tuple[Ref, ...], ...], ...]
    """Waves of sets: the sets of a wave may move together, the members of a set must."""
    reasons: tuple[Reason, ...]

    @property
    def cycles(self) -> tuple[tuple[Ref, ...], ...]:
        """The sets that must move together since each needs the others."""
        return tuple(group for wave in self.waves for group in wave if len(group) > 1)


@dataclass(frozen=True, slots=True)
class Violation:
    """A thing that moves by hand before something that it needs."""

    moved: Ref
    needs: Ref
    because: str

    def __str__(self) -> str:
        return f"{self.moved} moves before {self.needs}, yet {self.because}"


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """The answer to `modelbook order MIGRATION --check`."""

    migration: Ref
    moves: tuple[Ref, ...]
    """By hand; without those that are unknown."""
    ordering: Ordering
    violations: tuple[Violation, ...]
    unknown: tuple[Ref, ...] = ()
    """The moves that the book does not have: nobody can tell what they need."""

    @property
    def is_kept(self) -> bool:
        """Whether the author's order is known whole and keeps to the one that the book implies."""
        return not self.violations and not self.unknown


def order_of(graph: Graph, refs: Sequence[Ref]) -> Ordering:
    """The order of some things, dependencies first; a migration stands for its moves, a flow for all in its steps.

    Raises UserError for what the book does not have.
    """
    things = dict.fromkeys(thing for ref in refs for thing in _meant(graph, require_ref(graph, ref)))
    return _ordering(compute_order(graph, things))


def order_check(graph: Graph, migration: Ref) -> OrderCheck:
    """Compare the moves of a migration, in the order of its author, with the order that the book implies."""
    named = dict.fromkeys(map(Ref.parse, _migration(graph, migration).moves))
    moves = tuple(ref for ref in named if ref in graph)
    unknown = tuple(ref for ref in named if ref not in graph)
    implied = compute_order(graph, moves)
    return OrderCheck(migration, moves, _ordering(implied), tuple(_violations(implied, moves)), unknown)


def _violations(implied: DependencyOrder, moves: Sequence[Ref]) -> list[Violation]:
    """What moves too early, in the order of the moves.

    A set that must move together counts as a whole: its first move is too early when anything that one of its
    members needs is not there yet, and it is there for others only with its last.
    """
    place = {ref: number for number, ref in enumerate(moves)}
    together = {ref: group for stage in implied.stages for group in stage.together for ref in group}
    found: dict[tuple[Ref, Ref], Violation] = {}
    for one in implied.chains:
        moved = min(together[one.source], key=place.__getitem__)
        needs = max(together[one.target], key=place.__getitem__)
        if together[moved] != together[needs] and place[moved] < place[needs]:
            found.setdefault((moved, needs), Violation(moved, needs, chain(one.edges)))
    return sorted(found.values(), key=lambda violation: (place[violation.moved], place[violation.needs]))


def _migration(graph: Graph, ref: Ref) -> Migration:
    card = graph.cards[ref].card if ref in graph.cards else None
    if isinstance(card, Migration):
        return card
    ids = {other.id for other in graph.cards if other.kind == "migration"}
    hint = suggest_name(ref.id, ids)
    message = f"{ref} is no migration of this book{f'; {hint}' if hint else ''}"
    raise UserError(message)


def _meant(graph: Graph, ref: Ref) -> Iterable[Ref]:
    card = graph.cards[ref].card if ref in graph.cards else None
    if isinstance(card, Migration):
        return (thing for thing in map(Ref.parse, card.moves) if thing in graph)
    if isinstance(card, Flow):
        return (end for step in card.steps for end in step.dependency if end in graph)
    return (ref,)


def _ordering(implied: DependencyOrder) -> Ordering:
    reasons = tuple(_reason(one) for one in sorted(implied.chains, key=lambda one: (one.source, one.target)))
    return Ordering(tuple(stage.together for stage in implied.stages), reasons)


def _reason(one: DependencyPath) -> Reason:
    return Reason(one.target, one.source, chain(one.edges))
