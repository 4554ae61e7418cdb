"""Maps of uses: two columns of boxes by team, with a line for each use and few crossings."""

import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from generator.diagrams import DiagramGroup, DiagramNode, UseLine, UseMap, render_svg, render_svg_file
from generator.diagrams.use_map import WIDTH, count_crossings

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def build_map(models: int, systems: int, lines: set[tuple[int, int, str]], teams: int = 2) -> UseMap:
    return UseMap(
        "Map",
        "All uses.",
        tuple(
            DiagramNode(f"model:m{n}", f"Model {n}", "model", f"models/m{n}.html", f"team:t{n % teams}")
            for n in range(models)
        ),
        tuple(DiagramNode(f"system:s{n}", f"System {n}", "system", group=f"team:t{n % teams}") for n in range(systems)),
        tuple(DiagramGroup(f"team:t{n}", f"Team {n}") for n in range(teams)),
        tuple(UseLine(f"model:m{model}", f"system:s{system}", word) for model, system, word in sorted(lines)),
    )


@st.composite
def maps(draw: st.DrawFn) -> UseMap:
    models, systems = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    pair = st.tuples(st.integers(0, models - 1), st.integers(0, systems - 1))
    words = st.sampled_from(["high", "medium", "low", ""])
    pairs = draw(st.dictionaries(pair, words, max_size=20))
    return build_map(models, systems, {(*ends, word) for ends, word in pairs.items()}, draw(st.integers(1, 4)))


def read(diagram: UseMap) -> etree._Element:
    picture = etree.fromstring(render_svg(diagram)).find(f".//{SVG}svg")
    assert picture is not None
    return picture


def list_boxes(picture: etree._Element) -> dict[str, tuple[float, float, float, float]]:
    """Return left, top, right and bottom of each box by its title."""
    found: dict[str, tuple[float, float, float, float]] = {}
    for part in picture.iter():
        if "mb-box" in part.get("class", ""):
            outline = str(part.xpath("string(*[local-name()='path']/@d)"))
            numbers = re.match(r"M([\d.]+) ([\d.]+)h([\d.]+)a([\d.]+).*?v([\d.]+)", outline)
            assert numbers is not None
            x, y, across, radius, down = map(float, numbers.groups())
            found[str(part.findtext(f"{SVG}title"))] = x - radius, y, x + across + radius, y + down + 2 * radius
    return found


@given(maps())
@settings(max_examples=60)
def test_no_two_boxes_overlap_and_all_are_inside_the_picture(diagram: UseMap) -> None:
    picture = read(diagram)
    boxes = list_boxes(picture)
    assert len(boxes) == len(diagram.models) + len(diagram.systems)
    height = float(picture.get("height", ""))
    for left, top, right, bottom in boxes.values():
        assert -0.2 <= left < right <= WIDTH + 0.2
        assert -0.2 <= top < bottom <= height + 0.2
    for one, other in combinations(boxes.values(), 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]


@given(maps())
@settings(max_examples=60)
def test_the_order_has_at_most_the_crossings_of_the_order_by_name(diagram: UseMap) -> None:
    boxes = list_boxes(read(diagram))
    tops = {title.rpartition(" (")[0]: box[1] for title, box in boxes.items()}
    drawn = {node.id: tops[node.label] for node in (*diagram.models, *diagram.systems)}
    named: dict[str, float] = {}
    for nodes in (diagram.models, diagram.systems):
        ordered = sorted(nodes, key=lambda node: (str(node.group), node.label))
        named |= {node.id: float(place) for place, node in enumerate(ordered)}
    assert count_crossings(diagram.lines, drawn) <= count_crossings(diagram.lines, named)


@given(maps())
@settings(max_examples=30)
def test_equal_maps_have_equal_bytes_in_any_order_of_their_lines(diagram: UseMap) -> None:
    turned = UseMap(
        diagram.title, diagram.description, diagram.models[::-1], diagram.systems[::-1], diagram.groups[::-1],
        diagram.lines[::-1],
    )  # fmt: skip
    assert {line for line in render_svg(turned).splitlines() if "mb-shape" in line} == {
        line for line in render_svg(diagram).splitlines() if "mb-shape" in line
    }
    assert render_svg(diagram) == render_svg(diagram)


def test_an_order_without_crossings_is_found() -> None:
    crossed = build_map(6, 6, {(n, 5 - n, "high") for n in range(6)}, teams=1)
    picture = read(crossed)
    tops = {title.rpartition(" (")[0]: box[1] for title, box in list_boxes(picture).items()}
    places = {node.id: tops[node.label] for node in (*crossed.models, *crossed.systems)}
    assert count_crossings(crossed.lines, places) == 0


def test_each_box_dims_what_it_has_no_line_to() -> None:
    picture = read(build_map(2, 2, {(0, 0, "high"), (1, 0, "low")}))
    parts = {
        part.findtext(f"{SVG}title"): set(part.get("class", "").split()) for part in picture.iter(f"{SVG}a", f"{SVG}g")
    }
    number = next(name for name in parts["Model 0 (model)"] if name.startswith("mb-n-")).removeprefix("mb-n-")
    assert f"mb-to-{number}" in parts["Model 0 (model)"]
    assert f"mb-to-{number}" in parts["System 0 (system)"]
    assert f"mb-to-{number}" in parts["System 0 uses Model 0: high criticality"]
    assert f"mb-to-{number}" not in parts["Model 1 (model)"]
    assert f"mb-to-{number}" not in parts["System 1 (system)"]
    style = str(picture.findtext(f".//{SVG}style"))
    assert f":has(>.mb-n-{number}:is(:hover,:focus-visible,.mb-pinned))" in style


def test_a_box_names_an_unknown_team_or_a_line_an_unknown_box() -> None:
    with pytest.raises(ValueError, match="unknown node ids: model:m7"):
        build_map(1, 1, {(7, 0, "")})
    with pytest.raises(ValueError, match="unknown group ids"):
        UseMap("T", "", (DiagramNode("model:a", "A", "model", group="team:x"),), (), (), ())


def test_the_file_of_a_picture_has_its_style_and_loads_nothing() -> None:
    text = render_svg_file(build_map(2, 2, {(0, 0, "high")}))
    root = etree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert "prefers-color-scheme:dark" in str(root.findtext(f"{SVG}style"))
    assert not re.search(r"url\(|@import|<script|<image|href=\"https?:", text)
    assert {link.get(HREF) for link in root.iter(f"{SVG}a")} == {"models/m0.html", "models/m1.html"}


@pytest.mark.parametrize("name", ["<b>&\"'", "]]>", "</style><script>alert(1)</script>", "a\n\nb", "\u202ex"])
def test_names_are_text(name: str) -> None:
    diagram = UseMap("T", name, (DiagramNode("model:a", name, "model", "javascript:alert(1)", "team:t"),), (),
                     (DiagramGroup("team:t", name),), ())  # fmt: skip
    markup = render_svg(diagram)
    assert "\n\n" not in markup
    picture = etree.fromstring(markup)
    assert not [part for part in picture.iter() if part.tag == f"{SVG}script" or part.get(HREF)]
