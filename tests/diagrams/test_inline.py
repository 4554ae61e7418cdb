from lxml import html

from generator.diagrams import Edge, Group, Node, Picture, links_of_svg, svg
from tests.diagrams.pictures import FLOW, WAVES

LONG = "A name that is much too long for any node and is therefore shortened in the picture, but not in the table"


def test_the_links_of_the_flow():
    assert links_of_svg(svg(FLOW)) == (
        ("Restaurants You'll Like → Home feed: called by: candidates and city", "#step-6"),
        ("Ranking data science", "../../teams/ranking/"),
        *((node.label, node.href) for node in FLOW.nodes if node.href),
    )


def test_a_timelines_links():
    assert links_of_svg(svg(WAVES)) == (("Karnataka, 20 %", "#wave-2"),)


def test_labels_come_whole_and_links_once():
    nodes = (
        Node("a", LONG, "model", "a/"),
        Node("b", '<b> & "c"', "model", "b/?x=1&y=2"),
        Node("c", LONG, "model", "a/"),
    )
    edges = (Edge("a", "b"),)
    links = ((LONG, "a/"), ('<b> & "c"', "b/?x=1&y=2"))
    drawn = svg(Picture("t", "", nodes, edges, (Group("g", "G"),)))
    assert links_of_svg(drawn) == links
    assert links_of_svg(html.tostring(html.fragment_fromstring(drawn), encoding="unicode")) == links


def test_links_that_somebody_else_drew():
    drawn = """<svg><a href="x/"><text>Some <tspan>text</tspan></text></a>
    <a href="javascript:alert(1)"><text>y</text></a>
    <a><text>no link</text></a></svg>"""
    assert links_of_svg(drawn) == (("Some text", "x/"),)
