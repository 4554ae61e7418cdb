"""Where addresses lead, seen from a page in a folder."""

import pytest

from generator.confluence.parity import Surroundings, parity
from generator.confluence.storage.convert import convert_element
from generator.confluence.storage.links import AnchorLink, BrokenLink, ExternalLink, FileLink, PageLink, resolve_link
from generator.confluence.storage.page import ConversionContext
from tests.confluence.storage.book import NAMES, PAGE, PLACES, SITE, UNSERVED, converted, page_html

WALK = ConversionContext(PAGE, SITE, frozenset({"use", "a b"}), convert_element)
BASE = "https://book.example.com/docs"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("#use", AnchorLink("use")),
        ("#a%20b", AnchorLink("a b")),
        ("ryl.html#use", AnchorLink("use")),
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
def test_destination(address, expected):
    assert resolve_link(address, WALK) == expected


NOWHERE = ["#gone", "ryl.html#gone", "plot.jpg", "../../x.html", "/x.html", "file:///etc/passwd", "http://["]
SCRIPTS = ["javascript:x", "java\nscript:x", "\x01javascript:x", "JAVASCRIPT:x"]


@pytest.mark.parametrize("address", [*NOWHERE, *SCRIPTS])
def test_nowhere(address):
    assert isinstance(resolve_link(address, WALK), BrokenLink)


def test_what_is_not_published_needs_the_address_of_the_site():
    unserved = ConversionContext(PAGE, UNSERVED, frozenset(), convert_element)
    assert isinstance(resolve_link("../404.html", unserved), BrokenLink)
    assert resolve_link("tpfy.html", unserved) == PageLink("model:tpfy", "")


def test_ids_that_differ_in_a_sign_alone_have_anchors_of_their_own():
    body = '<h2 id="a:b">X</h2><h2 id="a-b">Y</h2><p><a href="#a:b">1</a> <a href="#a-b">2</a></p>'
    result = converted(body)
    first, second = result.anchors
    assert second == "a-b"
    made = result.storage.resolve(PLACES)
    assert f'<ac:link ac:anchor="{first}"><ac:link-body>1<' in made
    assert '<ac:link ac:anchor="a-b"><ac:link-body>2<' in made
    assert converted('<a href="tpfy.html#a:b">there</a>').links[0].anchor == first
    around = Surroundings(PAGE.path, PAGE.title, NAMES, SITE.url)
    assert parity(page_html(body), made, around).holds
    assert not parity(page_html(body), made.replace(f'"{first}"', '"a-b"'), around).holds
