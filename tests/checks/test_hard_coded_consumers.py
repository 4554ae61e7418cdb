"""MB606: an address that a scan found in code is a reason too, for a consumer that no card declares as well."""

import pytest

from tests.books import MODEL, TEAM, open_book, write_book

SYSTEM = "kind: system\nid: feed\nname: Feed\ntype: service\nowners: [t]\n"
MIGRATION = "kind: migration\nid: move\nname: Move\nowners: [t]\nstatus: running\nmoves: [model:ryl]\n"
USE = (
    '{"row":"use","ref":"model:ryl","kind":"%s","name":"ml.example.com","repo":"food/feed","system":"system:feed",'
    '"class":"%s","count":1,"places":[{"file":"src/client.py","line":8,"column":11}],"commit":"c0ffee",'
    '"committed_on":"2026-11-19","first_seen":"2026-10-01"}\n'
)


@pytest.mark.parametrize(
    ("kind", "cls", "found"),
    [("host", "code", 1), ("url", "code", 1), ("host", "config", 0), ("id", "code", 0), ("host", "comment", 0)],
)
def test_an_address_in_the_code_of_a_consumer_is_reported(tmp_path, kind, cls, found):
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM, "feed.yml": SYSTEM, "m.yml": MIGRATION})
    (book / "evidence").mkdir()
    (book / "evidence/code.jsonl").write_text(USE % (kind, cls), "utf-8")
    messages = [finding.message for finding in open_book(book).findings if finding.code == "MB606"]
    expected = (
        "system:feed has model:ryl in its code (food/feed:src/client.py): it changes by a release, not by a setting"
    )
    assert messages == [expected] * found
