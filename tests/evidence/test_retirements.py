"""Tests for the live places of retired strings."""

from datetime import date

import pytest

from generator.evidence.records import BurnDown, CodePlace, CodeUse, Evidence, FileClass, NameKind
from generator.evidence.retirements import compile_path, has_moved, is_allowed, is_finished, list_retirements
from generator.schema import Migration
from generator.schema.rollouts import AllowedPlace

HOST = "old.internal:8080"
DAY = date(2026, 11, 20)


def build_migration(status="running", exceptions=(), waves=()):
    retired = {"text": HOST, "except": [{"at": at, "why": "The redirect stays"} for at in exceptions]}
    return Migration.model_validate(
        {"id": "move", "name": "Move", "kind": "migration", "status": status, "moves": ["model:ryl"],
         "retires": [retired], "waves": list(waves)}
    )  # fmt: skip


def build_use(cls=FileClass.CODE, places=(("src/a.py", 3),), count=None, kind=NameKind.RETIRED, name=HOST):
    found = tuple(CodePlace(file, line, 1) for file, line in places)
    return CodeUse(
        ref="migration:move", kind=kind, name=name, repo="Food/feed", system="system:home-feed", cls=cls,
        count=len(found) if count is None else count, places=found, commit="a" * 40, committed_on=DAY, first_seen=DAY,
    )  # fmt: skip


@pytest.mark.parametrize("cls", [FileClass.TEST, FileClass.COMMENT, FileClass.DOCS, FileClass.LOCK])
def test_only_code_and_configuration_are_live(cls):
    evidence = Evidence((build_use(cls), build_use(FileClass.CONFIG, [("deploy/values.yaml", 8)])))

    ((live,),) = (one.live for one in list_retirements(build_migration(), evidence))

    assert str(live) == "Food/feed:deploy/values.yaml:8"


def test_an_exception_keeps_a_place_with_its_reason():
    evidence = Evidence((build_use(places=[("nginx/old.conf", 1), ("src/a.py", 3)]),))

    (retirement,) = list_retirements(build_migration(exceptions=["food/feed:nginx"]), evidence)

    assert [str(one) for one in retirement.live] == ["Food/feed:src/a.py:3"]
    assert [(one.place.file, one.reason) for one in retirement.kept] == [("nginx/old.conf", "The redirect stays")]
    assert retirement.count == 1


def test_places_that_the_record_does_not_name_are_counted():
    evidence = Evidence((build_use(count=120),))

    ((live,),) = (one.live for one in list_retirements(build_migration(), evidence))

    assert live.count == 120
    assert str(live) == "Food/feed:src/a.py:3 and 119 more"


def test_the_course_is_that_of_the_string():
    counts = ((date(2026, 10, 1), 4), (DAY, 1))
    evidence = Evidence(
        (BurnDown(ref="migration:move", name=HOST, counts=counts), BurnDown(ref="migration:move", name="x", counts=()))
    )

    (retirement,) = list_retirements(build_migration(), evidence)

    assert retirement.course == counts


def test_names_that_are_no_retired_strings_do_not_count():
    evidence = Evidence((build_use(kind=NameKind.ID), build_use(name="another.internal")))

    assert [one.live for one in list_retirements(build_migration(), evidence)] == [()]


DONE = {"traffic": 100, "done_on": "2026-11-01"}
OPEN = {"traffic": 100, "planned_on": "2026-12-01"}
REVERTED = {"traffic": 100, "done_on": "2026-11-01", "outcome": "reverted"}


@pytest.mark.parametrize(
    ("status", "waves", "finished"),
    [
        ("done", [], True),
        ("running", [], False),
        ("running", [DONE, OPEN], False),
        ("running", [DONE], True),
        ("running", [REVERTED], False),
        ("running", [REVERTED, DONE], True),
        ("rolled_back", [DONE], False),
        ("planned", [], False),
    ],
)
def test_a_migration_is_finished_by_its_status_or_by_its_last_wave(status, waves, finished):
    assert is_finished(build_migration(status, waves=waves)) is finished


FIRST = {"traffic": 5, "done_on": "2026-10-01"}


@pytest.mark.parametrize(
    ("status", "waves", "moved"),
    [
        ("running", [], False),
        ("running", [FIRST], False),
        ("running", [FIRST, OPEN], False),
        ("running", [FIRST, DONE], True),
        ("running", [DONE, {**OPEN, "moves": ["model:other"]}], True),
        ("running", [{**DONE, "moves": ["model:other"]}, OPEN], False),
        ("running", [REVERTED], False),
        ("running", [REVERTED, DONE], True),
        ("rolled_back", [DONE], False),
        ("planned", [DONE], False),
    ],
)
def test_a_model_has_moved_once_its_own_waves_are_done(status, waves, moved):
    assert has_moved(build_migration(status, waves=waves), "model:ryl") is moved
    assert has_moved(build_migration(status, waves=waves), "") is False


@pytest.mark.parametrize(
    ("pattern", "file", "matches"),
    [
        ("src", "src/a.py", True),
        ("src/", "src/deep/a.py", True),
        ("src", "srcs/a.py", False),
        ("src/a.py", "src/a.py", True),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/deep/a.py", False),
        ("**/values.yaml", "values.yaml", True),
        ("**/values.yaml", "deploy/x/values.yaml", True),
        ("deploy/**", "deploy/x/values.yaml", True),
        ("a.b", "axb", False),
        ("services/*/config", "services/feed/config/a.yaml", True),
        ("./src", "src/a.py", True),
        ("", "src/a.py", True),
    ],
)
def test_a_path_is_a_file_or_a_folder_with_wildcards(pattern, file, matches):
    assert bool(compile_path(pattern).fullmatch(file)) is matches


@pytest.mark.parametrize(
    ("at", "allowed"),
    [("food/feed:src", True), ("FOOD/FEED:src", True), ("food/other:src", False), ("src", True), ("food/feed:", True)],
)
def test_an_exception_can_name_its_repository(at, allowed):
    assert is_allowed(AllowedPlace(at=at, why="Stays"), "food/feed", "src/a.py") is allowed
