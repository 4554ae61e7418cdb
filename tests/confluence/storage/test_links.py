"""Where addresses lead, seen from a page in a folder."""

import pytest

from generator.confluence.parity import Surroundings, parity
from generator.confluence.storage.convert import convert_element
from generator.confluence.storage.links import Nowhere, ToAddress, ToAnchor, ToFile, ToPage, destination
from generator.confluence.storage.page import Walk
from tests.confluence.storage.book import NAMES, PAGE, PLACES, SITE, UNSERVED, converted, page_html

WALK = Walk(PAGE, SITE, frozenset({"use", "a b"}), convert_element)
BASE = "https://book.example.com/docs"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("#use", ToAnchor("use")),
        ("#a%20b", ToAnchor("a b")),
        ("ryl.html#use", ToAnchor("use")),
        ("ryl.html", ToPage("model:ryl", "")),
        ("", ToPage("model:ryl", "")),
        ("#top", ToPage("model:ryl", "")),
        ("./tpfy.html", ToPage("model:tpfy", "")),
        ("tpfy.html?x=1#y", ToPage("model:tpfy", "y")),
        (".", ToPage("page:models", "")),
        ("..", ToPage("page:index", "")),
        ("../models", ToPage("page:models", "")),
        (f"{BASE}/models/", ToPage("page:models", "")),
        (f"{BASE}/", ToPage("page:index", "")),
        ("/docs/", ToPage("page:index", "")),
        ("plot.png", ToFile("models/plot.png")),
        ("/docs/models/plot.png", ToFile("models/plot.png")),
        ("../files/Q3%20report.pdf", ToFile("files/Q3 report.pdf")),
        ("../teams/", ToAddress(f"{BASE}/teams/")),
        ("../a%20b.html#c", ToAddress(f"{BASE}/a%20b.html#c")),
        ("https://book.example.com/docsy/", ToAddress("https://book.example.com/docsy/")),
        ("//other.example.com/x", ToAddress("https://other.example.com/x")),
        ("HTTPS://other.example.com/x", ToAddress("HTTPS://other.example.com/x")),
    ],
)
def test_destination(address, expected):
    assert destination(address, WALK) == expected


NOWHERE = ["#gone", "ryl.html#gone", "plot.jpg", "../../x.html", "/x.html", "file:///etc/passwd", "http://["]
SCRIPTS = ["javascript:x", "java\nscript:x", "\x01javascript:x", "JAVASCRIPT:x"]


@pytest.mark.parametrize("address", [*NOWHERE, *SCRIPTS])
def test_nowhere(address):
    assert isinstance(destination(address, WALK), Nowhere)


def test_what_is_not_published_needs_the_address_of_the_site():
    unserved = Walk(PAGE, UNSERVED, frozenset(), convert_element)
    assert isinstance(destination("../404.html", unserved), Nowhere)
    assert destination("tpfy.html", unserved) == ToPage("model:tpfy", "")


def test_ids_that_differ_in_a_sign_alone_have_anchors_of_their_own():
    body = '<h2 id="a:b">X</h2><h2 id="a-b">Y</h2><p><a href="#a:b">1</a> <a href="#a-b">2</a></p>'
    result = converted(body)
    first, second = result.anchors
    assert second == "a-b"
    made = result.storage.resolved(PLACES)
    assert f'<ac:link ac:anchor="{first}"><ac:link-body>1<' in made
    assert '<ac:link ac:anchor="a-b"><ac:link-body>2<' in made
    assert converted('<a href="tpfy.html#a:b">there</a>').links[0].anchor == first
    around = Surroundings(PAGE.path, PAGE.title, NAMES, SITE.url)
    assert parity(page_html(body), made, around).holds
    assert not parity(page_html(body), made.replace(f'"{first}"', '"a-b"'), around).holds
