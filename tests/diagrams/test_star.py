from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagrams import Edge, Group, Node, Picture
from generator.diagrams.layout import arrange
from generator.diagrams.places import Layout
from generator.diagrams.shapes import Frame
from generator.diagrams.star import star
from tests.diagrams.pictures import HOSTILE, KINDS, TEXTS, chain
from tests.diagrams.pictures import star as both_sides
from tests.diagrams.test_layout import holds, labels, overlap, places

FOCUS = Node("m", "The model", "model", state="focus")
LONG = ("customer_profile_features_" * 4, "a word " * 60, "نموذج ترتيب المطاعم القريبة", "餐厅推荐模型" * 9, HOSTILE)


def around(left: list[Node], right: list[Node], *more: Edge, label: str = "read by") -> Picture:
    """What leads to the focus, and what it leads to."""
    edges = [Edge(node.id, "m", label) for node in left] + [Edge("m", node.id, label) for node in right]
    return Picture("t", "d", (*left, FOCUS, *right), (*edges, *more))


def several(prefix: str, count: int, label: str = "View", kind: str = "feature_view") -> list[Node]:
    return [Node(f"{prefix}{number}", f"{label} {number}", kind) for number in range(count)]


def laid_out(picture: Picture) -> Layout:
    layout = star(picture)
    assert layout is not None
    return layout


def assert_readable(layout: Layout) -> None:
    """No box and no label covers another, and all of them are on the paper."""
    paper = Frame(0, 0, layout.width, layout.height)
    shown = [*(placed.frame for placed in layout.boxes), *labels(layout)]
    assert all(holds(paper, frame) for frame in shown)
    assert not any(overlap(*pair) for pair in combinations(shown, 2))


@pytest.mark.parametrize(("left", "right"), [(0, 0), (1, 0), (0, 1), (1, 1), (3, 5), (30, 0), (0, 30), (15, 15)])
def test_any_number_of_neighbours_can_be_read(left, right):
    layout = laid_out(around(several("v", left), several("s", right, "System", "system")))
    assert_readable(layout)
    frames = places(layout)
    assert all(frames[f"v{number}"].right < frames["m"].x for number in range(left))
    assert all(frames[f"s{number}"].x > frames["m"].right for number in range(right))


def test_the_rows_and_the_tab_key_keep_the_pictures_order():
    picture = around(several("v", 7), several("s", 4))
    layout = laid_out(picture)
    assert [placed.box.node for placed in layout.boxes] == list(picture.nodes)
    assert [route.edge for route in layout.routes] == list(picture.edges)
    frames = places(layout)
    for names in ([f"v{number}" for number in range(7)], [f"s{number}" for number in range(4)]):
        assert all(frames[upper].bottom < frames[lower].y for upper, lower in pairwise(names))
        assert len({(frames[name].x, frames[name].width) for name in names}) == 1


@pytest.mark.parametrize("text", LONG)
def test_long_labels_in_any_script_can_be_read(text):
    assert_readable(laid_out(around(several("v", 3, text), several("s", 2, text), label=text)))


def test_several_edges_of_a_neighbour_stand_apart():
    more = (Edge("v0", "m", "features for"), Edge("m", "v0", "publishes"), Edge("m", "v0", "writes"))
    layout = laid_out(around(several("v", 2), several("s", 1), *more))
    assert_readable(layout)
    assert len({route.points for route in layout.routes}) == len(layout.routes)
    assert places(layout)["v0"].right < places(layout)["m"].x


def test_an_edge_starts_at_its_source_and_ends_at_its_target():
    more = (Edge("m", "v0", "publishes"),)
    layout = laid_out(around(several("v", 5), several("s", 5, "System", "flow"), *more))
    frames = places(layout)
    for route in layout.routes:
        for (x, y), name in ((route.points[0], route.edge.source), (route.tip, route.edge.target)):
            frame = frames[name]
            assert frame.y < y < frame.bottom
            assert min(abs(x - frame.x), abs(x - frame.right)) <= 5


def test_a_line_passes_no_other_edges_label():
    layout = laid_out(around(several("v", 12), several("s", 9), label="read by"))
    for route, label in zip(layout.routes, labels(layout), strict=True):
        crossing = [
            other
            for other in layout.routes
            if other is not route
            and any(label.x < x < label.right and label.y < y < label.bottom for x, y in other.points)
        ]
        assert not crossing


@pytest.mark.parametrize(
    "picture",
    [
        chain(3),
        Picture("two focuses", "", (FOCUS, replace(FOCUS, id="n")), (Edge("m", "n"),)),
        Picture("past the focus", "", (FOCUS, *several("v", 2)), (Edge("v0", "m"), Edge("v1", "m"), Edge("v0", "v1"))),
        Picture("to itself", "", (FOCUS,), (Edge("m", "m"),)),
        Picture("apart", "", (FOCUS, *several("v", 1)), ()),
        Picture("framed", "", (FOCUS, Node("v", "V", "topic", group="g")), (Edge("v", "m"),), (Group("g", "G"),)),
    ],
    ids=lambda picture: picture.title,
)
def test_any_other_picture_is_left_to_graphviz(picture):
    assert star(picture) is None
    assert len(arrange(picture).boxes) == len(picture.nodes)


def test_graphviz_is_not_asked():
    def refuse(dot: str, engine: str) -> str:
        raise AssertionError

    assert arrange(both_sides(3), refuse) == star(both_sides(3))


@st.composite
def stars(draw: st.DrawFn) -> Picture:
    """Any focus with neighbours of any kind, edges either way, several between the same two."""
    nodes = [
        Node(f"n{number}", draw(TEXTS), draw(KINDS), note=draw(TEXTS)) for number in range(draw(st.integers(0, 6)))
    ]
    inwards = st.booleans()
    edges = [
        Edge(*((node.id, "m") if draw(inwards) else ("m", node.id)), draw(TEXTS), draw(st.sampled_from(["", "uses"])))
        for node in nodes
        for _ in range(draw(st.integers(1, 3)))
    ]
    middle = Node("m", draw(TEXTS), draw(KINDS), state="focus")
    return Picture("t", "d", (middle, *nodes), tuple(draw(st.permutations(edges))))


@settings(max_examples=60, deadline=None)
@given(stars())
def test_any_star_can_be_read(picture):
    layout = laid_out(picture)
    assert_readable(layout)
    assert [route.edge for route in layout.routes] == list(picture.edges)
