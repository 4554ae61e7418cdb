"""Findings for the errors of the schema: the rule, the position, the value and the fix."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.findings import Finding, Rule
from generator.load import rules
from generator.load.nodes import Document, Path
from generator.load.suggestions import Suggestions, suggest_key, suggest_value
from generator.names import format_choices
from generator.schema import KINDS, Card
from generator.schema.base import EXTRAS_KEY, UNBOUNDED_NUMBER, Scalar, resolve_scalar
from generator.schema.examples import build_smallest_example, is_valid, to_flow_yaml
from generator.schema.fields import find_key, find_mapping, find_reference_mark, get_keys, list_choices

_AT_KEY = "[key]"
"""The last step of Pydantic's location of an error in a key."""

EXPECTED_TYPES = {
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a day such as 2025-11-03",
    "float_type": "a number",
    "enum": "text",
    "literal_error": "text",
}
"""What Pydantic expected, by the type of the error."""
_LONGEST_IN_AN_EXAMPLE = 40
ID_FORM = "up to 128 ASCII letters, digits, dots, dashes and underscores, a letter or digit first"

_UNITS = {"number of milliseconds": "(?:ms|milliseconds)", "number from 0 to 100": "%"}
"""The units of numbers that are written without a unit."""


def explain_errors(
    document: Document,
    kind: type[Card],
    values: Mapping[str, object],
    error: ValidationError,
    suggestions: Suggestions,
) -> list[Finding]:
    """Build a finding for each error, at its key or value, without those that only follow from another error."""
    document = document.unpack()  # once, since each error looks up values and positions
    errors = [
        _SchemaError(document, kind, values, details, suggestions)
        for found in error.errors(include_url=False, include_input=False)
        for details in _split_by_number(found)
    ]
    # A misspelt key is not missing too, and a list with errors in its items is not empty.
    meant = {each.meant for each in errors if each.type == "extra_forbidden"}
    return [
        each.build_finding()
        for each in errors
        if not (each.path in meant if each.type == "missing" else each.type == "too_short" and each.value)
    ]


def _split_by_number(details: ErrorDetails) -> Iterator[ErrorDetails]:
    """Yield an error once for each number in free data that is out of range; any other error as it is."""
    if details["type"] != UNBOUNDED_NUMBER:
        yield details
        return
    location = details["loc"][:-1] if details["loc"][-1:] == (EXTRAS_KEY,) else details["loc"]
    for path in details["ctx"]["paths"]:
        yield {**details, "loc": (*location, *path)}


def describe_value(value: object) -> str:
    """Describe a value in a message: a text in quotes, shortened; a mapping or a list by its type."""
    match value:
        case None:
            return "nothing"
        case str():
            return repr(_shorten(value))
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return repr(value)


def _shorten(text: str) -> str:
    return str(text) if len(text) <= 60 else text[:57] + "…"


