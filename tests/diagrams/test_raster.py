from dataclasses import replace

import pytest
from lxml import etree, html

from generator.diagrams import Edge, Node, Picture, png, png_of_svg, svg
from generator.diagrams.palette import LIGHT
from tests.diagrams.pictures import ALONE, EMPTY, FLOW, WAVES, chain
from tests.diagrams.pixels import colours, size


def test_it_has_the_pictures_size_times_the_scale():
    small, large = size(png(ALONE, scale=1)), size(png(ALONE, scale=2))
    assert large == pytest.approx((2 * small[0], 2 * small[1]), abs=1)


def test_it_has_the_light_colours_on_paper():
    found = colours(png(ALONE))
    assert {LIGHT.paper, LIGHT.tints["model"].fill, LIGHT.tints["model"].line} <= found.keys()
    assert "#000000" not in found


def test_the_words_are_drawn_in_the_shipped_fonts():
    # Only the letters differ, and each node is as wide as its own label.
    one = colours(png(Picture("t", "", (Node("a", "OOOO", "model"),), ())))
    other = colours(png(Picture("t", "", (Node("a", "....", "model"),), ())))
    assert one[LIGHT.ink] > 4 * other[LIGHT.ink] > 0


def test_the_same_picture_with_and_without_links_is_the_same_png():
    bare = replace(
        FLOW,
        nodes=tuple(replace(node, href=None) for node in FLOW.nodes),
        edges=tuple(replace(edge, href=None) for edge in FLOW.edges),
        groups=tuple(replace(group, href=None) for group in FLOW.groups),
    )
    assert png(FLOW) == png(bare)


def test_what_a_page_holds_gives_the_same_png():
    drawn = svg(FLOW, "flow-3")
    page = html.document_fromstring(f"<html><body><p>before</p>{drawn}</body></html>")
    element = next(page.iter("svg"))
    through_html = html.tostring(element, encoding="unicode", with_tail=False)
    assert "viewbox" in through_html  # what an HTML parser makes of it
    (bare,) = etree.fromstring(drawn)
    through_xml = etree.tostring(bare, encoding="unicode")
    assert png_of_svg(through_html) == png_of_svg(through_xml) == png_of_svg(drawn) == png(FLOW)


def test_timelines_and_empty_pictures_have_one_too():
    assert LIGHT.tints["alarm"].line in colours(png(WAVES, scale=2))
    assert size(png(EMPTY))[0] == 440


def test_a_huge_picture_stays_within_what_a_browser_takes():
    tall = png_of_svg(svg(chain(300)))
    assert 15_900 < size(tall)[1] <= 16_000


def test_nothing_is_read_from_the_machine(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#ff0000"/></svg>'
    )
    svg_text = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">
      <image width="9" height="9" xlink:href="{secret}"/><image width="9" height="9" href="{secret}"/>
      <style>rect {{ fill: #00ff00 }}</style><rect x="8" width="1" height="1" fill="#0000ff"/></svg>"""
    found = colours(png_of_svg(svg_text, scale=1))
    assert set(found) == {LIGHT.paper, "#0000ff"}


@pytest.mark.parametrize("text", ["", "<p>no picture</p>", "<svg/>", '<svg viewBox="0 0 0 0"/>', "<svg viewBox='a'/>"])
def test_what_is_no_picture_is_refused(text):
    with pytest.raises(ValueError, match=r"svg|empty"):
        png_of_svg(text)


def test_the_machines_fonts_are_asked_only_for_what_ours_lack(monkeypatch):
    asked = []

    def spy(**named):
        asked.append(named["skip_system_fonts"])
        return image_of_nothing

    image_of_nothing = png(EMPTY)
    monkeypatch.setattr("generator.diagrams.raster.resvg_py.svg_to_bytes", spy)
    nodes = (Node("a", "Ünïcode Ελλάδα Заказ שלום ≥", "model"), Node("b", "b", "model"))
    png(Picture("漢字", "漢字", nodes, (Edge("a", "b"),)))  # only the title, which is not drawn, is beyond ours
    png(Picture("t", "", (Node("a", "漢字", "model"),), ()))
    assert asked == [True, False]
