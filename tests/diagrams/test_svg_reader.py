from lxml import html

from generator.diagrams import DiagramEdge, DiagramGroup, DiagramNode, GraphDiagram, render_svg
from generator.diagrams.png import extract_svg_links
from tests.diagrams.examples import FLOW, WAVES

LONG = "A name that is much too long for any node and is therefore truncated in the diagram, but not in the table"


def test_links_of_edges_groups_and_nodes_are_extracted():
    assert extract_svg_links(render_svg(FLOW)) == (
        ("Restaurants You'll Like → Home feed: called by: candidates and city", "#step-6"),
        ("Ranking data science", "../../teams/ranking/"),
        *((node.label, node.href) for node in FLOW.nodes if node.href),
    )


def test_links_of_timelines_are_extracted():
    assert extract_svg_links(render_svg(WAVES)) == (("Karnataka, 20 %", "#wave-2"),)


def test_labels_are_complete_and_links_have_no_duplicates():
    nodes = (
        DiagramNode("a", LONG, "model", "a/"),
        DiagramNode("b", '<b> & "c"', "model", "b/?x=1&y=2"),
        DiagramNode("c", LONG, "model", "a/"),
    )
    edges = (DiagramEdge("a", "b"),)
    links = ((LONG, "a/"), ('<b> & "c"', "b/?x=1&y=2"))
    drawn = render_svg(GraphDiagram("t", "", nodes, edges, (DiagramGroup("g", "G"),)))
    assert extract_svg_links(drawn) == links
    assert extract_svg_links(html.tostring(html.fragment_fromstring(drawn), encoding="unicode")) == links


def test_links_of_svg_from_other_tools_have_their_text_as_label():
    drawn = """<svg><a href="x/"><text>Some <tspan>text</tspan></text></a>
    <a href="javascript:alert(1)"><text>y</text></a>
    <a><text>no link</text></a></svg>"""
    assert extract_svg_links(drawn) == (("Some text", "x/"),)
