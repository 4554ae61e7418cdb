"""Patterns for names in lists and configuration."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from fnmatch import translate

from generator.evidence.names import CARD_NAMES, SearchName

FEWEST_LITERALS = 8
"""The number of characters apart from wildcards from which a pattern counts."""
_LONGEST = 200
_MOST_REMEMBERED = 10_000
"""The number of patterns whose names are kept; a file that was made to have millions does not fill the memory."""
_LONGEST_LINE = 4_000
_WILDCARD = re.compile(rb"[*?]")
"""A class such as `[0-9]` is a wildcard too, but a pattern has one of these: they are found ten times faster."""
_TOKEN = rb"(?P<glob>(?:[\w.*?-]|\[[^\[\]\s\"',]{1,20}\]){9,200})"
_VALUE = re.compile(
    rb"(?:(?:\A[ \t]*(?:-[ \t]+)?(?:[\w.-]+[ \t]*[:=][ \t]*)?|[\[,][ \t]*)"
    + _TOKEN
    + rb"(?=[ \t]*(?:\r?\Z|,|\])|[ \t]+#)|(?P<quote>[\"'])"
    + _TOKEN.replace(b"glob", b"quoted")
    + rb"(?P=quote))"
)
_CLASS = re.compile(r"\[[^\]]*\]|[*?]")


def find_globs(text: bytes) -> Iterator[tuple[int, int]]:
    """Find the patterns that are a whole value: a line, an item of a list, the value of a key, a quoted string.

    Patterns with `**` stand for paths, and those with few literal characters for too much: neither is found.
    """
    position = 0
    while (wildcard := _WILDCARD.search(text, position)) is not None:
        begin = text.rfind(b"\n", max(0, wildcard.start() - _LONGEST_LINE), wildcard.start()) + 1
        end = text.find(b"\n", wildcard.end(), wildcard.end() + _LONGEST_LINE)
        end = len(text) if end < 0 else end
        if wildcard.start() - begin > _LONGEST_LINE or end - wildcard.end() > _LONGEST_LINE:
            # Only a part of a long line is looked at; the cut ends are neither its start nor its end.
            begin, end = max(begin, wildcard.start() - _LONGEST), min(end, wildcard.end() + _LONGEST)
            line = b"\0" + text[begin:end] + b"\0"
            begin -= 1
        else:
            line = text[begin:end]
        for value in _VALUE.finditer(line):
            group = "glob" if value["glob"] is not None else "quoted"
            start, stop = begin + value.start(group), begin + value.end(group)
            if stop > position and is_name_glob(value[group].decode("utf-8", "replace")):
                yield start, stop
        position = max(end, wildcard.end())


def is_name_glob(glob: str) -> bool:
    """Return whether a value is a pattern for names that is narrow enough."""
    literals = _CLASS.sub("", glob)
    has_wildcard = "*" in glob or "?" in glob
    return has_wildcard and "**" not in glob and len(literals) >= FEWEST_LITERALS


class GlobIndex:
    """The names that patterns can match: ids, aliases and copies."""

    def __init__(self, names: Iterable[SearchName]) -> None:
        self._names = sorted(name for name in names if name.kind in CARD_NAMES)
        self._texts = [name.text for name in self._names]
        self._found: dict[str, tuple[SearchName, ...]] = {}

    def find(self, glob: str) -> tuple[SearchName, ...]:
        """Find the names that match a pattern."""
        if glob not in self._found:
            if len(self._found) == _MOST_REMEMBERED:
                self._found.clear()
            wildcard = re.search(r"[*?\[]", glob)
            prefix = glob[: wildcard.start()] if wildcard else glob
            first = bisect_left(self._texts, prefix)
            last = bisect_left(self._texts, prefix + chr(0x10FFFF))
            matches = re.compile(translate(glob)).match
            self._found[glob] = tuple(name for name in self._names[first:last] if matches(name.text))
        return self._found[glob]
