"""Calls as a source of traffic names them, before the cards of the book are found for them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

import msgspec

LARGEST_DOCUMENT = 256 << 20
"""In bytes; a source of lines has no limit."""
MOST_BAD_LINES = 3
"""The number of bad lines that are shown; the others are counted."""


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""The errors of decoding a line that is invalid JSON or nested too deeply."""
WINDOW = re.compile(r"[1-9]\d{0,3}[hdw]")
"""A length of time as in PromQL: hours, days or weeks."""
_Line = TypeVar("_Line")


class RawCall(NamedTuple):
    """The names of some calls as their source writes them; empty if it does not write one.

    It contains raw paths and user agents, so it must never be stored or printed.
    """

    day: str = ""
    """The day as `2026-11-20`."""
    reporter: str = ""
    """The side that counted the calls, if both may have done so: `source` or `destination`."""
    workload: str = ""
    """The caller's workload, as `namespace/name` or `name`."""
    service: str = ""
    """The caller's service, key or team."""
    account: str = ""
    """The caller's service account: a SPIFFE id."""
    user_agent: str = ""
    host: str = ""
    """The called host, with its port if it is given."""
    path: str = ""
    target: str = ""
    """The called service, workload or model."""


@dataclass
class CallCounts:
    """The numbers of requests and of errors of calls; fractions come from extrapolated rates."""

    requests: defaultdict[RawCall, float] = field(default_factory=lambda: defaultdict(float))
    errors: defaultdict[RawCall, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, call: RawCall, number: float, *, is_error: bool) -> None:
        """Count some requests that ended alike."""
        self.requests[call] += number
        if is_error:
            self.errors[call] += number


@dataclass
class BadLines:
    """The lines of a source that cannot be read, without their text, which may contain secrets."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)
    """The numbers of the first lines, each with the reason."""

    def add(self, number: int, reason: str) -> None:
        """Count a line."""
        self.count += 1
        if len(self.first) < MOST_BAD_LINES:
            self.first.append((number, reason))


@dataclass
class ReadState:
    """The facts about a source that its parser learns."""

    bad: BadLines = field(default_factory=BadLines)
    window: str = ""
    """The length of time that the counts cover, as `30d`."""
    is_cumulative: bool = False
    """Whether the counts began at an unknown time, so that only their last day is known."""
    undecided: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """The number of requests that cannot be attributed to one caller and one target, by the reason."""


class JsonDocument:
    """A source that is one JSON document, so that it cannot be read block by block."""

    def __init__(self, state: ReadState, most: int = LARGEST_DOCUMENT) -> None:
        self._state, self._most = state, most
        self._blocks: list[bytes] = []
        self._size = 0

    def append(self, block: bytes) -> None:
        """Keep a block. A document that is too large is forgotten, and a bad line."""
        if self._size <= self._most:
            self._blocks.append(block)
            self._size += len(block)
            if self._size > self._most:
                self._state.bad.add(1, f"a document of more than {self._most >> 20} MB: export it in parts")
                self._blocks.clear()

    def join(self) -> bytes:
        """Return the document."""
        return b"".join(self._blocks)


def decode_lines(
    decoder: msgspec.json.Decoder[_Line], block: bytes, first_line: int, bad: BadLines, problem: str
) -> Iterator[tuple[int, _Line]]:
    """Yield the JSON of each line of a block with its number; count the lines without such JSON as bad.

    The text before the JSON, such as the prefix of a log collector, is skipped.
    """
    for number, text in enumerate(block.split(b"\n"), first_line):
        if not text.strip():
            continue
        try:
            line = decoder.decode(text[max(text.find(b"{"), 0) :])
        except UNREADABLE:
            bad.add(number, problem)
            continue
        yield number, line


class Parser(Protocol):
    """A parser of one format, which receives a source block by block."""

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in a block of whole lines.

        `first_line` is the number of the first line of the block in the source.
        """

    def finish(self) -> CallCounts:
        """Return the calls that needed the whole source."""


def is_error_status(status: int | str) -> bool:
    """Return whether the caller got no answer that it could use: 4xx, 5xx, or none, which Envoy writes as 0.

    A text that is no number is not an error.
    """
    if isinstance(status, str):
        return status.isascii() and status.isdigit() and len(status) < 5 and is_error_status(int(status))
    return status >= 400 or status == 0


def clean_value(value: str | None) -> str:
    """Return a name, or an empty text for the words that mesh and proxies write if they do not know it."""
    return "" if value is None or value in {"-", "unknown", "", "PassthroughCluster", "BlackHoleCluster"} else value
