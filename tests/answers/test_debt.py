"""The ledger: overdue and open duties by team today, and overdue ones week by week from git."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.burn_down import count_overdue_by_week, list_open_periods
from generator.answers.debt import DebtItem, Ledger
from generator.checks.suppressions import Suppressed
from generator.findings import Finding, Position, Severity
from generator.graph.duties import DutyKind
from generator.history.events import History
from generator.history.read import read_history
from generator.names import Ref
from generator.settings import Settings
from tests.answers.books import FUNCTIONS, GOLDENS, TODAY, book, own_book
from tests.answers.duty_books import EXPERIMENT, MIGRATION, build_ledger, cards, model, with_functions
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


def ledger_of(root: Path, files: dict[str, str], functions: tuple[str, ...] = ()) -> Ledger:
    return build_ledger(book(root, {"teams.yml": TEAMS, **files}), with_functions(*functions), TODAY)


def lines(ledger: Ledger) -> list[tuple[str, str, str, int | None]]:
    return [(str(entry.subject), entry.kind, entry.what, entry.days) for entry in ledger.entries]


@pytest.mark.parametrize(("day", "days"), [("2026-11-19", 0), ("2026-11-20", None), ("2026-10-20", 30)])
def test_a_review_is_overdue_from_the_next_day(tmp_path: Path, day: str, days: int | None) -> None:
    found = lines(ledger_of(tmp_path, {"m.yml": model("m", f"review_by: {day}\n")}))
    expected = [("model:m", "review overdue", f"review was due on {day}", days)]
    assert found == (expected if days is not None else [])


def test_a_retired_model_has_duties_for_its_consumers_but_no_review(tmp_path: Path) -> None:
    files = {
        "m.yml": model("m", "review_by: 2020-01-01\n", "retired"),
        "s.yml": "kind: system\nid: s\nname: S\ntype: app\nuses: [{model: m, why: w}]\n",
        "f.yml": "kind: flow\nid: f\nname: F\nsteps: [{from: app:t, calls: model:m}]\n",
    }
    assert [what for _, _, what, _ in lines(ledger_of(tmp_path, files))] == [
        "retired, but app:t still depends on it",
        "retired, but system:s still depends on it",
    ]


def test_a_deprecated_model_needs_a_successor(tmp_path: Path) -> None:
    files = {"m.yml": model("m", "", "deprecated"), "n.yml": model("n", "successor: m\n", "deprecated")}
    assert lines(ledger_of(tmp_path, files)) == [
        ("model:m", "deprecated without successor", "deprecated, no successor", None)
    ]


def test_a_model_in_production_needs_a_contact_for_each_function(tmp_path: Path) -> None:
    files = {"m.yml": model("m", "contacts: {ds: p}\n"), "n.yml": model("n", "", "experimental")}
    assert [entry[:3] for entry in lines(ledger_of(tmp_path, files, ("ds", "product")))] == [
        ("model:m", "contact missing", "no contact for product")
    ]


@pytest.mark.parametrize(
    ("lines_", "lifecycle", "code", "other"),
    [
        ("contacts: {product: p}\n", "production", "MB203", "MB201"),
        ("contacts: {ds: p, product: p}\nreview_by: 2026-01-01\n", "production", "MB403", "MB203"),
        ("contacts: {ds: p, product: p}\n", "deprecated", "MB407", "MB406"),
        ("consumers: [{system: s, why: w}]\n", "retired", "MB406", "MB407"),
    ],
)
def test_an_accepted_duty_is_not_listed(tmp_path: Path, lines_: str, lifecycle: str, code: str, other: str) -> None:
    system = "kind: system\nid: s\nname: S\ntype: app\n"

    def owed_with(allow: str) -> int:
        files = {"m.yml": model("m", f"{lines_}x-allow: {{{allow}}}\n", lifecycle), "s.yml": system}
        return len(ledger_of(tmp_path, files, ("ds", "product")).entries)

    assert owed_with("") == owed_with(f"{other}: until June") == owed_with(f"{code}: todo") == 1
    assert owed_with(f"{code}: until June") == 0


def test_a_use_in_another_card_is_listed_whatever_the_model_accepts(tmp_path: Path) -> None:
    files = {
        "m.yml": model("m", "x-allow: {MB406: until June}\n", "retired"),
        "s.yml": "kind: system\nid: s\nname: S\ntype: app\nuses: [{model: m, why: w}]\n",
    }
    whats = [what for _, _, what, _ in lines(ledger_of(tmp_path, files))]
    assert whats == ["retired, but system:s still depends on it"]


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


def test_a_clean_up_item_belongs_to_its_own_owner(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, {"ab.yml": CLEANUP})
    assert [(entry.what, entry.days, [team.id for team in entry.teams]) for entry in ledger.entries] == [
        ("removal of topic:a was due on 2026-11-10", 9, ["two"]),
        ("removal of topic:b was due on 2026-11-10", 9, ["one"]),
    ]


@pytest.mark.parametrize(
    ("status", "waves", "days"),
    [
        ("running", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50, planned_on: 2026-11-10}", 9),
        ("running", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50}", 22),
        ("running", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50, planned_on: 2026-11-20}", None),
        ("running", "{traffic: 5, planned_on: 2026-11-20}", None),
        ("rolled_back", "{traffic: 5, done_on: 2026-10-01}, {traffic: 50}", None),
    ],
)
def test_a_migration_is_stuck_when_its_next_wave_is_late(
    tmp_path: Path, status: str, waves: str, days: int | None
) -> None:
    text = f"kind: migration\nid: x\nname: X\nstatus: {status}\nmoves: [topic:t]\nwaves: [{waves}]\n"
    found = ledger_of(tmp_path, {"x.yml": text}).entries
    assert [(entry.duty.kind, entry.days) for entry in found] == ([(DutyKind.STUCK, days)] if days is not None else [])


def test_the_oldest_item_and_its_team_are_first(tmp_path: Path) -> None:
    files = {
        "a.yml": model("a", "owners: [one]\nreview_by: 2026-11-01\n"),
        "b.yml": model("b", "owners: [p, one]\nreview_by: 2026-01-01\n"),
        "c.yml": model("c", "", "deprecated"),
    }
    ledger = ledger_of(tmp_path, files)
    assert [entry.name for entry in ledger.entries] == ["b", "a", "c"]
    assert [(team.name, [entry.name for entry in team.entries]) for team in ledger.teams] == [
        ("One", ["b", "a"]),
        ("Two", ["b"]),
        ("No owner", ["c"]),
    ]
    assert dict(ledger.by_kind)[DutyKind.REVIEW] == 2
    assert ledger.teams[0].oldest == 322


def test_findings_are_counted_and_accepted_ones_have_their_reason(tmp_path: Path) -> None:
    graph = book(tmp_path, {"teams.yml": TEAMS, "a.yml": model("a", "owners: [one]\n")})
    findings = [
        Finding(Position("cards/a.yml", line), "MB203", "n", severity, "m", subject=Ref("model", "a"))
        for line, severity in enumerate([Severity.INFO, Severity.ERROR, Severity.INFO], 1)
    ]
    accepted = Suppressed(findings[0], "hiring until June")
    ledger = build_ledger(graph, with_functions(), TODAY, findings[1:], [accepted])
    team = next(team for team in ledger.teams if team.name == "One")
    assert team.suppressed == ledger.suppressed == (accepted,)
    assert team.open_findings == ((Severity.ERROR, 1), (Severity.INFO, 1))


ITEMS = "cleanup: {items: [{remove: 'topic:a', owner: p}, {remove: 'topic:b'}]}\n"
DATED = ITEMS.replace("{items", "{due: 2026-12-31, items")


@pytest.mark.parametrize(
    ("text", "overdue", "open_"),
    [
        (
            EXPERIMENT + "status: concluded\n" + DATED,
            [],
            [
                ("MB502", "clean-up", "removal of topic:a is due on 2026-12-31", "person:p"),
                ("MB502", "clean-up", "removal of topic:b is due on 2026-12-31", "team:one"),
            ],
        ),
        (
            EXPERIMENT + "status: concluded\n" + ITEMS,
            [],
            [
                ("MB503", "clean-up", "topic:a must be removed, no date", "person:p"),
                ("MB503", "clean-up", "topic:b must be removed, no date", "team:one"),
            ],
        ),
        (
            EXPERIMENT + "status: concluded\n",
            [],
            [("MB503", "clean-up", "concluded, no clean-up recorded", "team:one")],
        ),
        (
            EXPERIMENT + "status: cleaned\n" + DATED,
            [
                ("MB504", "clean-up overdue", "topic:a is still open, but the status is cleaned", "person:p"),
                ("MB504", "clean-up overdue", "topic:b is still open, but the status is cleaned", "team:one"),
            ],
            [],
        ),
        (
            EXPERIMENT + "status: running\nstarted_on: 2026-10-08\n",
            [("MB513", "experiment over its limit", "running since 2026-10-08, limit 42 days", "team:one")],
            [],
        ),
        (EXPERIMENT + "status: running\nstarted_on: 2026-10-09\n", [], []),
        (
            EXPERIMENT + "status: running\nended_on: 2026-11-19\n",
            [("MB515", "experiment ended, yet running", "ended on 2026-11-19, but the status is running", "team:one")],
            [],
        ),
        (
            MIGRATION + "status: planned\nwaves: [{traffic: 1, planned_on: 2026-11-19}, {traffic: 9}]\n",
            [("MB615", "wave overdue", "wave 1 of 2 was planned for 2026-11-19", "team:one")],
            [("MB615", "wave", "wave 2 of 2 has no date", "team:one")],
        ),
        (
            MIGRATION + "status: done\nwaves: [{traffic: 1, done_on: 2026-11-01}, {traffic: 9}]\n",
            [("MB622", "migration stuck half-way", "wave 2 of 2 is still open, but the status is done", "team:one")],
            [],
        ),
        (
            model("m", "owners: [one]\nreview_by: 2026-12-20\n"),
            [],
            [("MB404", "review", "review is due on 2026-12-20", "team:one")],
        ),
        (model("m", "owners: [one]\nreview_by: 2026-12-21\n"), [], []),
    ],
)
def test_overdue_and_open_items_are_separate_and_have_owners(
    tmp_path: Path, text: str, overdue: list[tuple[str, ...]], open_: list[tuple[str, ...]]
) -> None:
    ledger = ledger_of(tmp_path, {"a.yml": text})

    def shown(items: tuple[DebtItem, ...]) -> list[tuple[str, ...]]:
        return [(item.duty.code, item.kind, item.what, *map(str, item.owners)) for item in items]

    assert (shown(ledger.entries), shown(ledger.open)) == (overdue, open_)
    assert sum(count for _, count in ledger.by_kind) == len(overdue)


def test_a_deprecated_model_needs_contacts_and_an_experimental_one_does_not(tmp_path: Path) -> None:
    files = {
        "m.yml": model("m", "successor: n\n", "deprecated"),
        "n.yml": model("n", "", "experimental"),
        "o.yml": model("o", "", "retired"),
    }
    ledger = ledger_of(tmp_path, files, ("ds",))
    assert [(str(item.subject), item.duty.code) for item in ledger.entries] == [("model:m", "MB203")]
    assert ledger.open == ()


def test_a_duty_whose_code_is_switched_off_is_not_listed(tmp_path: Path) -> None:
    graph = book(tmp_path, {"m.yml": model("m", "review_by: 2026-01-01\n", "deprecated")})
    off = Settings(functions={}, severities={"MB403": "off"})
    assert [item.duty.code for item in build_ledger(graph, off, TODAY).entries] == ["MB407"]


def test_a_consumer_is_listed_until_every_card_that_names_it_accepts_it(tmp_path: Path) -> None:
    system = "kind: system\nid: s\nname: S\ntype: app\nuses: [{model: m, why: w}]\n"
    accepted = "x-allow: {MB406: until June}\n"
    named = model("m", "consumers: [{system: s, why: w}]\n", "retired")
    for text, other, count in [
        (model("m", "", "retired"), system, 1),
        (model("m", "", "retired"), system + accepted, 0),
        (named, system + accepted, 1),
        (named + accepted, system, 1),
        (named + accepted, system + accepted, 0),
    ]:
        assert len(ledger_of(tmp_path, {"m.yml": text, "s.yml": other}).entries) == count


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new_repository(tmp_path / "book")


def test_the_history_dates_a_duty_without_a_day(repository: Repository) -> None:
    repository.commit("a", "2026-10-01", {"m.yml": model("m", "contacts: {ds: p}\nowners: [one]\n")})
    repository.commit("b", "2026-11-01", {"m.yml": model("m", "owners: [one]\n")})
    repository.commit("c", "2026-11-10", {"m.yml": model("m", "owners: [two]\n")})
    graph = book(repository.root, {})
    history = read_history(repository.root, "cards")
    assert [
        (one.since, one.days) for one in build_ledger(graph, with_functions("ds"), TODAY, history=history).entries
    ] == [(date(2026, 11, 1), 19)]


def test_the_burn_down_counts_overdue_duties_at_the_end_of_each_week(repository: Repository) -> None:
    repository.commit("a", "2026-10-01", {"m.yml": model("m", "review_by: 2026-10-15\n"), "ab.yml": CLEANUP})
    repository.commit("reviewed", "2026-10-31", {"m.yml": model("m", "review_by: 2027-10-15\n")})
    repository.commit("cleaned", "2026-11-13", {"ab.yml": CLEANUP.replace(", owner: p", ", done_on: 2026-11-12")})
    repository.commit("no test any more", "2026-11-18", {"ab.yml": None})
    points = count_overdue_by_week(read_history(repository.root, "cards"), with_functions(), TODAY)
    assert [(str(point.on), point.total) for point in points] == [
        ("2026-10-04", 0),
        ("2026-10-11", 0),
        ("2026-10-18", 1),
        ("2026-10-25", 1),
        ("2026-11-01", 0),
        ("2026-11-08", 0),
        ("2026-11-15", 1),
        ("2026-11-22", 0),
    ]
    assert dict(points[2].by_kind)[DutyKind.REVIEW] == dict(points[6].by_kind)[DutyKind.CLEANUP] == 1
    assert len(count_overdue_by_week(read_history(repository.root, "cards"), with_functions(), TODAY, weeks=3)) == 3


def test_an_open_item_of_a_cleaned_experiment_is_overdue_from_that_day_on(repository: Repository) -> None:
    text = EXPERIMENT + "cleanup: {due: 2026-11-15, items: [{remove: 'topic:a'}]}\n"
    repository.commit("a", "2026-10-20", {"ab.yml": text + "status: concluded\n"})
    repository.commit("b", "2026-11-02", {"ab.yml": text + "status: cleaned\n"})
    points = count_overdue_by_week(read_history(repository.root, "cards"), with_functions(), TODAY)
    assert [(str(point.on), point.total) for point in points] == [
        ("2026-10-25", 0),
        ("2026-11-01", 0),
        ("2026-11-08", 1),
    ]


@pytest.mark.parametrize("days", [1, 2, 3, 7, 30, 1000])
def test_the_burn_down_does_not_change_because_time_passes(repository: Repository, days: int) -> None:
    repository.commit("a", "2024-01-01", {"m.yml": model("m", "review_by: 2026-10-15\n")})
    repository.commit("b", "2026-11-18", {"ab.yml": EXPERIMENT + "status: draft\n"})
    history, later = read_history(repository.root, "cards"), TODAY + timedelta(days=days)
    points = count_overdue_by_week(history, with_functions(), TODAY)
    assert (len(points), str(points[-1].on), points[-1].total) == (104, "2026-10-18", 1)
    assert count_overdue_by_week(history, with_functions(), later) == points


def test_a_renamed_card_keeps_its_open_period(repository: Repository) -> None:
    text = model("m", "review_by: 2026-10-15\n").replace("id: m\n", "")
    repository.commit("a", "2026-10-01", {"m.yml": text})
    repository.commit("b", "2026-11-01", {"m.yml": None, "n.yml": text})
    (period,) = list_open_periods(read_history(repository.root, "cards"), with_functions(), TODAY)
    assert (str(period.duty.subject), period.start, period.end) == ("model:n", date(2026, 10, 16), None)


def test_without_history_there_is_no_burn_down() -> None:
    assert count_overdue_by_week(History(problem="none"), with_functions(), TODAY) == ()


@settings(max_examples=12, deadline=None)
@given(states=st.lists(cards(), min_size=1, max_size=3), today=st.dates(date(2026, 11, 20), date(2027, 1, 31)))
def test_the_last_week_of_the_burn_down_is_the_ledger(
    states: list[dict[str, str]], today: date, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repository = new_repository(tmp_path_factory.mktemp("book"))
    for number, files in enumerate(states, 1):
        repository.commit(str(number), f"2026-11-1{number}", {**files, "n.yml": f"# {number}\n"})
    history, asked = read_history(repository.root, "cards"), with_functions("ds")
    ledger = build_ledger(book(repository.root, {}), asked, today, history=history)
    assert count_overdue_by_week(history, asked, today)[-1].by_kind == ledger.by_kind
    assert all(item.since is not None and item.since <= today for item in ledger.entries)


@pytest.mark.parametrize("day", ["2026-11-20", "2026-12-15"])
def test_the_debt_of_the_own_book(golden: Golden, day: str) -> None:
    ledger = build_ledger(own_book()[1], Settings(functions=FUNCTIONS), date.fromisoformat(day))
    text = [f"Overdue on {day}: {len(ledger.entries)}, open: {len(ledger.open)}", ""]
    for team in ledger.teams:
        text += [f"{team.name}: {len(team.entries)}, {len(team.open)}"]
        text += [f"    {entry.days:3} days  {entry.subject}  {entry.kind}: {entry.what}" for entry in team.entries]
        text += [f"    {entry.due}  {entry.subject}  {entry.kind}: {entry.what}" for entry in team.open]
    golden(GOLDENS / f"debt-{day}.txt", "\n".join([*text, ""]))
