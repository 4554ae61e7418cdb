"""The order in which to move cards, and the check of a hand-written one."""

from pathlib import Path

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.ordering import OrderCheck, Ordering, build_ordering, check_order
from generator.errors import UserError
from generator.graph.edges import FLOWING, Graph
from generator.names import Ref
from tests.answers.books import GOLDENS, ROOT, book, own_book
from tests.answers.graphs import graphs
from tests.conftest import Golden

FLOW = """kind: flow
id: home
name: Home
steps:
  - {from: system:pipe, writes: feature_view:v}
  - {from: system:one, reads: feature_view:v}
  - {from: system:two, calls: system:one}
"""
SYSTEMS = "---\n".join(f"kind: system\nid: {name}\nname: {name}\ntype: job\n" for name in ("pipe", "one", "two"))
MIGRATION = """kind: migration
id: move
name: Move
status: planned
moves: [system:two, system:pipe, system:one]
"""


def waves(ordering: Ordering) -> list[list[str]]:
    return [[" + ".join(ref.id for ref in group) for group in wave] for wave in ordering.waves]


def test_the_reason_of_a_pair_names_the_step_of_the_flow(tmp_path: Path) -> None:
    graph = book(tmp_path, {"f.yml": FLOW, "s.yml": SYSTEMS})
    found = build_ordering(graph, [Ref("flow", "home")])
    assert waves(found) == [["pipe"], ["v"], ["one"], ["two"]]
    assert [one.because for one in found.reasons if one.after.id == "two"] == ["two calls one in flow home, step 3"]


def test_the_reason_of_a_pair_includes_cards_that_do_not_move(tmp_path: Path) -> None:
    graph = book(tmp_path, {"f.yml": FLOW, "s.yml": SYSTEMS})
    (reason,) = build_ordering(graph, [Ref("system", "one"), Ref("system", "pipe")]).reasons
    assert (reason.before.id, reason.after.id) == ("pipe", "one")
    assert reason.because == "one reads v in flow home, step 2; v is written by pipe in flow home, step 1"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("  - {from: system:pipe, writes: feature_view:v}\n", [["v"], ["one"], ["two"]]),
        ("  - {from: system:one, reads: feature_view:v}\n", [["one", "pipe"], ["two", "v"]]),
        ("  - {from: system:two, calls: system:one}\n", [["pipe"], ["v"], ["one"]]),
    ],
)
def test_a_missing_step_changes_the_order(tmp_path: Path, step: str, expected: list[list[str]]) -> None:
    graph = book(tmp_path, {"f.yml": FLOW.replace(step, ""), "s.yml": SYSTEMS})
    assert [sorted(wave) for wave in waves(build_ordering(graph, [Ref("flow", "home")]))] == expected


def test_a_violation_of_the_order_has_its_reason(tmp_path: Path) -> None:
    graph = book(tmp_path, {"f.yml": FLOW, "s.yml": SYSTEMS, "m.yml": MIGRATION})
    found = check_order(graph, Ref("migration", "move"))
    assert [str(violation) for violation in found.violations] == [
        "system:two moves before system:one, on which it depends: two calls one in flow home, step 3"
    ]
    right = MIGRATION.replace("[system:two, system:pipe, system:one]", "[system:pipe, system:one, system:two]")
    graph = book(tmp_path, {"m.yml": right, "f.yml": FLOW, "s.yml": SYSTEMS})
    assert check_order(graph, Ref("migration", "move")).violations == ()


def test_members_of_a_cycle_have_no_order_among_themselves(tmp_path: Path) -> None:
    circle = FLOW + "  - {from: system:one, calls: system:two}\n"
    graph = book(tmp_path, {"f.yml": circle, "s.yml": SYSTEMS, "m.yml": MIGRATION})
    found = check_order(graph, Ref("migration", "move"))
    assert found.ordering.cycles == ((Ref("system", "one"), Ref("system", "two")),)
    assert [violation.moved.id for violation in found.violations] == ["two"]
    assert found.violations[0].because.startswith("two and one depend on each other; one reads v")


def test_only_a_migration_of_the_book_can_be_checked(tmp_path: Path) -> None:
    graph = book(tmp_path, {"m.yml": MIGRATION, "s.yml": SYSTEMS})
    for ref, hint in ((Ref("migration", "mov"), "did you mean 'move'"), (Ref("system", "one"), "not a migration")):
        with pytest.raises(UserError, match=hint):
            check_order(graph, ref)
    with pytest.raises(UserError, match="the book has no system:on;"):
        build_ordering(graph, [Ref("system", "on")])


@settings(max_examples=150, deadline=None)
@given(graph=graphs(), data=st.data())
def test_the_order_is_topological_and_cycles_are_sets(graph: Graph, data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from(graph.refs), min_size=1, unique=True))
    found = build_ordering(graph, wanted)
    place = {ref: number for number, wave in enumerate(found.waves) for group in wave for ref in group}
    together = {ref: group for wave in found.waves for group in wave for ref in group}
    assert sorted(place) == sorted(wanted)
    other = networkx.DiGraph()
    other.add_nodes_from(graph.refs)
    other.add_edges_from((edge.source, edge.target) for edge in graph.edges if edge.relation in FLOWING)
    for source in wanted:
        for target in set(wanted) & networkx.descendants(other, source):
            same = source in networkx.descendants(other, target)
            assert (together[source] == together[target]) == same
            assert same or place[target] < place[source]
    assert all(len(group) == 1 or set(group) <= set(wanted) for group in together.values())


def as_text(found: Ordering) -> str:
    lines = []
    for number, wave in enumerate(found.waves, 1):
        lines.append(f"{number}. {', '.join(' with '.join(map(str, group)) for group in wave)}")
    return "\n".join([*lines, "", *(f"{one.before} before {one.after}: {one.because}" for one in found.reasons), ""])


def test_the_order_of_a_flow_in_the_own_book(golden: Golden) -> None:
    _, graph = own_book()
    golden(GOLDENS / "order-home-ranking.txt", as_text(build_ordering(graph, [Ref("flow", "home-ranking")])))


def test_the_order_of_a_migration_in_the_own_book(golden: Golden) -> None:
    _, graph = own_book()
    found: OrderCheck = check_order(graph, Ref("migration", "scorer-to-kserve"))
    by_hand = f"by hand: {', '.join(map(str, found.moves))}\nagainst the flows: {len(found.violations)}\n\n"
    golden(GOLDENS / "order-scorer-to-kserve.txt", by_hand + as_text(found.ordering))


def test_a_missing_step_changes_the_order_of_the_own_flow(tmp_path: Path) -> None:
    files = {path.relative_to(ROOT / "cards").as_posix(): path.read_text() for path in (ROOT / "cards").rglob("*.*")}
    step = "  - {from: system:feature-pipeline, writes: feature_view:customer_profile, note: every 15 minutes}\n"
    assert step in files["flows/home-ranking.yml"]
    files["flows/home-ranking.yml"] = files["flows/home-ranking.yml"].replace(step, "")
    refs = [Ref("feature_view", "customer_profile"), Ref("system", "feature-pipeline")]
    assert waves(build_ordering(own_book()[1], refs)) == [["feature-pipeline"], ["customer_profile"]]
    assert waves(build_ordering(book(tmp_path, files), refs)) == [["customer_profile", "feature-pipeline"]]
