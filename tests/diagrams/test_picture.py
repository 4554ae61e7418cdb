import pytest

from generator.diagrams import Edge, Group, Node, Picture

A, B = Node("a", "A", "model"), Node("b", "B", "system")


@pytest.mark.parametrize(
    ("nodes", "edges", "groups", "said"),
    [
        ((A, A), (), (), "node ids given twice: a"),
        ((A,), (Edge("a", "zz"),), (), "no node zz"),
        ((A,), (Edge("zz", "a"),), (), "no node zz"),
        ((Node("a", "A", "model", group="g"),), (), (), "no group g"),
        ((), (), (Group("g", "G"), Group("g", "H")), "group ids given twice: g"),
    ],
)
def test_a_picture_that_contradicts_itself_is_refused(nodes, edges, groups, said):
    with pytest.raises(ValueError, match=said):
        Picture("t", "d", nodes, edges, groups)


def test_loops_and_parallel_edges_are_pictures():
    assert len(Picture("t", "d", (A, B), (Edge("a", "a"), Edge("a", "b"), Edge("a", "b"))).edges) == 3
