"""The difference of two bodies: as lines for a diff, and as words for the message of a version."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from lxml import etree

from generator.confluence.storage.normalise import normalise_storage
from generator.confluence.storage.readable import get_page_properties, to_readable_lines
from generator.confluence.sync.manifest import short_digest

_AROUND = 1
_MOST_LINES = 120
_MOST_WORDS = 40


def same_content(first: str, second: str) -> bool:
    """Return whether two stored bodies differ in nothing but what the wiki rewrites."""
    if first == second:
        return True
    try:
        return normalise_storage(first) == normalise_storage(second)
    except etree.XMLSyntaxError:
        return False


def text_digest(storage: str) -> str:
    """Return a digest of the readable text, which is the same after the wiki has rewritten the storage format."""
    return short_digest(list(to_readable_lines(storage)))


def line_diff(old: str, new: str) -> tuple[str, ...]:
    """Return the changed lines with a line of context, and the number of lines that are cut off."""
    before, after = to_readable_lines(old), to_readable_lines(new)
    lines = list(_marked(before, after))
    if len(lines) <= _MOST_LINES:
        return tuple(lines)
    return (*lines[:_MOST_LINES], f"@@ {len(lines) - _MOST_LINES} more lines")


def _marked(before: list[str], after: list[str]) -> Iterator[str]:
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_AROUND)
    for number, group in enumerate(groups):
        if number:
            yield "@@"
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                yield from (f"  {line}" for line in before[start:end])
            elif end - start == new_end - new_start:
                pairs = zip(before[start:end], after[new_start:new_end], strict=True)
                yield from (line for old, new in pairs for line in (f"- {old}", f"+ {new}"))
            else:
                yield from (f"- {line}" for line in before[start:end])
                yield from (f"+ {line}" for line in after[new_start:new_end])


def in_words(old: str, new: str) -> str:
    """Return the changes as text: `Deployed on 2025-11-03 → 2026-02-01; Consumers: + search`."""
    return "; ".join(
        (*_facts(get_page_properties(old), get_page_properties(new)), *_sections(_by_heading(old), _by_heading(new)))
    )


def _facts(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*new, *old)):
        before, after = old.get(name, ""), new.get(name, "")
        if before == after:
            continue
        items = _items(before, after)
        if items is not None:
            yield f"{name}: {items}"
        else:
            yield f"{name} {_short(before) or 'nothing'} → {_short(after) or 'nothing'}"


def _items(before: str, after: str) -> str | None:
    """Return the changed items of a list, as in `+ search, - feed`; None if it is not a list."""
    if before and after and "," not in before + after:
        return None
    old, new = ([item.strip() for item in text.split(",") if item.strip()] for text in (before, after))
    changes = [f"+ {_short(item)}" for item in new if item not in old]
    changes += [f"- {_short(item)}" for item in old if item not in new]
    return ", ".join(changes) or None


def _by_heading(storage: str) -> dict[str, list[str]]:
    """Return the lines under each heading, without facts."""
    facts = {f"{name}: {value}" for name, value in get_page_properties(storage).items()}
    found: dict[str, list[str]] = {}
    heading = ""
    for line in to_readable_lines(storage):
        level, _, words = line.partition(" ")
        if words and set(level) == {"#"}:
            heading = words
            found.setdefault(heading, [])
        elif line not in facts:
            found.setdefault(heading, []).append(line)
    return found


def _sections(old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> Iterator[str]:
    for heading in dict.fromkeys((*new, *old)):
        name = heading or "Text"
        if heading not in new:
            yield f"{_short(name)} removed"
        elif heading not in old:
            yield f"{_short(name)} added"
        elif old[heading] != new[heading]:
            yield _section(name, old[heading], new[heading])


def _section(name: str, old: list[str], new: list[str]) -> str:
    """Return a single added or removed line, otherwise only the name."""
    added, gone = [line for line in new if line not in set(old)], [line for line in old if line not in set(new)]
    if len(added) + len(gone) == 1:
        sign, line = ("+", added[0]) if added else ("-", gone[0])
        return f"{_short(name)}: {sign} {_short(line.partition(' | ')[0].removeprefix('- '))}"
    return f"{_short(name)} changed"


def _short(text: str) -> str:
    return text if len(text) <= _MOST_WORDS else f"{text[: _MOST_WORDS - 1]}…"


def first_lines(storage: str, most: int = 12) -> tuple[str, ...]:
    """Return the first lines of a new page."""
    lines = to_readable_lines(storage)
    shown = tuple(f"+ {line}" for line in lines[:most])
    return shown if len(lines) <= most else (*shown, f"@@ {len(lines) - most} more lines")
