import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from generator.diagrams import Edge, Group, Node, Picture, svg
from generator.diagrams.shapes import Frame, look_of
from tests.diagrams.pictures import ALONE, EMPTY, FLOW, HOSTILE, WAVES, chain, pictures, star

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def read(markup: str) -> etree._Element:
    """The svg element inside its wrapper."""
    (drawn,) = etree.fromstring(markup)
    assert drawn.tag == f"{SVG}svg"
    return drawn


def texts(drawn: etree._Element) -> list[str]:
    return [each.text or "" for each in drawn.iter(f"{SVG}text")]


@pytest.mark.parametrize(("name", "picture"), [("flow", FLOW), ("star", star(2)), ("waves", WAVES), ("empty", EMPTY)])
def test_golden(golden, name, picture):
    golden(GOLDEN / f"{name}.svg.html", svg(picture) + "\n")


def test_it_is_named_and_described_and_hides_no_link():
    wrapper = etree.fromstring(svg(FLOW, "hood"))
    drawn = read(svg(FLOW, "hood"))
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


def test_without_a_description_nothing_refers_to_one():
    assert "desc" not in svg(ALONE)


def test_links_lead_where_the_node_says_in_the_pictures_order():
    links = [each.get(HREF) for each in read(svg(FLOW)).iter(f"{SVG}a") if "mb-node" in (each.get("class") or "")]
    assert links == [node.href for node in FLOW.nodes if node.href]


def test_an_edge_and_a_group_can_be_links_too():
    links = {each.get(HREF): each.findtext(f"{SVG}title") for each in read(svg(FLOW)).iter(f"{SVG}a")}
    assert links["#step-6"] == "Restaurants You'll Like → Home feed: called by: candidates and city"
    assert links["../../teams/ranking/"] == "Ranking data science"


def test_plain_href_which_breaks_instant_navigation_is_not_used():
    assert not re.search(r"<a [^>]*(?<!xlink:)href=", svg(FLOW))


def test_an_unsafe_address_makes_no_link():
    nodes = (Node("a", "A", "model", "javascript:alert(1)"), Node("b", "B", "model", "b/"))
    edges = (Edge("a", "b", href="data:text/html,x"),)
    drawn = read(svg(Picture("t", "d", nodes, edges, ())))
    assert [each.get(HREF) for each in drawn.iter(f"{SVG}a")] == ["b/"]


def test_each_part_says_what_it_is():
    titles = [each.findtext(f"{SVG}title") for each in read(svg(FLOW)) if "mb-node" in (each.get("class") or "")]
    assert titles[4] == "restaurant_stats (feature view): orders_7d, rating"
    assert titles[5] == "Restaurants You'll Like (model)"
    assert titles[7] == "Popular nearby (model, deprecated)"


def test_kind_and_state_are_words_and_not_only_colours():
    shown = texts(read(svg(FLOW)))
    assert {"SYSTEM", "TOPIC", "FEATURE VIEW", "MODEL", "COLLECTION", "MODEL · DEPRECATED"} <= set(shown)


def test_kinds_differ_in_shape():
    kinds = ["model", "system", "team", "person", "flow", "experiment", "migration", "topic", "table", "rule"]
    assert len({look_of(kind).shape.path(Frame(0, 0, 120, 50)) for kind in kinds}) == len(kinds)


def test_a_long_label_is_shortened_with_the_whole_in_its_title():
    label = "a word " * 1500
    drawn = read(svg(Picture("t", "d", (Node("n", label, "model", note="note " * 100),), ())))
    assert len(texts(drawn)) == 6  # caption, three lines of label, two of note
    assert any(text.endswith("…") for text in texts(drawn))
    assert " ".join(label.split()) in next(each.text or "" for each in drawn[2].iter(f"{SVG}title"))


