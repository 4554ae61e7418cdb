"""Texts with gaps."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.globs import VARIABLE, fits, may_be_same, pieces

STAR = re.compile(r"\*")
glob = st.text("ab*", max_size=6)


@settings(max_examples=300, deadline=None)
@given(glob, st.text("ab", max_size=8))
def test_fits_as_the_regular_expression_would(pattern, text):
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert fits(pieces(pattern, STAR), text) == (re.fullmatch(expression, text) is not None)


@settings(max_examples=300, deadline=None)
@given(glob, glob)
def test_two_may_be_the_same_when_a_text_fits_both(one, other):
    first, second = pieces(one, STAR), pieces(other, STAR)
    longest = [max((each[index] for each in (first, second)), key=len) for index in (0, -1)]
    middles = [*first[1:-1], *second[1:-1]]
    witness = "".join([longest[0], *middles, longest[1]])
    if may_be_same(first, second):
        assert len(first) == 1 or len(second) == 1 or (fits(first, witness) and fits(second, witness))
    else:
        assert not any(fits(first, text) and fits(second, text) for text in (witness, one, other))
    assert may_be_same(first, second) == may_be_same(second, first)


@pytest.mark.parametrize("text", ["$A", "${A}", "${A:-b}", "$(cat x)", "<your token>", "`cat x`", "$1"])
def test_variables(text):
    assert VARIABLE.fullmatch(text)


@pytest.mark.parametrize("text", ["$", "{city}", "$ A", "<>", "a<b", "``a"])
def test_no_variables(text):
    assert not VARIABLE.fullmatch(text)
