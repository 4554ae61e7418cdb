import json
from itertools import combinations

import pytest
from hypothesis import given, settings

from generator.diagrams import Edge, Graphviz, Group, Node, Picture, open_graphviz
from generator.diagrams.layout import arrange
from generator.diagrams.places import Layout
from generator.diagrams.shapes import Frame
from tests.diagrams.pictures import FLOW, chain, pictures, star

GRAPHVIZ = open_graphviz()


def overlap(one: Frame, other: Frame, slack: float = 0.5) -> bool:
    return (
        one.x < other.right - slack
        and other.x < one.right - slack
        and one.y < other.bottom - slack
        and other.y < one.bottom - slack
    )


def holds(outer: Frame, inner: Frame) -> bool:
    return outer.x <= inner.x and outer.y <= inner.y and outer.right >= inner.right and outer.bottom >= inner.bottom


def places(layout: Layout) -> dict[str, Frame]:
    return {placed.box.node.id: placed.frame for placed in layout.boxes}


def labels(layout: Layout) -> list[Frame]:
    found = []
    for route in layout.routes:
        if route.lines:
            width = max(line.width for line in route.lines)
            height = sum(line.font.leading for line in route.lines)
            x, y = route.label_at
            found.append(Frame(x - width / 2, y - height / 2, width, height))
    return found


def test_no_box_covers_another_and_no_label_a_box():
    layout = arrange(FLOW, GRAPHVIZ)
    boxes = list(places(layout).values())
    assert not any(overlap(*pair) for pair in combinations(boxes, 2))
    assert not any(overlap(*pair) for pair in combinations(labels(layout), 2))
    assert not any(overlap(label, box) for label in labels(layout) for box in boxes)


def test_a_group_frames_its_nodes_and_no_others():
    layout = arrange(FLOW, GRAPHVIZ)
    assert [each.group.id for each in layout.enclosures] == ["ranking", "orders", "feed"]
    for enclosure in layout.enclosures:
        for placed in layout.boxes:
            inside = placed.box.node.group == enclosure.group.id
            assert holds(enclosure.frame, placed.frame) == inside
            assert overlap(enclosure.frame, placed.frame) == inside


def test_the_heading_fits_its_frame():
    nodes = (Node("a", "A", "model", group="g"),)
    layout = arrange(Picture("t", "d", nodes, (), (Group("g", "A group with a long name"),)), GRAPHVIZ)
    assert layout.enclosures[0].frame.width >= layout.enclosures[0].label.width + 24


def test_a_model_stands_between_its_consumers_and_its_features():
    frames = places(arrange(star(4), GRAPHVIZ))
    assert max(frames[f"s{n}"].right for n in range(4)) < frames["model"].x
    assert min(frames[f"v{n}"].x for n in range(4)) > frames["model"].right


def test_a_thin_ribbon_is_turned_upright():
    upright, across = arrange(chain(12), GRAPHVIZ), arrange(chain(2), GRAPHVIZ)
    assert upright.height > upright.width
    assert across.width > across.height


def test_feedback_leaves_the_beginning_at_the_beginning():
    frames = places(arrange(FLOW, GRAPHVIZ))
    order = ["order-service", "orders.v1", "pipeline", "profile", "ryl", "feed", "app", "clicks"]
    assert sorted(order, key=lambda name: frames[name].y) == order


def test_every_arrow_ends_at_its_target():
    layout = arrange(FLOW, GRAPHVIZ)
    frames = places(layout)
    for route in layout.routes:
        for point, end in ((route.tip, route.edge.target), (route.points[0], route.edge.source)):
            near = Frame(point[0] - 2, point[1] - 2, 4, 4)
            assert overlap(near, frames[end], slack=0), route.edge


def test_three_hundred_nodes_without_edges_make_no_tower():
    nodes = tuple(Node(f"n{number}", f"Node {number}", "model") for number in range(300))
    layout = arrange(Picture("t", "d", nodes, ()), GRAPHVIZ)
    assert 0.25 < layout.width / layout.height < 4
    assert not any(overlap(*pair) for pair in combinations([each.frame for each in layout.boxes], 2))


def without(lost: str) -> Graphviz:
    """Graphviz that loses the position of an edge wherever the edge's line in DOT holds the word."""

    def draw(dot: str, engine: str) -> str:
        answer = json.loads(GRAPHVIZ(dot, engine))
        if lost in dot.split("->")[1]:
            for key in ("pos", "lp"):
                answer["edges"][0].pop(key, None)
        return json.dumps(answer)

    return draw


@pytest.mark.parametrize("lost", ["label", ""], ids=["once", "always"])
def test_an_edge_that_graphviz_loses_is_drawn_all_the_same(lost):
    nodes = (Node("a", "A", "model"), Node("b", "B", "system"))
    layout = arrange(Picture("t", "d", nodes, (Edge("a", "b", "calls"),)), without(lost))
    (route,) = layout.routes
    target = places(layout)["b"]
    assert route.tip[0] == pytest.approx(target.x, abs=1)
    assert places(layout)["a"].right - 30 < route.label_at[0] < target.x
    assert route.lines[0].text == "calls"


@settings(max_examples=60, deadline=None)
@given(pictures())
def test_any_picture_is_laid_out_within_its_canvas(picture):
    if not picture.nodes:
        return
    layout = arrange(picture, GRAPHVIZ)
    paper = Frame(0, 0, layout.width, layout.height)
    assert all(holds(paper, placed.frame) for placed in layout.boxes)
    assert len(layout.routes) == len(picture.edges)
    assert not any(overlap(one.frame, other.frame, 12) for one, other in combinations(layout.boxes, 2))
