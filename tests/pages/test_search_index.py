import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.pages.search import SearchEntry, build_search_entry, convert_own_pages, join_words, list_texts
from generator.pages.search_index import (
    CHUNK_SIZE,
    SearchIndex,
    encode_rows,
    list_postings,
    render_search_index,
    update_postings,
)
from generator.pages.search_words import cut_tokens, cut_words
from tests.books import open_book, open_own_book

words = st.lists(st.sampled_from(["a", "ab", "b", "\U0001d518", "\ufb00", "c.d"]), max_size=4).map(join_words)


def decode_rows(text: str) -> list[int]:
    rows, row, high = [], -1, 0
    for character in text:
        if character >= "a":
            high = high * 28 + ord(character) - ord("a")
        else:
            row, high = row + high * 56 + ord(character) - ord("#") + 1, 0
            rows.append(row)
    return rows


def read_words(files: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the rows of each word in the files of an index."""
    found: dict[str, list[int]] = {}
    for number in range(len(files) - 1):
        text = re.fullmatch(r'modelbookSearch\.addWords\("\w+",\d+,(.*)\);\n', files[f"words-{number}.js"])
        assert text is not None
        for line in json.loads(text[1]).split("\n"):
            word, _, rows = line.partition(" ")
            assert word not in found
            found[word] = decode_rows(rows)
    return found


def read_names(files: Mapping[str, str]) -> tuple[list[list[Any]], list[str]]:
    """Return the rows, and the first words of the files with words."""
    text = re.fullmatch(r'modelbookSearch\.addNames\("\w+",(.*)\);\n', files["names.js"])
    assert text is not None
    rows, starts = json.loads(f"[{text[1]}]")
    return rows, starts


@given(st.sets(st.integers(0, 200_000)))
def test_rows_are_decoded_as_they_were_encoded(rows):
    encoded = encode_rows(sorted(rows))
    assert decode_rows(encoded) == sorted(rows)
    assert not set(encoded) & set('"\\\n ')


@given(st.lists(st.lists(st.text(max_size=30), max_size=5), max_size=8))
def test_every_word_of_any_text_is_in_the_index(texts):
    entries = [SearchEntry((f"Card {number}",), words=join_words(parts)) for number, parts in enumerate(texts)]
    files = dict(render_search_index(entries).render_files())
    words = read_words(files)
    for row, parts in enumerate(texts):
        for token in (token for part in parts for token in cut_tokens(part)):
            assert all(row in words[word] for word in token.words)
            assert not token.identifier or row in words[token.identifier]


@given(st.lists(st.tuples(words, words), max_size=8))
def test_lines_of_changed_texts_are_those_of_the_new_texts(pairs):
    before = [old for old, _ in pairs]
    changes = {row: pair for row, pair in enumerate(pairs) if row % 2}
    after = [new if row % 2 else old for row, (old, new) in enumerate(pairs)]
    assert update_postings(list_postings(before), changes) == list_postings(after)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.text(), st.lists(st.text(), max_size=3))
def test_names_and_summaries_of_any_text_keep_their_words(names, summary, labels):
    files = dict(
        render_search_index([SearchEntry(tuple(names), summary, tuple(labels), location="x.html")]).render_files()
    )
    [[location, title, shown_labels, shown, _]], _ = read_names(files)
    assert (location, shown_labels) == ("x.html", labels)
    assert {word for name in names for word in cut_words(name)} == set(cut_words(title))
    assert "\n" not in title + shown
    assert len(shown) <= 122


def test_every_word_of_every_card_of_the_demo_book_is_in_the_index():
    book = open_own_book().book
    refs = list(book.graph.refs)
    files = dict(render_search_index([build_search_entry(book, ref, ()) for ref in refs]).render_files())
    words = read_words(files)
    for row, ref in enumerate(refs):
        loaded = book.graph.cards.get(ref)
        texts = [*list_texts(loaded.card), loaded.body] if loaded else [ref.id]
        for word in {word for text in texts for word in cut_words(text)} if loaded else ():
            assert row in words[word], (str(ref), word)


def test_words_are_cut_into_files_in_the_order_of_javascript():
    texts = [
        [f"word{number:05d} \U0001d518x \ufb00y \ue000" for number in range(start, 30_000, 7)] for start in range(7)
    ]
    files = dict(render_search_index([SearchEntry(("n",), words=join_words(part)) for part in texts]).render_files())
    _, starts = read_names(files)
    assert len(starts) == len(files) - 1 > 3
    assert all(len(text) < CHUNK_SIZE * 1.2 for name, text in files.items() if name != "names.js")
    order = [word.encode("utf-16-be") for word in read_words(files)]
    assert all(one < other for one, other in pairwise(order))


def test_the_same_cards_give_the_same_bytes_and_another_card_another_version(tmp_path):
    def render(summary: str) -> SearchIndex:
        card = f"kind: model\nid: m\nname: M\nsummary: {summary}\nlifecycle: production\nserving: online\n"
        book = open_book(tmp_path, {"m.yml": card}).book
        return render_search_index([build_search_entry(book, ref, ()) for ref in book.graph.refs])

    first, again, other = render("One"), render("One"), render("Two")
    assert first == again
    assert first.version != other.version
    assert all(first.version in text for _, text in first.render_files())


SMALL = {
    "book.yml": """
    {kind: team, id: kitchen, name: Kitchen, lead: ola, channel: "#kitchen-ml"}
    ---
    {kind: person, id: ola, name: Ola Nord, team: kitchen, email: ola.nord@example.com}
    ---
    kind: system
    id: cart
    name: Cart
    type: service
    uses: [{model: tips, why: Suggests a tip, surface: Basket, configured_in: conf/tipping.toml}]
    ---
    kind: model
    id: tips
    name: Tips
    aliases: [tipster]
    summary: Suggests a tip
    lifecycle: experimental
    serving: online
    owners: [kitchen]
    deployed_on: 2026-03-04
    links: {dashboard: 'https://dash.example.com/d/tip-panel', repo: 'https://git.example.com/ml/tipster'}
    notes: Never above fifteen percent, by a promise to the bakers.
    features: [orders:total_7d]
    contract:
      request: {type: object, properties: {basket_total: {type: number}}}
      response: {type: object, properties: {suggested_tip: {type: number}}}
    card: {model_details: CatBoost on two years of orders, metrics: [{name: MAE, value: 0.377}]}
    x-allow: {MB203: the guild agreed}
    """
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tipping.toml", {"tips", "cart"}),
        ("dash.example.com", {"tips"}),
        ("git.example.com", {"tips"}),
        ("ola.nord@example.com", {"ola"}),
        ("#kitchen-ml", {"kitchen"}),
        ("suggested_tip", {"tips"}),
        ("bakers", {"tips"}),
        ("basket_total", {"tips"}),
        ("CatBoost", {"tips"}),
        ("0.377", {"tips"}),
        ("2026-03-04", {"tips"}),
        ("guild", {"tips"}),
        ("total_7d", {"tips"}),
        ("tip-panel", {"tips"}),
        ("Basket", {"tips", "cart"}),
        ("Kitchen", {"kitchen", "ola", "tips"}),
        ("model_details", set()),
    ],
)
def test_all_text_of_a_card_and_the_names_around_it_are_indexed(tmp_path, text, found):
    book = open_book(tmp_path, SMALL).book
    entries = {ref.id: build_search_entry(book, ref, ()) for ref in book.graph.refs}
    [token] = cut_tokens(text)
    expected = token.identifier or token.words[0]
    assert {name for name, entry in entries.items() if expected in entry.words.split() and name != "orders"} == found


def test_secrets_are_not_indexed(tmp_path):
    secret = "ghp_" + "a1B2" * 9
    card = SMALL["book.yml"].replace("CatBoost", secret)
    book = open_book(tmp_path, {"book.yml": card}).book
    files = dict(render_search_index([build_search_entry(book, ref, ()) for ref in book.graph.refs]).render_files())
    assert not [name for name, text in files.items() if secret.lower() in text.lower()]


def test_sections_of_own_pages_follow_their_page():
    records: list[dict[str, object]] = [
        {"location": "guide.html", "title": "Our <code>guide</code>", "text": "<p>Read &amp; write</p>", "boost": 2},
        {"location": "guide.html#first", "title": "First", "text": "<ul>\n<li>one</li><li>two</li>\n</ul>"},
        {"location": "other.html#start", "title": "Start", "text": "", "tags": ["a"]},
        {"location": "other.html#end", "title": "End", "text": ""},
    ]
    page, section, start, end = convert_own_pages(records)
    assert (page.names, page.summary, page.location, page.weight) == (("Our guide",), "Read & write", "guide.html", 1.4)
    [segmented] = convert_own_pages([{"location": "x.html", "title": "推荐\u200b模型", "text": ""}])
    assert segmented.names == ("推荐模型",)
    assert (section.location, section.words) == ("guide.html#first", "one two")
    assert section.weight < page.weight
    assert (start.location, start.labels, end.location) == ("other.html", ("a",), "other.html#end")
