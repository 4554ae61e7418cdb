"""Undocumented uses and retired names that are still in use are work in the ledger, with their owners."""

from pathlib import Path

import pytest

from generator.answers.debt import DebtItem, Ledger
from generator.answers.observations import SightingIndex
from generator.answers.tasks import build_tasks, describe_counts
from generator.evidence.records import Evidence, NameKind
from generator.names import Ref
from generator.settings import Settings
from tests.answers.books import TODAY, book
from tests.answers.duty_books import build_ledger
from tests.evidence.records import code_use, scanned, seen_call, traffic_source

BOOK = {
    "ryl.yml": "kind: model\nname: RYL\nsummary: s\nlifecycle: {}\nserving: online\nowners: [ds]\n",
    "systems.yml": "{kind: system, id: feed, name: Home feed, type: service, owners: [core]}\n---\n"
    "{kind: system, id: cart, name: Cart, type: app, owners: [core]}\n",
    "teams.yml": "{kind: team, id: core, name: Core}\n---\n{kind: team, id: ds, name: DS}\n---\n"
    "{kind: team, id: dsp, name: DSP}\n",
    "move.yml": "kind: migration\nname: Move\nowners: [dsp]\nstatus: {}\nmoves: [model:ryl]\n"
    "retires: [old.internal, {{text: very.old, owner: ds}}]\n",
}
MOVE, FEED, RYL = Ref("migration", "move"), Ref("system", "feed"), Ref("model", "ryl")


def build(root: Path, *records, lifecycle="experimental", status="running", feed="", settings=None) -> Ledger:
    files = {**BOOK, "ryl.yml": BOOK["ryl.yml"].format(lifecycle), "move.yml": BOOK["move.yml"].format(status)}
    files["systems.yml"] = files["systems.yml"].replace("type: service", f"type: service{feed}")
    graph = book(root, files)
    code = tuple(one for one in records if "repo" in one.__struct_fields__)
    evidence = Evidence((scanned(), *code), (traffic_source(), *(one for one in records if one not in code)))
    asked = settings or Settings(functions={})
    return build_ledger(graph, asked, TODAY, sightings=SightingIndex(graph, evidence))


def of_evidence(items: tuple[DebtItem, ...]) -> list[tuple[Ref, str, str, str, tuple[Ref, ...]]]:
    return [
        (one.subject, one.duty.code, one.kind, one.what, one.owners) for one in items if one.duty.code.startswith("MB7")
    ]


def retired(name: str = "old.internal", system: str = "system:feed", **more):
    return code_use("migration:move", system, kind=NameKind.RETIRED, name=name, **more)


def test_an_undocumented_use_is_work_of_the_owner_of_its_system(tmp_path: Path) -> None:
    ledger = build(tmp_path, code_use(system="system:feed"), seen_call(), seen_call(system="system:cart"))
    assert of_evidence(ledger.open) == [
        (RYL, "MB714", "use not documented",
         "use of model:ryl by growth-batch is not documented: seen in traffic (1,200 requests in 30 days)",
         (Ref("team", "ds"),)),
    ]  # fmt: skip
    assert of_evidence(ledger.entries) == [
        (Ref("system", "cart"), "MB711", "use not documented",
         "use of model:ryl is not documented: seen in traffic (1,200 requests in 30 days)", (Ref("team", "core"),)),
        (FEED, "MB701", "use not documented",
         "use of model:ryl is not documented: found in code (config/app.yaml, line 3, of food/feed)",
         (Ref("team", "core"),)),
    ]  # fmt: skip
    assert {one.since for one in ledger.entries} == {None}  # the day of an old commit is no day of a duty
    (core,) = (one for one in ledger.teams if one.team == Ref("team", "core"))
    assert len(core.entries) == 2


def test_an_accepted_code_is_no_work(tmp_path: Path) -> None:
    accepted = ", x-allow: {MB701: The owner is asked on Monday}"
    assert of_evidence(build(tmp_path, code_use(system="system:feed"), feed=accepted).entries) == []
    off = Settings(functions={}, severities={"MB701": "off"})
    assert of_evidence(build(tmp_path, code_use(system="system:feed"), settings=off).entries) == []


@pytest.mark.parametrize(
    ("status", "where"), [("planned", ()), ("running", ("open",)), ("done", ("entries",)), ("rolled_back", ())]
)
def test_the_places_of_a_retired_string_are_due_when_the_migration_is_done(tmp_path: Path, status, where) -> None:
    ledger = build(tmp_path, retired(places=(("a.py", 1), ("b.py", 2))), status=status)
    found = {name: of_evidence(getattr(ledger, name)) for name in ("entries", "open")}
    assert tuple(name for name, items in found.items() if items) == where
    for name in where:
        ((subject, code, _, what, owners),) = found[name]
        assert (subject, code, owners) == (MOVE, "MB703", (Ref("team", "core"),))
        assert what == "'old.internal' is still in 2 places of Home feed: food/feed:a.py:1"


def test_the_places_in_the_code_of_a_system_are_due_when_the_system_has_moved(tmp_path: Path) -> None:
    waves = "waves: [{traffic: 100, moves: [system:feed], done_on: 2026-11-01}, {traffic: 100, moves: [model:ryl]}]"
    ledger = build(tmp_path, retired(), retired(system="system:cart"), status=f"running\n{waves}")
    assert [what.partition(": ")[0] for *_, what, _ in of_evidence(ledger.entries)] == [
        "'old.internal' is still in 1 place of Home feed"
    ]
    assert [what.partition(": ")[0] for *_, what, _ in of_evidence(ledger.open)] == [
        "'old.internal' is still in 1 place of Cart"
    ]


