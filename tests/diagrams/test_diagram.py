import pytest

from generator.diagrams import DiagramEdge, DiagramGroup, DiagramNode, GraphDiagram

A, B = DiagramNode("a", "A", "model"), DiagramNode("b", "B", "system")


@pytest.mark.parametrize(
    ("nodes", "edges", "groups", "message"),
    [
        ((A, A), (), (), "duplicate node ids: a"),
        ((A,), (DiagramEdge("a", "zz"),), (), "unknown node ids: zz"),
        ((A,), (DiagramEdge("zz", "a"),), (), "unknown node ids: zz"),
        ((DiagramNode("a", "A", "model", group="g"),), (), (), "unknown group ids: g"),
        ((), (), (DiagramGroup("g", "G"), DiagramGroup("g", "H")), "duplicate group ids: g"),
    ],
)
def test_duplicate_and_unknown_ids_raise(nodes, edges, groups, message):
    with pytest.raises(ValueError, match=message):
        GraphDiagram("t", "d", nodes, edges, groups)


def test_loops_and_parallel_edges_are_valid():
    assert (
        len(GraphDiagram("t", "d", (A, B), (DiagramEdge("a", "a"), DiagramEdge("a", "b"), DiagramEdge("a", "b"))).edges)
        == 3
    )
