"""Graphs drawn at random: things that depend on one another, with and without cycles."""

from hypothesis import strategies as st

from generator.findings import Position
from generator.graph.edges import Edge, Graph, Relation
from generator.grouping import group_pairs
from generator.names import Ref

RELATIONS = (Relation.DEPENDS_ON, Relation.CALLS, Relation.FALLS_BACK_TO)


def table(number: int) -> Ref:
    return Ref("table", f"t{number}")


@st.composite
def graphs(draw: st.DrawFn, size: int = 9) -> Graph:
    count = draw(st.integers(1, size))
    number = st.integers(0, count - 1)
    drawn = draw(st.lists(st.tuples(number, number, st.sampled_from(RELATIONS)), max_size=3 * count, unique=True))
    edges = [
        Edge(table(source), table(target), relation, Position("cards/f.yml", line), Ref("flow", "f"), step=line)
        for line, (source, target, relation) in enumerate(drawn, 1)
        if source != target
    ]
    return Graph(
        {}, frozenset(table(each) for each in range(count)), group_pairs((edge.declared_by, edge) for edge in edges)
    )
