"""Data as readable YAML that YAML 1.1 and 1.2 readers take as the same data.

Text that a reader could take for a number, a day or a Boolean is quoted. Text of several lines is a block.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

Data: TypeAlias = "Mapping[str, Data] | list[Data] | tuple[Data, ...] | str | int | float | bool | None"
"""The values that JSON has."""

WIDTH = 100
_PLAIN = re.compile(r"[^\W\d](?:[\w ./()'@=$+-]|:(?=[\w/]))*(?<! )|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"})
_ESCAPED = re.compile('[\x00-\x1f"\\\\\x7f-\xa0\xad\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
_SHORT = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def render_yaml(key: str, value: Data) -> Iterator[str]:
    """Yield the lines of `key: value`; short lists and mappings of words take one line."""
    yield from _render_entry(f"{render_scalar(key)}:", value)


def _render_entry(head: str, value: Data) -> Iterator[str]:
    flow = _render_flow(value)
    if isinstance(value, str) and _is_block(value):
        yield f"{head} |-"
        yield from (f"  {line}".rstrip(" ") for line in value.split("\n"))
    elif (flow is not None and len(head) + len(flow) < WIDTH) or not isinstance(value, Mapping | list | tuple):
        yield f"{head} {flow}"
    else:
        yield head
        yield from (f"  {line}" if line else "" for line in _render_block(value))


def _render_block(value: "Mapping[str, Data] | list[Data] | tuple[Data, ...]") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from render_yaml(key, item)
        return
    for item in value:
        flow = _render_flow(item)
        if not item or not isinstance(item, Mapping | list | tuple) or (flow is not None and len(flow) + 1 < WIDTH):
            yield from _render_entry("-", item)
        else:
            inner = enumerate(_render_block(item))
            yield from (f"{'  ' if number else '- '}{line}".rstrip(" ") for number, line in inner)


def _render_flow(value: Data) -> str | None:
    """Return the value on one line; None if it is nested twice or has text of several lines."""
    match value:
        case Mapping():
            if not all(
                all(map(_is_scalar, item)) if isinstance(item, list | tuple) else _is_scalar(item)
                for item in value.values()
            ):
                return None
            return "{" + ", ".join(f"{render_scalar(key)}: {_render_flow(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(render_scalar, value)) + "]" if all(map(_is_scalar, value)) else None
        case _:
            return render_scalar(value)


def _is_scalar(value: Data) -> bool:
    return not isinstance(value, Mapping | list | tuple) and not (isinstance(value, str) and "\n" in value)


def render_scalar(value: Data) -> str:
    """Return a value other than a list or a mapping as YAML on one line."""
    if not isinstance(value, str):
        return json.dumps(str(value) if isinstance(value, float) and not math.isfinite(value) else value)
    if value.lower() not in _WORDS and _PLAIN.fullmatch(value):
        return value
    escaped = _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", value)
    return f'"{escaped}"'


def _is_block(text: str) -> bool:
    """Check that a block keeps every character of the text."""
    rows = text.split("\n")
    return (
        len(rows) > 1
        and rows[0] != ""
        and rows[-1] != ""
        and not rows[0].startswith(" ")
        and all(row == row.rstrip(" ") for row in rows)
        and not _ESCAPED.search(re.sub(r'[\n"\\]', "", text))
    )
