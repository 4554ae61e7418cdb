"""What happens when something fails or goes: what depends on it, whom to tell, where users notice, what takes over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from generator.answers.reasons import each_once
from generator.graph.consumers import ModelUse, list_model_uses, list_system_uses, normalize_surface
from generator.graph.edges import FLOWING, Edge, Graph, Relation
from generator.graph.impact import Dependent, find_dependents
from generator.graph.people import PARTIES, find_available_contact, has_left, require_ref
from generator.names import Ref
from generator.schema import Model
from generator.schema.card import Criticality
from generator.schema.model import Lifecycle

COUNTING = (Relation.OWNED_BY, Relation.CONTACT)
"""The relations by which a thing counts on a person or a team."""
_NAMING = (
    Relation.TESTS, Relation.MOVES, Relation.RESCUED_BY, Relation.RUNS_IN, Relation.REMOVES, Relation.CREATED_FOR,
    Relation.SUCCEEDED_BY, Relation.LED_BY, Relation.MEMBER_OF, Relation.STAKEHOLDER, Relation.REMOVED_BY,
    Relation.DECIDED_BY,
)  # fmt: skip
"""The relations by which a card names a thing, a person or a team without depending on it."""


@dataclass(frozen=True, slots=True)
class Affected:
    """Something that depends on the start."""

    ref: Ref
    name: str
    distance: int
    """1: directly; more: through so many others."""
    reasons: tuple[str, ...]
    """Each edge one step nearer to the start, in words."""
    edges: tuple[Edge, ...]
    only_weakened: bool
    """True where it merely loses its fallback: users notice nothing until something else fails too."""


@dataclass(frozen=True, slots=True)
class Told:
    """A person or a team that must hear of it; each once."""

    party: Ref
    name: str
    whys: tuple[str, ...]
    instead: Ref | None = None
    """Whom to tell where the person has left."""
    path: tuple[str, ...] = ()
    """How one gets from the person who left to the one to tell."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A place where users would notice."""

    surface: str
    system: Ref
    model: Ref
    criticality: Criticality | None
    whys: tuple[str, ...]
    only_weakened: bool


@dataclass(frozen=True, slots=True)
class Rescue:
    """What takes over for a model that fails."""

    model: Ref
    chain: tuple[Ref, ...]
    """The fallback, its own fallback and so on, up to the first that stands."""
    takes_over: Ref | None
    """None when nothing stands in."""
    problems: tuple[str, ...]
    """Why the earlier ones of the chain do not stand in."""


@dataclass(frozen=True, slots=True)
class Impact:
    """The answer to `modelbook impact REF`."""

    ref: Ref
    name: str
    affected: tuple[Affected, ...]
    """Nearest first."""
    told: tuple[Told, ...]
    surfaces: tuple[Noticed, ...]
    """Worst first."""
    rescues: tuple[Rescue, ...]
    """What takes over for each model that fails; empty for people, since no model fails with them."""
    named_by: tuple[str, ...]
    """Experiments, migrations and others that name it without depending on it, in words."""
    is_whole: bool = True
    """False where only the nearest were asked for, and there are more."""

    @property
    def direct(self) -> tuple[Affected, ...]:
        """What depends on it directly."""
        return tuple(affected for affected in self.affected if affected.distance == 1)


def impact(graph: Graph, ref: Ref, today: date, most: int | None = None) -> Impact:
    """What depends on a thing, or on a person or a team; raises UserError when the book does not have it.

    What counts on people is what they own or are a contact for, and all that depends on that. With `most`, the direct
    dependents and then the nearest until there are so many; whether others are merely weakened is not told then.
    """
    require_ref(graph, ref)
    counting = graph.list_incoming_edges(ref, *COUNTING) if ref.kind in PARTIES else ()
    reached = find_dependents(graph, ref, most, counting)
    is_whole = most is None or len(reached) <= most
    flowing = _broken(graph, ref, counting) if is_whole else frozenset({ref, *(one.ref for one in reached)})
    failing = frozenset[Ref]() if ref.kind in PARTIES else flowing
    affected = tuple(_affected(graph, dependent, flowing) for dependent in reached)
    return Impact(
        ref, graph.get_name(ref), affected, _told(graph, ref, affected, today), _surfaces(graph, ref, affected),
        tuple(_rescue(graph, model, flowing) for model in sorted(failing) if _serves(graph, model)),
        each_once(graph.list_incoming_edges(ref, *_NAMING)), is_whole,
    )  # fmt: skip


def _broken(graph: Graph, start: Ref, counting: Iterable[Edge]) -> frozenset[Ref]:
    """The start and all that cannot work without it: along data alone, not along fallbacks."""
    found = {start, *(edge.source for edge in counting)}
    work = list(found)
    while work:
        for edge in graph.list_incoming_edges(work.pop(), *FLOWING):
            if edge.source not in found:
                found.add(edge.source)
                work.append(edge.source)
    return frozenset(found)


def _affected(graph: Graph, reached: Dependent, broken: frozenset[Ref]) -> Affected:
    edges = tuple(dict.fromkeys(reached.edges))
    name, weakened = graph.get_name(reached.ref), reached.ref not in broken
    return Affected(reached.ref, name, reached.distance, each_once(edges), edges, weakened)


