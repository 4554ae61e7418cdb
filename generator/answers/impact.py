"""The impact of a failure or a removal: dependents, people to notify, affected surfaces, fallbacks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from generator.answers.observations import SightingIndex
from generator.evidence.sightings import Sighting
from generator.graph.consumers import ModelUse, list_model_uses, list_system_uses
from generator.graph.dependencies import Dependent, find_dependents, group_dependents
from generator.graph.edge_text import EdgeText
from generator.graph.edges import DEPENDING, FLOWING, Edge, Graph, Relation
from generator.graph.people import PARTIES, find_available_contact, has_left, require_ref
from generator.grouping import group_pairs
from generator.names import Ref, build_ref_key, build_sort_key, sort_refs
from generator.schema.card import CRITICALITIES, Criticality
from generator.values import FrozenValue

RESPONSIBLE = (Relation.OWNED_BY, Relation.CONTACT)
"""The relations by which a card depends on a person or a team."""
_NAMING = tuple(relation for relation in Relation if relation not in DEPENDING and relation not in RESPONSIBLE)
"""The relations by which a card names another without depending on it."""


class Affected(FrozenValue):
    """A dependent of the start."""

    ref: Ref
    name: str
    distance: int
    """1 for a direct dependent, else the number of steps."""
    reasons: tuple[str, ...]
    """The text of each edge one step nearer to the start."""
    edges: tuple[Edge, ...]
    only_weakened: bool
    """Whether it only loses its fallback: users notice nothing until something else fails too."""


class AffectedCards(NamedTuple):
    """The dependents of a card, a person or a team, from which its impact follows."""

    affected: tuple[Affected, ...]
    """Nearest first."""
    broken: frozenset[Ref]
    """What cannot work without it; all dependents if only the nearest ones were requested, and there are more."""
    is_whole: bool
    """False if there are more dependents than were requested."""


class NotifiedParty(FrozenValue):
    """A person or a team to notify."""

    party: Ref
    name: str
    whys: tuple[str, ...]
    instead: Ref | None = None
    """The person to notify instead of one who has left."""
    path: tuple[str, ...] = ()
    """The steps from the person who has left to the one to notify."""


class AffectedSurface(FrozenValue):
    """A place where users would notice."""

    surface: str
    system: Ref
    model: Ref
    criticality: Criticality | None
    whys: tuple[str, ...]
    only_weakened: bool


class FallbackChain(FrozenValue):
    """The fallback of a model that fails, its fallback and so on."""

    model: Ref
    chain: tuple[Ref, ...]
    """Up to the first that works."""
    takes_over: Ref | None
    """The first fallback that works; None if all of them fail."""
    problems: tuple[str, ...]
    """Why the earlier ones do not work."""


class Impact(FrozenValue):
    """The answer to `modelbook impact REF`."""

    ref: Ref
    name: str
    affected: tuple[Affected, ...]
    """Nearest first."""
    told: tuple[NotifiedParty, ...]
    surfaces: tuple[AffectedSurface, ...]
    """Worst first."""
    rescues: tuple[FallbackChain, ...]
    """One for each model that fails; empty for people and teams, since no model fails with them."""
    named_by: tuple[str, ...]
    """The text of the edges from cards that name it without depending on it."""
    is_whole: bool = True
    """False if only the nearest dependents were requested, and there are more."""
    found: tuple[Sighting, ...] = ()
    """The uses in code and traffic that no card declares; those by a card are among the dependents too."""

    @property
    def direct(self) -> tuple[Affected, ...]:
        """The direct dependents."""
        return tuple(affected for affected in self.affected if affected.distance == 1)


def find_affected(
    graph: Graph,
    ref: Ref,
    most: int | None = None,
    text: EdgeText | None = None,
    sightings: SightingIndex | None = None,
) -> AffectedCards:
    """Find the dependents of a card, a person or a team; raise UserError if the book does not have it.

    The dependents of people and teams are the cards that they own or are a contact for, and the dependents of those.
    A use that is only found in code or traffic counts as a dependency. `most` limits the dependents to the direct ones
    and the nearest others; `only_weakened` is then not computed if there are more.
    """
    require_ref(graph, ref)
    text = text or EdgeText(graph)
    responsible = graph.list_incoming_edges(ref, *RESPONSIBLE) if ref.kind in PARTIES else ()
    found_edges: Mapping[Ref, tuple[Edge, ...]] = sightings.found_edges if sightings else {}
    dependents = find_dependents(
        graph, ref, most, lambda target: (*(responsible if target == ref else ()), *found_edges.get(target, ()))
    )
    is_whole = most is None or len(dependents) <= most
    if is_whole:
        broken = _find_broken(graph, {ref, *(edge.source for edge in responsible)}, found_edges)
    else:
        broken = frozenset({ref, *(one.ref for one in dependents)})
    affected = tuple(
        Affected(one.ref, graph.get_name(one.ref), one.distance, _describe_edges(text, one, found_edges),
                 tuple(dict.fromkeys(one.edges)) if len(one.edges) > 1 else one.edges, one.ref not in broken)
        for one in dependents
    )  # fmt: skip
    return AffectedCards(affected, broken, is_whole)


def compute_impact(
    graph: Graph,
    ref: Ref,
    today: date,
    most: int | None = None,
    text: EdgeText | None = None,
    sightings: SightingIndex | None = None,
    found: AffectedCards | None = None,
) -> Impact:
    """Compute the impact of a card, a person or a team; raise UserError if the book does not have it.

    `most` limits the dependents as in `find_affected`, and the surfaces and the fallbacks; `named_by` is then not
    computed. `found` are the dependents, if they are known.
    """
    text = text or EdgeText(graph)
    affected, broken, is_whole = found or find_affected(graph, ref, most, text, sightings)
    cards = (ref, *(one.ref for one in affected))
    roles = group_pairs(dict.fromkeys(role for card in cards for role in _list_roles(text, card) if role[0] != ref))
    failing = (
        one
        for one in (() if ref.kind in PARTIES else sort_refs(broken))
        if one in graph.cards and one.kind == "model" and not graph.is_retired(one)
    )
    return Impact(
        ref=ref,
        name=graph.get_name(ref),
        affected=affected,
        told=tuple(
            build_notified_party(graph, party, graph.get_name(party), _join_roles(roles[party]), today)
            for party in sort_refs(roles)
        ),
        surfaces=_list_surfaces(graph, ref, affected, most),
        rescues=tuple(_follow_fallbacks(graph, one, broken) for one in islice(failing, most)),
        named_by=() if most is not None else text.describe_edges(graph.list_incoming_edges(ref, *_NAMING)),
        found=sightings.list_undocumented(ref) if sightings else (),
        is_whole=is_whole,
    )


def _describe_edges(text: EdgeText, dependent: Dependent, found: Mapping[Ref, Sequence[Edge]]) -> tuple[str, ...]:
    """Describe the declared edges of a dependent, then those that are only found, with their evidence."""
    target = dependent.edges[0].target
    is_only = dependent.edges[-1].target == target  # the edges to each target are together
    if is_only and target.kind not in PARTIES and not found.get(target):
        # The same for all nodes that this one depends on.
        described: Mapping[Ref, tuple[str, ...]] = text.graph.derived.get(
            f"dependents by {text.kind}",
            target,
            lambda: {ref: text.describe_edges(edges) for ref, edges in group_dependents(text.graph, target).items()},
        )
        return described[dependent.ref]
    declared, only_found = list[Edge](), list[Edge]()
    for edge in dependent.edges:
        (only_found if edge in found.get(edge.target, ()) else declared).append(edge)
    return (*text.describe_edges(declared), *(f"{text.describe_edge(edge)}: {edge.why}" for edge in only_found))


def _find_broken(graph: Graph, start: Iterable[Ref], found_edges: Mapping[Ref, Sequence[Edge]]) -> frozenset[Ref]:
    """Find everything that cannot work without the start: along data alone, not along fallbacks."""
    found = set(start)
    work = list(found)
    while work:
        current = work.pop()
        for edge in (*graph.list_incoming_edges(current, *FLOWING), *found_edges.get(current, ())):
            if edge.source not in found:
                found.add(edge.source)
                work.append(edge.source)
    return frozenset(found)


def _list_roles(text: EdgeText, ref: Ref) -> tuple[tuple[Ref, tuple[str, str]], ...]:
    """Describe the roles of the parties that a card names: the same for all nodes that it depends on."""

    def describe() -> tuple[tuple[Ref, tuple[str, str]], ...]:
        edges = text.graph.list_outgoing_edges(ref, *RESPONSIBLE, Relation.STAKEHOLDER)
        return tuple((edge.target, text.split_role(edge)) for edge in edges)

    return text.graph.derived.get(f"roles by {text.kind}", ref, describe)


def _join_roles(roles: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Name the cards of each role together, as in `owns Churn, Coupon uplift`."""
    return tuple(f"{role} {', '.join(names)}" for role, names in group_pairs(roles).items())


