from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.names import ID_PATTERN, Ref, build_sort_key, find_nearest, sort_refs, suggest_name


def test_a_reference_has_a_kind_and_an_id():
    assert Ref.parse("topic:orders.v1") == Ref("topic", "orders.v1")


@pytest.mark.parametrize(
    "text", ["ryl", "model:", ":ryl", "model:../ryl", "model:.ryl", "Model:ryl", "model:a b", "model:a\n"]
)
def test_other_texts_are_rejected_with_the_form(text):
    with pytest.raises(ValueError, match="write kind:id"):
        Ref.parse(text)


@given(st.from_regex(rf"[a-z][a-z0-9_]*:{ID_PATTERN}", fullmatch=True))
def test_a_reference_is_parsed_from_its_text(text):
    assert str(Ref.parse(text)) == text


def test_the_nearest_name_is_suggested():
    assert find_nearest("ownrs", ["owners", "name"]) == "owners"
    assert suggest_name("ownrs", ["owners", "name"]) == "did you mean 'owners'?"


def test_a_few_names_are_listed_if_none_is_near():
    assert suggest_name("zzz", ["online", "offline"]) == "choose one of: offline, online"
    assert suggest_name("zzz", map(str, range(100))) == ""


@pytest.mark.parametrize(
    "names",
    [
        ["Team 2", "Team 10"],
        ["a2b10", "A10b2"],
        ["Alpha", "beta", "Gamma"],
        ["9" * 15, "1" + "0" * 15],
        ["", "1", "x"],
    ],
)
def test_people_expect_numbers_by_their_size_and_letters_without_case(names):
    assert all(first < second for first, second in pairwise(map(build_sort_key, names)))


def test_references_are_sorted_by_kind_and_then_by_id():
    names = ["model:m2", "model:m10", "system:M1"]
    assert sort_refs(map(Ref.parse, reversed(names))) == list(map(Ref.parse, names))


@given(st.permutations(["m1", "m01", "M1", "m001"]))
def test_the_order_of_references_is_total(ids):
    assert [ref.id for ref in sort_refs(Ref("model", one) for one in ids)] == ["M1", "m001", "m01", "m1"]
