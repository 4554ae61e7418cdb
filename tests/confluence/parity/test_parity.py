"""Parity finds what is missing, whatever it is: each test takes one thing away from a page that was complete."""

import pytest

from tests.confluence.parity import Parity, Surroundings, parity
from tests.confluence.storage.book import NAMES, PAGE, PLACES, SITE, converted, page_html

BODY = """
<h1>Restaurants You'll Like</h1><h2 id="use">Use<a class="headerlink" href="#use">¶</a></h2>
<p>Some text with <em>words</em>.</p>
<table class="mb-facts"><tr><th>Owner</th><td>Ranking</td></tr>
<tr><th>State</th><td><span class="mb-badge">live</span></td></tr></table>
<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
<pre><code>curl -s</code></pre><p><a href="tpfy.html#use">its part</a> <a href="#use">up</a>
<a href="../404.html">gone</a>
<a href="../files/Q3%20report.pdf">report</a> <a href="https://x.example.com/">ext</a></p>
<p><img alt="Recall" src="plot.png"></p>
<figure class="mb-diagram"><svg viewBox="0 0 1 1"><desc>A flow</desc>
<a xlink:href="../"><text>Home</text></a></svg></figure>
<div class="mb-site-only"><h3>Filter</h3></div><button>Copy</button>
"""
AROUND = Surroundings(PAGE.path, PAGE.title, NAMES, SITE.url)
STORAGE = converted(BODY).storage.resolve(PLACES, "BOOK")


def verdict(storage: str) -> Parity:
    return parity(page_html(BODY), storage, AROUND)


def test_it_holds_for_the_whole_page():
    whole = verdict(STORAGE)
    assert whole.holds, whole.missing
    assert {tally.kind: tally.on_site for tally in whole.tallies if tally.kind != "word"} == {
        "heading": 2,
        "cell": 8,
        "code": 1,
        "list item": 0,
        "link": 5,
        "diagram link": 1,
        "image": 2,
        "fact": 2,
    }
    assert whole.dropped == (("<button>", 1), ("headerlink", 1), ("mb-site-only", 1))


def test_characters_may_be_spelled_as_the_wiki_spells_them():
    body = '<p><a href="tpfy.html">Jo\u00ebl</a></p>'
    around = Surroundings(PAGE.path, PAGE.title, {**NAMES, "models/tpfy.html": "Jo\u00ebl"}, SITE.url)
    stored = '<p><ac:link><ri:page ri:content-title="Jo&euml;l"/><ac:link-body>Jo&euml;l</ac:link-body></ac:link></p>'
    found = parity(page_html(body), stored, around)
    assert not any(tally.missing for tally in found.tallies), found.missing


@pytest.mark.parametrize(
    ("taken", "left", "kind"),
    [
        ("Use</h2>", "</h2>", "heading"),
        ("<h2>", "<p>", "heading"),
        ("<p>2</p>", "<p/>", "cell"),
        ("curl -s", "curl", "code"),
        ('<ac:link ac:anchor="use"><ri:page', "<ac:link><ri:page", "link"),
        ("Top Picks &amp; More", "Models", "link"),
        ("https://x.example.com/", "https://y.example.com/", "link"),
        ("files-Q3_report.pdf", "files-Q4_report.pdf", "link"),
        ("docs/404.html", "docs/", "link"),
        ('ri:content-title="Modelbook"', 'ri:content-title="Models"', "diagram link"),
        ('ac:alt="Recall"', "", "image"),
        ('ac:alt="A flow"', 'ac:alt="Another"', "image"),
        ('ac:name="details"', 'ac:name="info"', "fact"),
        ("live", "dead", "fact"),
        ("<em>words</em>", "", "word"),
    ],
)
def test_what_is_taken_away_is_found_missing(taken: str, left: str, kind: str):
    changed = STORAGE.replace(taken, left, 1)
    if taken == "<h2>":
        changed = changed.replace("</h2>", "</p>")
    assert changed != STORAGE
    found = verdict(changed)
    assert not found.holds
    assert kind in {tally.kind for tally in found.tallies if tally.missing}


def test_an_anchor_that_is_gone_dangles():
    assert verdict(STORAGE.replace('ac:name="">use<', 'ac:name="">usage<')).dangling == ("anchor 'use' of link 'up'",)


def test_order_counts_for_cells():
    swapped = STORAGE.replace("<p>1</p>", "<p>x</p>").replace("<p>2</p>", "<p>1</p>").replace("<p>x</p>", "<p>2</p>")
    assert not verdict(swapped).holds


def test_links_by_content_id_count_too():
    names = {**NAMES, "models/tpfy.html": "4711"}
    by_id = STORAGE.replace(
        '<ri:page ri:space-key="BOOK" ri:content-title="Top Picks &amp; More"/>',
        '<ri:content-entity ri:content-id="4711"/>',
    )
    assert parity(page_html(BODY), by_id, Surroundings(PAGE.path, PAGE.title, names, SITE.url)).holds


def test_tags_that_their_author_left_open_are_read_as_a_browser_does():
    html = page_html("<ul><li>one<li>two</ul><table><tr><td>a<td>b<tr><td>c</table><p>x<p>y")
    storage = converted("<ul><li>one<li>two</ul><table><tr><td>a<td>b<tr><td>c</table><p>x<p>y").storage.resolve({})
    whole = parity(html, storage, AROUND)
    assert whole.holds
    assert next(tally.on_site for tally in whole.tallies if tally.kind == "cell") == 3


