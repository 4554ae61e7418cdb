"""Spend logs of the LiteLLM proxy: rows of its table as JSON lines, or an answer of `/spend/logs`.

The table is `LiteLLM_SpendLogs`: https://github.com/BerriAI/litellm/blob/main/schema.prisma
"""

import re

import msgspec

from generator.evidence.traffic.calls import (
    UNREADABLE,
    CallCounts,
    JsonDocument,
    RawCall,
    ReadState,
    clean_value,
    decode_lines,
)

_NO_ROW = "no row of the spend logs"
_ROWS = re.compile(rb'"data"\s*:\s*\[\s*\{')


class _Metadata(msgspec.Struct, frozen=True):
    """The names of the calling key and team. Users are people, and keys are secrets: neither is read."""

    user_api_key_alias: str | None = None
    user_api_key_team_alias: str | None = None
    status: str | None = None


class _Row(msgspec.Struct, frozen=True):
    start_time: str = msgspec.field(name="startTime")
    model: str | None = None
    model_group: str | None = None
    team_id: str | None = None
    status: str | None = None
    metadata: _Metadata | str | None = None


class _Page(msgspec.Struct, frozen=True):
    data: list[_Row]


class SpendLogs:
    """A parser of rows, one a line, or in an array."""

    def __init__(self, state: ReadState) -> None:
        self._state = state
        self._decoder = msgspec.json.Decoder(_Row)
        self._document: JsonDocument | None = None

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in a block of lines; an array is kept until its end."""
        counts = CallCounts()
        if first_line == 1 and self._document is None:
            # An array begins here, or an object that spans lines or wraps the array.
            line = block.lstrip().partition(b"\n")[0]
            start = line.find(b'"startTime"')
            if line.startswith(b"[") or start < 0 or _ROWS.search(line, 0, start):
                self._document = JsonDocument(self._state)
        if self._document is not None:
            self._document.append(block)
            return counts
        for number, row in decode_lines(self._decoder, block, first_line, self._state.bad, _NO_ROW):
            self._count_row(counts, row, number)
        return counts

    def finish(self) -> CallCounts:
        """Return the calls of an array."""
        counts = CallCounts()
        if self._document is None:
            return counts
        try:
            found = msgspec.json.decode(self._document.join(), type=list[_Row] | _Page)
        except UNREADABLE:
            self._state.bad.add(1, "no answer of /spend/logs: expected an array of rows")
            return counts
        for row in found.data if isinstance(found, _Page) else found:
            self._count_row(counts, row, 1)
        return counts

    def _count_row(self, counts: CallCounts, row: _Row, number: int) -> None:
        """Count a row of a line."""
        metadata = row.metadata or _Metadata()
        if isinstance(metadata, str):  # the proxy writes JSON in a text
            try:
                metadata = msgspec.json.decode(metadata, type=_Metadata)
            except UNREADABLE:
                self._state.bad.add(number, _NO_ROW)
                return
        call = RawCall(
            row.start_time[:10],
            workload=clean_value(metadata.user_api_key_alias),
            service=clean_value(metadata.user_api_key_team_alias) or clean_value(row.team_id),
            target=clean_value(row.model_group) or clean_value(row.model),
        )
        counts.add(call, 1, is_error="failure" in {row.status, metadata.status})
