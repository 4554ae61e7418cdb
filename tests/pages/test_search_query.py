import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.pages.search import SearchEntry, join_words, list_card_entries
from generator.pages.search_query import SearchEngine, count_edits
from generator.pages.search_words import cut_words
from tests.books import open_own_book
from tests.test_search import FIRST_HITS, misspell


@pytest.fixture(scope="module")
def book():
    return open_own_book().book


@pytest.fixture(scope="module")
def engine(book):
    return SearchEngine(list_card_entries(book))


def first_location(engine, query):
    hits = engine.search(query)
    return hits[0].entry.location if hits else None


OF_CARDS = {
    query: path for query, path in FIRST_HITS.items() if path.partition("/")[0] not in {"reference"} and "/" in path
}


@pytest.mark.parametrize("query", OF_CARDS)
def test_the_first_hit_is_that_of_the_search_on_the_site(engine, query):
    assert first_location(engine, query) == OF_CARDS[query].replace(".html", ".md")


def test_the_name_the_id_and_the_aliases_of_every_card_come_first(book, engine):
    names = [(ref, name) for ref, loaded in book.graph.cards.items()
             for name in (ref.id, loaded.card.name, *loaded.card.aliases)]  # fmt: skip
    for ref, name in names:
        same = [f"/{other.id}.md" for other, one in names if cut_words(one) == cut_words(name)]
        assert str(first_location(engine, name)).endswith(tuple(same)), (str(ref), name)


def test_names_with_a_wrong_letter_are_found(book, engine):
    chance = random.Random(1)
    ranks = []
    for ref, loaded in book.graph.cards.items():
        for name in {ref.id, loaded.card.name}:
            if len(name) >= 6 and name.isascii():
                found = [hit.entry.location for hit in engine.search(misspell(name, chance))[:5]]
                ranks.append(any(location.endswith(f"/{ref.id}.md") for location in found))
    assert sum(ranks) / len(ranks) > 0.95


@pytest.mark.parametrize("query", ["", "  ", "…", "._@", "zzzzqqqq xxxxwwww"])
def test_a_query_without_matches_finds_nothing(engine, query):
    assert engine.search(query) == []


def test_two_letters_in_texts_match_whole_words_only():
    engine = SearchEngine([SearchEntry(("Paying",), words=join_words(["kafka topic"]))])
    assert engine.search("ka") == []
    assert len(engine.search("kaf")) == 1


@pytest.mark.parametrize(
    ("typed", "name", "edits"),
    [
        ("ryl", "ryl", 0),
        ("rly", "ryl", 1),
        ("fruad", "fraud", 1),
        ("coupn", "coupon", 1),
        ("restu", "restaurants", 1.5),
    ],
)
def test_edits_are_counted(typed, name, edits):
    assert count_edits(typed, name, 2) == edits


@given(st.text(max_size=30))
def test_any_query_has_an_answer(text):
    engine = SearchEngine([SearchEntry(("Home feed", "home-feed"), words="carousels.yaml")])
    assert len(engine.search(text)) <= 1
