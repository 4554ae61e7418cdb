"""The hard-coded places on the page of a migration: counts, lines by team, exceptions, and the way to zero."""

from datetime import date

import msgspec
import pytest

from generator.evidence.files import CODE_FILE, TRAFFIC_FILE, render_records
from generator.evidence.records import BurnDown, CodePlace, CodeUse, FileClass, NameKind, ScannedRepository, SeenCall
from tests.books import MODEL, TEAM, open_book, write_book
from tests.pages.test_answers import render_page

CARDS = {
    "ryl.yml": MODEL,
    "t.yml": TEAM,
    "feed.yml": """
kind: system
id: feed
name: Feed
owners: [t]
type: service
repo: https://github.com/food/Feed
---
kind: system
id: old-app
name: Old app
type: app
repo: git@github.com:food/app.git
""",
    "m.yml": """
kind: migration
id: shift
name: Shift to the new server
owners: [t]
status: %s
moves: [model:ryl]
retires:
  - {text: "old.internal:8080", except: [{at: "food/feed:nginx", why: The redirect <b>stays</b>}]}
  - {text: ryl_v1, owner: o}
""",
    "o.yml": "kind: team\nid: o\nname: Other team\n",
}
COMMIT = "ab" * 20


def build_use(name, repo, system, cls, *places, count=None):
    found = tuple(CodePlace(file, line, 1) for file, line in places)
    return CodeUse(
        ref="migration:shift", kind=NameKind.RETIRED, name=name, repo=repo, system=system, cls=cls,
        count=count or len(found), places=found, commit=COMMIT, committed_on=date(2026, 11, 18),
        first_seen=date(2026, 10, 1),
    )  # fmt: skip


def build_repository(day=date(2026, 11, 18)):
    return ScannedRepository(repo="food/feed", commit=COMMIT, committed_on=day, files=9)


EVIDENCE = [
    build_repository(),
    build_use("old.internal:8080", "food/feed", "system:feed", FileClass.CONFIG, ("nginx/a.conf", 2), ("x|y.yaml", 8)),
    build_use("old.internal:8080", "food/feed", "system:feed", FileClass.COMMENT, ("src/a.py", 1)),
    build_use("old.internal:8080", "food/app", "", FileClass.CODE, ("Main.kt", 30), count=4),
    BurnDown(ref="migration:shift", name="old.internal:8080", counts=((date(2026, 10, 1), 9), (date(2026, 11, 2), 5))),
    BurnDown(ref="migration:shift", name="ryl_v1", counts=((date(2026, 10, 1), 3), (date(2026, 11, 9), 0))),
]


CALL = SeenCall(
    ref="migration:shift", name="old.internal:8080", caller="core/feed", system="system:feed", requests=1200, errors=6,
    last_on=date(2026, 11, 19), window="30d", source="prometheus",
)  # fmt: skip


def render(tmp_path, records, status="running", calls=()):
    book = write_book(tmp_path, CARDS | {"m.yml": CARDS["m.yml"] % status})
    (book / "evidence").mkdir()
    (book / "evidence" / CODE_FILE).write_bytes(render_records(records))
    (book / "evidence" / TRAFFIC_FILE).write_bytes(render_records(calls))
    return render_page(open_book(book), "migration:shift")


def test_the_page_counts_the_places_of_each_string(tmp_path):
    page = render(tmp_path, EVIDENCE)

    assert "| <code>old.internal:8080</code> | 5 | 9 | <code>food/app</code><small>no card has this code" in page
    assert "</small>: 4<br>[Feed](../systems/feed.md): 1 |" in page
    assert '| <code>ryl_v1</code> | 0 | 3 | <span class="mb-badge mb-badge--green">removed</span>' in page
    assert "9 Nov 2026</time> |" in page


def test_the_lines_left_are_listed_by_the_team_that_removes_them(tmp_path):
    page = render(tmp_path, EVIDENCE)

    assert page.index("### [Team](") < page.index("### Without an owner: 4 places")
    assert f"https://github.com/food/Feed/blob/{COMMIT}/x%7Cy.yaml#L8" in page
    assert "3 more: <code>modelbook scan</code> lists all of them." in page
    assert "src/a.py" not in page


def test_the_owner_of_the_string_removes_it_from_all_code(tmp_path):
    found = build_use("ryl_v1", "food/feed", "system:feed", FileClass.CODE, ("src/b.py", 7))

    page = render(tmp_path, [build_repository(), found])

    assert "### [Other team](../teams/o.md): 1 place\n" in page


def test_places_that_may_stay_are_folded_with_their_reason(tmp_path):
    page = render(tmp_path, EVIDENCE)

    fold = page[page.index("<summary>Places that may stay <small>1</small>") :]
    assert "food/<wbr>feed:nginx/<wbr>a.conf:2" in fold
    assert "The redirect &#60;b&#62;stays&#60;/b&#62;" in fold


def test_the_counts_after_each_scan_are_drawn_and_listed(tmp_path):
    page = render(tmp_path, EVIDENCE)

    assert "Places left: 12 on 1 Oct 2026, 5 on 18 Nov 2026." in page
    fold = page[page.index("<summary>Places after each scan <small>4</small>") :]
    assert "1 Oct 2026</time> | <code>old.internal:8080</code> | 9 |" in fold


@pytest.mark.parametrize("code", [EVIDENCE, []])
def test_callers_of_a_retired_string_are_listed_with_their_requests(tmp_path, code):
    unknown = msgspec.structs.replace(CALL, system="", caller="", requests=3, errors=0)
    page = render(tmp_path, code, calls=[CALL, unknown])

    section = page[page.index("### Still called") :]
    assert "| <code>old.internal:8080</code> | [Feed](../systems/feed.md) | 1,200 requests in 30 days" in section
    assert "| unknown caller | 3 requests in 30 days |" in section


@pytest.mark.parametrize(("status", "warns"), [("running", False), ("done", True)])
def test_a_finished_migration_with_places_left_is_contradicted(tmp_path, status, warns):
    page = render(tmp_path, EVIDENCE, status)

    assert ("The migration counts as done, but 5 places still have these strings." in page) == warns


@pytest.mark.parametrize(("day", "is_stale"), [(date(2026, 11, 18), False), (date(2026, 3, 1), True)])
def test_an_old_search_is_called_old(tmp_path, day, is_stale):
    page = render(tmp_path, [build_repository(day)])

    assert ("run <code>modelbook scan</code> again" in page) == is_stale
    assert page.count("Not found") == 2


def test_without_evidence_the_page_says_that_nobody_looked(tmp_path):
    page = render(tmp_path, [])

    assert "The code was not searched for them." in page
    assert "- <code>old.internal:8080</code>" in page


def test_the_name_of_a_file_cannot_break_the_table(tmp_path):
    found = build_use("old.internal:8080", "food/app", "", FileClass.CODE, ("a\nb|c`<b>*x*\u2028.py", 3))

    page = render(tmp_path, [build_repository(), found])

    (row,) = [line for line in page.splitlines() if "No card<small>code</small> |" in line]
    assert "app:a b&#124;c&#96;&#60;b&#62;&#42;x&#42; .py:3</code> |" in row
    assert row.count("|") == 4
    assert "<b>" not in row
