"""Sources of traffic as blocks of whole lines: files and the standard input, compressed with gzip or not."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

BLOCK = 4 << 20
LONGEST_LINE = 64 << 20
"""In bytes. A line of OTLP is a batch of spans, usually below 4 MB."""
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
"""The largest window of zlib, for data with the header of gzip: https://docs.python.org/3/library/zlib.html."""


class SourceReader:
    """The blocks of a source, which needs the memory of a few blocks whatever its size."""

    def __init__(self, file: BinaryIO, block: int = BLOCK, longest_line: int = LONGEST_LINE) -> None:
        self._file, self._block, self._longest_line = file, block, longest_line
        self.position = 0
        """The number of bytes that were read from the file, for progress."""
        self.problem = ""
        """The reason why the source was not read to its end."""
        self.long_lines: list[int] = []
        """The numbers of the lines that are longer than any format writes, and were skipped."""

    def read_blocks(self) -> Iterator[tuple[bytes, int]]:
        """Yield blocks of whole lines, each with the number of its first line."""
        rest, number, is_skipping = b"", 1, False
        for block in self._read_pieces():
            end = block.rfind(b"\n") + 1
            if not end:
                rest = b"" if is_skipping else rest + block
                if len(rest) > self._longest_line:
                    self.long_lines.append(number)
                    rest, is_skipping = b"", True
                continue
            lines = rest + block[:end]
            if is_skipping:
                lines, is_skipping, number = lines[lines.find(b"\n") + 1 :], False, number + 1
            if lines:
                yield lines, number
                number += lines.count(b"\n")
            rest = block[end:]
        if rest:
            yield rest, number

    def _read_pieces(self) -> Iterator[bytes]:
        first = self._read()
        if first.startswith(_GZIP):
            yield from self._decompress(first)
            return
        while first:
            yield first
            first = self._read()

    def _read(self) -> bytes:
        data = self._file.read(self._block)
        self.position += len(data)
        return data

    def _decompress(self, data: bytes) -> Iterator[bytes]:
        """Decompress the members of a gzip file, which are one after the other in logs that were appended to."""
        decoder = zlib.decompressobj(_GZIP_WINDOW)
        try:
            while data:
                yield decoder.decompress(data, self._block)
                data = decoder.unconsumed_tail
                if decoder.eof:
                    data = decoder.unused_data.lstrip(b"\0") or self._read()
                    decoder = zlib.decompressobj(_GZIP_WINDOW) if data else decoder
                data = data or self._read()
            yield decoder.flush()
        except zlib.error:
            self.problem = "the compressed data are damaged"
        if not decoder.eof:
            self.problem = self.problem or "the compressed data end early"
