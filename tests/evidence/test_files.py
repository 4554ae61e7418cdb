"""Evidence files are read back as they were written, and a line that is not a record is a finding with its number."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import UserError
from generator.evidence.files import CODE_FILE, read_evidence, render_records, write_records
from generator.evidence.records import (
    BurnDown,
    CodePlace,
    CodeUse,
    FileClass,
    NameKind,
    ScannedRepository,
    WeakName,
)

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
TEXTS = st.text(min_size=1, max_size=30)
USES = st.builds(
    CodeUse,
    ref=st.sampled_from(["model:ryl", "topic:orders.v1"]),
    kind=st.sampled_from(NameKind),
    name=TEXTS,
    repo=TEXTS,
    system=st.sampled_from(["", "system:home-feed", "model:ryl"]),
    cls=st.sampled_from(FileClass),
    count=st.integers(3, 10**6),
    places=st.lists(st.builds(CodePlace, TEXTS, st.integers(1, 10**6), st.integers(1, 10**6)), max_size=3).map(tuple),
    commit=TEXTS,
    committed_on=DAYS,
    first_seen=DAYS,
)
REPOSITORIES = st.builds(
    ScannedRepository,
    repo=TEXTS,
    commit=TEXTS,
    committed_on=DAYS,
    files=st.integers(0, 10**6),
    skipped=st.dictionaries(TEXTS, st.integers(1, 100), max_size=3),
)
WEAK = st.builds(WeakName, ref=st.just("model:default"), kind=st.just(NameKind.ID), name=TEXTS, reason=TEXTS)
BURNING = st.builds(
    BurnDown,
    ref=st.just("migration:to-kserve"),
    name=TEXTS,
    counts=st.lists(st.tuples(DAYS, st.integers(0, 10**6)), max_size=4).map(tuple),
)


@given(st.lists(st.one_of(USES, REPOSITORIES, WEAK, BURNING), max_size=8), st.randoms())
def test_written_records_are_read_back_and_their_order_does_not_matter(tmp_path_factory, records, random):
    root = tmp_path_factory.mktemp("book")
    (root / "evidence").mkdir()
    written = render_records(records)
    (root / "evidence" / CODE_FILE).write_bytes(written)
    evidence, findings = read_evidence(root / "evidence", root)
    assert findings == []
    assert render_records(evidence.code) == written
    shuffled = list(records)
    random.shuffle(shuffled)
    assert render_records(shuffled) == written


def test_a_book_without_evidence_has_none(tmp_path):
    evidence, findings = read_evidence(tmp_path / "evidence", tmp_path)
    assert (evidence.code, evidence.traffic, evidence.verifications, findings) == ((), (), (), [])
    assert evidence.code_on is None


def test_a_line_that_is_no_record_is_a_finding_and_the_others_are_read(tmp_path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    good = b'{"row":"weak","ref":"model:default","kind":"id","name":"default","reason":"common"}\n'
    use = (
        b'{"row":"use","ref":"migration:m","kind":"retired","name":"x","repo":"a/b","class":"code","count":%d,'
        b'"places":[%b],"commit":"c","committed_on":"2026-01-01","first_seen":"2026-01-01"}\n'
    )
    bad = [
        b"not json\n",
        b'{"row":"weak"}\n',
        b'{"row":"other"}\n',
        b'{"row":"weak","ref":"../../etc","kind":"id","name":"x","reason":"y"}\n',
        b"\xff\xfe\n",
        b"[" * 200_000 + b"\n",
        b'{"row":"repository","repo":"a/b","commit":"c","committed_on":"2026-01-01","files":-1}\n',
        use % (-2, b""),
        use % (0, b'{"file":"a","line":1,"column":1}'),
    ]
    (folder / CODE_FILE).write_bytes(good + b"".join(bad) + b"\n")
    evidence, findings = read_evidence(folder, tmp_path)
    assert len(evidence.weak_names) == 1
    assert [(one.code, str(one.position)) for one in findings] == [
        ("MB709", f"evidence/code.jsonl:{number}:1") for number in range(2, 2 + len(bad))
    ]


def test_a_link_out_of_the_book_is_not_followed(tmp_path):
    outside = tmp_path / "outside.jsonl"
    outside.write_bytes(b'{"row":"weak","ref":"model:default","kind":"id","name":"default","reason":"common"}\n')
    root = tmp_path / "book"
    (root / "evidence").mkdir(parents=True)
    (root / "evidence" / CODE_FILE).symlink_to(outside)
    evidence, findings = read_evidence(root / "evidence", root)
    assert evidence.code == ()
    assert [one.code for one in findings] == ["MB006"]


def test_a_whole_repository_skips_only_what_hides_no_text():
    def scanned(**skipped: int) -> ScannedRepository:
        return ScannedRepository(repo="a", commit="1", committed_on=date(2026, 1, 1), files=1, skipped=skipped)

    assert scanned(binary=3, submodule=1).is_whole
    assert not scanned(binary=3, missing=1).is_whole


@pytest.mark.parametrize("outside", ["../outside", "{}/outside"])
def test_a_folder_outside_of_the_book_is_neither_read_nor_written(tmp_path, outside):
    root = tmp_path / "book"
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / CODE_FILE).write_bytes(b"")
    folder = root / outside.format(tmp_path)
    _, findings = read_evidence(folder, root)
    assert [(one.code, one.position.file) for one in findings] == [("MB006", "../outside/code.jsonl")]
    with pytest.raises(UserError, match="leads out of the book"):
        write_records(folder / CODE_FILE, root, [])


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / CODE_FILE
    path.write_bytes(b"old")
    (tmp_path / "outside").write_bytes(b"kept")
    (tmp_path / f".{CODE_FILE}.part").symlink_to(tmp_path / "outside")
    monkeypatch.setattr(Path, "replace", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_records(path, tmp_path, [])
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {
        CODE_FILE: b"old", "outside": b"kept", f".{CODE_FILE}.part": b"kept",
    }  # fmt: skip


def test_runs_that_write_at_once_leave_the_whole_file_of_one(tmp_path):
    path = tmp_path / CODE_FILE
    runs = [
        [WeakName(ref="model:b", kind=NameKind.ID, name=f"{run}-{number}", reason="short") for number in range(500)]
        for run in range(8)
    ]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda records: write_records(path, tmp_path, records), runs))
    assert path.read_bytes() in {render_records(records) for records in runs}
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_written_whole_and_sorted(tmp_path):
    path = tmp_path / "evidence" / CODE_FILE
    records = [WeakName(ref="model:b", kind=NameKind.ID, name="b", reason="short")] * 2
    write_records(path, tmp_path, records)
    assert path.read_bytes() == render_records(records)
    assert list(path.parent.iterdir()) == [path]
