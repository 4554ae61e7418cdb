import hashlib
import html
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree
from msgspec.structs import replace

from generator.diagrams import (
    RENDERER_VERSION,
    STYLESHEET,
    BurnDownChart,
    DatedCount,
    Diagram,
    DiagramEdge,
    DiagramGroup,
    DiagramNode,
    GraphDiagram,
    TieredDiagram,
    render_svg,
)
from generator.diagrams.shapes import Frame, get_node_style
from generator.diagrams.stylesheet import PNG_STYLESHEET
from tests.diagrams.examples import ALONE, EMPTY, FLOW, HOSTILE, WAVES, build_chain, build_star, diagrams
from tests.diagrams.truetype import read_advances

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def read(markup: str) -> etree._Element:
    """Return the svg element inside its wrapper."""
    (drawn,) = etree.fromstring(markup)
    assert drawn.tag == f"{SVG}svg"
    return drawn


def texts(drawn: etree._Element) -> list[str]:
    return [each.text or "" for each in drawn.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("name", "diagram"), [("flow", FLOW), ("star", build_star(2)), ("waves", WAVES), ("empty", EMPTY)]
)
def test_golden(golden, name, diagram):
    golden(GOLDEN / f"{name}.svg.html", render_svg(diagram) + "\n")


def test_title_and_description_are_referenced_and_links_are_not_hidden():
    wrapper = etree.fromstring(render_svg(FLOW, "hood"))
    drawn = read(render_svg(FLOW, "hood"))
    named = {each.get("id"): each.text for each in drawn.iter() if each.get("id")}
    assert named == {"hood-title": FLOW.title, "hood-desc": FLOW.description}
    assert (drawn.get("aria-labelledby"), drawn.get("aria-describedby")) == ("hood-title", "hood-desc")
    # role=img, and anything hidden from screen readers, would make the links inside unreachable.
    for link in drawn.iter(f"{SVG}a"):
        above = [each.get("role") for each in (link, *link.iterancestors())]
        assert set(above) <= {None, "group", "region"}
        assert not any(each.get("aria-hidden") for each in link.iterancestors())
    assert wrapper.get("tabindex") == "0"
    assert (wrapper.get("role"), wrapper.get("aria-labelledby")) == ("region", "hood-title")


def test_an_empty_description_has_no_element_and_no_reference():
    assert "desc" not in render_svg(ALONE)


def test_links_of_nodes_are_in_the_order_of_the_diagram():
    links = [
        each.get(HREF) for each in read(render_svg(FLOW)).iter(f"{SVG}a") if "mb-node" in (each.get("class") or "")
    ]
    assert links == [node.href for node in FLOW.nodes if node.href]


def test_edges_and_groups_can_be_links():
    links = {each.get(HREF): each.findtext(f"{SVG}title") for each in read(render_svg(FLOW)).iter(f"{SVG}a")}
    assert links["#step-6"] == "Restaurants You'll Like → Home feed: called by: candidates and city"
    assert links["../../teams/ranking/"] == "Ranking data science"


def test_links_use_xlink_href_for_instant_navigation():
    assert not re.search(r"<a [^>]*(?<!xlink:)href=", render_svg(FLOW))


def test_an_unsafe_address_is_no_link():
    nodes = (DiagramNode("a", "A", "model", "javascript:alert(1)"), DiagramNode("b", "B", "model", "b/"))
    edges = (DiagramEdge("a", "b", href="data:text/html,x"),)
    drawn = read(render_svg(GraphDiagram("t", "d", nodes, edges, ())))
    assert [each.get(HREF) for each in drawn.iter(f"{SVG}a")] == ["b/"]


def test_titles_describe_each_node():
    titles = [each.findtext(f"{SVG}title") for each in read(render_svg(FLOW)) if "mb-node" in (each.get("class") or "")]
    assert titles[4] == "restaurant_stats (feature view): orders_7d, rating"
    assert titles[5] == "Restaurants You'll Like (model)"
    assert titles[7] == "Popular nearby (model, deprecated)"


def test_kind_and_state_are_text():
    shown = texts(read(render_svg(FLOW)))
    assert {"SYSTEM", "TOPIC", "FEATURE VIEW", "MODEL", "COLLECTION", "MODEL · DEPRECATED"} <= set(shown)


