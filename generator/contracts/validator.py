"""JSON Schema (2020-12) over untrusted schemas: jsonschema with a bound on the work, and without any network.

Three things that jsonschema leaves open are closed here: patterns run on our own bounded matcher, every keyword that is
looked at is counted against a budget, and a `$ref` to another host is refused instead of fetched.
"""

import ipaddress
import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime
from fractions import Fraction
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from jsonschema.exceptions import FormatError
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # ships no types
from referencing.exceptions import Unresolvable

from generator.contracts.data import Data, Schema, walk
from generator.contracts.pattern_syntax import PatternError
from generator.contracts.patterns import Pattern, PatternTooCostlyError, compile_pattern

BUDGET = 100_000
"""Keywords looked at in one check: an example of a thousand rows needs a tenth of it."""

_Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]

_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?", re.I
)
_EMAIL = re.compile(r"[^@\s]{1,128}@[^@\s]{1,255}")
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[zZ]|[+-]\d\d:\d\d)")
_DATE_TIME = re.compile(rf"\d{{4}}-\d\d-\d\d[tT ]{_TIME.pattern}")
_DURATION = re.compile(r"P(?=.)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)")


class TooMuchWorkError(Exception):
    """The schema makes more work than its size suggests; it cannot be checked."""


class Work(FormatChecker):
    """What one check may spend, and the patterns that it has compiled.

    A format checker because that is the one object which jsonschema hands on to every keyword of a check.
    """

    def __init__(self, schema: Schema) -> None:
        super().__init__(formats=())
        self._schema = schema
        self._left = BUDGET
        self._patterns: dict[str, Pattern] = {}

    def spend(self, amount: int) -> None:
        """Count work; raises TooMuchWorkError when all of it is spent."""
        self._left -= amount
        if self._left < 0:
            raise TooMuchWorkError

    def refuse_patterns(self) -> None:
        """Raise TooMuchWorkError where the schema names properties by patterns."""
        if any(isinstance(value, dict) and "patternProperties" in value for _, value in walk(self._schema)):
            message = "unevaluatedProperties in one schema with patternProperties"
            raise TooMuchWorkError(message)

    def matches(self, pattern: str, text: str) -> bool:
        """Whether the pattern occurs in the text; what cannot be told counts as a match and is told elsewhere."""
        try:
            if pattern not in self._patterns:
                self._patterns[pattern] = compile_pattern(pattern)
            found, steps = self._patterns[pattern].measured_search(text)
        except PatternError:
            return True  # named once, by the check of the schema
        except PatternTooCostlyError as error:
            raise TooMuchWorkError(str(error)) from error
        self.spend(steps // 4)
        return found

    def check(self, instance: object, format: str) -> None:  # noqa: A002 (jsonschema's own name for it)
        """Raise FormatError where text has not the format named; formats that nobody here knows hold for anything."""
        test = _FORMATS.get(format)
        if test is None or not isinstance(instance, str):
            return
        try:
            holds = test(instance)
        except PatternError as error:
            raise FormatError(f"the pattern {shortened(instance)} cannot be checked: {error}", cause=error) from error
        except ValueError as error:
            raise FormatError(f"{shortened(instance)} is not a {format}: {error}", cause=error) from error
        if not holds:
            raise FormatError(f"{shortened(instance)} is not a {format}")


def shortened(value: object, limit: int = 80) -> str:
    """A value as JSON writes it, cut where it gets long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _date_time(text: str) -> bool:
    return bool(_DATE_TIME.fullmatch(text)) and bool(datetime.fromisoformat(text.upper()))


def _address(text: str) -> bool:
    return bool(urlsplit(text).scheme) and not re.search(r"[\s<>\"{}|\\^`]", text)


_FORMATS: dict[str, Callable[[str], object]] = {
    "date": lambda text: re.fullmatch(r"\d{4}-\d\d-\d\d", text) and date.fromisoformat(text),
    "date-time": _date_time,
    "time": _TIME.fullmatch,
    "duration": _DURATION.fullmatch,
    "email": _EMAIL.fullmatch,
    "hostname": _HOST.fullmatch,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "uri": _address,
    "uuid": lambda text: len(text) == 36 and uuid.UUID(text),
    "regex": compile_pattern,
}


_THEIRS: dict[str, Any] = dict(Draft202012Validator.VALIDATORS)


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - jsonschema's
    del schema
    if (
        isinstance(instance, str)
        and isinstance(pattern, str)
        and not validator.format_checker.matches(pattern, instance)
    ):
        yield ValidationError(f"{shortened(instance)} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - jsonschema's
    del schema
    if isinstance(instance, dict):
        for pattern, subschema in patterns.items():
            for name, value in instance.items():
                if validator.format_checker.matches(pattern, str(name)):
                    yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - jsonschema's
    if not isinstance(instance, dict):
        return
    patterns = schema.get("patternProperties", {})
    known = schema.get("properties", {})
    extra = [
        name
        for name in instance
        if name not in known and not any(validator.format_checker.matches(pattern, str(name)) for pattern in patterns)
    ]
    if allowed is False and extra:
        yield ValidationError(
            f"{', '.join(map(shortened, extra))} must not be there: the schema allows no other fields"
        )
    elif isinstance(allowed, dict):
        for name in extra:
            yield from validator.descend(instance[name], allowed, path=name)


def _unevaluated_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - jsonschema's
    """As jsonschema has it; but its search for what was evaluated asks Python's engine, so it never sees a pattern."""
    if isinstance(instance, dict) and instance:
        validator.format_checker.refuse_patterns()
        yield from _THEIRS["unevaluatedProperties"](validator, allowed, instance, schema)


def _multiple_of(validator: Any, factor: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - jsonschema's
    """Divide exactly: a float overflows on a number of 400 digits, and takes 0.3 for no multiple of 0.1."""
    del schema
    if validator.is_type(instance, "number") and (_is_infinite(instance) or _exact(instance) % _exact(factor)):
        yield ValidationError(f"{shortened(instance)} is not a multiple of {shortened(factor)}")


def _is_infinite(number: int | float) -> bool:
    return not isinstance(number, int) and not isfinite(number)  # isfinite overflows on an integer of 400 digits


def _exact(number: float) -> Fraction:
    """Return the number as it is written: 0.1 is one tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(str(number))


def _reference(keyword: str) -> _Keyword:
    def followed(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - jsonschema's
        """Follow a reference; referencing fails in several ways on a pointer that is none and on an odd `$id`."""
        try:
            target = validator._resolver.lookup(reference).contents  # noqa: SLF001 - jsonschema has no public way
        except (ValueError, TypeError, AttributeError) as error:
            raise Unresolvable(ref=reference) from error
        if not isinstance(target, dict | bool):
            raise Unresolvable(ref=reference)
        yield from _THEIRS[keyword](validator, reference, instance, schema)

    return followed


def _unique_items(validator: Any, unique: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - jsonschema's
    del validator, schema
    if unique and isinstance(instance, list):
        written = [json.dumps(_as_number(item), sort_keys=True) for item in instance]
        if len(set(written)) < len(written):
            yield ValidationError("an item occurs twice, and the schema asks for unique ones")


def _as_number(value: Data) -> Data:
    """With 1.0 as 1, because JSON does not tell them apart."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_as_number(item) for item in value]
    return {name: _as_number(item) for name, item in value.items()} if isinstance(value, dict) else value


def _counted(keyword: _Keyword) -> _Keyword:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:  # noqa: ANN401 - jsonschema's
        size = (len(value) if isinstance(value, list | dict | str) else 0) + (
            len(instance) if isinstance(instance, list | dict) else 0
        )
        validator.format_checker.spend(1 + size // 16)
        return keyword(validator, value, instance, schema)

    return counted


_OURS: dict[str, _Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
    "uniqueItems": _unique_items,
    "multipleOf": _multiple_of,
    "$ref": _reference("$ref"),
    "$dynamicRef": _reference("$dynamicRef"),
}
_BOUNDED: Any = validators.extend(  # type: ignore[no-untyped-call]  # jsonschema declares no types for it
    Draft202012Validator,
    {name: _counted(_OURS.get(name, keyword)) for name, keyword in _THEIRS.items()},
)


def errors(schema: Schema, instance: Data) -> Iterator[ValidationError]:
    """Where the instance breaks the schema.

    Raises TooMuchWorkError past the budget, RecursionError where a schema refers to itself without end, and
    referencing.exceptions.Unresolvable at a `$ref` that leads nowhere or out of the schema.
    """
    iterator: Iterator[ValidationError] = _BOUNDED(schema, registry=REGISTRY, format_checker=Work(schema)).iter_errors(
        instance
    )
    return iterator


META_SCHEMA: Schema = Draft202012Validator.META_SCHEMA
"""The schema of schemas."""
