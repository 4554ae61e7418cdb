"""What is owed: today by team, and week by week from git."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.burn_down import burn_down, spans
from generator.answers.debt import Ledger, debt
from generator.answers.owed import DebtKind
from generator.checks.suppressions import Suppressed
from generator.findings import Finding, Position, Severity
from generator.graph.edges import Graph
from generator.history.events import History
from generator.history.read import read_history
from generator.names import Ref
from tests.answers.books import FUNCTIONS, GOLDENS, TODAY, book, own_book
from tests.conftest import Golden
from tests.history.repositories import Repository, new_repository

TEAMS = """kind: team
id: one
name: One
---
kind: team
id: two
name: Two
---
kind: person
id: p
name: P
team: two
"""


def model(name: str, lines: str, lifecycle: str = "production") -> str:
    return f"kind: model\nid: {name}\nname: {name}\nsummary: s\nlifecycle: {lifecycle}\nserving: online\n{lines}"


def owing(root: Path, files: dict[str, str], functions: tuple[str, ...] = ()) -> Ledger:
    return debt(book(root, {"teams.yml": TEAMS, **files}), functions, TODAY)


def lines(ledger: Ledger) -> list[tuple[str, str, str, int | None]]:
    return [(str(entry.subject), entry.kind.value, entry.what, entry.days) for entry in ledger.entries]


@pytest.mark.parametrize(("day", "days"), [("2026-11-19", 0), ("2026-11-20", None), ("2026-10-20", 30)])
def test_a_review_is_owed_from_the_day_after(tmp_path: Path, day: str, days: int | None) -> None:
    found = lines(owing(tmp_path, {"m.yml": model("m", f"review_by: {day}\n")}))
    expected = [("model:m", "review overdue", f"review was due on {day}", days)]
    assert found == (expected if days is not None else [])


def test_a_retired_model_owes_its_consumers_and_no_review(tmp_path: Path) -> None:
    files = {
        "m.yml": model("m", "review_by: 2020-01-01\n", "retired"),
        "s.yml": "kind: system\nid: s\nname: S\ntype: app\nuses: [{model: m, why: w}]\n",
        "f.yml": "kind: flow\nid: f\nname: F\nsteps: [{from: app:t, calls: model:m}]\n",
    }
    assert [what for _, _, what, _ in lines(owing(tmp_path, files))] == [
        "app:t still uses it",
        "system:s still uses it",
    ]


def test_a_deprecated_model_owes_a_successor(tmp_path: Path) -> None:
    files = {"m.yml": model("m", "", "deprecated"), "n.yml": model("n", "successor: m\n", "deprecated")}
    assert lines(owing(tmp_path, files)) == [("model:m", "deprecated without successor", "nothing takes over", None)]


def test_a_model_in_production_owes_a_contact_for_each_function(tmp_path: Path) -> None:
    files = {"m.yml": model("m", "contacts: {ds: p}\n"), "n.yml": model("n", "", "experimental")}
    assert [entry[:3] for entry in lines(owing(tmp_path, files, ("ds", "product")))] == [
        ("model:m", "contact missing", "no contact for product")
    ]


@pytest.mark.parametrize(
    ("lines_", "lifecycle", "code", "other"),
    [
        ("contacts: {product: p}\n", "production", "MB203", "MB201"),
        ("contacts: {ds: p, product: p}\nreview_by: 2026-01-01\n", "production", "MB403", "MB203"),
        ("", "deprecated", "MB407", "MB406"),
        ("consumers: [{system: s, why: w}]\n", "retired", "MB406", "MB407"),
    ],
)
def test_what_a_card_accepts_with_a_reason_is_not_owed(
    tmp_path: Path, lines_: str, lifecycle: str, code: str, other: str
) -> None:
    system = "kind: system\nid: s\nname: S\ntype: app\n"

    def owed_with(allow: str) -> int:
        files = {"m.yml": model("m", f"{lines_}x-allow: {{{allow}}}\n", lifecycle), "s.yml": system}
        return len(owing(tmp_path, files, ("ds", "product")).entries)

    assert owed_with("") == owed_with(f"{other}: until June") == owed_with(f"{code}: todo") == 1
    assert owed_with(f"{code}: until June") == 0


def test_what_another_card_says_of_a_retired_model_is_owed_whatever_the_model_accepts(tmp_path: Path) -> None:
    files = {
        "m.yml": model("m", "x-allow: {MB406: until June}\n", "retired"),
        "s.yml": "kind: system\nid: s\nname: S\ntype: app\nuses: [{model: m, why: w}]\n",
    }
    assert [what for _, _, what, _ in lines(owing(tmp_path, files))] == ["system:s still uses it"]


CLEANUP = """kind: experiment
id: ab
name: AB
owners: [one]
status: concluded
cleanup:
  due: 2026-11-10
  items:
    - {remove: "topic:a", owner: p}
    - {remove: "topic:b"}
    - {remove: "topic:c", done_on: 2026-11-30}