def _told(graph: Graph, start: Ref, affected: Iterable[Affected], today: date) -> tuple[Told, ...]:
    whys: dict[Ref, list[str]] = {}
    behind = graph.cache_result(_behind)
    for ref in (start, *(each.ref for each in affected)):
        for party, why in behind.get(ref, ()):
            if party != start:
                whys.setdefault(party, []).append(why)
    return tuple(_one_told(graph, party, tuple(dict.fromkeys(whys[party])), today) for party in sorted(whys))


def _behind(graph: Graph) -> Mapping[Ref, Sequence[tuple[Ref, str]]]:
    """The people and teams behind each thing, with why."""
    found: dict[Ref, list[tuple[Ref, str]]] = {}
    for ref in graph.refs:
        for edge in graph.list_outgoing_edges(ref, Relation.OWNED_BY, Relation.CONTACT, Relation.STAKEHOLDER):
            found.setdefault(ref, []).append((edge.target, f"{_role(edge)} {graph.get_name(ref)}"))
    return found


def _role(edge: Edge) -> str:
    if edge.relation is Relation.CONTACT:
        return f"{edge.role} contact of"
    return "owns" if edge.relation is Relation.OWNED_BY else "has a stake in"


def _one_told(graph: Graph, party: Ref, whys: tuple[str, ...], today: date) -> Told:
    if party.kind != "person" or not has_left(graph, party, today):
        return Told(party, graph.get_name(party), whys)
    found = find_available_contact(graph, party, today)
    return Told(party, graph.get_name(party), whys, found.person, found.path)


def _surfaces(graph: Graph, start: Ref, affected: Iterable[Affected]) -> tuple[Noticed, ...]:
    """Where models that are affected show, and all of a system that is hit by other ways than through a model."""
    weakened_uses: dict[tuple[Ref, Ref], bool] = {}
    states = {start: (False, True)}
    states |= {each.ref: (each.only_weakened, _hit_by_other_than_a_model(each)) for each in affected}
    for ref, (weakened, hit) in states.items():
        several = list_model_uses(graph, ref) if ref.kind == "model" else ()
        if ref.kind == "system" and hit:
            several = list_system_uses(graph, ref)
        for use in several:
            ends = (use.system, use.model)
            weakened_uses[ends] = weakened and weakened_uses.get(ends, True)
    noticed = graph.cache_result(_noticed)
    found = [
        replace(one, only_weakened=True) if weakened else one
        for ends, weakened in weakened_uses.items()
        for one in noticed[ends]
    ]
    return tuple(sorted(found, key=_worst_first))


_RANKS: Mapping[Criticality | None, int] = {rank: number for number, rank in enumerate([*Criticality, None])}


def _worst_first(one: Noticed) -> tuple[bool, int, str, Ref, Ref]:
    return (one.only_weakened, _RANKS[one.criticality], one.surface, one.system, one.model)


def _hit_by_other_than_a_model(affected: Affected) -> bool:
    return any(edge.target.kind != "model" for edge in affected.edges)


def _noticed(graph: Graph) -> Mapping[tuple[Ref, Ref], tuple[Noticed, ...]]:
    """Where users would notice, by the system and the model that it uses."""
    models = [ref for ref in graph.refs if ref.kind == "model"]
    return {(use.system, use.model): tuple(_places(use)) for model in models for use in list_model_uses(graph, model)}


def _places(use: ModelUse) -> Iterable[Noticed]:
    for surface in use.surfaces:
        own = [one for one in use.statements if normalize_surface(one.surface) == normalize_surface(surface)]
        worst = min((one.criticality for one in own), key=_RANKS.__getitem__, default=None)
        whys = tuple(dict.fromkeys(statement.why for statement in own))
        yield Noticed(surface, use.system, use.model, worst, whys, only_weakened=False)


def _serves(graph: Graph, ref: Ref) -> bool:
    card = graph.cards[ref].card if ref in graph.cards else None
    return isinstance(card, Model) and card.lifecycle is not Lifecycle.RETIRED


def _rescue(graph: Graph, model: Ref, broken: frozenset[Ref]) -> Rescue:
    chain: list[Ref] = []
    problems: list[str] = []
    current = _fallback(graph, model)
    while current is not None:
        if current in chain or current == model:
            problems.append(f"{current.id} falls back in a circle")
            return Rescue(model, tuple(chain), None, tuple(problems))
        chain.append(current)
        loaded = graph.cards[current].card
        if current in broken:
            problems.append(f"{current.id} is itself affected")
        elif isinstance(loaded, Model) and loaded.lifecycle is Lifecycle.RETIRED:
            problems.append(f"{current.id} is retired")
        else:
            return Rescue(model, tuple(chain), current, tuple(problems))
        current = _fallback(graph, current)
    return Rescue(model, tuple(chain), None, tuple(problems or ["it has no fallback"]))


def _fallback(graph: Graph, model: Ref) -> Ref | None:
    return next((edge.target for edge in graph.list_outgoing_edges(model, Relation.FALLS_BACK_TO)), None)
