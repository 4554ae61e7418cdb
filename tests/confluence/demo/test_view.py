"""The browser view: storage format as HTML, which cannot run code."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html
from werkzeug import Response

from generator.confluence.demo import DemoServer
from generator.confluence.demo.world import PAGE, File, Version
from generator.confluence.rest import connect
from generator.confluence.wiki import Flavour, NewPage, Place, Upload
from tests.confluence.conftest import access_to, context_of
from tests.confluence.transport import InMemory, build_request
from tests.conftest import Golden

HERE = Path(__file__).parent / "goldens"


def look(demo: DemoServer, target: str) -> Response:
    response = demo.exchange(build_request("GET", target, {})).response
    assert response is not None
    return response


def render(body: str) -> str:
    """Return a body as the browser sees it, on a page with an attachment, a child and pages that it links to."""
    demo = DemoServer(Flavour.CLOUD, now=lambda: datetime(2026, 11, 20, tzinfo=UTC))
    session = demo.session()
    space = session.space("BOOK")
    page = session.create(PAGE, space, space.homepage_id, Version("Model", body))
    session.create(PAGE, space, page.id, Version("Child & co"))
    session.create(PAGE, space, space.homepage_id, Version("Other"))
    for name in ("flow.png", "card.yml"):
        page.files[name] = File(1, name, "image/png", "", b"x", "admin", "")
    shown = look(demo, f"/wiki/spaces/BOOK/pages/{page.id}").get_data(as_text=True)
    return shown[shown.index('<div class="body">') : shown.index("<footer>")].strip()


def test_storage_format_is_rendered(golden: Golden) -> None:
    golden(HERE / "page.html", render((HERE / "page.storage.xml").read_text(encoding="utf-8")))


def macro(name: str, inside: str) -> str:
    return f'<ac:structured-macro ac:name="{name}">{inside}</ac:structured-macro>'


HOSTILE = (
    '<p><a href="javascript:alert(1)">x</a></p>',
    '<p><a href=" javascript:alert(1)">x</a></p>',
    '<p><a href="java&#10;script:alert(1)">x</a></p>',
    '<p><a href="JaVaScRiPt:alert(1)">x</a></p>',
    '<p><a href="data:text/html,x">x</a></p>',
    '<p><a href="https://x&quot; onclick=&quot;alert(1)">x</a></p>',
    '<p onclick="alert(1)" style="background:url(javascript:x)" class="c" id="i">x</p>',
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    '<p title="&quot; onmouseover=&quot;alert(1)">x</p>',
    '<ac:image><ri:url ri:value="https://evil.example.com/x.png" /></ac:image>',
    '<ac:image><ri:url ri:value="javascript:alert(1)" /></ac:image>',
    '<ac:image ac:alt="&quot; onload=&quot;x" ac:width="1 onload=x"><ri:attachment ri:filename="a.png" /></ac:image>',
    '<ac:link><ri:page ri:content-title="&quot;&gt;&lt;script&gt;" /></ac:link>',
    macro("&lt;script&gt;", "<ac:rich-text-body>x</ac:rich-text-body>"),
    macro("status", '<ac:parameter ac:name="colour">red" onclick="x</ac:parameter>'),
    macro("anchor", '<ac:parameter ac:name="">"&gt;&lt;script&gt;</ac:parameter>'),
    macro("html", "<ac:plain-text-body><![CDATA[<script>x</script>]]></ac:plain-text-body>"),
    macro("code", "<ac:plain-text-body><![CDATA[</code><script>x</script>]]></ac:plain-text-body>"),
    '<h2>"&gt;&lt;img src=x&gt;</h2>' + macro("toc", ""),
)
KNOWN_ATTRIBUTES = {"href", "title", "class", "id", "src", "alt", "style", "colspan", "rowspan", "start"}


@pytest.mark.parametrize("body", HOSTILE)
def test_a_page_cannot_run_code_or_load_other_addresses(body: str) -> None:
    """Check the elements and attributes that a browser would read."""
    for element in html.fragment_fromstring(render(body), create_parent="div").iter():
        assert element.tag not in ("script", "iframe", "object", "style", "base", "meta", "form")
        assert set(element.attrib) <= KNOWN_ATTRIBUTES
        assert re.match(r"https?://|[/#]|\Z", element.get("href", "").strip())
        assert element.get("src", "/wiki/download/").startswith("/wiki/download/")
        assert "url" not in element.get("style", "")


def test_the_pages_are_linked_as_a_tree(demo: DemoServer) -> None:
    wiki = connect(access_to(demo, f"http://localhost{context_of(demo.flavour)}"), adapter=InMemory(demo))
    space = wiki.space("BOOK")
    parent = wiki.create_page(NewPage(space, "Models & more", "<p>x</p>", space.homepage_id))
    child = wiki.create_page(NewPage(space, "RYL", '<h2>Facts</h2><p><a href="#Facts">f</a></p>', parent.id))
    other = wiki.create_page(NewPage(space, "TPFY", "<p>x</p>", parent.id))
    wiki.move_page(other.id, Place.BEFORE, child.id)
    wiki.add_labels(child.id, ["ranking"])
    shown = look(demo, wiki.page(child.id).url.removeprefix("http://localhost"))
    assert shown.status_code == 200
    text = shown.get_data(as_text=True)
    for expected in ("<title>RYL</title>", "Models &amp; more</a></p>", 'href="#Facts"', ">ranking</span>"):
        assert expected in text
    assert text.index(">TPFY</a>") < text.index('class="here"><a href="' + _path(text, "RYL"))
    index = look(demo, "/wiki/spaces/BOOK" if demo.flavour is Flavour.CLOUD else "/display/BOOK").get_data(as_text=True)
    assert ">Model book home</a>" in index
    assert ">RYL</a>" in index
    assert ">Model book</a>" in look(demo, "/").get_data(as_text=True)


def _path(text: str, title: str) -> str:
    found = re.search(rf'class="here"><a href="([^"]+)">{title}</a>', text)
    assert found
    return found[1]


def test_broken_links_are_marked(demo: DemoServer) -> None:
    wiki = connect(access_to(demo, f"http://localhost{context_of(demo.flavour)}"), adapter=InMemory(demo))
    space = wiki.space("BOOK")
    body = (
        '<ac:link><ri:page ri:content-title="Nobody" /></ac:link>'
        '<ac:link><ri:page ri:content-title="Model book home" /></ac:link>'
        '<ac:image ac:alt="flow"><ri:attachment ri:filename="flow.png" /></ac:image>'
    )
    page = wiki.create_page(NewPage(space, "Model", body, space.homepage_id))
    target = page.url.removeprefix("http://localhost")
    text = look(demo, target).get_data(as_text=True)
    assert text.count('<span class="broken"') == 2
    wiki.create_attachment(page.id, Upload("flow.png", b"x", "image/png"))
    text = look(demo, target).get_data(as_text=True)
    assert text.count('<span class="broken"') == 1
    assert f'/download/attachments/{page.id}/flow.png" alt="flow"' in text


def test_the_browser_loads_nothing_from_other_addresses(demo: DemoServer) -> None:
    for target in ("/", "/nowhere"):
        headers = look(demo, target).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_an_attached_web_page_is_downloaded(demo: DemoServer) -> None:
    wiki = connect(access_to(demo, f"http://localhost{context_of(demo.flavour)}"), adapter=InMemory(demo))
    page = wiki.create_page(NewPage(wiki.space("BOOK"), "Model", "<p>x</p>"))
    wiki.create_attachment(page.id, Upload("evil.html", b"<script>x</script>", "text/html"))
    shown = look(demo, f"{context_of(demo.flavour)}/download/attachments/{page.id}/evil.html")
    assert shown.headers["Content-Disposition"] == "attachment"
    assert shown.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_a_page_in_the_trash_is_marked(demo: DemoServer) -> None:
    wiki = connect(access_to(demo, f"http://localhost{context_of(demo.flavour)}"), adapter=InMemory(demo))
    page = wiki.create_page(NewPage(wiki.space("BOOK"), "Model", "<p>x</p>"))
    wiki.trash_page(page.id)
    assert "This page is trashed." in look(demo, page.url.removeprefix("http://localhost")).get_data(as_text=True)
