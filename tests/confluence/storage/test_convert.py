"""The conversion of each construct in the HTML of Material, with goldens."""

import hashlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.storage.attachments import read_content
from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.nodes import PageTarget
from generator.confluence.storage.page import SourcePage, SourceSite, get_text
from generator.confluence.storage.parse import parse_storage
from generator.diagrams.png import render_png
from generator.findings import Severity
from tests.confluence.storage.book import FILES, PAGE, PLACES, SITE, UNSERVED, converted, format_result, storage
from tests.conftest import Golden

GOLDENS = Path(__file__).parent.parent / "goldens" / "storage"
SOURCES = sorted(GOLDENS.glob("*.html"))


def test_goldens_exist():
    assert len(SOURCES) > 20


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_construct_is_converted(source: Path, golden: Golden):
    site: SourceSite = UNSERVED if source.stem == "missing-site-url" else SITE
    golden(source.with_suffix(".xml"), format_result(converted(source.read_text("utf-8"), site)))


def test_code_with_the_end_of_a_cdata_section_is_split():
    made = storage("<pre>a ]]&gt; b</pre>")
    assert "<![CDATA[a ]]]]><![CDATA[> b]]>" in made
    assert "a ]]> b" in get_text(parse_storage(made))


def test_links_are_resolved_with_the_locations_of_pages():
    result = converted('<p><a href="tpfy.html#use">a</a> <a href="tpfy.html#use">b</a> <a href="../">c</a></p>')
    assert result.links == (PageTarget("model:tpfy", "use"), PageTarget("page:index"))
    assert result.storage.refs == {"model:tpfy", "page:index"}
    renamed = {**PLACES, "model:tpfy": "Top"}
    assert '<ri:page ri:space-key="BOOK" ri:content-title="Top"/>' in result.storage.resolve(renamed, "BOOK")
    with pytest.raises(KeyError, match="model:tpfy"):
        result.storage.resolve({"page:index": "Home"})


def test_the_digest_depends_on_the_content_and_not_on_the_wiki():
    body = '<p>text <a href="tpfy.html">x</a> <img src="plot.png"></p>'
    first = converted(body)
    assert converted(body) == first
    assert converted(body.replace("text", "other")) != first
    assert converted(body.replace("tpfy.html", "../index.html")) != first
    other_picture = replace(SITE, read_file={**FILES, "models/plot.png": b"another"}.get)
    assert converted(body, other_picture) != first


def test_a_page_without_an_article_is_reported():
    result = convert_page(b"<html><body><p>x</p></body></html>", PAGE, SITE)
    assert [loss.rule.code for loss in result.losses] == ["MB911"]
    assert result.storage.parts == ()


def test_the_result_has_the_anchors_in_order():
    result = converted('<h1 id="t">Restaurants You\'ll Like</h1><h2 id="a">A <em>b</em></h2><h3>C</h3>')
    assert result.anchors == ("t", "a")


def test_a_rowspan_of_0_becomes_the_number_of_rows():
    made = storage("<table><tr><td rowspan='0'>a</td><td>b</td></tr><tr><td>c</td></tr></table>")
    assert '<td rowspan="2"><p>a</p></td>' in made


def test_small_text_after_the_text_of_a_cell_begins_a_line():
    cells = "<td>11 Dec 2026<small>review</small></td><td><small>none</small></td><td>RYL<br><small>model</small></td>"
    shown = storage(f"<table><tbody><tr>{cells}</tr></tbody></table>")
    assert "11 Dec 2026<br/><small>review</small>" in shown
    assert "<br/><small>none" not in shown
    assert "RYL<br/><small>model</small>" in shown


@pytest.mark.parametrize("around", ["<p>{}</p>", "<ul><li>{}</li></ul>"])
def test_small_text_of_a_paragraph_or_an_item_stays_in_its_line(around: str):
    assert "Home <small>RYL</small>" in storage(around.format("Home <small>RYL</small>"))


def test_each_piece_of_evidence_and_its_detail_begin_a_line():
    evidence = (
        '<span class="mb-ev">Declared <small>since May</small></span> <span class="mb-ev">Found</span>',
        '<span class="mb-ev">Seen</span>',
    )
    shown = storage(f"<table><tr><td>{' '.join(evidence)}</td></tr></table>")
    assert "<p>Declared <br/><small>since May</small> <br/>Found <br/>Seen</p>" in shown


def test_each_guess_and_its_reason_begin_a_line():
    guesses = "".join(f'<span class="mb-guess"><code>{key}</code> x<small>why</small></span>' for key in ("a", "b"))
    shown = storage(f"<table><tr><td>{guesses}</td></tr></table>")
    why = "<br/><small>why</small>"
    assert f"<p><code>a</code> x{why}<br/><code>b</code> x{why}</p>" in shown


def test_an_abbreviation_in_the_title_is_explained_in_the_text():
    short = '<abbr title="Restaurants You Will Like">RYL</abbr>'
    made = storage(f"<h1>{short}</h1><pre>{short}</pre><p>{short} and {short}</p>")
    assert made.startswith("<h1>RYL</h1>")
    assert made.endswith("<p>RYL (Restaurants You Will Like) and RYL</p>")