"""


def test_a_clean_up_is_owed_by_whoever_is_to_do_it(tmp_path: Path) -> None:
    ledger = owing(tmp_path, {"ab.yml": CLEANUP})
    assert [(entry.what, entry.days, [team.id for team in entry.teams]) for entry in ledger.entries] == [
        ("topic:a was due to be removed on 2026-11-10", 9, ["two"]),
        ("topic:b was due to be removed on 2026-11-10", 9, ["one"]),
    ]


@pytest.mark.parametrize(
    ("status", "waves", "days"),
    [
        ("running", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50, planned_on: 2026-11-10}", 9),
        ("running", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50}", 22),
        ("running", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50, planned_on: 2026-11-20}", None),
        ("running", "{traffic: 5, planned_on: 2026-10-01}", None),
        ("done", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50, planned_on: 2026-11-10}", None),
        ("rolled_back", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50}", None),
    ],
)
def test_a_migration_is_stuck_when_its_next_wave_is_late(
    tmp_path: Path, status: str, waves: str, days: int | None
) -> None:
    text = f"kind: migration\nid: x\nname: X\nstatus: {status}\nmoves: [topic:t]\nwaves: [{waves}]\n"
    found = owing(tmp_path, {"x.yml": text}).entries
    assert [(entry.kind, entry.days) for entry in found] == ([(DebtKind.STUCK, days)] if days is not None else [])


def test_the_oldest_comes_first_and_its_team_too(tmp_path: Path) -> None:
    files = {
        "a.yml": model("a", "owners: [one]\nreview_by: 2026-11-01\n"),
        "b.yml": model("b", "owners: [p, one]\nreview_by: 2026-01-01\n"),
        "c.yml": model("c", "", "deprecated"),
    }
    ledger = owing(tmp_path, files)
    assert [entry.name for entry in ledger.entries] == ["b", "a", "c"]
    assert [(team.name, [entry.name for entry in team.entries]) for team in ledger.teams] == [
        ("One", ["b", "a"]),
        ("Two", ["b"]),
        ("Nobody", ["c"]),
    ]
    assert dict(ledger.by_kind)[DebtKind.REVIEW] == 2
    assert ledger.teams[0].oldest == 322


def test_findings_are_counted_and_what_was_accepted_keeps_its_reason(tmp_path: Path) -> None:
    graph = book(tmp_path, {"teams.yml": TEAMS, "a.yml": model("a", "owners: [one]\n")})
    findings = [
        Finding(Position("cards/a.yml", line), "MB203", "n", severity, "m", subject=Ref("model", "a"))
        for line, severity in enumerate([Severity.INFO, Severity.ERROR, Severity.INFO], 1)
    ]
    accepted = Suppressed(findings[0], "hiring until June")
    ledger = debt(graph, (), TODAY, findings[1:], [accepted])
    team = next(team for team in ledger.teams if team.name == "One")
    assert team.suppressed == ledger.suppressed == (accepted,)
    assert team.open_findings == ((Severity.ERROR, 1), (Severity.INFO, 1))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "book")


def test_git_dates_what_carries_no_day(repository: Repository) -> None:
    repository.commit("a", "2026-10-01", {"m.yml": model("m", "contacts: {ds: p}\nowners: [one]\n")})
    repository.commit("b", "2026-11-01", {"m.yml": model("m", "owners: [one]\n")})
    repository.commit("c", "2026-11-10", {"m.yml": model("m", "owners: [two]\n")})
    graph = book(repository.root, {})
    history = read_history(repository.root, "cards")
    assert [(one.since, one.days) for one in debt(graph, ("ds",), TODAY, history=history).entries] == [
        (date(2026, 11, 1), 19)
    ]


def test_the_burn_down_counts_what_was_owed_at_the_end_of_each_week(repository: Repository) -> None:
    repository.commit("a", "2026-10-01", {"m.yml": model("m", "review_by: 2026-10-15\n"), "ab.yml": CLEANUP})
    repository.commit("reviewed", "2026-10-31", {"m.yml": model("m", "review_by: 2027-10-15\n")})
    repository.commit("cleaned", "2026-11-13", {"ab.yml": CLEANUP.replace(", owner: p", ", done_on: 2026-11-12")})
    repository.commit("no test any more", "2026-11-18", {"ab.yml": None})
    points = burn_down(read_history(repository.root, "cards"), (), TODAY)
    assert [(str(point.on), point.total) for point in points] == [
        ("2026-10-02", 0),
        ("2026-10-09", 0),
        ("2026-10-16", 1),
        ("2026-10-23", 1),
        ("2026-10-30", 1),
        ("2026-11-06", 0),
        ("2026-11-13", 1),
        ("2026-11-20", 0),
    ]
    assert dict(points[2].by_kind)[DebtKind.REVIEW] == dict(points[6].by_kind)[DebtKind.CLEANUP] == 1
    assert len(burn_down(read_history(repository.root, "cards"), (), TODAY, weeks=3)) == 3


def test_a_renamed_card_owes_on(repository: Repository) -> None:
    text = model("m", "review_by: 2026-10-15\n").replace("id: m\n", "")
    repository.commit("a", "2026-10-01", {"m.yml": text})
    repository.commit("b", "2026-11-01", {"m.yml": None, "n.yml": text})
    (span,) = spans(read_history(repository.root, "cards"), (), TODAY)
    assert (str(span.owed.subject), span.start, span.end) == ("model:n", date(2026, 10, 16), None)


def test_without_history_there_is_no_burn_down() -> None:
    assert burn_down(History(problem="none"), (), TODAY) == ()


@settings(max_examples=8, deadline=None)
@given(
    data=st.lists(
        st.tuples(
            st.sampled_from(["2026-10-20", "2027-10-20", ""]), st.sampled_from(["production", "deprecated", "retired"])
        ),
        min_size=1, max_size=3,
    )
)  # fmt: skip
def test_the_last_point_is_the_ledger(data: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    repository = new_repository(tmp_path_factory.mktemp("book"))
    for number, (review, lifecycle) in enumerate(data):
        review_by = f"review_by: {review}\n" if review else ""
        text = model("m", review_by + f"x-number: {number}\n", lifecycle)
        system = "kind: system\nid: s\nname: S\ntype: app\nuses: [{model: m, why: w}]\n"
        repository.commit(str(number), f"2026-1{number % 2}-1{number}", {"m.yml": text, "s.yml": system})
    graph: Graph = book(repository.root, {})
    history = read_history(repository.root, "cards")
    assert burn_down(history, ("ds",), TODAY)[-1].total == len(debt(graph, ("ds",), TODAY).entries)


@pytest.mark.parametrize("day", ["2026-11-20", "2026-12-15"])
def test_the_debt_of_the_own_book(golden: Golden, day: str) -> None:
    ledger = debt(own_book()[1], list(FUNCTIONS), date.fromisoformat(day))
    text = [f"What is owed on {day}: {len(ledger.entries)}", ""]
    for team in ledger.teams:
        text += [f"{team.name}: {len(team.entries)}"]
        text += [f"    {entry.days:3} days  {entry.subject}  {entry.kind}: {entry.what}" for entry in team.entries]
    golden(GOLDENS / f"debt-{day}.txt", "\n".join([*text, ""]))
