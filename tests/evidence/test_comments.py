"""The comments of files that were made to be hard to read."""

import tracemalloc

import pytest

from generator.evidence.comments import find_spans
from generator.evidence.records import FileClass

_SIZE = 300_000
"""In bytes; a lexer that reads the line again at each quote would need minutes for it."""


@pytest.mark.parametrize(
    ("path", "start", "part"),
    [
        ("a.go", b"", b'\\"'),
        ("a.py", b"", b'\\"'),
        ("a.js", b"", b"=/a["),
        ("a.html", b"<script>", b"(/["),
        ("a.scss", b"", b"url("),
        ("a.tf", b"", b"<<A\n"),
        ("a.ipynb", b"", b'"cell_type": "raw"\n'),
    ],
)
def test_strings_that_never_end_are_read_in_bounded_time(path: str, start: bytes, part: bytes):
    text = start + part * (_SIZE // len(part))
    assert find_spans(text, path, [len(text) - 1]) == []


@pytest.mark.parametrize(("path", "quote"), [("a.go", b'"'), ("a.py", b"'"), ("a.scss", b"url(")])
def test_a_string_that_does_not_end_hides_no_comment(path: str, quote: bytes):
    sign = b"#" if path == "a.py" else b"//"
    text = b"x = " + quote + b"it " + sign + b" ryl\n" + sign + b" eta"
    spans = find_spans(text, path, [text.index(b"ryl"), text.index(b"eta")])
    assert [cls for _, _, cls in spans] == [FileClass.COMMENT, FileClass.COMMENT]


def test_only_the_comments_at_a_position_are_kept():
    text = b"/*x*/" * 20_000 + b"/* ryl */ eta"
    positions = [text.index(b"ryl"), text.index(b"eta")]
    tracemalloc.start()
    spans = find_spans(text, "a.js", positions)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spans == [(100_000, 100_009, FileClass.COMMENT)]
    assert peak < 500_000
