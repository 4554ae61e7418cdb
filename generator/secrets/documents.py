"""Finds credentials as documents show them: in a table, in an element, in backticks, in passing."""

import re
from collections.abc import Iterator

from generator.secrets.assignments import fits, kind_of
from generator.secrets.names import Position, position
from generator.secrets.shapes import Secret
from generator.secrets.values import is_mixed_password, is_opaque, is_random

_CELLS = re.compile(
    r"\|[ \t*_`]{0,40}(?P<name>\w[\w .-]{1,63}?)[ \t*_`:]{0,40}"
    r"\|[ \t]{0,40}`?(?P<value>[^\s|`]{4,512})`?(?=[ \t]{0,80}\|)"
)
_ELEMENT = re.compile(r"<(?:\w{1,32}:)?(?P<name>[\w.-]{2,64})>(?P<value>[^\s<>]{4,1024})</")
_BESIDE = re.compile(
    r"\b(?P<name>password|passwd|passphrase|pwd|pw|token|(?:api|access|secret|fernet)[ -]key)[ \t]{1,4}"
    r"(?:(?P<quote>[\"'`])(?P<quoted>[^\s\"'`]{4,512})(?P=quote)|(?P<bare>[A-Za-z0-9_+/=-]{16,512}))",
    re.IGNORECASE,
)
_TYPE = re.compile(r"(?:n?(?:var)?char|u?int|float|decimal|string|bytes|text|min_?length|max_?length)\d{1,5}\Z", re.I)


def in_markup(text: str) -> Iterator[Secret]:
    """In the cells of a table and in the elements of XML."""
    if "|" in text:
        yield from _in_tables(text)
    if "</" in text:
        yield from _in_elements(text)


def _in_tables(text: str) -> Iterator[Secret]:
    """`| password | Gulmohar_2024 |`: what a dictionary has may describe the field, so it does not count."""
    for match in _CELLS.finditer(text):
        place, value = position(match["name"]), match["value"]
        if (
            place is not None
            and not _TYPE.match(value)
            and (is_opaque(value) if place is Position.TOKEN else is_mixed_password(value))
        ):
            yield Secret(*match.span("value"), kind_of(match["name"]), f"stands beside {match['name']} in a table")


def _in_elements(text: str) -> Iterator[Secret]:
    """`<password>…</password>`, as in XML."""
    for match in _ELEMENT.finditer(text):
        if fits(match["value"], position(match["name"])):
            yield Secret(*match.span("value"), kind_of(match["name"]), f"stands in the element {match['name']}")


def beside_their_name(text: str) -> Iterator[Secret]:
    """``the token `9f8e7d…` ``, `api key 9f8e7d… works`: nothing joins the two, so the value speaks for itself."""
    for match in _BESIDE.finditer(text):
        group = "bare" if match["bare"] is not None else "quoted"
        value = match[group]
        is_password = group == "quoted" and kind_of(match["name"]) == "password"
        if (is_mixed_password(value) if is_password else is_random(value)) and not _TYPE.match(value):
            yield Secret(*match.span(group), kind_of(match["name"]), f"stands beside {match['name'].lower()}")
