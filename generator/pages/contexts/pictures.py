"""The pictures of the book as typed values: arrows follow the data, from what is needed to what needs it.

A node's id is its reference; the way to its page is added when the picture is drawn on a page.
"""

from collections.abc import Iterable, Sequence

from generator.diagrams import DiagramEdge, DiagramGroup, DiagramNode, GraphDiagram, Timeline, TimelineRow
from generator.graph.edges import DEPENDING, FLOWING, Relation
from generator.graph.edges import Edge as GraphEdge
from generator.graph.people import list_owners
from generator.names import Ref
from generator.pages.book import Book
from generator.schema import Experiment, Flow, Migration, Model

NEIGHBOURS = 30
"""How many neighbours a picture shows; more are counted below it."""
MAP_NODES = 60
"""Up to so many nodes the map is one picture; beyond it shows teams."""
MAP_ARROWS = 60
"""How many arrows a map of teams has; where all work with all, more of them hide even the strong ones."""

_FOLLOWING = {
    Relation.USES: "used by",
    Relation.CALLS: "called by",
    Relation.READS: "read by",
    Relation.CONSUMES: "consumed by",
    Relation.PUBLISHED_BY: "publishes",
    Relation.WRITTEN_BY: "writes",
    Relation.FEATURE_OF: "features for",
    Relation.FALLS_BACK_TO: "fallback of",
    Relation.DEPENDS_ON: "needed by",
}
_CLASS = {
    Relation.PUBLISHED_BY: "publishes",
    Relation.CONSUMES: "consumes",
    Relation.FALLS_BACK_TO: "fallback",
}


def node(book: Book, ref: Ref, *, focus: bool = False, group: str | None = None) -> DiagramNode:
    """A card or named resource as it stands in a picture."""
    card = book.get_card(ref)
    state = card.lifecycle.value if isinstance(card, Model) and card.lifecycle != "production" else ""
    return DiagramNode(str(ref), book.graph.get_name(ref), ref.kind, group=group, state="focus" if focus else state)


def css_class_of(relation: Relation) -> str:
    """How an arrow looks: what is published and consumed is dashed, a fallback is dotted."""
    return _CLASS.get(relation, "uses")


def neighbourhood(book: Book, ref: Ref) -> GraphDiagram:
    """What a node needs and what needs it, one step each way."""
    edges = [*book.graph.list_outgoing_edges(ref, *DEPENDING), *book.graph.list_incoming_edges(ref, *DEPENDING)]
    others = book.sort_by_name(end for edge in edges for end in (edge.source, edge.target) if end != ref)
    shown = frozenset(others[:NEIGHBOURS])
    needs = [book.graph.get_name(edge.target) for edge in edges if edge.source == ref and edge.target in shown]
    needed = [book.graph.get_name(edge.source) for edge in edges if edge.target == ref and edge.source in shown]
    name = book.graph.get_name(ref)
    sentences = [_sentence(f"{name} needs", needs), _sentence("Needed by", needed)]
    if len(others) > len(shown):
        sentences.append(f"{len(others) - len(shown)} more are in the tables of this page.")
    kept = [edge for edge in edges if {edge.source, edge.target} <= {*shown, ref}]
    return GraphDiagram(
        title=f"Around {name}",
        description=" ".join(sentence for sentence in sentences if sentence) or f"Nothing is connected to {name} yet.",
        nodes=(node(book, ref, focus=True), *(node(book, other) for other in others if other in shown)),
        edges=_merged(kept, numbered=False),
    )


def flow_picture(book: Book, flow: Flow) -> GraphDiagram:
    """A flow's steps, grouped by owning team."""
    edges = flow_edges(book, flow)
    refs = tuple(dict.fromkeys(end for edge in edges for end in (edge.target, edge.source)))
    steps = "; ".join(f"{edge.step}: {_step_words(book, flow, edge.step)}" for edge in edges)
    return _grouped(book, f"Flow: {flow.name}", f"{flow.name}. {steps}.", refs, _merged(edges, numbered=True))


def flow_edges(book: Book, flow: Flow) -> tuple[GraphEdge, ...]:
    """The edges that a flow's steps make, in their order."""
    own = {
        edge
        for ref in _flow_refs(flow)
        for edge in book.graph.list_outgoing_edges(ref, *FLOWING)
        if edge.declared_by == flow.ref
    }
    return tuple(sorted(own, key=lambda edge: edge.step))


def _flow_refs(flow: Flow) -> set[Ref]:
    return {end for step in flow.steps for end in step.dependency}


def _step_words(book: Book, flow: Flow, number: int) -> str:
    step = flow.steps[number - 1]
    return f"{book.graph.get_name(Ref.parse(step.subject))} {step.verb} {book.graph.get_name(Ref.parse(step.object))}"


