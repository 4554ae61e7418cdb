"""The order in which to move things, with the reason for each pair, and the check of a hand-written order."""

from collections.abc import Iterator, Sequence

from generator.answers.evidence_duties import find_remover
from generator.errors import UserError
from generator.evidence.records import NO_EVIDENCE, Evidence
from generator.evidence.retirements import is_finished, list_retirements
from generator.findings import is_reason
from generator.graph.dependencies import DependencyOrder, OrderViolation, compute_order, find_order_violations
from generator.graph.edge_text import EdgeText
from generator.graph.edges import Graph
from generator.graph.people import require_ref
from generator.names import Ref, build_ref_key, suggest_name
from generator.schema import Flow, Migration
from generator.values import FrozenValue


class OrderReason(FrozenValue):
    """The reason why one card moves before another."""

    before: Ref
    after: Ref
    because: str
    """The text of the edges from the later one to the earlier one."""


class RemainingString(FrozenValue):
    """A string that a migration retires, and that code or configuration still contains."""

    migration: Ref
    text: str
    places: tuple[str, ...]
    """As `owner/name:path:line`."""
    removers: tuple[Ref | None, ...]
    """Who removes each place: the owner of the string, else the team of the code; None if neither is known."""
    more: int
    """The number of further places."""
    moved: tuple[Ref, ...]
    """The systems and models that have moved, although their code still contains it."""
    refused: bool
    """Whether the migration counts as done, or something has moved, and its card does not accept MB703."""


class Ordering(FrozenValue):
    """The answer to `modelbook order`."""

    waves: tuple[tuple[tuple[Ref, ...], ...], ...]
    """Waves of sets: the sets of a wave may move together, the members of a set must."""
    reasons: tuple[OrderReason, ...]
    remaining: tuple[RemainingString, ...] = ()
    """The retired strings of the migrations that were named, if they are still in use."""

    @property
    def refused(self) -> tuple[RemainingString, ...]:
        """The strings that are still in use although their migration counts as done."""
        return tuple(one for one in self.remaining if one.refused)

    @property
    def cycles(self) -> tuple[tuple[Ref, ...], ...]:
        """The sets whose members depend on each other."""
        return tuple(group for wave in self.waves for group in wave if len(group) > 1)


class OrderCheck(FrozenValue):
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


def build_ordering(graph: Graph, refs: Sequence[Ref], evidence: Evidence = NO_EVIDENCE) -> Ordering:
    """Compute the order of some cards, dependencies first; raise UserError for one that the book does not have.

    A migration stands for its moves, a flow for the cards in its steps.
    """
    members: dict[Ref, None] = {}
    remaining: dict[RemainingString, None] = {}
    for ref in refs:
        card = graph.cards[ref].card if require_ref(graph, ref) in graph.cards else None
        match card:
            case Migration():
                meant = [*map(Ref.parse, card.moves)]
                remaining |= dict.fromkeys(_list_remaining(graph, card, evidence))
            case Flow():
                meant = [end for step in card.steps for end in step.dependency]
            case _:
                meant = [ref]
        members |= dict.fromkeys(one for one in meant if one in graph)
    return _convert_order(graph, compute_order(graph, members), tuple(remaining))


def check_order(graph: Graph, migration: Ref, evidence: Evidence = NO_EVIDENCE) -> OrderCheck:
    """Compare the moves of a migration, as its author ordered them, with their dependencies."""
    card = graph.cards[migration].card if migration in graph.cards else None
    if not isinstance(card, Migration):
        hint = suggest_name(migration.id, {other.id for other in graph.cards if other.kind == "migration"})
        raise UserError(f"{migration} is not a migration of this book{f': {hint}' if hint else ''}")
    named = dict.fromkeys(map(Ref.parse, card.moves))
    moves = tuple(ref for ref in named if ref in graph)
    unknown = tuple(ref for ref in named if ref not in graph)
    implied = compute_order(graph, moves)
    ordering = _convert_order(graph, implied, tuple(_list_remaining(graph, card, evidence)))
    violations = find_order_violations(graph, implied, {ref: number for number, ref in enumerate(moves)})
    return OrderCheck(migration, moves, ordering, violations, unknown)


def _list_remaining(graph: Graph, migration: Migration, evidence: Evidence) -> Iterator[RemainingString]:
    """List the retired strings that are still in use."""
    is_accepted = is_reason(migration.allow.get("MB703", ""))
    for retirement in list_retirements(migration, evidence):
        if retirement.live:
            yield RemainingString(
                migration=migration.ref,
                text=retirement.retired.text,
                places=tuple(address for one in retirement.live for address in one.addresses),
                removers=tuple(
                    find_remover(graph, retirement.retired, one.use.system)
                    for one in retirement.live
                    for _ in one.addresses
                ),
                more=sum(one.more for one in retirement.live),
                moved=retirement.moved,
                refused=(is_finished(migration) or bool(retirement.moved)) and not is_accepted,
            )


def _convert_order(graph: Graph, implied: DependencyOrder, remaining: tuple[RemainingString, ...]) -> Ordering:
    chains = sorted(implied.chains, key=lambda one: (build_ref_key(one.source), build_ref_key(one.target)))
    text = EdgeText(graph)
    reasons = tuple(OrderReason(one.target, one.source, "; ".join(text.describe_edges(one.edges))) for one in chains)
    return Ordering(tuple(stage.together for stage in implied.stages), reasons, remaining)