def _format_path(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{_shorten(step)}"
    return text


class _SchemaError:
    """One error of the schema with the card that it is in."""

    def __init__(
        self,
        document: Document,
        kind: type[Card],
        values: Mapping[str, object],
        details: ErrorDetails,
        suggestions: Suggestions,
    ) -> None:
        location, self.type = details["loc"], details["type"]
        self._is_in_key = location[-1:] == (_AT_KEY,)
        if self._is_in_key:
            location = location[:-1]
        self.path: Path = location
        is_id = location == ("id",)  # which may be the stem of the name of the file
        value = values["id"] if is_id else document.root.find(location).content
        self.value = location[-1] if self._is_in_key else value
        self._document = document
        self._kind = kind
        self._details = details
        self._suggestions = suggestions
        self._key = find_key(kind, location)
        self._expected = self._key.words if self._key else EXPECTED_TYPES.get(self.type, "a value")

    @cached_property
    def _meant_key(self) -> str | None:
        owner = find_mapping(self._kind, self.path[:-1])
        return suggest_key(owner, str(self.path[-1]), self._suggestions) if owner else None

    @property
    def meant(self) -> Path:
        """The path of the known key that an unknown one probably means."""
        return (*self.path[:-1], *self._meant_key.split(".")) if self._meant_key else ()

    def build_finding(self) -> Finding:
        """Build the finding for the error."""
        document, path, found = self._document, self.path, describe_value(self.value)
        name = f" `{_format_path(path)}`" if path else ""
        if self.type == "missing":
            place = document.at_key(*path[:-1]) if len(path) > 1 else document.at()
            key = self._key
            hint = f"add `{key.name}` ({key.words}): {key.description}" if key else ""
            return rules.MISSING_KEY.at(place, f"missing key{name}", hint)
        if self.type == "extra_forbidden":
            return self._explain_unknown_key()
        if path == ("id",) and self.value is not None:
            if document.find(*path) is None:
                message = f"invalid id {found}, from the name of the file"
                return rules.BAD_ID.at(document.at(), message, "rename the file, or add `id`")
            return rules.BAD_ID.at(document.at("id"), f"invalid id {found}", f"use {ID_FORM}")
        if self._is_in_key:
            parent = f" in `{_format_path(path[:-1])}`" if len(path) > 1 else ""
            if not str(self.value).strip():
                return rules.BAD_VALUE.at(document.at_key(*path), f"empty key{parent}", "fill it in, or remove it")
            return rules.BAD_VALUE.at(document.at_key(*path), f"invalid key {found}{parent}", self._describe_form())
        rule, message, hint = self._explain_value(found, name)
        return rule.at(document.at(*path), message, hint)

    def _explain_unknown_key(self) -> Finding:
        owner = find_mapping(self._kind, self.path[:-1])
        known = [key for key in get_keys(owner) if key != "kind"] if owner else []
        if self._meant_key:
            hint = f"did you mean {self._meant_key!r}?"
        elif self.value is None and self._document.is_in_braces(*self.path):
            hint = "within { } put text with a comma in quotes: this key has no value"
        else:
            hint = format_choices(known) or "start keys of your own with `x-`"
        parent = f" in `{_format_path(self.path[:-1])}`" if len(self.path) > 1 else ""
        kind = self._kind.__name__.lower()
        message = (
            f"unknown key `{_shorten(str(self.path[-1]))}`{parent} of {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
        )
        return rules.UNKNOWN_KEY.at(self._document.at_key(*self.path), message, hint)

    def _explain_value(self, found: str, name: str) -> tuple[Rule, str, str]:
        """Return the rule, the message and the hint for a value that its key does not allow."""
        unit = _UNITS.get(self._expected, "")
        number = re.fullmatch(rf"([0-9.]+) *{unit}", str(self.value)) if unit else None
        remove = "" if self._key and self._key.required else ", or remove it"
        expected = EXPECTED_TYPES["date_type"] if self.type == "date_type" else self._expected
        invalid = f"invalid {_format_path(self.path) or 'card'}"
        wrong = f"{invalid} {found}: expected" if isinstance(self.value, str) else f"{invalid}: {found}, expected"
        match self.type:
            case "value_error":
                return self._explain_refusal(found, name)
            case _ if self.value is None:
                return rules.WRONG_TYPE, f"empty{name}", f"fill it in ({self._expected}){remove}"
            case "string_too_short" | "string_pattern_mismatch" if not str(self.value).strip():
                return rules.BAD_VALUE, f"empty text in{name}", f"fill it in{remove}"
            case "enum" | "literal_error" if isinstance(self.value, str):
                words = list_choices(self._key.annotation) if self._key else ()
                meant = suggest_value(str(self.value), words, self._suggestions)
                hint = f"did you mean {meant!r}?" if meant else ""
                return rules.BAD_VALUE, f"{wrong} one of {', '.join(words)}", hint
            case error if error in EXPECTED_TYPES:
                return rules.WRONG_TYPE, f"{wrong} {expected}", f"write {number[1]}" if number else self._suggest_type()
            case "too_short":
                return rules.BAD_VALUE, f"empty list in{name}", "list at least one"
            case unbounded if unbounded == UNBOUNDED_NUMBER:
                return rules.BAD_VALUE, f"number {found} in{name} is out of range", "put it in quotes if it is text"
            case "greater_than_equal" | "less_than_equal" | "finite_number":
                return rules.BAD_VALUE, f"{wrong} {expected}", ""
            case _:
                message = f"{wrong} {expected}" if self._key else f"{invalid} {found}"
                return rules.BAD_VALUE, message, f"write {number[1]}" if number else self._describe_form()

    def _explain_refusal(self, found: str, name: str) -> tuple[Rule, str, str]:
        """Use the message of a validator of the schema, whose last part after a semicolon is the hint."""
        text = str(self._details["ctx"]["error"])
        if isinstance(self.value, str):
            text = text.replace(repr(str(self.value)), found)
        message, _, hint = text.rpartition("; ")
        message, hint = message or hint, hint if message else ""
        refers_to = find_reference_mark(self._kind, self.path)
        if refers_to is not None and refers_to.prefixed and isinstance(self.value, str):
            fitting = self._suggestions.find_references(self.value, refers_to.kinds)
            hint = f"write {' or '.join(repr(str(ref)) for ref in fitting)}" if fitting else hint
        return rules.BAD_VALUE, f"{name[1:]}: {message}" if name else message, hint

    def _suggest_type(self) -> str:
        """Return the hint for a value of another type, with an example that has the text of the author in it."""
        value, wanted, key = self.value, EXPECTED_TYPES[self.type], self._key
        if isinstance(value, Scalar) and not value.plain and self.type == "float_type":
            number = resolve_scalar(Scalar(str(value), plain=True))
            return "remove the quotes" if isinstance(number, int | float) else ""
        if isinstance(value, str) and wanted == "a list" and (key is None or is_valid(key.annotation, [value])):
            return f"write [{_shorten(value)}]"
        example: object = None
        if wanted in {"a mapping", "a list"}:
            text = value if isinstance(value, str) and len(value) <= _LONGEST_IN_AN_EXAMPLE else ""
            inside = find_mapping(self._kind, self.path if wanted == "a mapping" else (*self.path, 0))
            if key is not None and key.info.examples:
                example = key.info.examples[0]
            elif inside is not None:
                smallest = build_smallest_example(inside, text)
                example = smallest if wanted == "a mapping" else [smallest]
        return f"write a value such as {to_flow_yaml(example)}" if example else ""

    def _describe_form(self) -> str:
        """Return the hint for a text of the wrong form."""
        pattern = str(self._details.get("ctx", {}).get("pattern", ""))
        if pattern.startswith("^[A-Z"):
            kind, _, rest = str(self.value).partition(":")
            if kind in KINDS and rest:
                return f"write {describe_value(rest)} alone: the key determines the kind"
            return f"use {ID_FORM}"
        if pattern.startswith("^[a-z"):
            return "use lower-case letters, digits and underscores, a letter first"
        return ""
