import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.names import ID_PATTERN, Ref, find_nearest, suggest_name


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
