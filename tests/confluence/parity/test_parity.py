"""Parity finds what is missing, whatever it is: each test takes one thing away from a page that was complete."""

import pytest

from generator.confluence.parity import Parity, Surroundings, parity
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
STORAGE = converted(BODY).storage.resolved(PLACES)


def verdict(storage: str) -> Parity:
    return parity(page_html(BODY), storage, AROUND)


def test_it_holds_for_the_whole_page():
    whole = verdict(STORAGE)
    assert whole.holds, whole.missing
    assert {tally.kind: tally.on_site for tally in whole.tallies if tally.kind != "word"} == {
        "heading": 2,
        "cell": 8,
        "code": 1,
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
    storage = converted("<ul><li>one<li>two</ul><table><tr><td>a<td>b<tr><td>c</table><p>x<p>y").storage.resolved({})
    whole = parity(html, storage, AROUND)
    assert whole.holds
    assert next(tally.on_site for tally in whole.tallies if tally.kind == "cell") == 3
