"""References to edges; one that leads nowhere becomes a finding."""

from collections import Counter
from collections.abc import Iterator

from generator.findings import Finding, Position
from generator.graph import rules
from generator.graph.edges import Edge, Graph, Relation
from generator.graph.reference_lookup import ReferenceResolver
from generator.graph.references import list_references, resolve_target
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.load.nodes import Path
from generator.names import Ref
from generator.schema import KINDS, Flow, Model, System
from generator.schema.flow import FORWARD


def build_graph(cards: Cards) -> tuple[Graph, list[Finding]]:
    """Turn every reference into an edge; one that leads nowhere becomes MB101.

    The graph stands even with holes: the author sees all of them in one run. References to cards that cannot be read
    are counted at the first error of their file.
    """
    known = cards.by_ref
    resolver = ReferenceResolver(known, cards.unread)
    edges: list[Edge] = []
    findings: list[Finding] = []
    named: set[Ref] = set()
    unchecked = Counter[Position]()
    for loaded in cards.items:
        for reference in list_references(loaded):
            unread = resolver.find_unread(reference)
            if unread is not None and resolve_target(reference, known).kind in KINDS:
                unchecked[unread.position] += 1
                continue
            target, finding = resolver.resolve(loaded, reference)
            if finding is not None:
                findings.append(finding)
            if target is not None:
                if target not in known:
                    named.add(target)
                edges += _edges(loaded, reference.path, target)
        for target, several in _feature_edges(loaded).items():
            if target not in known:
                named.add(target)
            edges += several
    findings += [_unchecked(position, count) for position, count in unchecked.items()]
    return Graph(known, frozenset(named), tuple(dict.fromkeys(edges))), findings


def _unchecked(position: Position, count: int) -> Finding:
    counted = "1 reference to a card" if count == 1 else f"{count} references to cards"
    message = f"{counted} in this file cannot be checked: expected a file without errors"
    return rules.UNCHECKED.at(position, message, "fix the errors in this file first")


def _edges(loaded: LoadedCard, path: Path, target: Ref) -> Iterator[Edge]:
    """The edges that a reference makes, by the place where it stands."""
    ref, position = loaded.ref, loaded.at(*path)

    def edge(relation: Relation, *, why: str = "", role: str = "", source: Ref = ref, to: Ref = target) -> Edge:
        return Edge(source, to, relation, position, ref, why, role)

    match path:
        case ("consumers", int(index), "system") if isinstance(loaded.card, Model):
            consumer = loaded.card.consumers[index]
            yield edge(Relation.USES, why=consumer.why, source=target, to=ref)
        case ("uses", int(index), "model") if isinstance(loaded.card, System):
            yield edge(Relation.USES, why=loaded.card.uses[index].why)
        case ("steps", int(index), str(key)) if isinstance(loaded.card, Flow) and key != "from":
            yield _step_edge(loaded, loaded.card, index)
        case ("contacts", str(function)):
            yield edge(Relation.CONTACT, role=function)
        case ("variants", str(variant), "model"):
            yield edge(Relation.TESTS, role=variant)
        case ("fallback",):
            yield edge(Relation.FALLS_BACK_TO if isinstance(loaded.card, Model) else Relation.RESCUED_BY)
        case _:
            relation = _BY_PATH.get(tuple(step for step in path if isinstance(step, str)))
            if relation is not None:
                yield edge(relation)


_BY_PATH: dict[tuple[str, ...], Relation] = {
    ("owners",): Relation.OWNED_BY,
    ("stakeholders",): Relation.STAKEHOLDER,
    ("depends_on",): Relation.DEPENDS_ON,
    ("lead",): Relation.LED_BY,
    ("team",): Relation.MEMBER_OF,
    ("successor",): Relation.SUCCEEDED_BY,
    ("where",): Relation.RUNS_IN,
    ("decision", "by"): Relation.DECIDED_BY,
    ("cleanup", "items", "remove"): Relation.REMOVES,
    ("cleanup", "items", "owner"): Relation.REMOVED_BY,
    ("created_for",): Relation.CREATED_FOR,
    ("moves",): Relation.MOVES,
    ("waves", "moves"): Relation.MOVES,
}


def _step_edge(loaded: LoadedCard, flow: Flow, index: int) -> Edge:
    step = flow.steps[index]
    source, target = step.dependency
    relations = {"publishes": Relation.PUBLISHED_BY, "writes": Relation.WRITTEN_BY}
    relation = Relation(step.verb) if step.verb in FORWARD else relations[step.verb]
    position = loaded.at("steps", index, step.verb)
    return Edge(source, target, relation, position, loaded.ref, step.note or "", step=index + 1)


def _feature_edges(loaded: LoadedCard) -> dict[Ref, list[Edge]]:
    """A model's features as edges to their views; one edge a feature."""
    found: dict[Ref, list[Edge]] = {}
    card = loaded.card
    for index, feature in enumerate(card.features if isinstance(card, Model) else ()):
        view = Ref("feature_view", feature.view)
        position = loaded.at("features", index)
        edge = Edge(loaded.ref, view, Relation.FEATURE_OF, position, loaded.ref, role=feature.name)
        found.setdefault(view, []).append(edge)
    return found
