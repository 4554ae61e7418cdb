"""Tasks: overdue and open work as text, with its reason, its day and its owners."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from generator.answers.tasks import Task, build_tasks, describe_counts, find_next_change
from generator.history.events import build_timelines
from generator.history.read import read_history
from generator.names import Ref
from tests.answers.books import TODAY, book
from tests.answers.duty_books import EXPERIMENT, MIGRATION, build_ledger, cards, model, with_functions
from tests.books import open_own_book, write_book
from tests.history.repositories import new_repository

TEAMS = "kind: team\nid: one\nname: One\n"
SYSTEM = "kind: system\nid: s\nname: S\ntype: app\nuses: [{model: m, why: w}]\n"


def tasks_of(root: Path, files: dict[str, str], functions: tuple[str, ...] = ()) -> list[Task]:
    graph, configured = book(root, {"teams.yml": TEAMS, **files}), with_functions(*functions)
    ledger = build_ledger(graph, configured, TODAY)
    items = (*ledger.entries, *ledger.open)
    return list(build_tasks(graph, items, configured.functions, {}, TODAY))


def describe(task: Task) -> str:
    what = " ".join([task.action, *map(str, task.objects), task.ending]).strip()
    return f"{what} <- {task.reason or ''} {task.because}".replace("  ", " ")


ENDED = f"{EXPERIMENT}started_on: 2026-08-03\nended_on: 2026-08-31\n"
ITEM = "cleanup: {due: 2026-12-05, items: [{remove: 'topic:a', note: After the sale}]}\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"m": model("m", "review_by: 2026-11-01\n")}, "Review model:m <- Planned review"),
        ({"m": model("m", "", "deprecated")}, "Name a successor of model:m <- It is deprecated"),
        (
            {"m": model("m", "sunset_on: 2026-12-01\n"), "s": SYSTEM},
            "Switch off model:m <- Its announced end; 1 card still uses it",
        ),
        ({"m": model("m", "", "retired"), "s": SYSTEM}, "Move system:s to another model <- model:m is retired"),
        (
            {"e": f"{ENDED}status: concluded\n{ITEM}"},
            "Remove the topic topic:a <- experiment:ab ended on 31 Aug 2026",
        ),
        (
            {"e": f"{ENDED}status: cleaned\n{ITEM}"},
            "Remove the topic topic:a <- experiment:ab is marked as cleaned, but this is still there",
        ),
        ({"e": f"{EXPERIMENT}status: running\n{ITEM}"}, "Remove the topic topic:a <- experiment:ab still runs"),
        (
            {"e": f"{EXPERIMENT}status: concluded\n"},
            "Record the clean-up of experiment:ab <- It is concluded, and its card lists nothing to remove",
        ),
        (
            {"e": f"{EXPERIMENT}status: running\nstarted_on: 2026-01-02\n"},
            "Decide on experiment:ab <- Running since 2 Jan 2026",
        ),
        (
            {"e": f"{EXPERIMENT}status: running\nended_on: 2026-08-31\n"},
            "Decide on experiment:ab <- It ended on 31 Aug 2026, but its status is running",
        ),
        (
            {"x": f"{MIGRATION}status: running\nwaves: [{{traffic: 100, planned_on: 2026-12-01}}]\n"},
            "Move topic:t to all traffic <- migration:x (wave 1 of 1)",
        ),
        (
            {"x": f"{MIGRATION}status: running\nwaves: [{{scope: {{city: [pune]}}, traffic: 5}}]\n"},
            "Plan a day to move topic:t to 5 % of the traffic (city: pune) <- migration:x (wave 1 of 1)",
        ),
        (
            {"x": f"{MIGRATION}status: running\nwaves: [{{traffic: 5, done_on: 2026-11-19, outcome: reverted, "
             "reverted_after: 1 hour}]\n"},
            "Move again topic:t to 5 % of the traffic <- migration:x (wave 1 of 1, which was reverted after 1 hour)",
        ),
        (
            {"x": f"{MIGRATION}status: done\nwaves: [{{traffic: 5, planned_on: 2026-11-19}}]\n"},
            "Complete wave 1 of 1 of migration:x <- Its status is done, but the wave is open",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_work_is_a_sentence_with_its_reason(files: dict[str, str], expected: str, tmp_path: Path) -> None:
    found = [describe(task) for task in tasks_of(tmp_path, {f"{name}.yml": text for name, text in files.items()})]
    assert found == [expected]


def test_missing_contacts_of_one_card_are_one_task_in_the_order_of_the_functions(tmp_path: Path) -> None:
    (task,) = tasks_of(tmp_path, {"m.yml": model("m", "contacts: {ds: one}\n")}, ("product", "engineering", "ds"))
    assert describe(task) == "Name contacts of model:m for product and engineering <- Its card names none"
    assert describe_counts(task.items) == "2 missing contacts"


def test_a_task_has_the_note_of_the_card_and_the_days_that_are_left(tmp_path: Path) -> None:
    (task,) = tasks_of(tmp_path, {"e.yml": f"{ENDED}status: concluded\n{ITEM}"})
    assert (task.note, task.due, task.days_left, task.is_overdue) == ("After the sale", date(2026, 12, 5), 15, False)


def test_a_long_wave_names_three_cards(tmp_path: Path) -> None:
    moves = ", ".join(f"topic:t{number}" for number in range(5))
    text = f"{MIGRATION.replace('topic:t', moves)}status: running\nwaves: [{{traffic: 100, planned_on: 2026-12-01}}]\n"
    (task,) = tasks_of(tmp_path, {"x.yml": text})
    assert (len(task.objects), task.ending) == (3, "and 2 more to all traffic")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(files=cards())
def test_the_tasks_have_every_item_of_the_ledger_once(files: dict[str, str], tmp_path_factory) -> None:
    root = tmp_path_factory.mktemp("tasks")
    graph, configured = book(root, {"teams.yml": TEAMS, **files}), with_functions("ds", "product")
    ledger = build_ledger(graph, configured, TODAY)
    items = (*ledger.entries, *ledger.open)
    tasks = build_tasks(graph, items, configured.functions, {}, TODAY)
    assert sorted(map(repr, items)) == sorted(repr(item) for task in tasks for item in task.items)
    assert not [task for task in tasks if task.action == "Look at" or not task.objects]
    assert describe_counts(items).count(",") < 8


def test_days_that_were_put_off_are_counted_from_git(tmp_path: Path) -> None:
    repository = new_repository(tmp_path)
    write_book(tmp_path, {})
    text = f"{ENDED}status: concluded\n{ITEM}"
    for number, day in enumerate(["2026-09-30", "2026-10-31", "2026-12-05"], 1):
        repository.commit("due", f"2026-09-0{number}", {"e.yml": text.replace("2026-12-05", day), "t.yml": TEAMS})
    graph = book(tmp_path, {})
    ledger = build_ledger(graph, with_functions(), TODAY)
    timelines = build_timelines(read_history(tmp_path, "cards"))
    (task,) = build_tasks(graph, ledger.open, {}, timelines, TODAY)
    assert (task.moves, task.first_due) == (2, date(2026, 9, 30))


def test_the_next_change_of_a_model_is_its_earliest_review_wave_or_clean_up() -> None:
    own = open_own_book().book
    changes = {ref: find_next_change(own.graph, ref, own.duties) for ref in own.graph.cards}
    found = {ref.id: (one.word, one.on) for ref, one in changes.items() if one is not None and ref.kind == "model"}
    assert found["ryl"] == ("Migration", date(2026, 11, 30))
    assert found["eta"] == ("Migration", date(2027, 1, 11))
    assert found["churn"] == ("Review", date(2027, 2, 10))
    planned = changes[Ref("model", "coupon-uplift")]
    assert planned is not None
    assert planned.by == Ref("experiment", "coupon-uplift-ab")
