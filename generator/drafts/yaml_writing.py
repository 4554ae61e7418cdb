"""Data as the YAML that a person would have written, which every reader takes as the same data.

Text that any YAML version could take for something else stands in quotes; text of several lines is a block.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

Data: TypeAlias = "Mapping[str, Data] | list[Data] | tuple[Data, ...] | str | int | float | bool | None"
"""What JSON can hold."""

WIDTH = 100
_PLAIN = re.compile(r"[^\W\d](?:[\w ./()'@=$+-]|:(?=[\w/]))*(?<! )")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"})
_ESCAPED = re.compile('[\x00-\x1f"\\\\\x7f-\xa0\xad\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
_SHORT = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def lines(key: str, value: Data) -> Iterator[str]:
    """`key: value` as lines: short lists and mappings of words on one line, anything else as a block."""
    yield from _entry(f"{scalar(key)}:", value)


def _entry(head: str, value: Data) -> Iterator[str]:
    flow = _flow(value)
    if isinstance(value, str) and is_block(value):
        yield f"{head} |-"
        yield from (f"  {line}".rstrip(" ") for line in value.split("\n"))
    elif (flow is not None and len(head) + len(flow) < WIDTH) or not isinstance(value, Mapping | list | tuple):
        yield f"{head} {flow}"
    elif isinstance(value, Mapping):
        yield head
        yield from (f"  {line}" if line else "" for key, item in value.items() for line in lines(key, item))
    else:
        yield head
        yield from (f"  {line}" if line else "" for item in value for line in _item(item))


def _item(value: Data) -> Iterator[str]:
    if not isinstance(value, Mapping | list | tuple) or not value or _fits(value):
        yield from _entry("-", value)
        return
    inner = (
        [line for key, item in value.items() for line in lines(key, item)]
        if isinstance(value, Mapping)
        else [line for item in value for line in _item(item)]
    )
    yield from (f"{'- ' if number == 0 else '  '}{line}".rstrip(" ") for number, line in enumerate(inner))


def _fits(value: Data) -> bool:
    flow = _flow(value)
    return flow is not None and len(flow) + 1 < WIDTH


def _flow(value: Data) -> str | None:
    """The value on one line; None where that would be hard to read: nested twice, or text of several lines."""
    match value:
        case Mapping():
            inner = [f"{scalar(key)}: {_flow(item)}" for key, item in value.items() if _is_leaf(item)]
            return "{" + ", ".join(inner) + "}" if len(inner) == len(value) else None
        case list() | tuple():
            return "[" + ", ".join(scalar(item) for item in value) + "]" if all(map(_is_scalar, value)) else None
        case _:
            return scalar(value)


def _is_scalar(value: Data) -> bool:
    return not isinstance(value, Mapping | list | tuple) and not (isinstance(value, str) and "\n" in value)


def _is_leaf(value: Data) -> bool:
    return _is_scalar(value) or (isinstance(value, list | tuple) and all(map(_is_scalar, value)))


def scalar(value: Data) -> str:
    """A value that is neither a list nor a mapping, on one line."""
    match value:
        case str():
            return value if is_plain(value) else f'"{_ESCAPED.sub(_escape, value)}"'
        case float() if not math.isfinite(value):
            return json.dumps(str(value))
        case _:
            return json.dumps(value)


def is_plain(text: str) -> bool:
    """Whether every reader of YAML, 1.1 or 1.2, takes the text without quotes as this very text."""
    if text.lower() in _WORDS:
        return False
    return _DAY.fullmatch(text) is not None or _PLAIN.fullmatch(text) is not None


def is_block(text: str) -> bool:
    """Whether the text of several lines can stand as a block: no line of it is changed by that."""
    rows = text.split("\n")
    usual = not _ESCAPED.search(re.sub(r'[\n"\\]', "", text))
    ends = rows[0] == rows[0].strip(" ") and rows[0] and rows[-1]
    return len(rows) > 1 and usual and bool(ends) and all(row == row.rstrip(" ") for row in rows)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
