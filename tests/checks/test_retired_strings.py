"""MB703: the severity of a retired string in live code grows with its migration."""

import pytest

from tests.books import MODEL, TEAM, open_book, write_book

MIGRATION = """
kind: migration
id: move
name: Move
owners: [t]
status: %s
moves: [model:ryl]
retires: ["old.internal:8080"]
waves: [{traffic: 5, %s: 2026-11-30}]
"""
FOUND = (
    '{"row":"use","ref":"migration:move","kind":"retired","name":"old.internal:8080","repo":"food/feed","system":"",'
    '"class":"config","count":1,"places":[{"file":"values.yaml","line":8,"column":11}],"commit":"c0ffee",'
    '"committed_on":"2026-11-19","first_seen":"2026-10-01"}\n'
)


@pytest.mark.parametrize(
    ("status", "day", "severity"),
    [
        ("planned", "planned_on", "info"),
        ("running", "planned_on", "warning"),
        ("running", "done_on", "error"),
        ("done", "done_on", "error"),
        ("rolled_back", "done_on", None),
    ],
)
def test_a_retired_string_is_worse_the_further_its_migration_is(tmp_path, status, day, severity):
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "m.yml": MIGRATION % (status, day)})
    (book / "evidence").mkdir()
    (book / "evidence/code.jsonl").write_text(FOUND, "utf-8")
    found = [finding for finding in open_book(book).findings if finding.code == "MB703"]
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    state = "will be retired, and is" if status == "planned" else "is retired, but still"
    assert all(f"'old.internal:8080' {state} in code or configuration" in finding.message for finding in found)
