"""The order check against a plain definition of the right order, on books that hypothesis makes up."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.checks import check
from generator.checks.migrations import moves_against_the_flows
from tests.checks.books import build_context

NAMES = "abcdef"
NEEDS = st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1]))


def book(needs: set[tuple[str, str]], moves: list[str]) -> str:
    steps = "".join(f"\n  - {{from: system:{one}, calls: system:{other}}}" for one, other in sorted(needs))
    flow = f"---\nkind: flow\nid: flow\nname: Flow\nsteps:{steps}\n" if needs else ""
    systems = "".join(f"---\n{{kind: system, id: {name}, name: {name}, type: service}}\n" for name in NAMES)
    moved = "".join(f"\n  - system:{name}" for name in moves)
    return f"kind: migration\nid: move\nname: Move\nstatus: planned\nmoves:{moved}\n{systems}{flow}"


def needed(needs: set[tuple[str, str]], start: str) -> set[str]:
    """All that something needs, directly or through others."""
    found: set[str] = set()
    while grown := {other for one, other in needs if one in {start, *found}} - found:
        found |= grown
    return found


@settings(deadline=None, max_examples=120)
@example({("c", "a"), ("a", "c"), ("a", "b")}, ["c", "b", "a"])
@example({("b", "a"), ("a", "c"), ("c", "a")}, ["a", "b", "c"])
@given(NEEDS, st.permutations(NAMES).flatmap(lambda names: st.integers(1, 6).map(lambda count: names[:count])))
def test_an_order_is_reported_if_an_item_moves_before_its_dependency(needs: set[tuple[str, str]], moves: list[str]):
    with TemporaryDirectory() as folder:
        context, unreadable = build_context({"cards/all.yml": book(needs, moves)}, Path(folder))
    assert unreadable == []
    wrong = {
        (one, other)
        for place, one in enumerate(moves)
        for other in moves[place + 1 :]
        if other in needed(needs, one) and one not in needed(needs, other)
    }
    found = check(context, [moves_against_the_flows])
    named = {(finding.message[len("system:")], finding.hint[len("move system:")]) for finding in found}
    assert named <= wrong
    assert bool(found) == bool(wrong)
    for finding in found:
        assert finding.position.line == 6 + moves.index(finding.message[len("system:")])
        assert "in flow flow, step" in finding.message
