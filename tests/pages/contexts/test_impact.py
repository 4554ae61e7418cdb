"""The diagram of an impact: its nodes, its counts, and that every node is connected."""

import re
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as some

from generator.answers.impact import Affected, Impact
from generator.diagrams import DiagramNode, TieredDiagram, render_svg
from generator.findings import Position
from generator.graph.edges import Edge, Relation
from generator.names import Ref
from generator.pages.contexts.answers import build_impact_diagram, build_impact_view, compute_prominence
from tests.books import open_book, open_own_book

START = Ref("model", "start")


def affected(ref: Ref, distance: int, *nearer: Ref) -> Affected:
    edges = tuple(Edge(ref, one, Relation.USES, Position("cards/c.yml", 1, 1), ref) for one in nearer)
    return Affected(ref, ref.id, distance, (), edges, only_weakened=False)


def impact_of(*several: Affected, is_whole: bool = True) -> Impact:
    return Impact(START, "Start", several, (), (), (), (), is_whole)


def count_dependents(nodes: Iterable[DiagramNode]) -> int:
    """Return the number of dependents that the nodes show or count."""
    return sum(int(re.sub(r"\D", "", one.label)) if one.id.startswith("+") else 1 for one in nodes)


def find_unconnected(picture: TieredDiagram) -> set[str]:
    drawn = {node.id for column in picture.columns[1:] for node in column}
    return drawn - {edge.target for edge in picture.edges}


def test_the_diagram_of_a_large_team_shows_models_and_counts_the_others():
    found = build_impact_view(open_own_book().book, Ref("team", "data-science"))
    assert found is not None
    assert found.picture is not None
    direct = found.picture.columns[1]
    assert [node.kind for node in direct] == ["model"] * 5 + [""]
    assert direct[-1].label == f"and {found.direct - 5} more"
    assert find_unconnected(found.picture) == set()
    assert f"Dependents of Data science: {found.direct} directly (5 shown)" in found.picture.description


def test_models_and_systems_are_first_in_the_table():
    found = build_impact_view(open_own_book().book, Ref("team", "data-science"))
    assert found is not None
    direct = [row.ref for row in found.rows if row.distance == 1]
    assert direct == sorted(direct, key=compute_prominence)
    assert {ref.kind for ref in direct[:13]} == {"model"}
    kinds = ["migration", "experiment", "flow", "topic", "system", "model"]
    assert sorted((Ref(kind, "a") for kind in kinds), key=compute_prominence) == [
        Ref(kind, "a") for kind in ("model", "system", "topic", "flow", "experiment", "migration")
    ]


def test_the_box_that_counts_others_has_no_link(tmp_path):
    needed = ["base"] * 9 + ["s0"]
    systems = "\n---\n".join(
        f"kind: system\nid: s{n}\nname: S{n}\ntype: job\ndepends_on: ['system:{other}']"
        for n, other in enumerate(needed)
    )
    base = "kind: system\nid: base\nname: Base\ntype: job\n"
    pages, mistakes = open_book(tmp_path, {"base.yml": base, "s.yml": systems}).render_pages()
    assert mistakes == []
    impact = next(page.markdown for page in pages if page.key == "system:base").partition("Dependents of Base")[2]
    box = re.search(r"<(a|g)\b[^>]*>(?:(?!<(?:a|g)\b).)*?and 4 more", impact, re.DOTALL)
    assert box is not None
    assert box[1] == "g"


def test_a_box_counts_at_least_two():
    found = impact_of(*(affected(Ref("model", f"m{n}"), 1, START) for n in range(6)))
    picture = build_impact_diagram(open_own_book().book, found)
    assert len(picture.columns[1]) == 6
    assert "+1" not in {node.id for node in picture.columns[1]}
    assert picture.description == "Dependents of Start: 6 directly."


def test_the_description_counts_dependents_beyond_the_last_column():
    book = open_own_book().book
    chain = [affected(Ref("model", f"m{n}"), n, Ref("model", f"m{n - 1}") if n > 1 else START) for n in range(1, 6)]
    four = build_impact_diagram(book, impact_of(*chain[:4])).description
    assert four.endswith("1 in 3 steps. 1 more is more distant.")
    five = build_impact_diagram(book, impact_of(*chain)).description
    assert five.endswith("1 in 3 steps. 2 more are more distant.")
    partial = build_impact_diagram(book, impact_of(*chain[:2], is_whole=False)).description
    assert partial == "Dependents of Start: 1 directly, at least 1 in 2 steps. There may be more distant ones."


@some.composite
def impacts(draw: some.DrawFn) -> Impact:
    found: list[Affected] = []
    before = [START]
    for distance in range(1, draw(some.integers(1, 5)) + 1):
        refs = [Ref(draw(some.sampled_from(["model", "flow", "topic"])), f"x{distance}-{n}") for n in range(12)]
        chosen = refs[: draw(some.integers(1, 12))]
        leading = some.lists(some.sampled_from(before), min_size=1, max_size=3, unique=True)
        found += [affected(ref, distance, *draw(leading)) for ref in chosen]
        before = chosen
    return impact_of(*found)


@settings(max_examples=60, deadline=None)
@given(impacts())
def test_every_node_is_connected_and_every_column_shows_or_counts_all(found: Impact):
    picture = build_impact_diagram(open_own_book().book, found)
    assert find_unconnected(picture) == set()
    for distance, column in enumerate(picture.columns[1:], 1):
        assert count_dependents(column) == sum(one.distance == distance for one in found.affected)
        assert len(column) <= 6
    drawn = {node.id for column in picture.columns for node in column if not node.id.startswith("+")}
    assert all(
        any(edge.target == name and edge.source in drawn for edge in picture.edges) for name in drawn - {str(START)}
    )
    assert render_svg(picture)
