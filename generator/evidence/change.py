"""The names that a change of a repository adds."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from generator.evidence.matching import Hit, Matcher, decode_content
from generator.evidence.names import SearchName


class ChangedFile(NamedTuple):
    """The content of a file before and after a change; None if it does not exist or is not text."""

    path: str
    before: bytes | None
    after: bytes | None


class _NamedLine(NamedTuple):
    """A line with a name, without its indentation."""

    name: SearchName
    line: bytes


_AddedHit = tuple[str, Hit, _NamedLine]
Key = TypeVar("Key")


def find_added_hits(
    files: Iterable[ChangedFile], matcher: Matcher, counts: Callable[[str, Hit], bool]
) -> list[tuple[str, Hit]]:
    """Find the places of names that the change adds, in the order of the files.

    A line that was moved, indented or edited around the name is not added, within a file or between files: as many
    places of a name are left out as the change removes, equal lines first.

    `counts` is whether a hit in a file counts, such as one in live code.
    """
    removed = Counter[_NamedLine]()
    added: list[_AddedHit] = []
    for file in files:
        before = _find_lines(file.path, file.before, matcher, counts)
        removed.update(line for _, line in before)
        added += [(file.path, hit, line) for hit, line in _find_lines(file.path, file.after, matcher, counts)]
    edited = list(_omit_counted(added, removed, lambda line: line))
    left = Counter[SearchName]()
    for line, count in removed.items():
        left[line.name] += count
    return [(path, hit) for path, hit, _ in _omit_counted(edited, left, lambda line: line.name)]


def _omit_counted(
    added: Iterable[_AddedHit], counts: Counter[Key], get_key: Callable[[_NamedLine], Key]
) -> Iterator[_AddedHit]:
    """Omit as many hits with a key as are counted for it, and count these down."""
    for one in added:
        key = get_key(one[2])
        if counts[key]:
            counts[key] -= 1
        else:
            yield one


def _find_lines(
    path: str, content: bytes | None, matcher: Matcher, counts: Callable[[str, Hit], bool]
) -> list[tuple[Hit, _NamedLine]]:
    hits = [hit for hit in matcher.find(content, path) if counts(path, hit)] if content else []
    if not hits or content is None:
        return []
    lines = decode_content(content).split(b"\n")
    return [(hit, _NamedLine(hit.name, lines[hit.line - 1].strip())) for hit in hits if hit.line <= len(lines)]
