"""The order in which to move things, with the reason for each pair, and the check of a hand-written order."""

from collections.abc import Sequence
from dataclasses import dataclass

from generator.errors import UserError
from generator.graph.dependencies import DependencyOrder, OrderViolation, compute_order, find_order_violations
from generator.graph.edge_text import EdgeText
from generator.graph.edges import Graph
from generator.graph.people import require_ref
from generator.names import Ref, suggest_name
from generator.schema import Flow, Migration


@dataclass(frozen=True, slots=True)
class OrderReason:
    """The reason why one card moves before another."""

    before: Ref
    after: Ref
    because: str
    """The text of the edges from the later one to the earlier one."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """The answer to `modelbook order`."""

    waves: tuple[tuple[tuple[Ref, ...], ...], ...]
    """Waves of sets: the sets of a wave may move together, the members of a set must."""
    reasons: tuple[OrderReason, ...]

    @property
    def cycles(self) -> tuple[tuple[Ref, ...], ...]:
        """The sets whose members depend on each other."""
        return tuple(group for wave in self.waves for group in wave if len(group) > 1)


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """The answer to `modelbook order MIGRATION --check`."""

    migration: Ref
    moves: tuple[Ref, ...]
    """The hand-written order, without unknown moves."""
    ordering: Ordering
    violations: tuple[OrderViolation, ...]
    unknown: tuple[Ref, ...] = ()
    """The moves that the book does not have, so that their dependencies are unknown."""

    @property
    def is_kept(self) -> bool:
        """Whether the hand-written order is complete and follows the dependencies."""
        return not self.violations and not self.unknown


def build_ordering(graph: Graph, refs: Sequence[Ref]) -> Ordering:
    """Compute the order of some cards, dependencies first; raise UserError for one that the book does not have.

    A migration stands for its moves, a flow for the cards in its steps.
    """
    members: dict[Ref, None] = {}
    for ref in refs:
        card = graph.cards[ref].card if require_ref(graph, ref) in graph.cards else None
        match card:
            case Migration():
                meant = [*map(Ref.parse, card.moves)]
            case Flow():
                meant = [end for step in card.steps for end in step.dependency]
            case _:
                meant = [ref]
        members |= dict.fromkeys(one for one in meant if one in graph)
    return _convert_order(graph, compute_order(graph, members))


def check_order(graph: Graph, migration: Ref) -> OrderCheck:
    """Compare the moves of a migration, as its author ordered them, with their dependencies."""
    card = graph.cards[migration].card if migration in graph.cards else None
    if not isinstance(card, Migration):
        hint = suggest_name(migration.id, {other.id for other in graph.cards if other.kind == "migration"})
        message = f"{migration} is not a migration of this book{f': {hint}' if hint else ''}"
        raise UserError(message)
    named = dict.fromkeys(map(Ref.parse, card.moves))
    moves = tuple(ref for ref in named if ref in graph)
    unknown = tuple(ref for ref in named if ref not in graph)
    implied = compute_order(graph, moves)
    ordering = _convert_order(graph, implied)
    violations = find_order_violations(graph, implied, {ref: number for number, ref in enumerate(moves)})
    return OrderCheck(migration, moves, ordering, violations, unknown)


def _convert_order(graph: Graph, implied: DependencyOrder) -> Ordering:
    chains = sorted(implied.chains, key=lambda one: (one.source, one.target))
    text = EdgeText(graph)
    reasons = tuple(OrderReason(one.target, one.source, "; ".join(text.describe_edges(one.edges))) for one in chains)
    return Ordering(tuple(stage.together for stage in implied.stages), reasons)
