from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks.chains import ends

LINKS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefghxy"))


def by_walking(following: dict[str, str], start: str) -> str | None:
    """The same, one start at a time: slow and plain."""
    here, seen = start, [start]
    while here in following:
        here = following[here]
        if here == start:
            return start
        if here in seen:
            return None
        seen.append(here)
    return here


@settings(deadline=None, max_examples=300)
@given(LINKS)
def test_every_chain_ends_where_walking_it_ends(following: dict[str, str]):
    assert ends(following) == {start: by_walking(following, start) for start in following}


def test_a_long_chain_is_followed_once():
    count = 50_000
    found = ends({str(number): str(number + 1) for number in range(count)})
    assert set(found.values()) == {str(count)}
