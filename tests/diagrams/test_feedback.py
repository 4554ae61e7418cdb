from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from generator.diagrams.feedback import feedback

ENDS = st.tuples(st.integers(0, 8), st.integers(0, 8))


def test_the_edge_that_closes_the_cycle_as_told_is_the_one():
    assert feedback([(0, 1), (1, 2), (2, 0)]) == {2}
    assert feedback([(2, 0), (0, 1), (1, 2)]) == {2}


def test_an_acyclic_picture_has_none():
    assert feedback([(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]) == frozenset()


def test_a_loop_is_left_alone():
    assert feedback([(0, 0), (0, 1)]) == frozenset()


@given(st.lists(ENDS, max_size=30))
def test_turned_round_they_leave_no_cycle(edges):
    against = feedback(edges)
    assert not any(edges[number][0] == edges[number][1] for number in against)
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for number, (tail, head) in enumerate(edges):
        if tail != head:
            sorter.add(*((tail, head) if number in against else (head, tail)))
    sorter.prepare()  # raises CycleError


def test_a_thousand_entangled_nodes_take_no_time():
    ring = [(number, (number + 1) % 1000) for number in range(1000)]
    assert feedback(ring) == {999}
