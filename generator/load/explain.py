"""What the schema refuses, told to the card's author: the rule, the place, the value, the way out."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from generator.findings import Finding, Position, Rule
from generator.load import rules
from generator.load.meant import Suggestions, meant_key, meant_word
from generator.load.nodes import Document, Path
from generator.names import format_choices
from generator.schema import KINDS, Card
from generator.schema.base import UNBOUNDED_NUMBER, Scalar, resolve_scalar
from generator.schema.examples import build_smallest_example, is_valid_value, to_flow_yaml
from generator.schema.fields import find_key, find_mapping, find_reference_mark, get_keys, list_choices

_AT_KEY = "[key]"
"""Pydantic's last step to a mistake in a key itself."""

_EXPECTED = {
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "date_type": "a day such as 2025-11-03",
    "float_type": "a number",
    "bool_type": "true or false",
    "enum": "text",
    "literal_error": "text",
}
_LONGEST_IN_AN_EXAMPLE = 40
_ID_FORM = "up to 128 letters, digits, dots, dashes and underscores, a letter or digit first"


def explain(
    document: Document,
    kind: type[Card],
    values: Mapping[str, object],
    error: ValidationError,
    suggestions: Suggestions,
) -> list[Finding]:
    """A finding for each mistake, at its key or value; what only follows from another mistake is left out."""
    mistakes = [
        _Mistake(document, kind, values, details, suggestions)
        for found in error.errors(include_url=False, include_input=False)
        for details in _each_number(found)
    ]
    meant = {mistake.meant for mistake in mistakes if mistake.type == "extra_forbidden"}
    return [mistake.finding() for mistake in mistakes if not mistake.follows(meant)]


def _each_number(details: ErrorDetails) -> Iterator[ErrorDetails]:
    """Yield an error once for each number in free data that is out of range; any other error as it is."""
    if details["type"] != UNBOUNDED_NUMBER:
        yield details
        return
    location = details["loc"][:-1] if details["loc"][-1:] == ("extras",) else details["loc"]
    for path in details["ctx"]["paths"]:
        yield {**details, "loc": (*location, *path)}


def describe(value: object) -> str:
    """A value in a message: its text when it is short, else what it is."""
    match value:
        case None:
            return "nothing"
        case str():
            return repr(_short(value))
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return repr(value)


def _short(text: str) -> str:
    return str(text) if len(text) <= 60 else text[:57] + "…"


