"""The diagrams of the book as typed values: arrows follow the data, from a source to its consumers.

A node's id is its reference; the path of its page is added when the diagram is rendered on a page.
"""

from collections.abc import Iterable, Sequence

from generator.diagrams import DiagramEdge, DiagramGroup, DiagramNode, GraphDiagram, Timeline, TimelineRow
from generator.graph.edge_text import INVERSE_LABELS
from generator.graph.edges import DEPENDING, FLOWING, Edge, Relation
from generator.graph.people import find_owning_team
from generator.names import Ref, sort_refs
from generator.pages.book import Book
from generator.schema import Flow, Migration, Model

NEIGHBOURS = 30
"""The most neighbours in a diagram; the text below it counts the others."""

_CLASSES = {
    Relation.PUBLISHED_BY: "publishes",
    Relation.CONSUMES: "consumes",
    Relation.FALLS_BACK_TO: "fallback",
}


def build_node(book: Book, ref: Ref, *, focus: bool = False, group: Ref | None = None) -> DiagramNode:
    """Build the node of a card, or of a resource without one."""
    card = book.get_card(ref)
    state = card.lifecycle.value if isinstance(card, Model) and card.lifecycle != "production" else ""
    return DiagramNode(
        str(ref),
        book.graph.get_name(ref),
        ref.kind,
        group=str(group) if group else None,
        state="focus" if focus else state,
    )


def get_edge_class(relation: Relation) -> str:
    """Return the CSS class of an arrow: published and consumed data is dashed, a fallback is dotted."""
    return _CLASSES.get(relation, "uses")


def build_neighbourhood(book: Book, ref: Ref) -> GraphDiagram:
    """Build the diagram of a node with its dependencies and its dependents, one step each way."""
    get_name = book.graph.get_name
    edges = [*book.graph.list_outgoing_edges(ref, *DEPENDING), *book.graph.list_incoming_edges(ref, *DEPENDING)]
    neighbours = book.sort_by_name(end for edge in edges for end in (edge.source, edge.target) if end != ref)
    shown = neighbours[:NEIGHBOURS]
    needs = dict.fromkeys(get_name(edge.target) for edge in edges if edge.source == ref and edge.target in shown)
    needed_by = dict.fromkeys(get_name(edge.source) for edge in edges if edge.target == ref and edge.source in shown)
    sentences = [f"{get_name(ref)} depends on {', '.join(needs)}."] if needs else []
    sentences += [f"Used by {', '.join(needed_by)}."] if needed_by else []
    if len(neighbours) > len(shown):
        sentences.append(f"{len(neighbours) - len(shown)} more are in the tables of this page.")
    return GraphDiagram(
        title=f"Around {get_name(ref)}",
        description=" ".join(sentences) or f"{get_name(ref)} has no dependencies and no dependents.",
        nodes=(build_node(book, ref, focus=True), *(build_node(book, other) for other in shown)),
        edges=_merge_edges([edge for edge in edges if {edge.source, edge.target} <= {*shown, ref}], numbered=False),
    )


def build_flow_diagram(book: Book, flow: Flow) -> GraphDiagram:
    """Build the diagram of a flow's steps, grouped by owning team."""
    get_name = book.graph.get_name
    edges = list_flow_edges(book, flow)
    sentences: list[str] = []
    for edge in edges:
        step = flow.steps[edge.step - 1]
        subject, target = get_name(Ref.parse(step.subject)), get_name(Ref.parse(step.object))
        sentences.append(f"{edge.step}: {subject} {step.verb} {target}")
    refs = tuple(dict.fromkeys(end for edge in edges for end in (edge.target, edge.source)))
    description = f"{flow.name}. {'; '.join(sentences)}."
    return _build_grouped(book, f"Flow: {flow.name}", description, refs, _merge_edges(edges, numbered=True))


def list_flow_edges(book: Book, flow: Flow) -> tuple[Edge, ...]:
    """Return the edges that a flow declares, in the order of its steps."""
    refs = {end for step in flow.steps for end in step.dependency}
    edges = {edge for ref in refs for edge in book.graph.list_outgoing_edges(ref, *FLOWING)}
    return tuple(sorted((edge for edge in edges if edge.declared_by == flow.ref), key=lambda edge: edge.step))


def build_wave_timeline(migration: Migration) -> Timeline:
    """Build the timeline of a migration's waves."""
    rows: list[TimelineRow] = []
    for number, wave in enumerate(migration.waves, 1):
        day = wave.done_on or wave.planned_on
        if day is not None:
            scope = ", ".join(word for words in wave.scope.values() for word in words) or "everything"
            label = f"{number}: {wave.traffic:g} % of {scope}"
            state = wave.outcome.value if wave.outcome and wave.is_reverted else "done" if wave.is_done else "planned"
            rows.append(TimelineRow(label, day, day, state))
    description = "; ".join(f"{row.label}, {row.state} {row.start}" for row in rows)
    return Timeline(f"Waves of {migration.name}", description or "No wave has a date.", tuple(rows))


def _build_grouped(
    book: Book, title: str, description: str, refs: Sequence[Ref], edges: tuple[DiagramEdge, ...]
) -> GraphDiagram:
    """Build a diagram with the nodes of each team in a group."""
    teams = {ref: find_owning_team(book.graph, ref) for ref in refs}
    return GraphDiagram(
        title,
        description,
        nodes=tuple(build_node(book, ref, group=teams[ref]) for ref in refs),
        edges=edges,
        groups=tuple(
            DiagramGroup(str(team), book.graph.get_name(team))
            for team in sort_refs({team for team in teams.values() if team is not None})
        ),
    )


def _merge_edges(edges: Iterable[Edge], *, numbered: bool) -> tuple[DiagramEdge, ...]:
    """Build one arrow for each pair and relation, with the numbers of its steps.

    A call or a read replaces the bare use of the same pair.
    """
    arrows: dict[tuple[Ref, Ref, Relation], set[int]] = {}
    for edge in edges:
        arrows.setdefault((edge.target, edge.source, edge.relation), set()).add(edge.step)
    specific = {(target, source) for target, source, relation in arrows if relation in {Relation.CALLS, Relation.READS}}
    merged: list[DiagramEdge] = []
    for (target, source, relation), steps in arrows.items():
        if relation not in {Relation.USES, Relation.FEATURE_OF} or (target, source) not in specific:
            numbers = ", ".join(str(step) for step in sorted(steps) if step) if numbered else ""
            label = f"{numbers} {INVERSE_LABELS[relation]}".strip()
            merged.append(DiagramEdge(str(target), str(source), label, get_edge_class(relation)))
    return tuple(merged)
