import json
from graphlib import TopologicalSorter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagrams import (
    DiagramEdge,
    DiagramGroup,
    DiagramNode,
    GraphDiagram,
    Graphviz,
    open_graphviz,
)
from generator.diagrams.graph_layout import compute_graph_layout, find_feedback_edges
from generator.diagrams.layout import Layout
from generator.diagrams.shapes import Frame
from tests.diagrams.examples import FLOW, build_chain, build_star, diagrams

GRAPHVIZ = open_graphviz()


def overlap(one: Frame, other: Frame, slack: float = 0.5) -> bool:
    return (
        one.x < other.right - slack
        and other.x < one.right - slack
        and one.y < other.bottom - slack
        and other.y < one.bottom - slack
    )


def contains(outer: Frame, inner: Frame) -> bool:
    return outer.x <= inner.x and outer.y <= inner.y and outer.right >= inner.right and outer.bottom >= inner.bottom


def get_frames(layout: Layout) -> dict[str, Frame]:
    return {placed.box.node.id: placed.frame for placed in layout.boxes}


def get_labels(layout: Layout) -> list[Frame]:
    found = []
    for route in layout.routes:
        if route.lines:
            width = max(line.width for line in route.lines)
            height = sum(line.font.leading for line in route.lines)
            x, y = route.label_at
            found.append(Frame(x - width / 2, y - height / 2, width, height))
    return found


def test_boxes_and_labels_do_not_overlap():
    layout = compute_graph_layout(FLOW, GRAPHVIZ)
    boxes = list(get_frames(layout).values())
    assert not any(overlap(*pair) for pair in combinations(boxes, 2))
    assert not any(overlap(*pair) for pair in combinations(get_labels(layout), 2))
    assert not any(overlap(label, box) for label in get_labels(layout) for box in boxes)


def test_a_frame_contains_the_nodes_of_its_group_only():
    layout = compute_graph_layout(FLOW, GRAPHVIZ)
    assert [each.group.id for each in layout.groups] == ["ranking", "orders", "feed"]
    for enclosure in layout.groups:
        for placed in layout.boxes:
            inside = placed.box.node.group == enclosure.group.id
            assert contains(enclosure.frame, placed.frame) == inside
            assert overlap(enclosure.frame, placed.frame) == inside


def test_a_frame_is_wider_than_its_heading():
    nodes = (DiagramNode("a", "A", "model", group="g"),)
    layout = compute_graph_layout(
        GraphDiagram("t", "d", nodes, (), (DiagramGroup("g", "A group with a long name"),)), GRAPHVIZ
    )
    assert layout.groups[0].frame.width >= layout.groups[0].heading.width + 24


def test_a_model_is_between_its_consumers_and_its_features():
    frames = get_frames(compute_graph_layout(build_star(4), GRAPHVIZ))
    assert max(frames[f"s{n}"].right for n in range(4)) < frames["model"].x
    assert min(frames[f"v{n}"].x for n in range(4)) > frames["model"].right


def test_a_wide_flat_graph_is_laid_out_from_top_to_bottom():
    upright, across = compute_graph_layout(build_chain(12), GRAPHVIZ), compute_graph_layout(build_chain(2), GRAPHVIZ)
    assert upright.height > upright.width
    assert across.width > across.height


def test_a_cycle_keeps_the_first_node_first():
    frames = get_frames(compute_graph_layout(FLOW, GRAPHVIZ))
    order = ["order-service", "orders.v1", "pipeline", "profile", "ryl", "feed", "app", "clicks"]
    assert sorted(order, key=lambda name: frames[name].y) == order


def test_every_arrow_ends_at_its_target():
    layout = compute_graph_layout(FLOW, GRAPHVIZ)
    frames = get_frames(layout)
    for route in layout.routes:
        for point, end in ((route.tip, route.edge.target), (route.points[0], route.edge.source)):
            near = Frame(point[0] - 2, point[1] - 2, 4, 4)
            assert overlap(near, frames[end], slack=0), route.edge


def test_nodes_without_edges_are_arranged_in_a_square():
    nodes = tuple(DiagramNode(f"n{number}", f"Node {number}", "model") for number in range(300))
    layout = compute_graph_layout(GraphDiagram("t", "d", nodes, ()), GRAPHVIZ)
    assert 0.25 < layout.width / layout.height < 4
    assert not any(overlap(*pair) for pair in combinations([each.frame for each in layout.boxes], 2))


def without(lost: str) -> Graphviz:
    """Return a Graphviz that loses the position of the edge if its statement in DOT contains the word."""

    def draw(dot: str, engine: str) -> str:
        answer = json.loads(GRAPHVIZ(dot, engine))
        if lost in dot.split("->")[1]:
            for key in ("pos", "lp"):
                answer["edges"][0].pop(key, None)
        return json.dumps(answer)

    return draw


@pytest.mark.parametrize("lost", ["label", ""], ids=["once", "always"])
def test_an_edge_that_graphviz_loses_has_a_route(lost):
    nodes = (DiagramNode("a", "A", "model"), DiagramNode("b", "B", "system"))
    layout = compute_graph_layout(GraphDiagram("t", "d", nodes, (DiagramEdge("a", "b", "calls"),)), without(lost))
    (route,) = layout.routes
    target = get_frames(layout)["b"]
    assert route.tip[0] == pytest.approx(target.x, abs=1)
    assert get_frames(layout)["a"].right - 30 < route.label_at[0] < target.x
    assert route.lines[0].text == "calls"


@settings(max_examples=60, deadline=None)
@given(diagrams())
def test_boxes_of_any_graph_are_inside_and_do_not_overlap(diagram):
    if not diagram.nodes:
        return
    layout = compute_graph_layout(diagram, GRAPHVIZ)
    paper = Frame(0, 0, layout.width, layout.height)
    assert all(contains(paper, placed.frame) for placed in layout.boxes)
    assert len(layout.routes) == len(diagram.edges)
    assert not any(overlap(one.frame, other.frame, 12) for one, other in combinations(layout.boxes, 2))


ENDS = st.tuples(st.integers(0, 8), st.integers(0, 8))


def test_the_edge_that_closes_a_cycle_is_a_feedback_edge():
    assert find_feedback_edges([(0, 1), (1, 2), (2, 0)]) == {2}
    assert find_feedback_edges([(2, 0), (0, 1), (1, 2)]) == {2}


def test_an_acyclic_graph_has_no_feedback_edge():
    assert find_feedback_edges([(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]) == frozenset()


def test_a_loop_is_no_feedback_edge():
    assert find_feedback_edges([(0, 0), (0, 1)]) == frozenset()


@given(st.lists(ENDS, max_size=30))
def test_reversed_feedback_edges_leave_no_cycle(edges):
    against = find_feedback_edges(edges)
    assert not any(edges[number][0] == edges[number][1] for number in against)
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for number, (tail, head) in enumerate(edges):
        if tail != head:
            sorter.add(*((tail, head) if number in against else (head, tail)))
    sorter.prepare()  # raises CycleError


def test_a_cycle_of_a_thousand_nodes_has_one_feedback_edge():
    ring = [(number, (number + 1) % 1000) for number in range(1000)]
    assert find_feedback_edges(ring) == {999}
