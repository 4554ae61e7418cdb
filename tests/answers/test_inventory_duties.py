"""The duties of the inventory: in the ledger, as tasks, in the history, and for a person who leaves."""

from datetime import date
from pathlib import Path

import pytest

from generator.answers.burn_down import list_open_periods
from generator.answers.card_history import build_card_history
from generator.answers.responsibilities import list_records, list_responsibilities
from generator.answers.tasks import build_tasks, find_next_change
from generator.graph.duties import DutyKind, DutyState
from generator.history.read import read_history
from generator.names import Ref
from generator.settings import InventorySettings
from tests.answers.books import TODAY, book
from tests.answers.duty_books import build_ledger, model, with_functions
from tests.history.repositories import new_repository

SETTINGS = with_functions().model_copy(update={"inventory": InventorySettings(tiers={"1": 365, "3": None})})
OWNED = "owners: [one]\nconsumers: [{system: s, why: w}]\n"
OTHERS = "kind: team\nid: one\nname: One\n---\nkind: system\nid: s\nname: Shop\ntype: app\n"


@pytest.mark.parametrize(
    ("lines", "state", "due", "what", "because"),
    [
        ("validation: {on: 2025-10-01}\ntier: 1\n", "overdue", date(2026, 10, 1), "Validate model:m",
         "Last validated on 1 Oct 2025"),
        ("validation: {on: 2025-12-01}\ntier: 1\n", "open", date(2026, 12, 1), "Validate model:m",
         "Last validated on 1 Dec 2025"),
        ("validation: {next: 2026-12-15}\n", "open", date(2026, 12, 15), "Validate model:m", "It was never validated"),
        ("tier: 1\n", "missing", None, "Validate model:m", "It was never validated"),
        ("approved_uses: [{use: u}]\n", "missing", None, "Approve the use of model:m by Shop",
         "No approved use covers it"),
        ("approved_uses: [{use: u, systems: [s], until: 2026-12-01}]\n", "open", date(2026, 12, 1),
         "Approve the use of model:m by Shop", "The approval is up to 1 Dec 2026"),
        ("exceptions: [{what: No challenger, why: w, until: 2026-11-19}]\n", "overdue", date(2026, 11, 19),
         "End or renew an exception of model:m", "No challenger"),
    ],
)  # fmt: skip
def test_a_duty_of_the_inventory_is_open_work_of_the_owner(
    tmp_path: Path, lines: str, state: str, due: date | None, what: str, because: str
) -> None:
    graph = book(tmp_path, {"m.yml": model("m", lines + OWNED), "o.yml": OTHERS})
    ledger = build_ledger(graph, SETTINGS, TODAY)
    (item,) = (*ledger.entries, *ledger.open)
    assert (item.duty.state, item.due, item.teams) == (state, due, (Ref("team", "one"),))
    (task,) = build_tasks(graph, [item], {}, {}, TODAY)
    assert " ".join([task.action, *map(str, task.objects), task.ending]).strip() == what
    assert task.because == because


@pytest.mark.parametrize(
    "lines",
    [
        "tier: 3\n",
        "tier: 2\nvalidation: {on: 2020-01-01}\n",
        "tier: 1\nvalidation: {on: 2026-11-01}\n",
        "approved_uses: [{use: u, systems: [s]}, {use: u, systems: [s], until: 2026-01-01}]\n",
        "exceptions: [{what: x, why: w}]\n",
    ],
)
def test_a_validated_and_approved_model_needs_no_work(tmp_path: Path, lines: str) -> None:
    ledger = build_ledger(book(tmp_path, {"m.yml": model("m", lines + OWNED), "o.yml": OTHERS}), SETTINGS, TODAY)
    assert ledger.entries == ledger.open == ()


def test_a_validation_far_ahead_is_the_next_change_but_no_work_yet(tmp_path: Path) -> None:
    graph = book(tmp_path, {"m.yml": model("m", "validation: {on: 2026-11-01, next: 2027-11-01}\n")})
    ledger = build_ledger(graph, SETTINGS, TODAY)
    (duty,) = ledger.duties
    assert (duty.state, ledger.open) == (DutyState.UPCOMING, ())
    change = find_next_change(graph, Ref("model", "m"), {Ref("model", "m"): ledger.duties})
    assert change is not None
    assert (change.word, change.on) == ("Validation", date(2027, 11, 1))


FIRST = (
    "tier: 1\nvalidation: {on: 2025-01-10}\napproved_uses: [{use: u, systems: [s, t], until: 2026-02-01}]\n"
    "exceptions: [{what: e, why: w, until: 2026-01-31}]\n"
)
SECOND = "tier: 1\nvalidation: {on: 2026-03-02, result: approved}\napproved_uses: [{use: u, systems: [s]}]\n"


def test_git_knows_when_a_duty_of_the_inventory_was_overdue_and_what_changed(tmp_path: Path) -> None:
    repository = new_repository(tmp_path)
    repository.commit("add m", "2026-01-02", {"m.yml": model("m", FIRST + OWNED), "o.yml": OTHERS})
    repository.commit("validate m", "2026-03-02", {"m.yml": model("m", SECOND + OWNED)})
    history = read_history(tmp_path, "cards")
    periods = {one.duty.kind: (one.start, one.end) for one in list_open_periods(history, SETTINGS, TODAY)}
    end = date(2026, 3, 2)
    assert periods == {
        DutyKind.VALIDATION: (date(2026, 1, 11), end),
        DutyKind.APPROVAL: (date(2026, 2, 2), end),
        DutyKind.EXCEPTION: (date(2026, 2, 1), end),
    }
    texts = [one.text for one in build_card_history(history, Ref("model", "m"), "m").events if one.event.on == end]
    assert texts == [
        "approved use u changed: s, t until 2026-02-01 → s",
        "exception e removed: until 2026-01-31",
        "validation changed: 2025-01-10 → 2026-03-02",
        "validation result added: approved",
    ]


def test_a_record_of_the_past_stays_when_its_person_leaves(tmp_path: Path) -> None:
    person, ref = "kind: person\nid: p\nname: P\n", Ref("person", "p")
    by = "by: p, on: 2026-01-01"
    lines = f"risk: {{rating: high, {by}}}\nvalidation: {{{by}}}\napproved_uses: [{{use: u, {by}}}]\n"
    files = {"p.yml": person, "m.yml": model("m", f"{lines}exceptions: [{{what: e, why: w, {by}}}]\n")}
    graph = book(tmp_path, files)
    assert list_responsibilities(graph, ref, {}) == ()
    assert len(list_records(graph, ref)) == 4
    planned = book(tmp_path, {"p.yml": person, "m.yml": model("m", "validation: {by: p, next: 2027-01-01}\n")})
    assert [one.path for one in list_responsibilities(planned, ref, {})] == [("validation", "by")]
