from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from generator.grouping import Selection, cut_lines, group_pairs, overlay


def test_keys_and_values_keep_the_order_of_their_first_appearance():
    grouped = group_pairs([("b", 1), ("a", 2), ("b", 1), ("b", 0)])
    assert list(grouped.items()) == [("b", (1, 1, 0)), ("a", (2,))]


def test_a_selection_has_some_keys_in_another_order():
    selected = Selection(overlay({"a": 1, "b": 2, "c": 3}, {"d": 4}), ["d", "a", "c"])
    assert list(selected.items()) == [("d", 4), ("a", 1), ("c", 3)]
    assert (len(selected), "b" in selected, selected.get("b")) == (3, False, None)


@given(st.lists(st.text("ab", max_size=9)), st.integers(1, 12))
def test_chunks_have_all_lines_in_order_and_are_as_large_as_the_limit_allows(lines, most):
    chunks = list(cut_lines(lines, most))
    assert [line for chunk in chunks for line in chunk] == lines
    assert all(len(chunk) == 1 or len("".join(chunk)) <= most for chunk in chunks)
    assert all(len("".join([*chunk, after[0]])) > most for chunk, after in pairwise(chunks))
