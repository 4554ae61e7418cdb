"""Blocks of a source hold whole lines, and the memory does not depend on its size."""

import gzip
import io
import resource
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.traffic.calls import JsonDocument, ReadState
from generator.evidence.traffic.reading import SourceReader


def read(data: bytes, block: int = 8, longest: int = 1 << 20) -> tuple[list[tuple[bytes, int]], SourceReader]:
    reader = SourceReader(io.BytesIO(data), block, longest)
    return list(reader.read_blocks()), reader


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=10), st.integers(1, 64))
def test_blocks_are_the_lines_of_the_source_with_their_numbers(lines, size):
    data = b"\n".join(lines)
    blocks, reader = read(b"x" + data, size)
    assert b"".join(block for block, _ in blocks) == b"x" + data
    for number, (block, first) in enumerate(blocks):
        assert block.endswith(b"\n") or number == len(blocks) - 1
        assert first == 1 + b"".join(before for before, _ in blocks[:number]).count(b"\n")
    assert reader.position == len(data) + 1


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.integers(1, 64))
def test_gzip_gives_the_same_as_its_content_also_if_it_was_appended_to(parts, size):
    data = b"".join(gzip.compress(part) for part in parts)
    blocks, reader = read(data, size)
    if data[:2] == b"\x1f\x8b" and size > 1:
        assert b"".join(block for block, _ in blocks) == b"".join(parts)
        assert reader.problem == ""


def test_gzip_that_ends_early_or_is_damaged_gives_the_start_and_says_so():
    lines = b"".join(b"line %d\n" % number for number in range(20_000))
    data = gzip.compress(lines)
    blocks, reader = read(data[: len(data) // 2], 4096)
    content = b"".join(block for block, _ in blocks)
    assert lines.startswith(content)
    assert len(content) > len(lines) // 4
    assert reader.problem == "the compressed data end early"
    damaged = data[:-4] + b"abcd"
    assert read(damaged, 4096)[1].problem == "the compressed data are damaged"
    garbage = read(data + b"garbage after the end", 4096)
    assert b"".join(block for block, _ in garbage[0]) == lines
    assert garbage[1].problem == "the compressed data are damaged"


def test_a_line_that_no_format_writes_is_skipped_and_counted():
    data = b"first\n" + b"x" * 500 + b"\nthird\n" + b"y" * 500
    blocks, reader = read(data, 16, longest=100)
    assert b"".join(block for block, _ in blocks) == b"first\nthird\n"
    assert reader.long_lines == [2, 4]
    assert blocks[-1][1] == 3


PEAK = """
import io, sys
from generator.evidence.traffic.reading import SourceReader
class Endless(io.RawIOBase):
    left = 100
    def read(self, size):
        self.left -= 1
        return (b"x" * 99 + b"\\n") * (size // 100) if self.left >= 0 else b""
print(sum(len(block) for block, _ in SourceReader(Endless()).read_blocks()))
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS"), reason="needs a limit on memory")
def test_400_megabytes_are_read_with_a_few_blocks_in_memory():
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))\n{PEAK}"
    done = subprocess.run([sys.executable, "-c", limit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 400_000_000


def test_a_document_that_is_too_large_is_a_bad_line():
    state = ReadState()
    document = JsonDocument(state, most=10)
    for _ in range(4):
        document.append(b"12345678")
    assert document.join() == b""
    assert state.bad.count == 1
