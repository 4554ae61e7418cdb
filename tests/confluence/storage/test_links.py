"""Targets of the links of a page."""

import pytest

from generator.confluence.storage.convert import convert_element, convert_page
from generator.confluence.storage.links import BrokenLink, ExternalLink, FileLink, PageLink, resolve_link
from generator.confluence.storage.nodes import SiteFile
from generator.confluence.storage.page import ConversionContext, SourcePage, SourceSite
from tests.confluence.parity import Surroundings, parity
from tests.confluence.storage.book import NAMES, PAGE, PLACES, REFS, SITE, UNSERVED, converted, page_html

CONTEXT = ConversionContext(PAGE, SITE, frozenset({"use", "a b"}), frozenset(), convert_element)
BASE = "https://book.example.com/docs"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("#use", PageLink("", "use")),
        ("#a%20b", PageLink("", "a b")),
        ("ryl.html#use", PageLink("", "use")),
        ("ryl.html", PageLink("model:ryl", "")),
        ("", PageLink("model:ryl", "")),
        ("#top", PageLink("model:ryl", "")),
        ("./tpfy.html", PageLink("model:tpfy", "")),
        ("tpfy.html?x=1#y", PageLink("model:tpfy", "y")),
        (".", PageLink("page:models", "")),
        ("..", PageLink("page:index", "")),
        ("../models", PageLink("page:models", "")),
        (f"{BASE}/models/", PageLink("page:models", "")),
        (f"{BASE}/", PageLink("page:index", "")),
        ("/docs/", PageLink("page:index", "")),
        ("plot.png", FileLink("models/plot.png")),
        ("/docs/models/plot.png", FileLink("models/plot.png")),
        ("../files/Q3%20report.pdf", FileLink("files/Q3 report.pdf")),
        ("../teams/", ExternalLink(f"{BASE}/teams/")),
        ("../a%20b.html#c", ExternalLink(f"{BASE}/a%20b.html#c")),
        ("https://book.example.com/docsy/", ExternalLink("https://book.example.com/docsy/")),
        ("//other.example.com/x", ExternalLink("https://other.example.com/x")),
        ("HTTPS://other.example.com/x", ExternalLink("HTTPS://other.example.com/x")),
    ],
)
def test_a_link_is_resolved_from_the_folder_of_its_page(address, expected):
    assert resolve_link(address, CONTEXT) == expected


@pytest.mark.parametrize(
    ("path", "address", "file"),
    [
        ("index.html", "models/ryl.html", "logo.png"),
        ("models/index.html", "ryl.html", "models/logo.png"),
        ("models/tpfy.html", "../models/ryl.html", "models/logo.png"),
        ("teams/ds/index.html", "../../models/ryl.html", "teams/ds/logo.png"),
        ("teams/ds/people/asha.html", "../../../models/ryl.html#use", "teams/ds/people/logo.png"),
    ],
)
def test_links_and_images_of_a_page_are_resolved_from_its_own_folder(path: str, address: str, file: str):
    site = SourceSite(REFS, {file: b"png"}.get, lambda _: ())
    html = page_html(f'<p><a href="{address}">RYL</a> <img src="logo.png" alt="logo"></p>').encode()
    result = convert_page(html, SourcePage(path, "Title"), site)
    assert [link.ref for link in result.links] == ["model:ryl"]
    assert [each.source for each in result.attachments] == [SiteFile(file)]
    assert result.losses == ()


BROKEN = ["#gone", "ryl.html#gone", "plot.jpg", "../../x.html", "/x.html", "file:///etc/passwd", "http://["]
SCRIPTS = ["javascript:x", "java\nscript:x", "\x01javascript:x", "JAVASCRIPT:x"]


@pytest.mark.parametrize("address", [*BROKEN, *SCRIPTS])
def test_a_link_without_a_target_is_broken(address):
    assert isinstance(resolve_link(address, CONTEXT), BrokenLink)


def test_a_link_to_an_unpublished_page_needs_the_address_of_the_site():
    unserved = ConversionContext(PAGE, UNSERVED, frozenset(), frozenset(), convert_element)
    assert isinstance(resolve_link("../404.html", unserved), BrokenLink)
    assert resolve_link("tpfy.html", unserved) == PageLink("model:tpfy", "")


def test_ids_that_differ_in_one_character_have_different_anchors():
    body = '<h2 id="a:b">X</h2><h2 id="a-b">Y</h2><p><a href="#a:b">1</a> <a href="#a-b">2</a></p>'
    result = converted(body)
    first, second = result.anchors
    assert second == "a-b"
    made = result.storage.resolve(PLACES, "BOOK")
    assert f'<ac:link ac:anchor="{first}"><ac:link-body>1<' in made
    assert '<ac:link ac:anchor="a-b"><ac:link-body>2<' in made
    assert converted('<a href="tpfy.html#a:b">there</a>').links[0].anchor == first
    around = Surroundings(PAGE.path, PAGE.title, NAMES, SITE.url)
    assert parity(page_html(body), made, around).holds
    assert not parity(page_html(body), made.replace(f'"{first}"', '"a-b"'), around).holds
