"""Cards that could not be read, with the ids and kinds that their text may have.

A reference to such a card is not reported as unresolved, so a syntax error in one file causes no errors in others.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from generator.findings import Position
from generator.grouping import group_pairs
from generator.load.bind import get_file_stem
from generator.load.syntax import SEPARATOR
from generator.names import ID_PATTERN, Ref
from generator.schema import KINDS
from generator.values import FrozenValue

_CONTENT = re.compile(r"^(?!---|\.\.\.)[ \t]*[^\s#]|^--- +[^\s#]", re.MULTILINE)
_KEY = r"(?:^|(?<=[\s{{,\"']))(?:{key})[\"']?[ \t]*(?::[ \t]*|[ \t])[\"']?"
_KIND = re.compile(_KEY.format(key="kind|type") + r"([a-z][a-z0-9_]*)", re.MULTILINE)
_ID = re.compile(_KEY.format(key="id") + rf"({ID_PATTERN})", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


class UnreadCard(FrozenValue):
    """A card, or a whole file, that could not be read."""

    position: Position
    """The first error of its file."""
    ids: frozenset[str] | None = None
    """The ids that it may have; None if any."""
    kinds: frozenset[str] = frozenset()
    """The kinds that it may have; empty if any."""
    text: str = ""


@dataclass(frozen=True)
class UnreadCards:
    """All cards of a book that could not be read."""

    items: tuple[UnreadCard, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.items)

    def find(self, refs: Iterable[Ref]) -> UnreadCard | None:
        """Return the first card that one of the references may point to; None without one."""
        named = ((ref.kind, item) for ref in refs for item in (*self._by_id.get(ref.id, ()), *self._unknown))
        return next((item for kind, item in named if not item.kinds or kind in item.kinds), None)

    def has_id(self, identifier: str) -> bool:
        """Return whether an unread card may contain an id."""
        return bool(self._unknown) or identifier in self._words

    def has_file(self, file: str) -> bool:
        """Return whether an unread card contains the name of a file."""
        return PurePosixPath(file).name in self._words

    @cached_property
    def _by_id(self) -> Mapping[str, tuple[UnreadCard, ...]]:
        return group_pairs((identifier, item) for item in self.items for identifier in item.ids or ())

    @cached_property
    def _unknown(self) -> tuple[UnreadCard, ...]:
        return tuple(item for item in self.items if item.ids is None)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word for item in self.items for word in _WORD.findall(item.text))


def scan_unread(text: str, first_line: int, bound: Collection[int], position: Position) -> Iterator[UnreadCard]:
    """Yield the cards in the YAML of a file that were not bound, found without parsing it.

    `first_line` is the line of the file at which the text begins, `bound` are the lines at which the cards begin that
    were bound, and `position` is the first error of the file.
    """
    text = text.replace("\0", "")  # UTF-16 without its mark
    stem = get_file_stem(position.file)
    lines = sorted(bound)
    line = first_line
    starts = [0, *(match.start() for match in SEPARATOR.finditer(text) if match.start())]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        section = text[start:end]
        following = line + section.count("\n")
        is_bound = bisect_left(lines, line) < bisect_left(lines, max(following, line + 1))
        if not is_bound and _CONTENT.search(section):
            words = frozenset(_KIND.findall(section))
            kinds = words & KINDS.keys()
            types = words if "resource" in kinds else frozenset()
            yield UnreadCard(position, frozenset({stem, *_ID.findall(section)}), kinds | types, section)
        line = following
