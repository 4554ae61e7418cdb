"""Laws of the comparison of two books, on books that differ in any way."""

from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.diff import BookDiff, BookState, compare_books
from generator.answers.verdict import judge_removal
from generator.graph.resolve import build_graph
from generator.history.events import ChangeKind
from generator.load.cards import load_cards
from tests.books import TEAM

MIRRORED = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
SYSTEMS = st.lists(st.sampled_from(["web", "app"]), unique=True, max_size=2)


@st.composite
def books(draw: st.DrawFn) -> dict[str, str]:
    """Draw the card files of a book with up to three models and two systems that use each other at random."""
    files = {"t.yml": TEAM}
    for name in draw(SYSTEMS):
        model = draw(st.none() | st.sampled_from("abc"))
        uses = f", uses: [{{model: {model}, why: Needs it}}]" if model else ""
        lifecycle = draw(st.sampled_from(["production", "retired"]))
        facts = f"kind: system, id: {name}, name: {name.upper()}, type: service, owners: [t], lifecycle: {lifecycle}"
        files[f"{name}.yml"] = f"{{{facts}{uses}}}"
    for name in draw(st.lists(st.sampled_from("abc"), unique=True)):
        lines = [
            f"kind: model\nid: {name}\nname: Model {name}\nsummary: S\nserving: offline\nowners: [t]",
            f"lifecycle: {draw(st.sampled_from(['experimental', 'production', 'deprecated']))}",
            f"version: '{draw(st.integers(1, 2))}'",
            *(f"consumers: [{{system: {system}, why: W, criticality: high}}]" for system in draw(SYSTEMS)[:1]),
            *(f"fallback: {other}" for other in draw(st.lists(st.sampled_from("abc"), max_size=1)) if other != name),
        ]
        files[f"{name}.yml"] = "\n".join(lines)
    return files


def open_state(root: Path, files: dict[str, str]) -> BookState:
    root.mkdir()
    for name, text in files.items():
        (root / name).write_text(text, "utf-8")
    cards, _ = load_cards(root, root)
    return BookState(cards, build_graph(cards)[0])


def compare(before: BookState, after: BookState) -> BookDiff:
    return compare_books(before, after, {"ds": "Data Science"}, date(2026, 11, 20))


@given(books(), books())
@settings(max_examples=60, deadline=None)
def test_the_way_back_removes_what_the_way_there_adds(tmp_path_factory, first, second):
    root = tmp_path_factory.mktemp("books")
    before, after = open_state(root / "before", first), open_state(root / "after", second)
    there, back = compare(before, after), compare(after, before)
    itself = compare(before, before)
    assert (itself.cards, itself.told, itself.affected, itself.verdicts, itself.deletions) == ((),) * 5
    assert {(one.ref, one.change) for one in there.cards} == {
        (one.ref, MIRRORED.get(one.change, one.change)) for one in back.cards
    }
    facts = [(one.ref, fact) for one in there.cards for fact in one.facts]
    assert {(ref, fact.kind, fact.key, fact.change, fact.before, fact.after) for ref, fact in facts} == {
        (one.ref, fact.kind, fact.key, MIRRORED.get(fact.change, fact.change), fact.after, fact.before)
        for one in back.cards
        for fact in one.facts
    }
    assert {(one.ref, one.before, one.after) for one in there.verdicts} == {
        (one.ref, one.after, one.before) for one in back.verdicts
    }
    removed = {one.ref for one in there.cards if one.change is ChangeKind.REMOVED}
    assert {one.ref for one in there.deletions} <= removed
    present = {ref for ref in after.graph.cards if ref.kind in {"system", "model"}}
    assert {user.ref for one in there.deletions for user in one.consumers} <= present


@given(books(), books())
@settings(max_examples=60, deadline=None)
def test_every_verdict_that_changes_is_listed(tmp_path_factory, first, second):
    root = tmp_path_factory.mktemp("books")
    before, after = open_state(root / "before", first), open_state(root / "after", second)
    both = [ref for ref in before.graph.cards if ref.kind == "model" and ref in after.graph.cards]
    verdicts = {
        ref: [judge_removal(state.graph, ref, {}, date(2026, 11, 20)) for state in (before, after)] for ref in both
    }
    changed = {ref for ref, (was, now) in verdicts.items() if (was.kind, was.sentence) != (now.kind, now.sentence)}
    assert {one.ref for one in compare(before, after).verdicts} == changed
