import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.pages.search_words import SIGNS, cut_tokens, cut_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Restaurants You'll Like", ["restaurants", "youll", "like"]),
        ("Restaurants You\u2019ll Like", ["restaurants", "youll", "like"]),
        ("cuisine_affinity", ["cuisine", "affinity"]),
        ("orders.v1 (topic)", ["orders", "v1", "topic"]),
        ("Joël D'Souza", ["joel", "dsouza"]),
        ("Zażółć gęślą", ["zazołc", "gesla"]),
        ("İstanbul, STRASSE, Straße", ["istanbul", "strasse", "straße"]),
        ("ΟΔΟΣ οδός", ["οδοσ", "οδοσ"]),
        ("\uff26ull \uff57idth", ["full", "width"]),
        ("ಆಶಾ ರಾವ್", ["ಆಶಾ", "ರಾವ್"]),
        ("Йод и ёлка", ["иод", "и", "елка"]),
        ("推荐模型v2", ["推荐", "荐模", "模型", "型", "v2"]),
        ("サービス", ["サー", "ービ", "ビス", "ス"]),
        ("한국어", ["한국어"]),
        ("NDCG@10 = 0.412", ["ndcg", "10", "0", "412"]),
        ("-- . _", []),
    ],
)
def test_a_text_is_cut_into_words(text, words):
    assert list(cut_words(text)) == words


@pytest.mark.parametrize(
    ("text", "identifiers"),
    [
        ("config/carousels.yaml", ["carousels.yaml"]),
        ("<asha@example.com>, cuisine_affinity", ["asha@example.com", "cuisine_affinity"]),
        ("https://ml.example.com/v1/models/ryl:predict", ["ml.example.com"]),
        ("The end. A two-tower model.", ["two-tower"]),
        ("__init__ -x- plain", []),
    ],
)
def test_identifiers_keep_their_signs(text, identifiers):
    assert [token.identifier for token in cut_tokens(text) if token.identifier] == identifiers


@given(st.text())
def test_words_of_any_text_have_no_separators(text):
    for token in cut_tokens(text):
        assert all(word and not set(word) & set(f"{SIGNS} '\n\t") for word in token.words)
        assert " " not in token.identifier


@given(st.text())
def test_words_stay_the_same_when_they_are_cut_again(text):
    words = [word for word in cut_words(text) if word.isascii()]
    assert list(cut_words(" ".join(words))) == words