def _dotted(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{_short(step)}"
    return text


class _Mistake:
    """One error of the schema with the card that it is in."""

    def __init__(
        self,
        document: Document,
        kind: type[Card],
        values: Mapping[str, object],
        details: ErrorDetails,
        suggestions: Suggestions,
    ) -> None:
        self._document = document
        self._kind = kind
        self._details = details
        self._suggestions = suggestions
        location = details["loc"]
        self._in_key = location[-1:] == (_AT_KEY,)
        self.type = details["type"]
        self.path: Path = _as_written(location[:-1] if self._in_key else location, self.type)
        self._value = self.path[-1] if self._in_key else _value_at(values, self.path)

    @property
    def meant(self) -> Path:
        """The path of the known key that an unknown one was meant to be."""
        key = self._meant_key
        return (*self.path[:-1], *key.split(".")) if key else ()

    @cached_property
    def _meant_key(self) -> str | None:
        owner = find_mapping(self._kind, self.path[:-1])
        return meant_key(owner, self._key, self._suggestions) if owner else None

    def follows(self, meant: set[Path]) -> bool:
        """Whether another mistake explains this one: a missing key that is there, misspelt; a list of bad items."""
        if self.type == "missing":
            return self.path in meant
        return self.type == "too_short" and bool(self._value)

    def finding(self) -> Finding:
        """The mistake as its author sees it."""
        if self.type == "missing":
            return self._missing()
        if self.type == "extra_forbidden":
            return self._unknown()
        if self.path == ("id",) and self._value is not None:
            return self._bad_id()
        rule, message, hint = self._explained()
        place = self._document.at_key(*self.path) if self._in_key else self._document.at(*self.path)
        shown = self.path
        if self._in_key:
            shown, message = self.path[:-1], f"as a key, {message}"
        return rule.at(place, f"`{_dotted(shown)}`: {message}" if shown else message, hint)

    @property
    def _key(self) -> str:
        return str(self.path[-1])

    def _known(self) -> list[str]:
        owner = find_mapping(self._kind, self.path[:-1])
        return [key for key in get_keys(owner) if key != "kind"] if owner else []

    def _missing(self) -> Finding:
        key = find_key(self._kind, self.path)
        hint = f"add `{key.name}` ({key.words}): {key.description}" if key else ""
        owner = f"`{_dotted(self.path[:-1])}`" if len(self.path) > 1 else "the card"
        return rules.MISSING_KEY.at(self._parent(), f"{owner} has no `{self._key}`", hint)

    def _parent(self) -> Position:
        return self._document.at_key(*self.path[:-1]) if len(self.path) > 1 else self._document.at()

    def _unknown(self) -> Finding:
        name = self._kind.__name__.lower()
        kind = f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
        place = f"`{_dotted(self.path[:-1])}` in {kind}" if len(self.path) > 1 else kind
        key = self._meant_key
        hint = f"did you mean {key!r}?" if key else format_choices(self._known()) or "own extras start with `x-`"
        if self._value is None and not self.meant:
            hint = "it has no value; within { } put text that holds a comma in quotes"
        message = f"`{_short(self._key)}` is not a key of {place}"
        return rules.UNKNOWN_KEY.at(self._document.at_key(*self.path), message, hint)

    def _bad_id(self) -> Finding:
        found = describe(self._value)
        if self._document.root.find(self.path) is self._document.root:
            message = f"the file's name cannot be an id: {found}"
            return rules.BAD_ID.at(self._document.at(), message, "rename the file, or add `id`")
        return rules.BAD_ID.at(self._document.at("id"), f"`id`: {found} cannot be an id", f"use {_ID_FORM}")

    def _explained(self) -> tuple[Rule, str, str]:
        found = describe(self._value)
        expected = self._expected()
        match self.type:
            case "value_error":
                return self._refused_by_the_schema()
            case _ if self._value is None:
                return rules.WRONG_TYPE, "it is empty", f"fill it in ({expected}){self._or_remove()}"
            case "string_too_short" | "string_pattern_mismatch" if not str(self._value).strip():
                return rules.BAD_VALUE, "the text is empty", f"fill it in{self._or_remove()}"
            case "enum" | "literal_error" if isinstance(self._value, str):
                return self._not_a_choice(found)
            case error if error in _EXPECTED:
                return rules.WRONG_TYPE, f"{found} is not {_EXPECTED[error]}", self._retyped(expected)
            case "too_short":
                return rules.BAD_VALUE, "the list is empty", "list at least one"
            case unbounded if unbounded == UNBOUNDED_NUMBER:
                return rules.BAD_VALUE, f"the number {found} is out of range", "put it in quotes if it is text"
            case "greater_than_equal" | "less_than_equal" | "finite_number":
                return rules.BAD_VALUE, f"{found} is out of range", f"expected: {expected}"
            case _:
                return rules.BAD_VALUE, f"{found} has not the right form", self._form(expected)

    def _refused_by_the_schema(self) -> tuple[Rule, str, str]:
        """The words of a validator of ours: what is wrong, and after the last semicolon what to do."""
        text = str(self._details["ctx"]["error"])
        if isinstance(self._value, str):
            text = text.replace(repr(str(self._value)), describe(self._value))
        message, _, hint = text.rpartition("; ")
        return rules.BAD_VALUE, message or hint, self._with_kind() or (hint if message else "")

    def _with_kind(self) -> str:
        """The hint for an id without its kind: the cards of that id that fit."""
        refers_to = find_reference_mark(self._kind, self.path)
        if refers_to is None or not refers_to.prefixed or not isinstance(self._value, str):
            return ""
        fitting = self._suggestions.find_references(self._value, refers_to.kinds)
        return f"write {' or '.join(repr(str(ref)) for ref in fitting)}" if fitting else ""

    def _or_remove(self) -> str:
        key = find_key(self._kind, self.path)
        return "" if key and key.required else ", or remove it"

    def _expected(self) -> str:
        key = find_key(self._kind, self.path)
        return key.words if key else _EXPECTED.get(self.type, "a value")

    def _not_a_choice(self, found: str) -> tuple[Rule, str, str]:
        key = find_key(self._kind, self.path)
        words = list_choices(key.annotation) if key else ()
        meant = meant_word(str(self._value), words, self._suggestions)
        return rules.BAD_VALUE, f"{found} is none of {', '.join(words)}", f"did you mean {meant!r}?" if meant else ""

    def _retyped(self, expected: str) -> str:
        value = self._value
        if isinstance(value, Scalar) and not value.plain and self.type == "float_type":
            number = resolve_scalar(Scalar(str(value), plain=True))
            return "take the quotes off" if isinstance(number, int | float) else f"expected: {expected}"
        if isinstance(value, str) and _EXPECTED[self.type] == "a list" and self._takes([value]):
            return f"write [{_short(value)}]"
        example = self._example()
        return f"expected: {expected}{f', such as {to_flow_yaml(example)}' if example else ''}"

    def _takes(self, value: object) -> bool:
        key = find_key(self._kind, self.path)
        return key is None or is_valid_value(key, value)

    def _example(self) -> object:
        """What to write where a mapping or a list is wanted, with the author's own text in its place."""
        text = self._value if isinstance(self._value, str) and len(self._value) <= _LONGEST_IN_AN_EXAMPLE else ""
        key = find_key(self._kind, self.path)
        wanted = _EXPECTED[self.type]
        inside = find_mapping(self._kind, self.path if wanted == "a mapping" else (*self.path, 0))
        if wanted not in {"a mapping", "a list"}:
            return None
        if key is not None and key.info.examples:
            return key.info.examples[0]
        if inside is None:
            return None
        return build_smallest_example(inside, text) if wanted == "a mapping" else [build_smallest_example(inside, text)]

    def _form(self, expected: str) -> str:
        pattern = str(self._details.get("ctx", {}).get("pattern", ""))
        if pattern.startswith("^[A-Z"):
            kind, _, rest = str(self._value).partition(":")
            if kind in KINDS and rest:
                return f"write {describe(rest)} alone; the key says which kind it is"
            return f"use {_ID_FORM}"
        if pattern.startswith("^[a-z"):
            return "use lower-case letters, digits and underscores, a letter first"
        return f"expected: {expected}"


def _as_written(location: Path, error: str) -> Path:
    """The path with the author's own keys: `extras` is what the schema keeps them in, so it arrives renamed."""
    if error == "extra_forbidden" and location[-1] == "extras ":
        return (*location[:-1], "extras")
    return location


def _value_at(values: object, path: Path) -> object:
    value = values
    for step in path:
        match value, step:
            case dict() as mapping, str() if step in mapping:
                value = mapping[step]
            case list() as sequence, int() if step < len(sequence):
                value = sequence[step]
            case _:
                break
    return value
