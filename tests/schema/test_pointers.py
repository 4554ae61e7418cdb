from hypothesis import given, settings
from hypothesis import strategies as st

from generator.schema.pointers import pointer, pointer_steps


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("a/~01", max_size=4), max_size=4))
def test_what_is_written_is_read_back(steps):
    assert pointer_steps(pointer(tuple(steps))) == tuple(steps)


def test_as_the_rfc_has_it():
    assert pointer(("a/b", "m~n", 0)) == "/a~1b/m~0n/0"
    assert pointer_steps("") == ()
    assert pointer_steps("/") == ("",)
    assert pointer_steps("/~01") == ("~1",)
