import re

import pytest
from lxml import etree

from generator.diagrams import DiagramEdge, DiagramNode, TieredDiagram, render_svg
from generator.diagrams.layout import compute_tier_layout
from generator.diagrams.png import render_png
from tests.diagrams.examples import HOSTILE


def tiers(*columns: str, edges: tuple[tuple[str, str], ...]) -> TieredDiagram:
    nodes = tuple(
        tuple(DiagramNode(name, name.upper(), "system", href=f"{name}.html") for name in names) for names in columns
    )
    return TieredDiagram("Dependents", "As text", nodes, tuple(DiagramEdge(*pair) for pair in edges))


TWO_STEPS = tiers("a", "bc", "de", edges=(("a", "b"), ("a", "c"), ("b", "e"), ("c", "d")))


def test_each_column_is_to_the_right_of_the_previous_one():
    places = {placed.box.node.id: placed.frame for placed in compute_tier_layout(TWO_STEPS).boxes}
    assert places["a"].right < places["b"].x
    assert places["b"].x == places["c"].x
    assert places["c"].right < places["d"].x


def test_nodes_are_ordered_so_that_edges_do_not_cross():
    order = [placed.box.node.id for placed in compute_tier_layout(TWO_STEPS).boxes]
    assert order == ["a", "b", "c", "e", "d"]


def test_boxes_do_not_overlap_and_are_inside_the_diagram():
    layout = compute_tier_layout(TWO_STEPS)
    frames = [placed.frame for placed in layout.boxes]
    for number, one in enumerate(frames):
        assert 0 <= one.x <= one.right <= layout.width
        assert 0 <= one.y <= one.bottom <= layout.height
        for other in frames[number + 1 :]:
            apart = one.right < other.x or other.right < one.x or one.bottom < other.y or other.bottom < one.y
            assert apart, (one, other)


def test_edges_end_at_the_sides_of_their_boxes():
    layout = compute_tier_layout(TWO_STEPS)
    frames = {placed.box.node.id: placed.frame for placed in layout.boxes}
    for route in layout.routes:
        assert route.points[0][0] == frames[route.edge.source].right
        assert route.tip[0] == frames[route.edge.target].x


def test_tiers_have_links_names_and_a_description():
    root = etree.fromstring(render_svg(TWO_STEPS))
    assert root.xpath("string(//*[local-name()='desc'])") == "As text"
    assert set(re.findall(r'xlink:href="(\w)\.html"', render_svg(TWO_STEPS))) == set("abcde")
    assert "A → B" in render_svg(TWO_STEPS)
    assert render_png(render_svg(TWO_STEPS))


def test_text_of_cards_is_never_markup():
    drawn = render_svg(
        TieredDiagram(HOSTILE, HOSTILE, ((DiagramNode("a", HOSTILE, HOSTILE, href="javascript:alert(1)"),),), ())
    )
    etree.fromstring(drawn)
    assert "<script" not in drawn
    assert "javascript:" not in re.sub(r">[^<]*<", "><", drawn)


def test_a_diagram_without_columns_is_empty():
    assert "Nothing to show" in render_svg(TieredDiagram("t", "d", (), ()))


def test_unknown_and_duplicate_ids_raise():
    with pytest.raises(ValueError, match="unknown node ids: z"):
        tiers("a", edges=(("a", "z"),))
    with pytest.raises(ValueError, match="duplicate node ids: a"):
        tiers("a", "a", edges=())
