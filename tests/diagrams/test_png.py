import pytest
from lxml import etree, html
from msgspec import structs
from msgspec.structs import replace

from generator.diagrams import Diagram, DiagramEdge, DiagramNode, GraphDiagram, render_svg
from generator.diagrams.png import render_png
from generator.diagrams.stylesheet import LIGHT
from tests.diagrams.examples import ALONE, EMPTY, FLOW, WAVES, build_chain
from tests.diagrams.pixels import count_colours, get_png_size


def render(diagram: Diagram, scale: float = 2.0) -> bytes:
    return render_png(render_svg(diagram), scale)


def test_size_is_proportional_to_the_scale():
    small, large = get_png_size(render(ALONE, scale=1)), get_png_size(render(ALONE, scale=2))
    assert large == pytest.approx((2 * small[0], 2 * small[1]), abs=1)


def test_colours_are_those_of_the_light_scheme():
    found = count_colours(render(ALONE))
    assert {LIGHT["paper"], LIGHT["model-fill"], LIGHT["model-line"]} <= found.keys()
    assert "#000000" not in found


def test_text_is_rendered_with_the_shipped_fonts():
    # Only the letters differ, and each node is as wide as its own label.
    one = count_colours(render(GraphDiagram("t", "", (DiagramNode("a", "OOOO", "model"),), ())))
    other = count_colours(render(GraphDiagram("t", "", (DiagramNode("a", "....", "model"),), ())))
    assert one[LIGHT["ink"]] > 4 * other[LIGHT["ink"]] > 0


def test_labels_are_bold_and_notes_regular():
    # The stem of a capital I of Liberation Sans is 0.09 em wide in the regular font and 0.14 em in the bold one.
    node = DiagramNode("a", "IIIIIIII", "model", note="IIIIIIII")
    scale = 20.0
    found = count_colours(render(GraphDiagram("t", "", (node,), ()), scale))
    cap_height = 0.729
    for colour, font_size, width in ((LIGHT["ink"], 13, 0.144), (LIGHT["muted"], 11, 0.093)):
        stem = found[colour] / scale**2 / (8 * cap_height * font_size) / font_size
        assert stem == pytest.approx(width, abs=0.02)


def test_links_do_not_change_the_png():
    bare = replace(
        FLOW,
        nodes=tuple(structs.replace(node, href=None) for node in FLOW.nodes),
        edges=tuple(structs.replace(edge, href=None) for edge in FLOW.edges),
        groups=tuple(replace(group, href=None) for group in FLOW.groups),
    )
    assert render(FLOW) == render(bare)


def test_svg_rewritten_by_html_and_xml_parsers_has_the_same_png():
    drawn = render_svg(FLOW, "flow-3")
    page = html.document_fromstring(f"<html><body><p>before</p>{drawn}</body></html>")
    element = next(page.iter("svg"))
    through_html = html.tostring(element, encoding="unicode", with_tail=False)
    assert "viewbox" in through_html  # an HTML parser converts names to lower case
    (bare,) = etree.fromstring(drawn)
    through_xml = etree.tostring(bare, encoding="unicode")
    assert render_png(through_html) == render_png(through_xml) == render_png(drawn) == render(FLOW)


def test_timelines_and_empty_diagrams_are_rendered():
    assert LIGHT["alarm-line"] in count_colours(render(WAVES, scale=2))
    assert get_png_size(render(EMPTY))[0] == 440


def test_a_huge_diagram_is_scaled_down_to_the_size_limit():
    tall = render_png(render_svg(build_chain(300)))
    assert 15_900 < get_png_size(tall)[1] <= 16_000


def test_images_and_styles_of_the_svg_are_ignored(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#ff0000"/></svg>'
    )
    svg_text = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">
      <image width="9" height="9" xlink:href="{secret}"/><image width="9" height="9" href="{secret}"/>
      <style>rect {{ fill: #00ff00 }}</style><rect x="8" width="1" height="1" fill="#0000ff"/></svg>"""
    found = count_colours(render_png(svg_text, scale=1))
    assert set(found) == {LIGHT["paper"], "#0000ff"}


@pytest.mark.parametrize("text", ["", "<p>no picture</p>", "<svg/>", '<svg viewBox="0 0 0 0"/>', "<svg viewBox='a'/>"])
def test_text_without_a_valid_svg_raises(text):
    with pytest.raises(ValueError, match=r"svg|empty"):
        render_png(text)


def test_system_fonts_are_used_only_for_characters_that_the_shipped_fonts_lack(monkeypatch):
    skipped_system_fonts = []

    def spy(**named):
        skipped_system_fonts.append(named["skip_system_fonts"])
        return image_of_nothing

    image_of_nothing = render(EMPTY)
    monkeypatch.setattr("generator.diagrams.png.resvg_py.svg_to_bytes", spy)
    nodes = (DiagramNode("a", "Ünïcode Ελλάδα Заказ שלום ≥", "model"), DiagramNode("b", "b", "model"))
    # The shipped fonts lack only characters of the title, which is not visible.
    render(GraphDiagram("漢字", "漢字", nodes, (DiagramEdge("a", "b"),)))
    render(GraphDiagram("t", "", (DiagramNode("a", "漢字", "model"),), ()))
    assert skipped_system_fonts == [True, False]
