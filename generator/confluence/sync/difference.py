"""The difference of two bodies: as lines for a diff, and as words for the message of a version."""

from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from lxml import etree

from generator.confluence.storage.nodes import shorten_text
from generator.confluence.storage.parse import normalise_storage
from generator.confluence.storage.readable import get_page_properties, to_readable_lines
from generator.confluence.sync.manifest import short_digest

_MOST_LINES = 120
_MOST_LETTERS = 40


def same_content(first: str, second: str) -> bool:
    """Return whether two stored bodies differ in nothing but what the wiki rewrites."""
    try:
        return first == second or normalise_storage(first) == normalise_storage(second)
    except etree.XMLSyntaxError:
        return False


def contains_edit(before: str, edited: str, wanted: str) -> bool:
    """Return whether a body has the lines that an edit has added, and not those that it has removed.

    An edit of the markup or of the order alone has no such lines, and is contained in no body.
    """
    was, now, then = (Counter(to_readable_lines(body)) for body in (before, edited, wanted))
    added, removed = now - was, was - now
    return bool(added or removed) and added <= then - was and removed <= was - then


def text_digest(storage: str) -> str:
    """Return a digest of the readable text, which is the same after the wiki has rewritten the storage format."""
    return short_digest(list(to_readable_lines(storage)))


def first_lines(storage: str, most: int = 12) -> tuple[str, ...]:
    """Return the first lines of a new page."""
    return _cut([f"+ {line}" for line in to_readable_lines(storage)], most)


def line_diff(old: str, new: str) -> tuple[str, ...]:
    """Return the changed lines with a line of context, and the number of lines that are cut off."""
    before, after = to_readable_lines(old), to_readable_lines(new)
    lines: list[str] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(1):
        lines += ["@@"] if lines else []
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                lines += [f"  {line}" for line in before[start:end]]
                continue
            removed = [f"- {line}" for line in before[start:end]]
            added = [f"+ {line}" for line in after[new_start:new_end]]
            pairs = zip(removed, added, strict=False)
            lines += [line for pair in pairs for line in pair] if len(removed) == len(added) else removed + added
    return _cut(lines, _MOST_LINES)


def _cut(lines: list[str], most: int) -> tuple[str, ...]:
    return (*lines[:most], *([f"@@ {len(lines) - most} more lines"] if len(lines) > most else []))


def describe_difference(old: str, new: str) -> str:
    """Return the changes as text: `Deployed on 2025-11-03 → 2026-02-01; Consumers: + search`."""
    return "; ".join((*_describe_properties(old, new), *_describe_sections(old, new)))


def _describe_properties(old: str, new: str) -> Iterator[str]:
    """Yield the changed properties: the items of a list that were added or removed, else both values."""
    before, after = get_page_properties(old), get_page_properties(new)
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name, ""), after.get(name, "")
        if was == now:
            continue
        old_items, new_items = ([item.strip() for item in text.split(",") if item.strip()] for text in (was, now))
        items = [f"+ {_shorten(item)}" for item in new_items if item not in old_items]
        items += [f"- {_shorten(item)}" for item in old_items if item not in new_items]
        is_list = not was or not now or "," in was + now
        if is_list and items:
            yield f"{name}: {', '.join(items)}"
        else:
            yield f"{name} {_shorten(was) or 'nothing'} → {_shorten(now) or 'nothing'}"


def _describe_sections(old: str, new: str) -> Iterator[str]:
    """Yield the changed sections: a single line that was added or removed, otherwise only the heading."""
    before, after = _list_sections(old), _list_sections(new)
    for heading in dict.fromkeys((*after, *before)):
        name = _shorten(heading or "Text")
        if heading not in after or heading not in before:
            yield f"{name} {'added' if heading in after else 'removed'}"
        elif before[heading] != after[heading]:
            was, now = set(before[heading]), set(after[heading])
            lines = [f"+ {line}" for line in after[heading] if line not in was]
            lines += [f"- {line}" for line in before[heading] if line not in now]
            text = lines[0][2:].partition(" | ")[0].removeprefix("- ") if lines else ""
            yield f"{name}: {lines[0][:2]}{_shorten(text)}" if len(lines) == 1 else f"{name} changed"


def _list_sections(storage: str) -> dict[str, list[str]]:
    """Return the lines below each heading, without the properties of the page."""
    properties = {f"{name}: {value}" for name, value in get_page_properties(storage).items()}
    found: dict[str, list[str]] = {}
    heading = ""
    for line in to_readable_lines(storage):
        level, _, words = line.partition(" ")
        if words and set(level) == {"#"}:
            heading = words
            found.setdefault(heading, [])
        elif line not in properties:
            found.setdefault(heading, []).append(line)
    return found


def _shorten(text: str) -> str:
    return shorten_text(text, _MOST_LETTERS)
