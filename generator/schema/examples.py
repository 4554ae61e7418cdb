"""Examples of what a key takes, made from the declaration."""

from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from generator.schema.base import RefersTo, Strict
from generator.schema.fields import Key, choices, keys, nested


def is_shown(key: Key) -> bool:
    """Whether a new card shows the key."""
    return bool(key.required or key.info.examples or any(nested(key.annotation)))


def example(key: Key) -> Any:  # noqa: ANN401 - examples are any data
    """A value that the key takes: the declared example, the first word allowed, or one built from what is inside."""
    if key.info.examples:
        return key.info.examples[0]
    if words := choices(key.annotation):
        return words[0]
    for step, model in nested(key.annotation):
        inside = composed(model)
        return [inside] if step == "[]" else inside
    message = f"`{key.name}` needs an example in its declaration"
    raise LookupError(message)


def composed(model: type[Strict]) -> dict[str, Any]:
    """A mapping with every key that a new card shows."""
    return {key.name: example(key) for key in keys(model).values() if is_shown(key)}


def smallest(model: type[Strict], text: str = "") -> dict[str, Any]:
    """A mapping with the fewest keys that the schema takes, its references first.

    A text that stands where the mapping should is its first reference, where it can be one.
    """
    shown = sorted((key for key in keys(model).values() if is_shown(key)), key=_rank)
    taken: dict[str, Any] = {}
    for key in shown:
        taken[key.name] = example(key)
        if not any(other.required for other in shown[len(taken) :]) and is_valid(model, taken):
            break
    first = shown[0].name
    given = {**taken, first: text}
    return given if text and refers_to(shown[0]) and is_valid(model, given) else taken


def _rank(key: Key) -> tuple[bool, bool]:
    return not key.required, refers_to(key) is None


def is_valid(model: type[Strict], values: dict[str, Any]) -> bool:
    """Whether a mapping has what its declaration asks for."""
    try:
        model.model_validate(values)
    except ValidationError:
        return False
    return True


def takes(key: Key, value: object) -> bool:
    """Whether a value is one that the key takes."""
    try:
        TypeAdapter(key.annotation).validate_python(value)
    except ValidationError:
        return False
    return True


def refers_to(key: Key) -> RefersTo | None:
    """The mark of a key that takes references, one or many."""
    return _mark(key.annotation)


def _mark(annotation: Any) -> RefersTo | None:  # noqa: ANN401 - annotations have no type
    for part in (*getattr(annotation, "__metadata__", ()), *get_args(annotation)):
        found = part if isinstance(part, RefersTo) else _mark(part)
        if found is not None:
            return found
    return None
