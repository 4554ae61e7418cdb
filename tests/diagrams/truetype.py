"""The advance widths of a TrueType font, read from its tables, which the width table must equal."""

import struct
from itertools import groupby
from pathlib import Path


def read_advances(path: Path) -> tuple[int, dict[int, int]]:
    """Return units per em, and the advance width by code point."""
    data = path.read_bytes()
    tables = _read_tables(data)
    units = struct.unpack_from(">H", data, tables["head"] + 18)[0]
    metrics = struct.unpack_from(">H", data, tables["hhea"] + 34)[0]

    def get_advance(glyph: int) -> int:
        (width,) = struct.unpack_from(">H", data, tables["hmtx"] + 4 * min(glyph, metrics - 1))
        return int(width)

    return units, {code: get_advance(glyph) for code, glyph in _read_glyphs(data, tables["cmap"]).items()}


def group_runs(widths: dict[int, int]) -> list[tuple[int, list[int]]]:
    """Group adjacent code points into runs, each with its first code point and its widths."""
    found = []
    for _, run in groupby(enumerate(sorted(widths)), lambda pair: pair[1] - pair[0]):
        codes = [code for _, code in run]
        found.append((codes[0], [widths[code] for code in codes]))
    return found


def _read_tables(data: bytes) -> dict[str, int]:
    count = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * index) for index in range(count))
    return {tag.decode(): offset for tag, _, offset, _ in records}


def _read_glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """Return the glyph of each code point, from the cmap's Windows Unicode subtable in format 4."""
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    encodings = [struct.unpack_from(">HHI", data, cmap + 4 + 8 * index) for index in range(count)]
    start = cmap + next(offset for platform, encoding, offset in encodings if (platform, encoding) == (3, 1))
    assert struct.unpack_from(">H", data, start)[0] == 4
    size = struct.unpack_from(">H", data, start + 6)[0]

    def read_column(number: int, pad: int) -> list[int]:
        return list(struct.unpack_from(f">{size // 2}H", data, start + 14 + number * size + pad))

    glyphs = {}
    for index, (last, first, delta, offset) in enumerate(
        zip(read_column(0, 0), read_column(1, 2), read_column(2, 2), read_column(3, 2), strict=True)
    ):
        for code in range(first, min(last, 0xFFFE) + 1):
            if offset == 0:
                glyph = (code + delta) & 0xFFFF
            else:
                at = start + 16 + 3 * size + 2 * index + offset + 2 * (code - first)
                glyph = struct.unpack_from(">H", data, at)[0]
                glyph = (glyph + delta) & 0xFFFF if glyph else 0
            if glyph:
                glyphs[code] = glyph
    return glyphs
