"""The pages of migrations and experiments: a wave that was reverted is not done, and what a test leaves in code."""

import re

import pytest

from generator.evidence.files import CODE_FILE, render_records
from tests.books import MODEL, TEAM, open_book
from tests.evidence.records import code_use, scanned
from tests.pages.test_answers import render_page

MIGRATION = """
kind: migration
id: shift
name: Shift to the new server
owners: [t]
status: running
moves: [model:ryl]
waves:
  - {scope: {city: [hamar]}, traffic: 5, planned_on: 2026-11-02, done_on: 2026-11-02, %s}
  - {scope: {city: [all]}, traffic: 100, planned_on: 2026-12-08}
"""


@pytest.mark.parametrize(
    ("ending", "done", "badge", "note"),
    [
        ("outcome: reverted, reverted_after: 10 minutes, note: Wrong order", 0, "reverted",
         "reverted after 10 minutes; Wrong order"),
        ("outcome: failed", 0, "failed", ""),
        ("outcome: done", 1, "done", ""),
        ("note: Nothing was seen", 1, "done", "Nothing was seen"),
    ],
)  # fmt: skip
def test_a_wave_that_was_reverted_is_not_done_on_the_page(tmp_path, ending: str, done: int, badge: str, note: str):
    project = open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "m.yml": MIGRATION % ending})
    page = render_page(project, "migration:shift")
    (row,) = re.findall(r"^\| 1 \| everything \|.*$", page, re.MULTILINE)
    assert f"{done} of 2 waves done" in page
    assert re.search(rf">{badge}</span> \|$", row)
    assert note in row
    assert f"1: 5 % of hamar, {badge} 2026-11-02" in page
    assert f"1: 5 % of hamar: {badge}, 2 Nov 2026" in page
    assert "If wave 2 fails" in page


def test_the_clean_up_of_a_test_shows_where_code_still_names_its_items(tmp_path):
    items = "{remove: topic:shadow.v1}, {remove: rule:order, note: Ask first}"
    test = f"kind: experiment\nid: ab\nname: AB\nstatus: concluded\ncleanup: {{due: 2026-10-01, items: [{items}]}}\n"
    places = tuple((f"config/{number}.yaml", number) for number in range(1, 6))
    records = [scanned(), code_use("topic:shadow.v1", places=places, count=9)]
    files = {"t.yml": TEAM, "ab.yml": test}
    without = render_page(open_book(tmp_path / "without", files), "experiment:ab")
    folder = tmp_path / "found/evidence" / CODE_FILE
    folder.parent.mkdir(parents=True)
    folder.write_bytes(render_records(records))
    page = render_page(open_book(tmp_path / "found", files), "experiment:ab")
    assert "Found in code" not in without
    topic, rule = re.findall(r"^\| \[(?:shadow.v1|order)\].*$", page, re.MULTILINE)
    assert re.findall(r"config/[^<>]*?(\d)\.yaml:", re.sub(r"<wbr>", "", topic)) == ["1", "2", "3"]
    assert topic.endswith("<br>and 6 more |")
    assert "<small>Ask first</small> |" in rule
    assert rule.endswith("|  |")
