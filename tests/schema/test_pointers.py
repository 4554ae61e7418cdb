from hypothesis import given, settings
from hypothesis import strategies as st

from generator.schema.fields import parse_pointer, to_pointer


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("a/~01", max_size=4), max_size=4))
def test_a_pointer_is_parsed_to_its_steps(steps):
    assert parse_pointer(to_pointer(tuple(steps))) == tuple(steps)


def test_the_examples_of_the_rfc():
    assert to_pointer(("a/b", "m~n", 0)) == "/a~1b/m~0n/0"
    assert parse_pointer("") == ()
    assert parse_pointer("/") == ("",)
    assert parse_pointer("/~01") == ("~1",)
