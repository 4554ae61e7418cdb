import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.names import ID_PATTERN, Ref, did_you_mean, nearest


def test_a_reference_names_kind_and_id():
    assert Ref.parse("topic:orders.v1") == Ref("topic", "orders.v1")


@pytest.mark.parametrize(
    "text", ["ryl", "model:", ":ryl", "model:../ryl", "model:.ryl", "Model:ryl", "model:a b", "model:a\n"]
)
def test_anything_else_is_refused_with_the_form(text):
    with pytest.raises(ValueError, match="write kind:id"):
        Ref.parse(text)


@given(st.from_regex(rf"[a-z][a-z0-9_]*:{ID_PATTERN}", fullmatch=True))
def test_what_is_read_is_written_again(text):
    assert str(Ref.parse(text)) == text


def test_the_nearest_name_is_offered():
    assert nearest("ownrs", ["owners", "name"]) == "owners"
    assert did_you_mean("ownrs", ["owners", "name"]) == "did you mean 'owners'?"


def test_a_short_choice_is_listed_when_nothing_is_near():
    assert did_you_mean("zzz", ["online", "offline"]) == "choose one of: offline, online"
    assert did_you_mean("zzz", map(str, range(100))) == ""
