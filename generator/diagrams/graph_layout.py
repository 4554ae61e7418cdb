"""The layout of graphs: around a focus by our own algorithm, any other by Graphviz."""

import json
from collections.abc import Mapping, Sequence

from generator.diagrams.diagram import GraphDiagram
from generator.diagrams.dot import DotGraph, parse_graphviz_output, render_dot
from generator.diagrams.graphviz import Graphviz, open_graphviz
from generator.diagrams.layout import Layout, build_box, get_display_name, wrap_edge_label
from generator.diagrams.star_layout import compute_star_layout
from generator.diagrams.text import HEADING, TextLine, wrap_text

_MAX_RATIO = 4.0
"""Width by height above which a graph is laid out from top to bottom instead, since a page is a column."""


def compute_graph_layout(diagram: GraphDiagram, graphviz: Graphviz | None = None) -> Layout:
    """Return the layout of a graph; Graphviz is loaded only if the graph needs it and none is given."""
    layout = compute_star_layout(diagram)
    if layout is not None:
        return layout
    run = graphviz or open_graphviz()
    graph = _build_dot_graph(diagram)
    layout = _run_graphviz(graph, "LR", run)
    if layout.width > _MAX_RATIO * layout.height:
        return _run_graphviz(graph, "TB", run)
    return layout


def find_feedback_edges(edges: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Find the numbers of edges whose reversal leaves no cycle, except edges from a node to itself.

    These are the edges that close a cycle in the order given. If Graphviz chose them, sources could end up last.
    """
    cyclic = _find_cyclic_nodes(edges)
    successors: dict[int, list[int]] = {node: [] for node in cyclic}
    feedback: set[int] = set()
    for number, (tail, head) in enumerate(edges):
        if tail == head or not {tail, head} <= cyclic:
            continue
        if _is_reachable(successors, head, tail):
            feedback.add(number)
        else:
            successors[tail].append(head)
    return frozenset(feedback)


def _is_reachable(successors: Mapping[int, Sequence[int]], start: int, target: int) -> bool:
    stack, seen = [start], {start}
    while stack:
        node = stack.pop()
        if node == target:
            return True
        stack += (unseen := [each for each in successors[node] if each not in seen])
        seen.update(unseen)
    return False


def _find_cyclic_nodes(edges: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Return the nodes on cycles or between cycles; most diagrams have few, which keeps the search short."""
    rest = {(tail, head) for tail, head in edges if tail != head}
    while True:
        inner = {tail for tail, _ in rest} & {head for _, head in rest}
        kept = {(tail, head) for tail, head in rest if tail in inner and head in inner}
        if kept == rest:
            return frozenset(inner)
        rest = kept


def _build_dot_graph(diagram: GraphDiagram) -> DotGraph:
    numbers = {node.id: number for number, node in enumerate(diagram.nodes)}
    blank = (TextLine("", HEADING),)
    return DotGraph(
        diagram,
        boxes=tuple(map(build_box, diagram.nodes)),
        labels=tuple(map(wrap_edge_label, diagram.edges)),
        headings=tuple(
            (wrap_text(get_display_name(group), HEADING, 1, max_width=220) or blank)[0] for group in diagram.groups
        ),
        reversed_edges=find_feedback_edges([(numbers[edge.source], numbers[edge.target]) for edge in diagram.edges]),
    )


def _run_graphviz(graph: DotGraph, direction: str, graphviz: Graphviz) -> Layout:
    output = json.loads(graphviz(render_dot(graph, direction), "dot"))
    if any("pos" not in edge for edge in output.get("edges", ())):
        # Graphviz can lose edges that have a label and cross clusters; without labels it does not.
        output = json.loads(graphviz(render_dot(graph, direction, has_labels=False), "dot"))
    return parse_graphviz_output(graph, output)