def test_kinds_have_different_outlines():
    kinds = ["model", "system", "team", "person", "flow", "experiment", "migration", "topic", "table", "rule"]
    assert len({get_node_style(kind).outline(Frame(0, 0, 120, 50)) for kind in kinds}) == len(kinds)


def test_a_truncated_label_is_complete_in_the_title():
    label = "a word " * 1500
    drawn = read(render_svg(GraphDiagram("t", "d", (DiagramNode("n", label, "model", note="note " * 100),), ())))
    assert len(texts(drawn)) == 6  # caption, three lines of label, two of note
    assert any(text.endswith("…") for text in texts(drawn))
    assert " ".join(label.split()) in next(each.text or "" for each in drawn[2].iter(f"{SVG}title"))


def test_text_of_cards_is_never_markup():
    nodes = (DiagramNode("a", HOSTILE, HOSTILE, HOSTILE, "g", HOSTILE, HOSTILE), DiagramNode("b", "b", "model"))
    edges = (DiagramEdge("a", "b", HOSTILE, HOSTILE, HOSTILE),)
    markup = render_svg(GraphDiagram(HOSTILE, HOSTILE, nodes, edges, (DiagramGroup("g", HOSTILE, HOSTILE),)))
    tags = {str(each.tag).rpartition("}")[2] for each in read(markup).iter()}
    assert tags == {"svg", "title", "desc", "path", "text", "g"}
    assert "&lt;script&gt;" in markup
    attributes = {str(name) for each in read(markup).iter() for name in each.attrib}
    assert not any(name.startswith("on") for name in attributes)


def test_text_of_cards_is_never_dot_syntax():
    nasty = 'x"]; subgraph cluster_9 { evil }; n0 -> n0 [label="\\N'
    nodes = (DiagramNode(nasty, nasty, nasty), DiagramNode("}", "}", "model"))
    rendered = []

    def spy(dot, engine):
        rendered.append(dot)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        render_svg(GraphDiagram("t", "d", nodes, (DiagramEdge(nasty, "}", nasty),)), graphviz=spy)
    assert "evil" not in rendered[0]
    assert re.fullmatch(r'[a-zA-Z0-9_ \[\]={}".>\\\n-]+', rendered[0])


def test_ids_start_with_the_prefix():
    ids = re.findall(r'\bid="([^"]+)"', render_svg(FLOW, "one") + render_svg(FLOW, "two"))
    assert len(ids) == len(set(ids)) == 4
    with pytest.raises(ValueError, match="invalid id prefix"):
        render_svg(FLOW, '1"><script>')


def test_an_empty_diagram_has_a_text():
    assert texts(read(render_svg(EMPTY))) == ["Nothing to show"]
    assert texts(read(render_svg(replace(WAVES, rows=())))) == ["Nothing to show"]


def test_loops_and_parallel_edges_are_rendered():
    nodes = (DiagramNode("a", "A", "model"), DiagramNode("b", "B", "model"))
    edges = (
        DiagramEdge("a", "a", "retries"),
        DiagramEdge("a", "b"),
        DiagramEdge("a", "b", "again"),
        DiagramEdge("b", "a"),
    )
    drawn = render_svg(GraphDiagram("t", "d", nodes, edges))
    assert drawn.count('class="mb-route"') == drawn.count('class="mb-head"') == 4
    assert len(set(re.findall(r'class="mb-route" d="([^"]+)"', drawn))) == 4


def test_minimum_width_keeps_text_readable():
    drawn = read(render_svg(build_chain(3)))
    width = float(drawn.get("width") or 0)
    assert drawn.get("viewBox") == f"0 0 {drawn.get('width')} {drawn.get('height')}"
    (smallest,) = re.findall(r"min-width:([\d.]+)px", drawn.get("style") or "")
    assert float(smallest) == pytest.approx(width * 0.75, abs=0.1)


def test_three_hundred_nodes_are_rendered():
    diagram = build_star(150)
    assert render_svg(diagram).count("mb-node") == len(diagram.nodes)


