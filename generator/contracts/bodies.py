"""Reads the body of a curl as JSON, with the variables in it as values that nobody knows yet."""

import json
import re

from generator.contracts.data import Data, get_at_pointer, walk
from generator.contracts.globs import VARIABLE
from generator.contracts.validation import Mismatch

_UNQUOTED = "__variable__"
"""Marks a variable that stands where a whole value belongs, so that it may be a number, a list, anything.

Plain letters, so that a message shows it as it is and `in_words` can take it out.
"""

_STRING_OR_VARIABLE = re.compile(rf'"(?:[^"\\]|\\.)*+"?|{VARIABLE.pattern}', re.DOTALL)
"""A text without its end counts to the end of all, so that none is searched twice."""

_OF_TEXT = frozenset({"pattern", "format", "enum", "const", "minLength", "maxLength"})
"""The keywords that a text with a variable in it may yet satisfy."""

_OF_SHAPE = frozenset({"type", "required", "additionalProperties", "minItems", "maxItems"})
"""The keywords that an object or a list breaks whatever its values turn out to be."""

NO_JSON: Data = {_UNQUOTED: None}
"""Stands for a body that is no JSON: a value that no JSON text is read as."""


def read_body(body: str) -> Data:
    """The body as data, NO_JSON where it is none; a variable that is a whole value becomes a text of its own."""
    for text in (body, _STRING_OR_VARIABLE.sub(_as_text, body)):
        try:
            payload: Data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return payload
    return NO_JSON


def _as_text(match: re.Match[str]) -> str:
    return match.group() if match.group().startswith('"') else json.dumps(_UNQUOTED + match.group())


def in_words(mismatch: Mismatch) -> str:
    """The message of a mismatch with the variables as they were written."""
    return mismatch.message.replace(_UNQUOTED, "")


def may_turn_out_right(mismatch: Mismatch, payload: Data) -> bool:
    """Whether a variable at the place of a mismatch may yet make it right."""
    value = get_at_pointer(payload, mismatch.pointer)
    if isinstance(value, str):
        return value.startswith(_UNQUOTED) or (VARIABLE.search(value) is not None and mismatch.keyword in _OF_TEXT)
    if isinstance(value, dict) and any(VARIABLE.search(name) for name in value):
        return True
    inside = (part for _, part in walk(value) if isinstance(part, str))
    return mismatch.keyword not in _OF_SHAPE and any(VARIABLE.search(part) for part in inside)
