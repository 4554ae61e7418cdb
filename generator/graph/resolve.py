"""The graph of a book, built from the references in its cards."""

from collections import Counter
from collections.abc import Collection, Iterator

from generator.findings import Finding, Position
from generator.graph.edges import Edge, Graph, Relation
from generator.graph.people import PARTIES
from generator.graph.reference_lookup import (
    KNOWN_TYPES,
    UNCHECKED,
    ReferenceResolver,
    list_references,
    resolve_target,
)
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.load.collected import LOCK_FILE
from generator.load.nodes import Path
from generator.names import Ref
from generator.schema import KINDS, Flow, Model, System
from generator.schema.topology import FORWARD
from generator.values import FrozenValue


class CardLinks(FrozenValue):
    """What the references of one card point to."""

    edges: tuple[Edge, ...]
    targets: frozenset[Ref]
    findings: tuple[Finding, ...]
    """Those for references that cannot be resolved."""
    unchecked: tuple[Position, ...]
    """The first error of each unread card that a reference may point to."""


def build_graph(cards: Cards) -> tuple[Graph, list[Finding]]:
    """Return the graph of all cards, and the findings for references that cannot be resolved.

    References to cards that could not be read are counted in one finding at the first error of their file.
    """
    known = cards.by_ref
    resolver = ReferenceResolver(known, cards.unread, cards.lock)
    links = [resolve_card(loaded, resolver) for loaded in cards.items]
    findings = [finding for each in links for finding in each.findings]
    unchecked = Counter(position for each in links for position in each.unchecked)
    for position, count in unchecked.items():
        references = "1 reference to a card" if count == 1 else f"{count} references to cards"
        message = f"{references} in this file cannot be checked: expected a file without errors"
        hint = "fix the errors in this file first"
        if position.file == LOCK_FILE:
            message = f"{references} in missing files cannot be checked"
            hint = "run `modelbook collect --locked` first"
        findings.append(UNCHECKED.at(position, message, hint))
    named = frozenset(target for each in links for target in each.targets if target not in known)
    declared = {loaded.ref: each.edges for loaded, each in zip(cards.items, links, strict=True)}
    return Graph(known, named, declared), findings


def resolve_card(loaded: LoadedCard, resolver: ReferenceResolver) -> CardLinks:
    """Resolve the references of a card."""
    known = resolver.known
    edges: list[Edge] = []
    targets: list[Ref] = []
    findings: list[Finding] = []
    unchecked: list[Position] = []
    for reference in list_references(loaded):
        unread = resolver.find_unread(reference)
        if unread is not None and resolve_target(reference, known).kind in KINDS:
            unchecked.append(unread.position)
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
        spelling = resolver.check_spelling(view, loaded, ("features", index), f"{{id}}:{feature.name}")
        findings += [spelling] if spelling is not None else []
        edges.append(Edge(loaded.ref, view, Relation.FEATURE_OF, position, loaded.ref, role=feature.name))
    # No other card has the same edges: each names the card that declares it.
    return CardLinks(tuple(dict.fromkeys(edges)), frozenset(targets), tuple(findings), tuple(unchecked))


def update_graph(graph: Graph, cards: Cards, changed: Collection[Ref]) -> Graph | None:
    """Return the graph after a change of some cards; None if a reference may have another target or none.

    The graph before the change has no unresolved references. `changed` are the cards that have other values, were added
    or were removed.
    """
    known, resolver = cards.by_ref, ReferenceResolver(cards.by_ref, cards.unread, cards.lock)
    links = {ref: resolve_card(known[ref], resolver) for ref in changed if ref in known}
    if any(each.findings or each.unchecked for each in links.values()):
        return None

    def is_named_elsewhere(ref: Ref) -> bool:
        edges = (*graph.list_outgoing_edges(ref), *graph.list_incoming_edges(ref))
        return any(edge.declared_by not in changed for edge in edges)

    for ref in changed:
        if (ref in known) != (ref in graph.cards):
            # The id alone may refer to a team or to a person; a new type may resemble another one.
            others = {Ref(kind, ref.id) for kind in PARTIES - {ref.kind}} if ref.kind in PARTIES else set[Ref]()
            is_known_type = ref.kind in KINDS or ref.kind in KNOWN_TYPES
            if not is_known_type or any(one in known or one in graph.cards for one in others):
                return None
            if ref not in known and is_named_elsewhere(ref):
                return None
    resources = [cards.get(ref) for ref in changed if ref.kind not in KINDS for cards in (known, graph.cards)]
    spelt = {
        (one.ref.kind, label.casefold())
        for one in resources
        if one is not None
        for label in (one.card.id, *one.card.aliases)
    }
    if spelt and any((ref.kind, ref.id.casefold()) in spelt for ref in graph.named if ref not in changed):
        return None  # a name without a card is, or was, another spelling of one with a card
    former = [edge for ref in changed for edge in graph.declared.get(ref, ())]
    named = {target for each in links.values() for target in each.targets}
    unnamed = {node for edge in former for node in (edge.source, edge.target) if not is_named_elsewhere(node)}
    named |= graph.named - unnamed
    return graph.replace_edges(
        known, frozenset(named.difference(known)), {ref: links[ref].edges if ref in links else () for ref in changed}
    )


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