def test_the_owner_of_a_string_removes_its_places(tmp_path: Path) -> None:
    records = (retired("very.old"), retired(system="", repo="food/old"))
    found = of_evidence(build(tmp_path, *records).open)
    assert [(what, owners) for *_, what, owners in found] == [
        ("'old.internal' is still in 1 place of food/old: food/old:config/app.yaml:3", (Ref("team", "dsp"),)),
        ("'very.old' is still in 1 place of Home feed: food/feed:config/app.yaml:3", (Ref("team", "ds"),)),
    ]


def test_calls_to_a_retired_host_are_work(tmp_path: Path) -> None:
    found = of_evidence(build(tmp_path, seen_call("migration:move", name="old.internal")).open)
    assert [(code, what) for _, code, _, what, _ in found] == [
        ("MB713", "'old.internal' is still called by growth-batch: 1,200 requests in 30 days")
    ]


def test_a_retired_model_that_is_still_used_is_work_of_its_user(tmp_path: Path) -> None:
    ledger = build(tmp_path, code_use(system="system:feed"), lifecycle="retired", status="done")
    assert of_evidence(ledger.entries) == [
        (RYL, "MB703", "retired, yet alive",
         "retired, but Home feed still uses it: found in code (config/app.yaml, line 3, of food/feed)",
         (Ref("team", "core"),))
    ]  # fmt: skip


def test_the_work_has_words_for_pages(tmp_path: Path) -> None:
    ledger = build(tmp_path, code_use(system="system:feed"), seen_call(caller=""), retired())
    graph = book(tmp_path, {})
    tasks = build_tasks(graph, (*ledger.entries, *ledger.open), {}, {}, TODAY)
    words = [
        (one.action, one.objects, one.ending, one.reason, one.because)
        for one in tasks
        if one.kind.name in {"UNDOCUMENTED", "ALIVE"}
    ]
    assert words == [
        ("Document the use of", (RYL,), "", FEED, "uses it, found in code (config/app.yaml, line 3, of food/feed)"),
        ("Remove a retired string of", (MOVE,), "", None,
         "'old.internal' is still in 1 place of Home feed: food/feed:config/app.yaml:3"),
        ("Document the use of", (RYL,), "by an unknown caller", None, "Seen in traffic (1,200 requests in 30 days)"),
    ]  # fmt: skip
    assert describe_counts(ledger.entries) == "1 undocumented use"


def test_without_evidence_the_ledger_has_no_such_work(tmp_path: Path) -> None:
    assert of_evidence((*build(tmp_path).entries, *build(tmp_path).open)) == []


def build_with_test(root: Path, status: str, done: str = "") -> Ledger:
    test = "kind: experiment\nname: AB\nowners: [ds]\nstatus: {}\nwhere: system:feed\n"
    test += "cleanup: {{due: 2026-10-01, items: [{{remove: rule:new_order{}}}]}}\n"
    graph = book(
        root, {"systems.yml": BOOK["systems.yml"], "teams.yml": BOOK["teams.yml"], "ab.yml": test.format(status, done)}
    )
    evidence = Evidence((scanned(), code_use("rule:new_order", "system:feed")))
    return build_ledger(graph, Settings(functions={}), TODAY, sightings=SightingIndex(graph, evidence))


def test_what_a_test_leaves_behind_is_removed_and_not_documented(tmp_path: Path) -> None:
    for status in ("running", "concluded"):
        assert of_evidence(build_with_test(tmp_path / status, status).entries) == []
    done = build_with_test(tmp_path, "cleaned", ", done_on: 2026-10-01")
    assert of_evidence(done.entries) == [
        (Ref("experiment", "ab"), "MB703", "retired, yet alive",
         "removed after AB, but Home feed still uses it: found in code (config/app.yaml, line 3, of food/feed)",
         (Ref("team", "core"),)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lifecycle", "record", "kind"),
    [
        ("retired", code_use(system="system:feed"), "retired, yet alive"),
        ("production", seen_call(system="system:feed"), "use not documented"),
    ],
)
def test_a_clean_up_that_is_not_done_hides_no_use(tmp_path: Path, lifecycle: str, record, kind: str) -> None:
    test = "kind: experiment\nname: AB\nowners: [ds]\nstatus: concluded\nwhere: system:cart\n"
    test += "cleanup: {due: 2027-10-01, items: [{remove: model:ryl}]}\n"
    names = ("systems.yml", "teams.yml")
    files = {**{name: BOOK[name] for name in names}, "ab.yml": test, "ryl.yml": BOOK["ryl.yml"].format(lifecycle)}
    graph = book(tmp_path, files)
    calls = (traffic_source(), record) if "requests" in record.__struct_fields__ else ()
    evidence = Evidence((scanned(), *(() if calls else (record,))), calls)
    ledger = build_ledger(graph, Settings(functions={}), TODAY, sightings=SightingIndex(graph, evidence))
    assert [one[2] for one in of_evidence((*ledger.entries, *ledger.open))] == [kind]


def test_undocumented_uses_come_after_the_work_that_was_due(tmp_path: Path) -> None:
    retired_use = retired(system="system:feed")
    ledger = build(tmp_path, code_use(system="system:feed"), retired_use, status="done")
    kinds = [one.kind for one in ledger.entries]
    assert kinds == sorted(kinds, key="use not documented".__eq__)
    assert {"use not documented", "retired, yet alive"} <= {*kinds}