def build_notified_party(graph: Graph, party: Ref, name: str, whys: tuple[str, ...], today: date) -> NotifiedParty:
    """Build the entry for a person or a team, with the person to notify instead of one who has left."""
    if not has_left(graph, party, today):
        return NotifiedParty(party, name, whys)
    found = find_available_contact(graph, party, today)
    return NotifiedParty(party, name, whys, found.person, found.path)


def _list_surfaces(
    graph: Graph, start: Ref, affected: Iterable[Affected], most: int | None
) -> tuple[AffectedSurface, ...]:
    """List the surfaces of affected models, and all surfaces of a system that does not fail through a model alone."""
    weakened: dict[tuple[Ref, Ref], tuple[ModelUse, bool]] = {}
    states = {start: (False, True)}
    for one in affected:
        states[one.ref] = (one.only_weakened, any(edge.target.kind != "model" for edge in one.edges))
    for ref, (is_weakened, is_hit_otherwise) in states.items():
        if ref.kind == "model":
            uses = list_model_uses(graph, ref)
        else:
            uses = list_system_uses(graph, ref) if ref.kind == "system" and is_hit_otherwise else ()
        for use in uses:
            ends = (use.system, use.model)
            weakened[ends] = (use, is_weakened and weakened.get(ends, (use, True))[1])
    found = [
        AffectedSurface(one.surface, use.system, use.model, one.criticality, one.whys, is_weakened)
        for use, is_weakened in weakened.values()
        for one in use.of_surfaces
    ]
    found.sort(
        key=lambda one: (
            one.only_weakened, CRITICALITIES.index(one.criticality), build_sort_key(one.surface),
            build_ref_key(one.system), build_ref_key(one.model),
        )
    )  # fmt: skip
    return tuple(found[:most])


def _follow_fallbacks(graph: Graph, model: Ref, broken: Collection[Ref]) -> FallbackChain:
    chain: list[Ref] = []
    problems: list[str] = []
    current = model
    while edges := graph.list_outgoing_edges(current, Relation.FALLS_BACK_TO):
        current = edges[0].target
        if current in chain or current == model:
            problems.append(f"{graph.get_name(current)} has a circular fallback")
            break
        chain.append(current)
        if current in broken:
            problems.append(f"{graph.get_name(current)} is affected too")
        elif graph.is_retired(current):
            problems.append(f"{graph.get_name(current)} is retired")
        else:
            return FallbackChain(model, tuple(chain), current, tuple(problems))
    return FallbackChain(model, tuple(chain), None, tuple(problems or ["it has no fallback"]))
