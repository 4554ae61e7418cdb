"""A page in the browser: what storage format shows, and that nobody's page can do more than be read."""

import re
from pathlib import Path

import pytest
from lxml import html

from generator.confluence.rest import connect
from generator.confluence.standin import InMemory, Standin
from generator.confluence.standin.messages import Reply, Request
from generator.confluence.standin.view.paint import Target, ViewContext
from generator.confluence.standin.view.render import render
from generator.confluence.wiki import Flavour, NewPage, Place, Upload
from tests.confluence.conftest import access_to, context_of
from tests.conftest import Golden

HERE = Path(__file__).parent / "goldens"

AROUND = ViewContext(
    page_titled=lambda title, key: Target(f"/page/{key}{title}", title) if title != "Gone" else None,
    page_with_id=lambda number: Target(f"/id/{number}", "By id") if number == "7" else None,
    file=lambda name, title: f"/file/{title}{name}" if name != "gone.png" else None,
    children=lambda: [Target("/child", "Child & co")],
    labelled=lambda labels: [(Target("/ryl", "RYL"), DETAILS)] if list(labels) == ["model"] else [],
)
DETAILS = """<ac:structured-macro ac:name="details"><ac:rich-text-body><table><tbody>
<tr><th>Owner</th><td>Ranking</td></tr></tbody></table></ac:rich-text-body></ac:structured-macro>"""


def look(standin: Standin, target: str) -> Reply:
    reply = standin.exchange(Request.of("GET", target, {"Host": "localhost"}, b"")).reply
    assert reply is not None
    return reply


def test_storage_format_is_painted(golden: Golden) -> None:
    shown = render((HERE / "page.storage.xml").read_text(encoding="utf-8"), AROUND)
    golden(HERE / "page.html", shown)


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
KNOWN_ATTRIBUTES = {"href", "title", "class", "id", "src", "alt", "style", "colspan", "rowspan"}


@pytest.mark.parametrize("body", HOSTILE)
def test_a_page_can_do_nothing_but_be_read(body: str) -> None:
    """The result is read as a browser reads it: what counts is the elements and attributes that it then has."""
    for element in html.fragment_fromstring(render(body, AROUND), create_parent="div").iter():
        assert element.tag not in ("script", "iframe", "object", "style", "base", "meta", "form")
        assert set(element.attrib) <= KNOWN_ATTRIBUTES
        assert re.match(r"https?://|[/#]|\Z", element.get("href", "").strip())
        assert element.get("src", "/file/").startswith("/file/")
        assert "url" not in element.get("style", "")


def test_the_pages_are_linked_as_a_tree(standin: Standin) -> None:
    wiki = connect(access_to(standin, f"http://localhost{context_of(standin.flavour)}"), adapter=InMemory(standin))
    space = wiki.space("BOOK")
    parent = wiki.create_page(NewPage(space, "Models & more", "<p>x</p>", space.homepage_id))
    child = wiki.create_page(NewPage(space, "RYL", '<h2>Facts</h2><p><a href="#Facts">f</a></p>', parent.id))
    other = wiki.create_page(NewPage(space, "TPFY", "<p>x</p>", parent.id))
    wiki.move_page(other.id, Place.BEFORE, child.id)
    wiki.add_labels(child.id, ["ranking"])
    shown = look(standin, wiki.page(child.id).url.removeprefix("http://localhost"))
    assert shown.status == 200
    text = shown.body.decode()
    for expected in ("<title>RYL</title>", "Models &amp; more</a></p>", 'href="#Facts"', ">ranking</span>"):
        assert expected in text
    assert text.index(">TPFY</a>") < text.index('class="here"><a href="' + _path(text, "RYL"))
    index = look(standin, "/wiki/spaces/BOOK" if standin.flavour is Flavour.CLOUD else "/display/BOOK").body.decode()
    assert ">Model book home</a>" in index
    assert ">RYL</a>" in index
    assert ">Model book</a>" in look(standin, "/").body.decode()


def _path(text: str, title: str) -> str:
    found = re.search(rf'class="here"><a href="([^"]+)">{title}</a>', text)
    assert found
    return found[1]


def test_what_is_broken_is_visible(standin: Standin) -> None:
    wiki = connect(access_to(standin, f"http://localhost{context_of(standin.flavour)}"), adapter=InMemory(standin))
    space = wiki.space("BOOK")
    body = (
        '<ac:link><ri:page ri:content-title="Nobody" /></ac:link>'
        '<ac:link><ri:page ri:content-title="Model book home" /></ac:link>'
        '<ac:image ac:alt="flow"><ri:attachment ri:filename="flow.png" /></ac:image>'
    )
    page = wiki.create_page(NewPage(space, "Model", body, space.homepage_id))
    target = page.url.removeprefix("http://localhost")
    text = look(standin, target).body.decode()
    assert text.count('<span class="broken"') == 2
    wiki.create_attachment(page.id, Upload("flow.png", b"x", "image/png"))
    text = look(standin, target).body.decode()
    assert text.count('<span class="broken"') == 1
    assert f'/download/attachments/{page.id}/flow.png" alt="flow"' in text


def test_the_browser_is_told_to_load_nothing_from_elsewhere(standin: Standin) -> None:
    for target in ("/", "/nowhere"):
        headers = look(standin, target).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_an_attached_page_is_downloaded_and_not_shown(standin: Standin) -> None:
    wiki = connect(access_to(standin, f"http://localhost{context_of(standin.flavour)}"), adapter=InMemory(standin))
    page = wiki.create_page(NewPage(wiki.space("BOOK"), "Model", "<p>x</p>"))
    wiki.create_attachment(page.id, Upload("evil.html", b"<script>x</script>", "text/html"))
    shown = look(standin, f"{context_of(standin.flavour)}/download/attachments/{page.id}/evil.html")
    assert shown.headers["Content-Disposition"] == "attachment"
    assert shown.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_a_trashed_page_says_so(standin: Standin) -> None:
    wiki = connect(access_to(standin, f"http://localhost{context_of(standin.flavour)}"), adapter=InMemory(standin))
    page = wiki.create_page(NewPage(wiki.space("BOOK"), "Model", "<p>x</p>"))
    wiki.trash_page(page.id)
    assert "This page is trashed." in look(standin, page.url.removeprefix("http://localhost")).body.decode()
