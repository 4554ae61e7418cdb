"""Checks of examples against schemas, and of schemas against the rules of JSON Schema (2020-12)."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator, FancyRegexOptions, ValidationError, ValidationErrorKind

from generator.contracts.constraints import LIMITS, describe_limit, list_choices
from generator.contracts.data import (
    NAMED_SCHEMAS,
    Data,
    References,
    Schema,
    find_excess,
    format_value,
    get_at_pointer,
    list_objects,
    walk,
)
from generator.contracts.fields import join_path
from generator.contracts.work_limits import (
    BACKTRACK_LIMIT,
    EndlessReferenceError,
    PatternError,
    TooMuchWorkError,
    UnresolvedReferenceError,
    limit_patterns,
    limit_work,
    measure_pattern,
)
from generator.load.explain import describe_value
from generator.schema.fields import to_pointer
from generator.secrets.redaction import redact_data
from generator.values import FrozenValue

_MOST = 20
_LONGEST_MESSAGE = 240
_DATA_KEYWORDS = frozenset({"const", "enum", "default", "example", "examples"})
_META_SCHEMA: Schema = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
_PATTERN_OPTIONS = FancyRegexOptions(backtrack_limit=BACKTRACK_LIMIT, size_limit=10 << 20, dfa_size_limit=2 << 20)
_REGEX = Draft202012Validator({"format": "regex"}, validate_formats=True)
_DATE_TIME = Draft202012Validator({"format": "date-time"}, validate_formats=True)
_Alternatives = ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid


class Mismatch(FrozenValue):
    """A violation of a schema by data."""

    pointer: str
    """The JSON Pointer into the data; "" for all of it."""
    message: str
    keyword: str
    """The violated keyword of JSON Schema, `$ref` if it is unresolved, "" if the check gave up."""


_Explain = Callable[[ValidationError, Data], Mismatch]


def find_example_mismatches(schema: Schema, example: Data) -> tuple[Mismatch, ...]:
    """Return where an example violates its schema, at most 20 places; () if it is valid.

    A schema that is invalid, too costly or endless is reported as one Mismatch.
    """
    return _find_mismatches(schema, example, "the example", _explain)


def find_answer_mismatches(schema: Schema, answer: Data) -> tuple[Mismatch, ...]:
    """Return where an answer violates its schema, without any value or name that only the answer has.

    The pointer is a path in the contract, as `items[].score`: `*` is a field that the contract does not name.
    """
    names = _list_declared_names(schema)

    def explain(error: ValidationError, _answer: Data) -> Mismatch:
        error = _find_likeliest_cause(error)
        path = ""
        for step in error.instance_path:
            path = f"{path}[]" if isinstance(step, int) else join_path(path, step) if step in names else f"{path}.*"
        return Mismatch(path.lstrip("."), _cut(_describe(error, shows_values=False)), error.kind.name)

    return _find_mismatches(schema, answer, "the answer", explain)


def _list_declared_names(schema: Schema) -> frozenset[str]:
    """Return the names of all fields in a schema."""
    names: set[str] = set()
    for _, part in walk(schema):
        if isinstance(part, dict):
            properties, required = part.get("properties"), part.get("required")
            names |= set(properties if isinstance(properties, dict) else ())
            names |= {name for name in (required if isinstance(required, list) else ()) if isinstance(name, str)}
    return frozenset(names)


def _find_mismatches(schema: Schema, example: Data, noun: str, explain: _Explain) -> tuple[Mismatch, ...]:
    for name, data in (("the schema", schema), (noun, example)):
        reason = find_excess(data)
        if reason is not None:
            return (Mismatch("", f"{name} {reason}, so {noun} is not checked", ""),)
    schema = _remove_dialects(schema)
    try:
        limit_work(schema, example)
    except TooMuchWorkError:
        return (Mismatch("", "too costly to check: the schema branches or repeats too often", ""),)
    except EndlessReferenceError:
        return (Mismatch("", "circular $ref: the schema refers to itself without end", "$ref"),)
    except UnresolvedReferenceError as error:
        message = f"unresolved $ref {describe_value(str(error))}: expected a place within the schema"
        return (Mismatch("", _cut(message), "$ref"),)
    try:
        return _validate(schema, example, explain)
    except ValidationError as error:  # of the schema
        if isinstance(error.kind, ValidationErrorKind.Referencing):
            return (Mismatch("", f"unresolved $ref: {_cut(error.message)}", "$ref"),)
        return (Mismatch("", f"the schema is malformed, so {noun} is not checked", ""),)


def find_schema_mismatches(schema: Data) -> tuple[Mismatch, ...]:
    """Return the errors of a schema itself, by pointers into it; () if it is valid."""
    reason = find_excess(schema)
    if reason is not None:
        return (Mismatch("", f"the schema {reason}", ""),)
    if not isinstance(schema, dict | bool):
        return (Mismatch("", "invalid schema: expected an object, true or false", "type"),)
    try:
        limit_patterns(schema)
    except TooMuchWorkError:
        return (Mismatch("", "too costly to check: the patterns are too long", ""),)
    return _validate(_META_SCHEMA, schema, _explain) or tuple(islice(_find_unresolved(schema), _MOST))


def _validate(schema: Schema, instance: Data, explain: _Explain) -> tuple[Mismatch, ...]:
    """Return the first mismatches; raise ValidationError if the schema itself is invalid."""
    try:
        validator = _compile_meta_schema() if schema is _META_SCHEMA else _compile(schema)
        errors = list(islice(validator.iter_errors(instance), 10 * _MOST))
    except ValidationError:
        raise
    except ValueError:  # JSON may contain half of a surrogate pair, which UTF-8 cannot
        replaced = _replace_surrogates(schema), _replace_surrogates(instance)
        if replaced == (schema, instance):
            raise
        return _validate(*replaced, explain)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # pyo3 does not export the class
            raise
        return (Mismatch("", "cannot be checked: the validator failed", ""),)
    gave_up = (ValidationErrorKind.BacktrackLimitExceeded, ValidationErrorKind.RegexEngineFailure)
    if any(isinstance(error.kind, gave_up) for error in errors):
        return (Mismatch("", "too costly to check: a pattern takes too long on this text", ""),)
    return tuple(dict.fromkeys(explain(error, instance) for error in errors))[:_MOST]


def _compile(schema: Schema) -> Draft202012Validator:
    formats = {"regex": lambda text: not _find_pattern_error(text), "date-time": _is_date_time}
    return Draft202012Validator(
        schema, formats=formats, validate_formats=True, offline=True, pattern_options=_PATTERN_OPTIONS
    )


@cache
def _compile_meta_schema() -> Draft202012Validator:
    """Return the validator of schemas, which takes 2 ms to compile."""
    return _compile(_META_SCHEMA)


def _find_pattern_error(text: str) -> str:
    """Find out why a text is not a regular expression; empty if it is one."""
    try:
        measure_pattern(text)
    except PatternError as error:
        return str(error)
    # The format does not know groups such as `(?P<name>…)`, which pydantic writes and the validator reads.
    is_pattern = _REGEX.is_valid(text) or _REGEX.is_valid(text.replace("(?P<", "(?<"))
    return "" if is_pattern else "expected the syntax of ECMA-262"


def _is_date_time(text: str) -> bool:
    # A space may be in the place of the T: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
    return _DATE_TIME.is_valid(f"{text[:10]}T{text[11:]}" if text[10:11] == " " else text)


def _remove_dialects(schema: Schema) -> Schema:
    """Return the schema without the `$schema` of its parts: all of it is read as 2020-12, as the root is."""
    if not any("$schema" in part for part in list_objects(schema)):
        return schema
    holders = {
        id(part)
        for steps, part in walk(schema)
        if steps and isinstance(part, dict) and isinstance(part.get("$schema"), str) and not _is_data(steps)
    }

    def copy(part: Any) -> Any:  # noqa: ANN401 (any JSON stays of its type)
        if isinstance(part, dict):
            return {key: copy(value) for key, value in part.items() if key != "$schema" or id(part) not in holders}
        return [copy(item) for item in part] if isinstance(part, list) else part

    return copy(schema) if holders else schema


def _replace_surrogates(data: Any) -> Any:  # noqa: ANN401 (any JSON stays of its type)
    return json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def _explain(error: ValidationError, instance: Data) -> Mismatch:
    """Return the mismatch of an error."""
    error = _find_likeliest_cause(error)
    place = to_pointer(tuple(error.instance_path))
    if error.kind.name == "falseSchema" and error.schema_path[-1:] == ["additionalProperties"]:
        holder = get_at_pointer(instance, place)  # this one error has the first field's value, without its name
        names = list(holder) if isinstance(holder, dict) else []
        return Mismatch(place, _cut(_describe_unexpected(names)), "additionalProperties")
    return Mismatch(place, _cut(_describe(error)), error.kind.name)


def _find_likeliest_cause(error: ValidationError) -> ValidationError:
    """Return the error itself, or if every alternative failed, that of the only one that the value is meant for.

    The others have another type, or another constant such as `kind: card` one level down.
    """
    while isinstance(error.kind, _Alternatives):
        depth = len(error.instance_path)
        meant = [
            found
            for found in error.kind.context
            if found
            and not any(
                (len(each.instance_path) == depth and each.kind.name == "type")
                or (len(each.instance_path) == depth + 1 and each.kind.name in {"const", "enum"})
                for each in found
            )
        ]
        candidates = meant or error.kind.context
        if len(candidates) != 1 or not candidates[0]:
            break
        error = candidates[0][0]
    return error


def _describe(error: ValidationError, *, shows_values: bool = True) -> str:
    """Return the problem and the expectation; values are redacted where their key names a secret."""
    shown = ""
    if shows_values:
        key = next((step for step in reversed(error.instance_path) if isinstance(step, str)), None)
        shown = f" {format_value(redact_data(error.instance, key))}"
    match error.kind:
        case ValidationErrorKind.Required(name):
            return f"missing field {name!r}"
        case ValidationErrorKind.AdditionalProperties(names) | ValidationErrorKind.UnevaluatedProperties(names):
            return _describe_unexpected(names if shows_values else [])
        case ValidationErrorKind.UnevaluatedItems() | ValidationErrorKind.AdditionalItems():
            return "unexpected items: the schema allows no others"
        case ValidationErrorKind.PropertyNames(inner):
            return f"invalid field name: {_describe(inner, shows_values=shows_values)}"
        case ValidationErrorKind.FalseSchema():
            return f"unexpected value{shown}: the schema allows none"
        case ValidationErrorKind.UniqueItems():
            return "duplicate item: expected unique items"
        case ValidationErrorKind.Format("regex") if shows_values:
            return f"invalid regular expression{shown}: {_find_pattern_error(str(error.instance))}"
    return f"invalid value{shown}: expected {_describe_expected(error.kind)}"


def _describe_unexpected(names: list[str]) -> str:
    listed = f" {', '.join(map(repr, names))}" if names else ""
    return f"unexpected field{'s' if len(names) > 1 else ''}{listed}: the schema allows no others"


def _describe_expected(kind: ValidationErrorKind) -> str:
    match kind:
        case ValidationErrorKind.Type(types):
            return " or ".join(types)
        case ValidationErrorKind.Enum(options):
            return f"one of {list_choices(options)}"
        case ValidationErrorKind.Constant(value):
            return format_value(value)
        case ValidationErrorKind.Pattern(text) | ValidationErrorKind.Format(text):
            return f"{'a match of' if kind.name == 'pattern' else 'the format'} {text}"
        case ValidationErrorKind.AnyOf(alternatives) | ValidationErrorKind.OneOfNotValid(alternatives):
            kinds = [each.kind for found in alternatives for each in found]
            types = [name for each in kinds if isinstance(each, ValidationErrorKind.Type) for name in each.types]
            only_types = all(isinstance(each, ValidationErrorKind.Type) for each in kinds)
            return " or ".join(dict.fromkeys(types)) if only_types else f"one of the alternatives of `{kind.name}`"
        case ValidationErrorKind.OneOfMultipleValid():
            return "exactly one of the alternatives of `oneOf`, several match"
    if kind.name in LIMITS:
        (limit,) = kind.as_dict().values()
        return describe_limit(kind.name, limit)
    return f"what `{kind.name}` requires"


def _cut(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else message[: _LONGEST_MESSAGE - 1] + "…"


def _find_unresolved(schema: Data) -> Iterator[Mismatch]:
    """Yield the references that do not point to a schema, which the metaschema does not find."""
    if not any("$ref" in part or "$dynamicRef" in part for part in list_objects(schema)):
        return
    references = References(schema)
    for steps, value in walk(schema):
        if not isinstance(value, dict) or _is_data(steps):
            continue
        for keyword in ("$ref", "$dynamicRef"):
            reference = value.get(keyword)
            if not isinstance(reference, str):
                continue
            target = references.resolve(reference)
            if not isinstance(target, dict | bool):
                wrong, expected = ("unresolved", "a place") if target is None else ("invalid", "a subschema")
                message = f"{wrong} {keyword} {describe_value(reference)}: expected {expected} within the schema"
                yield Mismatch(to_pointer((*steps, keyword)), message, keyword)


def _is_data(steps: tuple[str | int, ...]) -> bool:
    """Return whether a part of a schema is a value, as under `default`; a field may have such a name too."""
    return any(
        step in _DATA_KEYWORDS and (index == 0 or steps[index - 1] not in NAMED_SCHEMAS)
        for index, step in enumerate(steps)
    )
