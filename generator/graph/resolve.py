"""The graph of a book, built from the references in its cards."""

from collections import Counter
from collections.abc import Iterator

from generator.findings import Finding, Position
from generator.graph.edges import Edge, Graph, Relation
from generator.graph.reference_lookup import UNCHECKED, ReferenceResolver, list_references, resolve_target
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.load.collected import LOCK_FILE
from generator.load.nodes import Path
from generator.names import Ref
from generator.schema import KINDS, Flow, Model, System
from generator.schema.topology import FORWARD


def build_graph(cards: Cards) -> tuple[Graph, list[Finding]]:
    """Return the graph of all cards, and the findings for references that cannot be resolved.

    References to cards that could not be read are counted in one finding at the first error of their file.
    """
    known = cards.by_ref
    resolver = ReferenceResolver(known, cards.unread, cards.lock)
    edges: list[Edge] = []
    findings: list[Finding] = []
    named: set[Ref] = set()
    unchecked = Counter[Position]()
    for loaded in cards.items:
        targets: list[Ref] = []
        for reference in list_references(loaded):
            unread = resolver.find_unread(reference)
            if unread is not None and resolve_target(reference, known).kind in KINDS:
                unchecked[unread.position] += 1
                continue
            target, finding = resolver.resolve(loaded, reference)
            if finding is not None:
                findings.append(finding)
            if target is not None:
                targets.append(target)
                edges += _build_edges(loaded, reference.path, target)
        for index, feature in enumerate(loaded.card.features if isinstance(loaded.card, Model) else ()):
            view, position = Ref("feature_view", feature.view), loaded.at("features", index)
            targets.append(view)
            edges.append(Edge(loaded.ref, view, Relation.FEATURE_OF, position, loaded.ref, role=feature.name))
        named.update(target for target in targets if target not in known)
    for position, count in unchecked.items():
        references = "1 reference to a card" if count == 1 else f"{count} references to cards"
        message = f"{references} in this file cannot be checked: expected a file without errors"
        hint = "fix the errors in this file first"
        if position.file == LOCK_FILE:
            message = f"{references} in missing files cannot be checked"
            hint = "run `modelbook collect --locked` first"
        findings.append(UNCHECKED.at(position, message, hint))
    return Graph(known, frozenset(named), tuple(dict.fromkeys(edges))), findings


def _build_edges(loaded: LoadedCard, path: Path, target: Ref) -> Iterator[Edge]:
    """Build the edges of a reference, which depend on its path in the card."""
    ref, position = loaded.ref, loaded.at(*path)

    def build_edge(relation: Relation, *, why: str = "", role: str = "", source: Ref = ref, to: Ref = target) -> Edge:
        return Edge(source, to, relation, position, ref, why, role)

    match path:
        case ("consumers", int(index), "system") if isinstance(loaded.card, Model):
            consumer = loaded.card.consumers[index]
            yield build_edge(Relation.USES, why=consumer.why, source=target, to=ref)
        case ("uses", int(index), "model") if isinstance(loaded.card, System):
            yield build_edge(Relation.USES, why=loaded.card.uses[index].why)
        case ("steps", int(index), str(key)) if isinstance(loaded.card, Flow) and key != "from":
            step = loaded.card.steps[index]
            source, dependency = step.dependency
            reverse = {"publishes": Relation.PUBLISHED_BY, "writes": Relation.WRITTEN_BY}
            relation = Relation(step.verb) if step.verb in FORWARD else reverse[step.verb]
            position = loaded.at("steps", index, step.verb)
            yield Edge(source, dependency, relation, position, ref, step.note or "", step=index + 1)
        case ("contacts", str(function)):
            yield build_edge(Relation.CONTACT, role=function)
        case ("variants", str(variant), "model"):
            yield build_edge(Relation.TESTS, role=variant)
        case ("fallback",):
            yield build_edge(Relation.FALLS_BACK_TO if isinstance(loaded.card, Model) else Relation.RESCUED_BY)
        case ("steps", int(), "from"):
            pass  # one edge for the step: that of its verb
        case _:
            yield build_edge(_RELATIONS[tuple(step for step in path if isinstance(step, str))])


_RELATIONS: dict[tuple[str, ...], Relation] = {
    ("owners",): Relation.OWNED_BY,
    ("stakeholders",): Relation.STAKEHOLDER,
    ("depends_on",): Relation.DEPENDS_ON,
    ("lead",): Relation.LED_BY,
    ("team",): Relation.MEMBER_OF,
    ("successor",): Relation.SUCCEEDED_BY,
    ("parent",): Relation.PART_OF,
    ("deputy",): Relation.DEPUTY,
    ("confirmed_unused", "by"): Relation.CONFIRMED_BY,
    ("operations", "monitoring", "by"): Relation.CHECKED_BY,
    ("operations", "alerts", "by"): Relation.CHECKED_BY,
    ("operations", "drift_check", "by"): Relation.CHECKED_BY,
    ("operations", "rollout", "by"): Relation.CHECKED_BY,
    ("operations", "capacity", "by"): Relation.CHECKED_BY,
    ("risk", "by"): Relation.RATED_BY,
    ("validation", "by"): Relation.VALIDATED_BY,
    ("approved_uses", "by"): Relation.APPROVED_BY,
    ("approved_uses", "systems"): Relation.APPROVED_FOR,
    ("exceptions", "by"): Relation.APPROVED_BY,
    ("where",): Relation.RUNS_IN,
    ("decision", "by"): Relation.DECIDED_BY,
    ("cleanup", "items", "remove"): Relation.REMOVES,
    ("cleanup", "items", "owner"): Relation.REMOVED_BY,
    ("created_for",): Relation.CREATED_FOR,
    ("retires", "owner"): Relation.REMOVED_BY,
    ("moves",): Relation.MOVES,
    ("waves", "moves"): Relation.MOVES,
}
"""The relation of each reference that needs no other value of the card, by the keys of its path."""
