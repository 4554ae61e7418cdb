"""The course of a migration: steps with reasons, what breaks without each, and the effect of the next wave."""

from collections.abc import Iterator
from datetime import date

from generator.graph.consumers import ModelUse, list_model_uses, list_system_uses, normalize_surface
from generator.graph.dependencies import DependencyOrder, compute_order
from generator.graph.edge_text import EdgeText
from generator.graph.edges import Graph
from generator.graph.people import find_available_contact, get_contacts
from generator.graph.waves import describe_scope, find_next_wave, get_wave_moves, is_within
from generator.grouping import group_pairs
from generator.names import Ref, build_sort_key
from generator.schema import Migration, Model
from generator.schema.card import CRITICALITIES, Criticality
from generator.values import FrozenValue

_ASKED_FUNCTIONS = ("product", "engineering")
"""The functions whose contacts are asked before users notice something."""


class MoveStep(FrozenValue):
    """A card that moves, at its place in the order."""

    number: int
    """From 1; cards with the same number can move at the same time."""
    ref: Ref
    needs: tuple[tuple[Ref, str], ...]
    """The cards that must move before it, each with the reason."""
    together: tuple[Ref, ...]
    """The cards that must move at the same time, because they depend on each other."""
    breaks: tuple[tuple[Ref, str], ...]
    """The cards of later steps that fail if it is skipped, each with the reason."""
    surfaces: tuple[str, ...]
    """Where users would notice."""
    fallback: Ref | None
    """The model whose answers users see in these places; None if they see none."""


class NoticedSurface(FrozenValue):
    """A place where users would notice a failure of the migration."""

    surface: str
    system: Ref
    models: tuple[Ref, ...]
    criticality: Criticality | None
    ask: tuple[Ref, ...]
    """The people to ask first, or who replaces them."""
    in_next_wave: bool


class NextWave(FrozenValue):
    """The first wave that is not done."""

    number: int
    moves: tuple[Ref, ...]
    scope: str
    traffic: float
    """The share of the traffic within the scope, in percent."""
    percent_of_all: float | None
    """The share of all traffic, in percent; None if the card does not give the share of the scope."""
    planned_on: date | None
    surface_count: int


class Rollout(FrozenValue):
    """The course of a migration."""

    steps: tuple[MoveStep, ...]
    next_wave: NextWave | None
    """None if every wave is done, or none is planned."""
    surfaces: tuple[NoticedSurface, ...]
    """Those of the next wave first, then by criticality."""


def build_rollout(graph: Graph, migration: Migration, today: date, text: EdgeText | None = None) -> Rollout:
    """Build the course of a migration from its moves, its waves, and the uses of what it moves."""
    moves = tuple(dict.fromkeys(map(Ref.parse, migration.moves)))
    following = find_next_wave(migration)
    moving = {Ref.parse(text) for text in get_wave_moves(migration, following[1])} if following else set[Ref]()
    surfaces = tuple(_list_surfaces(graph, moves, moving, today))
    wave = None
    if following:
        number, planned = following
        is_share_known = planned.share is not None or is_within({}, planned.scope)  # a scope of everyone is all traffic
        wave = NextWave(
            number=number,
            moves=tuple(ref for ref in moves if ref in moving),
            scope=describe_scope(planned.scope),
            traffic=planned.traffic,
            percent_of_all=planned.percent_of_all if is_share_known else None,
            planned_on=planned.planned_on,
            surface_count=sum(one.in_next_wave for one in surfaces),
        )
    order = compute_order(graph, [ref for ref in moves if ref in graph])
    return Rollout(tuple(_list_steps(graph, migration, order, text or EdgeText(graph))), wave, surfaces)


def _list_steps(graph: Graph, migration: Migration, order: DependencyOrder, text: EdgeText) -> Iterator[MoveStep]:
    needs = group_pairs((path.source, path) for path in order.chains)
    breaks = group_pairs((path.target, path) for path in order.chains)
    for number, stage in enumerate(order.stages, 1):
        for group in stage.together:
            members = frozenset(group)
            for ref in group:
                uses = _list_uses(graph, ref)
                surfaces = {normalize_surface(name): name for use in uses for name in use.surfaces}
                card = graph.cards[ref].card if ref in graph.cards else None
                fallback = (card.fallback if isinstance(card, Model) else None) or migration.fallback
                yield MoveStep(
                    number=number,
                    ref=ref,
                    needs=tuple(
                        (path.target, "; ".join(text.describe_edges(path.edges)))
                        for path in needs.get(ref, ())
                        if path.target not in members
                    ),
                    together=tuple(other for other in group if other != ref),
                    breaks=tuple(
                        (path.source, "; ".join(text.describe_edges(path.edges)))
                        for path in breaks.get(ref, ())
                        if path.source not in members
                    ),
                    surfaces=tuple(surfaces.values()),
                    fallback=_find_fallback(graph, fallback) if ref.kind == "model" else None,
                )


def _find_fallback(graph: Graph, model: str | None) -> Ref | None:
    """Return the model that answers instead; None if there is none, or if it is retired."""
    ref = Ref("model", model) if model is not None else None
    return ref if ref is not None and not graph.is_retired(ref) else None


def _list_uses(graph: Graph, ref: Ref) -> tuple[ModelUse, ...]:
    return list_system_uses(graph, ref) if ref.kind == "system" else list_model_uses(graph, ref)


def _list_surfaces(graph: Graph, moves: tuple[Ref, ...], moving: set[Ref], today: date) -> list[NoticedSurface]:
    """List the places that the moved models and systems fill, one for each system."""
    found: dict[tuple[Ref, str], list[tuple[ModelUse, str]]] = {}
    uses = dict.fromkeys(use for ref in moves for use in _list_uses(graph, ref))
    for use in uses:
        for surface in use.surfaces:
            found.setdefault((use.system, normalize_surface(surface)), []).append((use, surface))
    rows = []
    for (system, _), pairs in found.items():
        models = tuple(dict.fromkeys(use.model for use, _ in pairs))
        contacts = (get_contacts(graph, model) for model in models)
        asked = (one[function] for one in contacts for function in _ASKED_FUNCTIONS if function in one)
        rows.append(
            NoticedSurface(
                surface=pairs[0][1],
                system=system,
                models=models,
                criticality=min((use.criticality for use, _ in pairs), key=CRITICALITIES.index),
                ask=tuple(dict.fromkeys(find_available_contact(graph, one, today).person or one for one in asked)),
                in_next_wave=bool(moving & {system, *models}),
            )
        )
    return sorted(
        rows, key=lambda row: (not row.in_next_wave, CRITICALITIES.index(row.criticality), build_sort_key(row.surface))
    )