def test_a_first_heading_other_than_the_title_is_kept():
    page = SourcePage("models/ryl.html", "Other title")
    html = b'<article class="md-content__inner"><h1>Restaurants</h1></article>'
    assert convert_page(html, page, SITE).storage.parts == ("<h1>Restaurants</h1>",)


def test_a_diagram_is_rendered_only_for_its_upload():
    figure = (GOLDENS / "diagram.html").read_text("utf-8")
    [attachment, *_] = converted(figure).attachments
    png = read_content(attachment, FILES.get, render_png)
    assert png.startswith(b"\x89PNG")
    rekeyed = converted(figure, replace(SITE, drawing_key="2")).attachments[0]
    assert rekeyed.digest != attachment.digest
    assert rekeyed.name == attachment.name


def test_attachments_have_content():
    files, inline = converted('<img src="plot.png"><img src="data:text/plain,a%20b">').attachments
    assert read_content(files, FILES.get, render_png) == b"png of the plot"
    assert read_content(inline, FILES.get, render_png) == b"a b"
    assert inline.digest == hashlib.sha256(b"a b").hexdigest()
    with pytest.raises(FileNotFoundError, match="plot"):
        read_content(files, lambda _path: None, render_png)


def test_two_files_of_one_name_are_reported():
    site = SourceSite({}, {"a-b/c.png": b"1", "a/b-c.png": b"2"}.get, lambda _svg: ())
    result = convert_page(
        b'<article class="md-content__inner"><img src="a-b/c.png"><img src="a/b-c.png"></article>',
        SourcePage("x.html", "X"),
        site,
    )
    assert [loss.rule.code for loss in result.losses] == ["MB910"]


@pytest.mark.parametrize("depth", [90, 300, 1500])
def test_deep_nesting_keeps_its_text(depth: int):
    result = converted("<blockquote>" * depth + "deep" + "</blockquote>" * depth + "<p>after</p>")
    assert get_text(parse_storage(result.storage.resolve({}))) == "deepafter"
    assert bool(result.losses) == (depth > 100)


def test_content_that_is_too_deep_to_parse_is_reported():
    result = converted("<div>" * 5000 + "deep" + "</div>" * 5000)
    assert [loss.rule.code for loss in result.losses] == ["MB909"]


def test_an_unknown_language_is_reported_once():
    fences = ("brainfuck", "brainfuck", "befunge", "text", "yaml")
    blocks = [f'<div class="language-{each} highlight"><pre><code>a = 1</code></pre></div>' for each in fences]
    result = converted("".join(blocks))
    told = [(loss.rule.code, loss.rule.severity, loss.what) for loss in result.losses]
    assert told == [("MB912", Severity.INFO, f"a code block in {each}") for each in ("brainfuck", "befunge")]
    assert result.storage.resolve({}).count("a = 1") == 5
    assert '<ac:parameter ac:name="language">yaml</ac:parameter>' in result.storage.resolve({})


def test_the_cell_of_evidence_keeps_its_words_and_its_link():
    sign = '<span class="mb-sign mb-sign--{}" role="img" aria-label="{}">{}</span>'
    url = "https://github.com/food/feed/blob/a1b2c3d4/src/app.py#L3"
    cell = (
        f'<span class="mb-ev">{sign.format("wait", "Missing", "!")} No card declares it</span> '
        f'<span class="mb-ev mb-old">{sign.format("fine", "Yes", "✓")} Found in code <small>'
        f'<a href="{url}">src/<wbr>app.py:3</a>, code, commit of <time datetime="2026-06-19">19 Jun 2026</time>, '
        "too old to rely on<span data-mb-relative> (154 days)</span></small></span>"
    )
    shown = storage(f"<table><tr><td>{cell}</td></tr></table>")
    assert "<strong>Missing:</strong> No card declares it <br/><strong>Yes:</strong> Found in code <br/>" in shown
    assert f'<small><a href="{url}">src/app.py:3</a>, code, commit of 19 Jun 2026, too old to rely on</small>' in shown
    assert "154" not in shown


def test_a_path_without_a_link_stays_code():
    shown = storage("<table><tr><td><code>config/<wbr>app.yaml:3</code></td></tr></table>")
    assert "<code>config/app.yaml:3</code>" in shown


def test_a_note_in_a_definition_list_keeps_its_title():
    shown = storage("<dl><div class='admonition note'><p class='admonition-title'>Mind</p></div><dt>A</dt></dl>")
    assert '<ac:parameter ac:name="title">Mind</ac:parameter>' in shown
    assert "<strong>A</strong>" in shown


def test_the_day_of_a_scan_without_a_result_is_not_published():
    cell = '<span class="mb-ev">Not found <small><span data-mb-relative>scan of today</span></small></span>'
    assert "<td><p>Not found</p></td>" in storage(f"<table><tr><td>{cell}</td></tr></table>")