def test_svg_refers_to_nothing_outside_the_page():
    markup = render_svg(FLOW) + render_svg(WAVES)
    addresses = set(re.findall(r"https?://[^\"]+", markup))
    assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "url(" not in markup
    assert "<script" not in markup
    assert "\n\n" not in markup  # would end the block in a Markdown page


@settings(max_examples=60, deadline=None)
@given(diagrams())
def test_any_graph_is_well_formed_and_complete(diagram):
    drawn = read(render_svg(diagram))
    parts = [each.get("class") or "" for each in drawn]
    assert sum("mb-node" in part for part in parts) == len(diagram.nodes)
    assert sum("mb-edge" in part for part in parts) == len(diagram.edges)
    assert "\n\n" not in render_svg(diagram)


def test_output_does_not_depend_on_earlier_diagrams(pytestconfig):
    first = render_svg(FLOW)
    for count in range(700 if pytestconfig.getoption("--all") else 150):
        render_svg(build_chain(count % 5 + 1))
    assert render_svg(FLOW) == first


PROGRAM = """
import hashlib
from generator.diagrams import render_svg
from generator.diagrams.png import render_png
from tests.diagrams.examples import FLOW, WAVES, build_star
from tests.diagrams.test_use_map import build_map
svg = render_svg(FLOW)
output = svg + render_svg(WAVES) + render_svg(build_star(9))
print(hashlib.sha256(output.encode() + render_png(svg)).hexdigest())
print(render_svg(build_map(5, 3, {(n, n % 3, "high") for n in range(5)})))
"""


def run(seed: str, locale: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": locale},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout, done.stderr


def test_output_is_equal_in_every_process_and_stderr_is_empty():
    first, second = run("1", "C"), run("2", "C.UTF-8")
    assert first == second
    assert first[1] == ""


def test_the_output_changes_only_with_the_renderer_version(golden):
    output = [render_svg(FLOW), render_svg(WAVES), render_svg(build_star(3)), STYLESHEET, PNG_STYLESHEET]
    digest = hashlib.sha256("".join(output).encode()).hexdigest()
    # If this fails, raise RENDERER_VERSION, so that cached images are rendered again, and run `make golden`.
    golden(GOLDEN / "renderer.json", json.dumps({"renderer": RENDERER_VERSION, "drawn": digest}, indent=1) + "\n")


TIERS = TieredDiagram("Dependents", "", (FLOW.nodes[:1], FLOW.nodes[1:3]), (DiagramEdge("order-service", "orders.v1"),))
BURN_DOWN = BurnDownChart("Overdue", "", (DatedCount(date(2026, 1, 5), 40), DatedCount(date(2026, 3, 2), 17)))
FONTS = Path(__file__).parents[2] / "generator" / "diagrams" / "fonts"
FONT_RULE = re.compile(r"\.mb-picture \.mb-(\w+)\{font-size:([\d.]+)px;font-weight:(\d+)\}")
TEXT_WITH_LENGTH = re.compile(r'<text class="mb-(\w+)" [^>]*textLength="([\d.]+)"[^>]*>([^<]+)</text>')


def test_notes_are_regular_and_all_other_text_is_bold():
    weights = {"caption": "700", "label": "700", "note": "400", "heading": "700"}
    for stylesheet in (STYLESHEET, PNG_STYLESHEET):
        assert {name: weight for name, _, weight in FONT_RULE.findall(stylesheet)} == weights


@pytest.mark.parametrize("diagram", [FLOW, build_star(2), WAVES, TIERS, BURN_DOWN], ids=lambda diagram: diagram.title)
def test_text_is_as_long_as_in_the_font_of_its_weight(diagram: Diagram):
    fonts = {
        "400": read_advances(FONTS / "LiberationSans-Regular.ttf"),
        "700": read_advances(FONTS / "LiberationSans-Bold.ttf"),
    }
    rules = {name: (float(size), fonts[weight]) for name, size, weight in FONT_RULE.findall(STYLESHEET)}
    texts = TEXT_WITH_LENGTH.findall(render_svg(diagram))
    assert {"label", "note"} & {name for name, _, _ in texts}
    for name, length, text in texts:
        size, (units, widths) = rules[name]
        expected = size * sum(widths[ord(char)] for char in html.unescape(text)) / units
        assert float(length) == pytest.approx(expected, abs=0.051), (name, text)