def migration_picture(migration: Migration) -> Timeline:
    """The waves on a time axis."""
    rows: list[TimelineRow] = []
    for number, wave in enumerate(migration.waves, 1):
        day = wave.done_on or wave.planned_on
        if day is not None:
            scope = ", ".join(word for words in wave.scope.values() for word in words) or "everything"
            label = f"{number}: {wave.traffic:g} % of {scope}"
            rows.append(TimelineRow(label, day, day, "done" if wave.done_on else "planned"))
    description = "; ".join(f"{row.label}, {row.state} {row.start}" for row in rows)
    return Timeline(f"Waves of {migration.name}", description or "No wave has a day yet.", tuple(rows))


def experiment_picture(experiments: Sequence[Experiment], title: str) -> Timeline:
    """Experiments on a time axis."""
    rows = tuple(
        TimelineRow(str(experiment.ref), experiment.started_on, experiment.ended_on, experiment.status.value)
        for experiment in experiments
        if experiment.started_on
    )
    description = "; ".join(f"{row.label} from {row.start} to {row.end or 'now'}" for row in rows)
    return Timeline(title, description or "No experiment has started yet.", rows)


def map_picture(book: Book) -> GraphDiagram:
    """Every model and system, or the teams behind them where those are too many for one picture."""
    refs = map_refs(book)
    edges = map_edges(book)
    if len(refs) <= MAP_NODES:
        description = f"{len(refs)} models and systems with {len(edges)} connections; the table below lists them."
        return _grouped(book, f"Map of {book.title}", description, refs, _merged(edges, numbered=False))
    return _team_picture(book, refs, edges)


def map_refs(book: Book) -> tuple[Ref, ...]:
    """What is on the map."""
    return tuple(sorted(ref for ref in book.graph.cards if ref.kind in {"model", "system"}))


def map_edges(book: Book) -> tuple[GraphEdge, ...]:
    """The connections on the map, one a pair."""
    refs = frozenset(map_refs(book))
    pairs: dict[tuple[Ref, Ref], GraphEdge] = {}
    for ref in sorted(refs):
        for edge in book.graph.list_outgoing_edges(ref, *DEPENDING):
            if edge.target in refs and edge.source != edge.target:
                pairs.setdefault((edge.source, edge.target), edge)
    return tuple(pairs[pair] for pair in sorted(pairs))


def _team_picture(book: Book, refs: Iterable[Ref], edges: Iterable[GraphEdge]) -> GraphDiagram:
    teams = {ref: team_of(book, ref) or Ref("team", "nobody") for ref in refs}
    owned: dict[Ref, int] = {}
    for team in teams.values():
        owned[team] = owned.get(team, 0) + 1
    pairs: dict[tuple[Ref, Ref], int] = {}
    for edge in edges:
        pair = (teams[edge.target], teams[edge.source])
        if pair[0] != pair[1]:
            pairs[pair] = pairs.get(pair, 0) + 1
    strongest = sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:MAP_ARROWS]
    nodes = tuple(
        DiagramNode(str(team), book.graph.get_name(team), "team", note=f"{number} models and systems")
        for team, number in sorted(owned.items())
    )
    arrows = tuple(DiagramEdge(str(a), str(b), str(pairs[a, b]), "uses") for a, b in sorted(strongest))
    description = f"{len(nodes)} teams; an arrow's number counts the connections between their models and systems."
    if len(strongest) < len(pairs):
        description += (
            f" The {len(strongest)} strongest of {len(pairs)} arrows are shown; the list has every connection."
        )
    return GraphDiagram(f"Map of {book.title} by team", description, nodes, arrows)


def team_of(book: Book, ref: Ref) -> Ref | None:
    """The first team that owns a node."""
    return next((owner for owner in list_owners(book.graph, ref) if owner.kind == "team"), None)


def _grouped(
    book: Book, title: str, description: str, refs: Sequence[Ref], edges: tuple[DiagramEdge, ...]
) -> GraphDiagram:
    teams = {ref: team_of(book, ref) for ref in refs}
    groups = tuple(
        DiagramGroup(str(team), book.graph.get_name(team))
        for team in sorted({team for team in teams.values() if team is not None})
    )
    nodes = tuple(node(book, ref, group=str(team) if (team := teams[ref]) else None) for ref in refs)
    return GraphDiagram(title, description, nodes, edges, groups)


def _merged(edges: Iterable[GraphEdge], *, numbered: bool) -> tuple[DiagramEdge, ...]:
    """One arrow for each pair and relation, with the numbers of its steps; a flow's word beats the bare use."""
    arrows: dict[tuple[Ref, Ref, Relation], list[int]] = {}
    for edge in edges:
        arrows.setdefault((edge.target, edge.source, edge.relation), []).append(edge.step)
    told = {(target, source) for target, source, relation in arrows if relation in {Relation.CALLS, Relation.READS}}
    merged: list[DiagramEdge] = []
    for (target, source, relation), steps in arrows.items():
        if relation in {Relation.USES, Relation.FEATURE_OF} and (target, source) in told:
            continue
        numbers = ", ".join(str(step) for step in sorted(set(steps)) if step) if numbered else ""
        label = f"{numbers} {_FOLLOWING[relation]}".strip()
        merged.append(DiagramEdge(str(target), str(source), label, css_class_of(relation)))
    return tuple(merged)


def _sentence(start: str, names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names))
    return f"{start} {', '.join(unique)}." if unique else ""
