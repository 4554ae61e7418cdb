"""The fewest moves that bring siblings into the order of the site."""

from hypothesis import given
from hypothesis import strategies as st

from generator.confluence.sync.order import plan_moves
from generator.confluence.wiki import Place


def make_moves(present: list[str], moves: tuple[tuple[str, Place, str], ...]) -> list[str]:
    """Return the pages after some moves, as the wiki makes them."""
    pages = list(present)
    for page_id, place, target_id in moves:
        pages.remove(page_id)
        pages.insert(pages.index(target_id) + (place is Place.AFTER), page_id)
    return pages


def find_longest_rise(numbers: list[int]) -> int:
    """Return the length of a longest increasing subsequence, by the definition."""
    best = [1] * len(numbers)
    for end, number in enumerate(numbers):
        best[end] = 1 + max((best[start] for start in range(end) if numbers[start] < number), default=0)
    return max(best, default=0)


@given(st.data(), st.lists(st.integers(0, 99).map(str), unique=True, max_size=12))
def test_the_fewest_moves_give_the_order_and_leave_other_pages_alone(data: st.DataObject, present: list[str]) -> None:
    wanted = data.draw(st.permutations(data.draw(st.lists(st.sampled_from(present), unique=True)) if present else []))
    moves = plan_moves(present, wanted)
    after = make_moves(present, moves)
    assert [page for page in after if page in wanted] == list(wanted)
    assert [page for page in after if page not in wanted] == [page for page in present if page not in wanted]
    ranks = [wanted.index(page) for page in present if page in wanted]
    assert len(moves) == len(ranks) - find_longest_rise(ranks)


def test_pages_in_order_are_not_moved() -> None:
    assert plan_moves(["1", "x", "2", "3"], ["1", "2", "3"]) == ()


def test_a_page_that_is_not_there_is_left_out() -> None:
    assert plan_moves(["2", "1"], ["1", "gone", "2"]) == (("2", Place.AFTER, "1"),)
