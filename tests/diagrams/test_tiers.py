import re

import pytest
from lxml import etree

from generator.diagrams import Edge, Node, Tiers, png_of_svg, svg
from generator.diagrams.tiers import arrange_tiers
from tests.diagrams.pictures import HOSTILE


def tiers(*columns: str, edges: tuple[tuple[str, str], ...]) -> Tiers:
    nodes = tuple(tuple(Node(name, name.upper(), "system", href=f"{name}.html") for name in names) for names in columns)
    return Tiers("What depends", "In words", nodes, tuple(Edge(*pair) for pair in edges))


TWO_STEPS = tiers("a", "bc", "de", edges=(("a", "b"), ("a", "c"), ("b", "e"), ("c", "d")))


def test_each_column_stands_right_of_the_one_before():
    places = {placed.box.node.id: placed.frame for placed in arrange_tiers(TWO_STEPS).boxes}
    assert places["a"].right < places["b"].x
    assert places["b"].x == places["c"].x
    assert places["c"].right < places["d"].x


def test_a_node_stands_beside_what_leads_to_it_so_that_no_edges_cross():
    order = [placed.box.node.id for placed in arrange_tiers(TWO_STEPS).boxes]
    assert order == ["a", "b", "c", "e", "d"]


def test_boxes_do_not_overlap_and_lie_within_the_drawing():
    layout = arrange_tiers(TWO_STEPS)
    frames = [placed.frame for placed in layout.boxes]
    for number, one in enumerate(frames):
        assert 0 <= one.x <= one.right <= layout.width
        assert 0 <= one.y <= one.bottom <= layout.height
        for other in frames[number + 1 :]:
            apart = one.right < other.x or other.right < one.x or one.bottom < other.y or other.bottom < one.y
            assert apart, (one, other)


def test_an_edge_ends_at_the_sides_of_its_boxes():
    layout = arrange_tiers(TWO_STEPS)
    frames = {placed.box.node.id: placed.frame for placed in layout.boxes}
    for route in layout.routes:
        assert route.points[0][0] == frames[route.edge.source].right
        assert route.tip[0] == frames[route.edge.target].x


def test_it_is_drawn_with_links_names_and_a_description():
    root = etree.fromstring(svg(TWO_STEPS))
    assert root.xpath("string(//*[local-name()='desc'])") == "In words"
    assert set(re.findall(r'xlink:href="(\w)\.html"', svg(TWO_STEPS))) == set("abcde")
    assert "A → B" in svg(TWO_STEPS)
    assert png_of_svg(svg(TWO_STEPS))


def test_text_from_a_card_is_data():
    drawn = svg(Tiers(HOSTILE, HOSTILE, ((Node("a", HOSTILE, HOSTILE, href="javascript:alert(1)"),),), ()))
    etree.fromstring(drawn)
    assert "<script" not in drawn
    assert "javascript:" not in re.sub(r">[^<]*<", "><", drawn)


def test_nothing_is_said_to_be_nothing():
    assert "Nothing to show" in svg(Tiers("t", "d", (), ()))


def test_an_edge_to_nowhere_and_a_node_twice_are_refused():
    with pytest.raises(ValueError, match="no node z"):
        tiers("a", edges=(("a", "z"),))
    with pytest.raises(ValueError, match="twice: a"):
        tiers("a", "a", edges=())
