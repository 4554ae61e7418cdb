from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.diagrams import DiagramEdge, DiagramGroup, DiagramNode, GraphDiagram
from generator.diagrams.graph_layout import compute_graph_layout
from generator.diagrams.layout import Layout
from generator.diagrams.shapes import Frame
from generator.diagrams.star_layout import compute_star_layout
from tests.diagrams.examples import HOSTILE, KINDS, TEXTS, build_chain, build_star
from tests.diagrams.test_graph_layout import contains, get_frames, get_labels, overlap

FOCUS = DiagramNode("m", "The model", "model", state="focus")
LONG = ("customer_profile_features_" * 4, "a word " * 60, "نموذج ترتيب المطاعم القريبة", "餐厅推荐模型" * 9, HOSTILE)


def build_star_around(
    left: list[DiagramNode], right: list[DiagramNode], *more: DiagramEdge, label: str = "read by"
) -> GraphDiagram:
    """Build a focus with sources on its left and targets on its right."""
    edges = [DiagramEdge(node.id, "m", label) for node in left] + [DiagramEdge("m", node.id, label) for node in right]
    return GraphDiagram("t", "d", (*left, FOCUS, *right), (*edges, *more))


def several(prefix: str, count: int, label: str = "View", kind: str = "feature_view") -> list[DiagramNode]:
    return [DiagramNode(f"{prefix}{number}", f"{label} {number}", kind) for number in range(count)]


def lay_out(diagram: GraphDiagram) -> Layout:
    layout = compute_star_layout(diagram)
    assert layout is not None
    return layout


def assert_readable(layout: Layout) -> None:
    """Check that boxes and labels are inside the layout and do not overlap."""
    paper = Frame(0, 0, layout.width, layout.height)
    shown = [*(placed.frame for placed in layout.boxes), *get_labels(layout)]
    assert all(contains(paper, frame) for frame in shown)
    assert not any(overlap(*pair) for pair in combinations(shown, 2))


@pytest.mark.parametrize(("left", "right"), [(0, 0), (1, 0), (0, 1), (1, 1), (3, 5), (30, 0), (0, 30), (15, 15)])
def test_any_number_of_neighbours_fits_without_overlap(left, right):
    layout = lay_out(build_star_around(several("v", left), several("s", right, "System", "system")))
    assert_readable(layout)
    frames = get_frames(layout)
    assert all(frames[f"v{number}"].right < frames["m"].x for number in range(left))
    assert all(frames[f"s{number}"].x > frames["m"].right for number in range(right))


def test_rows_and_routes_keep_the_order_of_the_diagram():
    diagram = build_star_around(several("v", 7), several("s", 4))
    layout = lay_out(diagram)
    assert [placed.box.node for placed in layout.boxes] == list(diagram.nodes)
    assert [route.edge for route in layout.routes] == list(diagram.edges)
    frames = get_frames(layout)
    for names in ([f"v{number}" for number in range(7)], [f"s{number}" for number in range(4)]):
        assert all(frames[upper].bottom < frames[lower].y for upper, lower in pairwise(names))
        assert len({(frames[name].x, frames[name].width) for name in names}) == 1


@pytest.mark.parametrize("text", LONG)
def test_long_labels_in_any_script_do_not_overlap(text):
    assert_readable(lay_out(build_star_around(several("v", 3, text), several("s", 2, text), label=text)))


def test_several_edges_of_a_neighbour_have_different_routes():
    more = (
        DiagramEdge("v0", "m", "features for"),
        DiagramEdge("m", "v0", "publishes"),
        DiagramEdge("m", "v0", "writes"),
    )
    layout = lay_out(build_star_around(several("v", 2), several("s", 1), *more))
    assert_readable(layout)
    assert len({route.points for route in layout.routes}) == len(layout.routes)
    assert get_frames(layout)["v0"].right < get_frames(layout)["m"].x


def test_an_edge_starts_at_its_source_and_ends_at_its_target():
    more = (DiagramEdge("m", "v0", "publishes"),)
    layout = lay_out(build_star_around(several("v", 5), several("s", 5, "System", "flow"), *more))
    frames = get_frames(layout)
    for route in layout.routes:
        for (x, y), name in ((route.points[0], route.edge.source), (route.tip, route.edge.target)):
            frame = frames[name]
            assert frame.y < y < frame.bottom
            assert min(abs(x - frame.x), abs(x - frame.right)) <= 5


def test_lines_do_not_cross_labels_of_other_edges():
    layout = lay_out(build_star_around(several("v", 12), several("s", 9), label="read by"))
    for route, label in zip(layout.routes, get_labels(layout), strict=True):
        crossing = [
            other
            for other in layout.routes
            if other is not route
            and any(label.x < x < label.right and label.y < y < label.bottom for x, y in other.points)
        ]
        assert not crossing


@pytest.mark.parametrize(
    "diagram",
    [
        build_chain(3),
        GraphDiagram("two focuses", "", (FOCUS, replace(FOCUS, id="n")), (DiagramEdge("m", "n"),)),
        GraphDiagram(
            "past the focus",
            "",
            (FOCUS, *several("v", 2)),
            (DiagramEdge("v0", "m"), DiagramEdge("v1", "m"), DiagramEdge("v0", "v1")),
        ),
        GraphDiagram("to itself", "", (FOCUS,), (DiagramEdge("m", "m"),)),
        GraphDiagram("apart", "", (FOCUS, *several("v", 1)), ()),
        GraphDiagram(
            "framed",
            "",
            (FOCUS, DiagramNode("v", "V", "topic", group="g")),
            (DiagramEdge("v", "m"),),
            (DiagramGroup("g", "G"),),
        ),
    ],
    ids=lambda diagram: diagram.title,
)
def test_other_graphs_are_lay_out_by_graphviz(diagram):
    assert compute_star_layout(diagram) is None
    assert len(compute_graph_layout(diagram).boxes) == len(diagram.nodes)


def test_a_star_does_not_need_graphviz():
    def refuse(dot: str, engine: str) -> str:
        raise AssertionError

    assert compute_graph_layout(build_star(3), refuse) == compute_star_layout(build_star(3))


@st.composite
def stars(draw: st.DrawFn) -> GraphDiagram:
    """Build a focus with neighbours of any kind, and with several edges in both directions."""
    nodes = [
        DiagramNode(f"n{number}", draw(TEXTS), draw(KINDS), note=draw(TEXTS))
        for number in range(draw(st.integers(0, 6)))
    ]
    inwards = st.booleans()
    edges = [
        DiagramEdge(
            *((node.id, "m") if draw(inwards) else ("m", node.id)), draw(TEXTS), draw(st.sampled_from(["", "uses"]))
        )
        for node in nodes
        for _ in range(draw(st.integers(1, 3)))
    ]
    middle = DiagramNode("m", draw(TEXTS), draw(KINDS), state="focus")
    return GraphDiagram("t", "d", (middle, *nodes), tuple(draw(st.permutations(edges))))


@settings(max_examples=60, deadline=None)
@given(stars())
def test_boxes_and_labels_of_any_star_do_not_overlap(diagram):
    layout = lay_out(diagram)
    assert_readable(layout)
    assert [route.edge for route in layout.routes] == list(diagram.edges)
