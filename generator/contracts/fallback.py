"""Whether a fallback's answer can stand in for a model's: has the fields, of the types, that callers rely on."""

from collections.abc import Iterator

from generator.contracts.data import Data
from generator.contracts.fields import type_in_words
from generator.contracts.validation import Mismatch
from generator.contracts.views import View, view
from generator.schema.pointers import to_pointer

_DEEPEST = 16
_MOST = 50


def fallback_mismatches(response: Data, fallback_response: Data) -> tuple[Mismatch, ...]:
    """Where the fallback's response schema does not promise what the model's does; () where it can stand in.

    Told of each field that the model always answers: missing from the fallback, not always there, or of another type.
    Fields that the model may leave out are no promise to anybody. Value ranges, patterns and choices between several
    shapes are not compared. The pointers lead into the answer; items of a list are `*`.
    """
    model, fallback = view(response, response), view(fallback_response, fallback_response)
    found: list[Mismatch] = []
    for mismatch in _compared(response, model, fallback_response, fallback, ""):
        found.append(mismatch)
        if len(found) >= _MOST:
            break
    return tuple(found)


def _compared(response: Data, model: View, other: Data, fallback: View, place: str) -> Iterator[Mismatch]:
    if place.count("/") > _DEEPEST or model.alternatives or fallback.alternatives or model.repeats is not None:
        return
    lacking = _types_beyond(model, fallback)
    if lacking:
        message = f"is {type_in_words(other, fallback)} here, callers expect {type_in_words(response, model)}"
        yield Mismatch(place, message, "type")
        return
    offered = fallback.properties
    for name in model.required:
        inside = place + to_pointer((name,))
        if name not in offered:
            yield Mismatch(inside, "callers expect it, and the fallback does not answer it", "properties")
            continue
        if name not in fallback.required:
            yield Mismatch(inside, "callers expect it always, the fallback may leave it out", "required")
        yield from _compared(
            response,
            view(response, model.properties.get(name, True), model.entered),
            other,
            view(other, offered[name], fallback.entered),
            inside,
        )
    yield from _items_compared(response, model, other, fallback, place)


def _items_compared(response: Data, model: View, other: Data, fallback: View, place: str) -> Iterator[Mismatch]:
    item, offered = model.keywords.get("items"), fallback.keywords.get("items")
    if "array" in model.types and isinstance(item, dict):
        yield from _compared(
            response,
            view(response, item, model.entered),
            other,
            view(other, offered if isinstance(offered, dict) else True, fallback.entered),
            f"{place}/*",
        )


def _types_beyond(model: View, fallback: View) -> bool:
    """Whether the fallback may answer a type that the model never does; a model that promises none accepts all."""
    if not model.types:
        return False
    expected = {*model.types, *(["integer"] if "number" in model.types else [])}
    return not fallback.types or not set(fallback.types) <= expected or (fallback.nullable and not model.nullable)
