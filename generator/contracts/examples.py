"""Holds an example against its schema, and a schema against the rules for schemas."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from jsonschema import ValidationError
from jsonschema.exceptions import best_match
from referencing.exceptions import Unresolvable

from generator.contracts.data import Data, Schema, refusal, walk
from generator.contracts.references import resolve
from generator.contracts.validator import META_SCHEMA, TooMuchWorkError, errors, shortened
from generator.load.explain import describe_value
from generator.schema.pointers import to_pointer
from generator.secrets.redaction import redact_data

_MOST = 20
_LONGEST_MESSAGE = 240
_DATA_KEYWORDS = frozenset({"const", "enum", "default", "example", "examples"})

_NAMED_SCHEMAS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One disagreement between data and schema."""

    pointer: str
    """Where in the data: a JSON Pointer, "" for the whole."""
    message: str
    schema_pointer: str
    """Which part of the schema says so; its last step is the keyword."""

    @property
    def keyword(self) -> str:
        """The keyword of JSON Schema that is broken, "" where the check itself gave up."""
        return self.schema_pointer.rpartition("/")[2]


def example_mismatches(schema: Schema, example: Data) -> tuple[Mismatch, ...]:
    """Where an example breaks its schema, at most 20 places in the order of the schema; () where it holds.

    A schema that is malformed, makes too much work, refers to itself without end or leads out of itself is one
    Mismatch that says so.
    """
    for what, data in (("the schema", schema), ("the example", example)):
        reason = refusal(data)
        if reason is not None:
            return (Mismatch("", f"{what} {reason}, so the example is not checked", ""),)
    try:
        return _gathered(schema, example)
    except Exception:  # jsonschema trusts its schemas; only a good one makes an exception a bug of ours
        if schema_mismatches(schema):
            return (Mismatch("", "the schema is malformed, so the example is not checked", ""),)
        raise


def schema_mismatches(schema: Data) -> tuple[Mismatch, ...]:
    """What is wrong with a schema itself; the pointers lead into it. () where it can be used."""
    reason = refusal(schema)
    if reason is not None:
        return (Mismatch("", f"the schema {reason}", ""),)
    if not isinstance(schema, dict | bool):
        return (Mismatch("", "a schema is an object, or true or false", "/type"),)
    broken = _gathered(META_SCHEMA, schema)
    return broken or tuple(islice(_dangling(schema), _MOST))


def _gathered(schema: Schema, instance: Data) -> tuple[Mismatch, ...]:
    try:
        return tuple(_mismatch(error) for error in islice(errors(schema, instance), _MOST))
    except TooMuchWorkError as error:
        return (Mismatch("", f"too costly to check: {str(error) or 'the schema branches too often'}", ""),)
    except RecursionError:
        return (Mismatch("", "the schema refers to itself without end", "/$ref"),)
    except Unresolvable as error:
        return (
            Mismatch("", f"unresolved $ref {describe_value(error.ref)}: expected a place within the schema", "/$ref"),
        )


def _mismatch(error: ValidationError) -> Mismatch:
    """The error, or the likeliest reason for it where every alternative of a choice failed."""
    best = best_match([error]) or error
    message = _with_shown(best.message, best)
    message = message if len(message) <= _LONGEST_MESSAGE else message[: _LONGEST_MESSAGE - 1] + "…"
    return Mismatch(to_pointer(tuple(best.absolute_path)), message, to_pointer(tuple(best.absolute_schema_path)))


def _with_shown(message: str, error: ValidationError) -> str:
    """The message with the value cut short, and masked where its key calls it a secret: the key is not in there."""
    key = next((step for step in reversed(error.absolute_path) if isinstance(step, str)), None)
    shown = shortened(redact_data(error.instance, key))
    for written in (repr(error.instance), shortened(error.instance)):
        message = message.replace(written, shown, 1)
    return message


def _dangling(schema: Data) -> Iterator[Mismatch]:
    """Yield the references that do not point to a schema; the metaschema does not find them."""
    for steps, value in walk(schema):
        if not isinstance(value, dict) or _is_data(steps):
            continue
        for keyword in ("$ref", "$dynamicRef"):
            reference = value.get(keyword)
            if not isinstance(reference, str):
                continue
            target = resolve(schema, reference)
            if not isinstance(target, dict | bool):
                wrong, what = ("unresolved", "a place") if target is None else ("invalid", "a subschema")
                message = f"{wrong} {keyword} {describe_value(reference)}: expected {what} within the schema"
                yield Mismatch(to_pointer((*steps, keyword)), message, f"/{keyword}")


def _is_data(steps: tuple[str | int, ...]) -> bool:
    """Whether a part of a schema is a value, as under `default`; a field may be called so too."""
    return any(
        step in _DATA_KEYWORDS and (index == 0 or steps[index - 1] not in _NAMED_SCHEMAS)
        for index, step in enumerate(steps)
    )