STRUCTURE = """
<h2>Use</h2><ul><li>a<ul><li>b</li></ul></li></ul><ol start="5"><li>x</li><li value="9">y</li></ol>
<ul class="task-list"><li class="task-list-item"><input type="checkbox" checked> done</li></ul>
<div class="language-python highlight"><pre><code>x</code></pre></div>
<table><tr><th>recall</th><th>limit</th></tr><tr><td>0.91</td><td>&lt; 5</td></tr><tr><td>-3</td><td>\u2713</td></tr>
<tr><td colspan="2">gold</td></tr></table>
<p>The <abbr title="Key Figure">KF</abbr> is <q>good</q> \U0001f604, no worse.</p><p>Last words.</p>
<p><img alt="p" src="plot.png"><img alt="d" src="data:text/plain,a"><img alt="e" src="https://x.example.com/e.png"></p>
<figure class="mb-diagram"><svg viewBox="0 0 1 1"><desc>One</desc></svg></figure>
<figure class="mb-diagram"><svg viewBox="0 0 1 1"><desc>One</desc></svg></figure>
"""
STORED = converted(STRUCTURE).storage.resolve(PLACES, "BOOK")
CHANGES = {
    "heading level": ("<h2>Use</h2>", "<h5>Use</h5>", "heading"),
    "image": ("models-plot.png", "wrong.png", "image"),
    "image of another folder": ("models-plot.png", "plot.png", "image"),
    "image within the page": ("inline-ca978112ca1b", "inline-000078112ca1b", "image"),
    "image of another host": ("x.example.com/e.png", "x.example.com/f.png", "image"),
    "diagram": ("diagram-2.png", "diagram-1.png", "image"),
    "tick": ("\u2713", "", "cell"),
    "tick to cross": ("\u2713", "\u2717", "cell"),
    "sign": ("-3", "3", "cell"),
    "comparison": ("&lt; 5", "&gt; 5", "cell"),
    "decimals": ("0.91", "0,91", "cell"),
    "words in a cell": ("gold", "not gold at all", "cell"),
    "span": (' colspan="2"', "", "cell"),
    "header cell": ("<th><p>recall</p></th>", "<td><p>recall</p></td>", "cell"),
    "row": ("<td><p>-3</p></td><td>", "<td><p>-3</p></td></tr><tr><td>", "cell"),
    "task": ("complete<", "incomplete<", "list item"),
    "start": (' start="5"', "", "list item"),
    "number": (' start="9"', ' start="6"', "list item"),
    "nesting": ("<ul><li>a<ul><li>b</li></ul></li></ul>", "<ul><li>a</li><li>b</li></ul>", "list item"),
    "language": ('<ac:parameter ac:name="language">py</ac:parameter>', "", "code"),
    "another language": (">py<", ">js<", "code"),
    "emoji": ("\U0001f604", "", "word"),
    "full stop": ("worse.", "worse", "word"),
    "word in running text": ("no worse", "no whit worse", "word"),
    "order of the words": ("Last words.", "words Last.", "word"),
    "quotation mark": ("\u201cgood\u201d", "good", "word"),
    "long form": (" (Key Figure)", "", "word"),
    "another paragraph": ("<p>Last words.</p>", "<p>Last words.</p><p>Really.</p>", "word"),
    "another heading": ("<p>Last words.</p>", "<h2>Last words.</h2>", "heading"),
}


def test_the_structure_holds():
    whole = parity(page_html(STRUCTURE), STORED, AROUND)
    assert whole.holds, whole.missing


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_is_found(change: str):
    before, after, kind = CHANGES[change]
    changed = STORED.replace(before, after, 1)
    assert changed != STORED
    found = parity(page_html(STRUCTURE), changed, AROUND)
    assert kind in {tally.kind for tally in found.tallies if tally.missing}


def test_a_fact_is_compared_to_the_letter():
    found = verdict(STORAGE.replace("<p>Ranking</p>", "<p>Ranking 2</p>"))
    assert {"fact", "cell", "word"} <= {tally.kind for tally in found.tallies if tally.missing}


def test_the_texts_and_links_of_a_foreign_drawing_count():
    body = '<svg><title>Sketch</title><a href="tpfy.html"><text>important words</text></a></svg>'
    found = parity(page_html(body), converted(body).storage.resolve(PLACES, "BOOK"), AROUND)
    assert {tally.kind: len(tally.missing) for tally in found.tallies if tally.missing} == {"link": 1, "word": 2}


@pytest.mark.parametrize(
    "body",
    [
        "<table><tbody><tr><td>1</td></tr></tbody><tfoot><tr><td>f</td></tr></tfoot><tbody><tr><td>2</td></tr></tbody></table>",
        "<p><ruby>\u6f22<rt>kan</rt></ruby></p>",
        "<table><tr><td rowspan='0'>a</td><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td></tr></table>",
        "<p>long<wbr>word</p>",
        "<ol reversed><li>two</li><li>one</li></ol>",
        (
            '<div class="tabbed-set"><div class="tabbed-labels"><label>A</label><label>B</label></div>'
            '<div class="tabbed-content"><div class="tabbed-block">a</div><div class="tabbed-block">b</div></div></div>'
        ),
        '<a href="tpfy.html"><p>one</p><p>two</p></a>',
        '<p><abbr title="Long">L</abbr> and <abbr title="Long">L</abbr></p>',
        '<div class="arithmatex">\\[ x &lt; y \\]</div><p><span class="arithmatex">\\(x\\)</span></p>',
    ],
)
def test_what_stands_otherwise_in_the_source_is_the_same_to_a_reader(body: str):
    found = parity(page_html(body), converted(body).storage.resolve(PLACES, "BOOK"), AROUND)
    assert found.holds, found.missing