def test_untrusted_text_stays_text():
    nodes = (Node("a", HOSTILE, HOSTILE, HOSTILE, "g", HOSTILE, HOSTILE), Node("b", "b", "model"))
    edges = (Edge("a", "b", HOSTILE, HOSTILE, HOSTILE),)
    markup = svg(Picture(HOSTILE, HOSTILE, nodes, edges, (Group("g", HOSTILE, HOSTILE),)))
    tags = {str(each.tag).rpartition("}")[2] for each in read(markup).iter()}
    assert tags == {"svg", "title", "desc", "path", "text", "g"}
    assert "&lt;script&gt;" in markup
    attributes = {str(name) for each in read(markup).iter() for name in each.attrib}
    assert not any(name.startswith("on") for name in attributes)


def test_dot_cannot_be_injected():
    nasty = 'x"]; subgraph cluster_9 { evil }; n0 -> n0 [label="\\N'
    nodes = (Node(nasty, nasty, nasty), Node("}", "}", "model"))
    asked = []

    def spy(dot, engine):
        asked.append(dot)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        svg(Picture("t", "d", nodes, (Edge(nasty, "}", nasty),)), supplier=spy)
    assert "evil" not in asked[0]
    assert re.fullmatch(r'[a-zA-Z0-9_ \[\]={}".>\\\n-]+', asked[0])


def test_the_prefix_keeps_ids_apart():
    ids = re.findall(r'\bid="([^"]+)"', svg(FLOW, "one") + svg(FLOW, "two"))
    assert len(ids) == len(set(ids)) == 4
    with pytest.raises(ValueError, match="cannot start"):
        svg(FLOW, '1"><script>')


def test_an_empty_picture_says_so():
    assert texts(read(svg(EMPTY))) == ["Nothing to show"]
    assert texts(read(svg(replace(WAVES, rows=())))) == ["Nothing to show"]


def test_loops_and_parallel_edges_are_all_drawn():
    nodes = (Node("a", "A", "model"), Node("b", "B", "model"))
    edges = (Edge("a", "a", "retries"), Edge("a", "b"), Edge("a", "b", "again"), Edge("b", "a"))
    drawn = svg(Picture("t", "d", nodes, edges))
    assert drawn.count('class="mb-route"') == drawn.count('class="mb-head"') == 4
    assert len(set(re.findall(r'class="mb-route" d="([^"]+)"', drawn))) == 4


def test_it_never_shrinks_below_what_can_be_read():
    drawn = read(svg(chain(3)))
    width = float(drawn.get("width") or 0)
    assert drawn.get("viewBox") == f"0 0 {drawn.get('width')} {drawn.get('height')}"
    (smallest,) = re.findall(r"min-width:([\d.]+)px", drawn.get("style") or "")
    assert float(smallest) == pytest.approx(width * 0.75, abs=0.1)


def test_three_hundred_nodes():
    picture = star(150)
    assert svg(picture).count("mb-node") == len(picture.nodes)


def test_nothing_outside_the_page_is_asked_for():
    markup = svg(FLOW) + svg(WAVES)
    addresses = set(re.findall(r"https?://[^\"]+", markup))
    assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "url(" not in markup
    assert "<script" not in markup
    assert "\n\n" not in markup  # would end the block in a Markdown page


@settings(max_examples=60, deadline=None)
@given(pictures())
def test_any_picture_is_well_formed_and_whole(picture):
    drawn = read(svg(picture))
    parts = [each.get("class") or "" for each in drawn]
    assert sum("mb-node" in part for part in parts) == len(picture.nodes)
    assert sum("mb-edge" in part for part in parts) == len(picture.edges)
    assert "\n\n" not in svg(picture)


def test_the_same_bytes_after_hundreds_of_others():
    first = svg(FLOW)
    for count in range(700):
        svg(chain(count % 5 + 1))
    assert svg(FLOW) == first


PROGRAM = """
import hashlib
from generator.diagrams import png, positions, svg
from generator.diagrams.shapes import Frame, look_of
from tests.diagrams.pictures import FLOW, WAVES, star
print(hashlib.sha256((svg(FLOW) + svg(WAVES) + svg(star(9))).encode() + png(FLOW)).hexdigest())
print(sorted(positions(["a", "b", "c"], [("a", "b")]).items()))
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


def test_the_same_bytes_in_any_process_and_nothing_on_stderr():
    first, second = run("1", "C"), run("2", "C.UTF-8")
    assert first == second
    assert first[1] == ""
