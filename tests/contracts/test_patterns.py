"""Patterns mean what ECMA-262 says, and no pattern keeps anybody waiting."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.pattern_syntax import PatternError
from generator.contracts.patterns import PatternTooCostlyError, compile_pattern


def search(pattern: str, text: str) -> bool:
    return compile_pattern(pattern).search(text)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("^[a-z][a-z0-9_-]{0,3}$", ["a", "a-_9"], ["", "A", "abcde", "a\n"]),
        ("b", ["abc"], ["ac"]),
        ("^(foo|ba[rz])+$", ["foobarbaz"], ["", "ba"]),
        (r"^\d{4}-\d\d$", ["2026-10"], ["٢٠٢٦-10", "2026-1"]),
        (r"^\w+\s\S$", ["a_1 x"], ["é x"]),
        (r"^(?!.*--)[a-z-]+(?<!-)$", ["a-b"], ["a--b", "a-"]),
        (r"^(?=.*\d)(?=.*[a-z]).{4,}$", ["ab1c"], ["abcd", "a1"]),
        (r"(?<=€)\d+", ["€5"], ["$5"]),
        (r"(?<!x)y", ["y", "ay"], ["xy"]),
        (r"\bcat\b", ["a cat."], ["concat"]),
        (r"\Bcat", ["concat"], ["cat"]),
        (r"^\p{Lu}\p{L}*$", ["Éa"], ["éa"]),
        (r"^\P{L}$", ["1"], ["a"]),
        (r"^[^\d\s]$", ["a"], ["1", " "]),
        (r"^[\]\-a\\]+$", ["]-a\\"], ["b"]),
        (r"^[\u0041-\x43]\u{1F600}\t$", ["B😀\t"], ["D😀\t"]),
        (r"^.$", ["a", "é"], ["\n", "", "ab"]),
        (r"^a{2}b{1,}c{0,2}d?$", ["aab", "aabbbccd"], ["ab", "aabccc"]),
        (r"^(?<year>\d+)-(?P<month>\d+)$", ["1-2"], ["1"]),
        (r"^x*?y+?$", ["xxyy", "y"], ["x"]),
        (r"\Aab\Z", ["ab"], ["xab"]),
        ("", ["", "x"], []),
        ("a||b", ["zzz"], []),
        ("a{,2}", ["a{,2}"], ["aa"]),
        (r"^(a*)*$", ["", "aaa"], ["b"]),
        ("[]a]", [], ["]a]", ""]),
        ("[^]", ["\n"], [""]),
    ],
)
def test_what_matches(pattern, yes, no):
    assert [text for text in yes if not search(pattern, text)] == []
    assert [text for text in no if search(pattern, text)] == []


REFUSED = [
    "(", ")", "a)", "[", "[a", "*", "a**", "a{2,1}", "[z-a]",
     r"(a)\1", r"\k<x>", "(?>a)", "(?i)a", r"\p{Script=Greek}", "\\", r"\q", "^*", "a{99999}",
     "(" * 60 + ")" * 60, "((a{1000}){1000}){1000}", "((){9999}){9999}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", REFUSED)
def test_what_cannot_be_checked_is_refused_by_name(pattern):
    with pytest.raises(PatternError, match=r"\w"):
        compile_pattern(pattern)


repeatable = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "(?:a|b)", "(?:ab)", "(a|)"])
atoms = repeatable | st.sampled_from(["(?=a)", "(?!b)", r"\b", "(?<=a)", "(?<!b)", "^", "$"])
quantified = st.tuples(repeatable, st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "*?"])).map("".join)
plain = st.lists(quantified | atoms, max_size=5)


@settings(max_examples=400, deadline=None)
@given(plain.map("".join), st.text("abc ", max_size=6))
def test_pythons_engine_agrees_where_the_two_languages_do(pattern, text):
    try:
        expected = re.search(pattern, text) is not None
    except re.error:
        return
    try:
        found = search(pattern, text)
    except PatternError:
        return
    assert found == expected


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="ab()[]{}*+?|^$\\.-,0123dwsbpPxu<>=!:é", max_size=20) | st.text(max_size=20), st.text(max_size=10)
)
def test_any_text_is_a_pattern_or_refused(pattern, text):
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return
    assert compiled.search(text) in {True, False}


EVIL = [
    r"^(a+)+$", r"^(a|aa)+$", r"^(a|a?)+$", r"(a*)*b", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"^(.*)*$x",
    r"(?=(a+)+$)b", r"a*a*a*a*a*a*b", r"^(\w+\s?)*$", r"(?<=(a|aa)+)c",
]  # fmt: skip


@pytest.mark.parametrize("pattern", EVIL)
def test_an_evil_pattern_costs_pattern_times_text(pattern):
    compiled = compile_pattern(pattern)

    def cost(length: int) -> float:
        start = time.process_time()
        assert compiled.search("a" * length + "!") is False
        return time.process_time() - start

    assert cost(400) < 40 * cost(100) + 0.1


def test_pythons_own_engine_would_hang_on_them():
    text = "a" * 22 + "!"
    start = time.process_time()
    re.search(r"^(a+)+$", text)
    theirs = time.process_time() - start
    start = time.process_time()
    search(r"^(a+)+$", text)
    assert time.process_time() - start < theirs / 10


def test_a_text_too_long_to_search_is_refused():
    with pytest.raises(PatternTooCostlyError):
        search("(a+)+(b+)+$", "a" * 400_000)
