"""Every reference that a card makes, found by the marks in the schema, and what it leads to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from generator.load.bind import LoadedCard
from generator.load.nodes import Path
from generator.names import Ref
from generator.schema.base import RefersTo


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as it stands in a card."""

    path: Path
    """Where in the card, with the keys that its author writes."""
    text: str
    refers_to: RefersTo


def list_references(loaded: LoadedCard) -> Iterator[Reference]:
    """All references of a card, in the order of the schema."""
    return _in_model(loaded.card, ())


def _in_model(model: BaseModel, path: Path) -> Iterator[Reference]:
    for name, key, refers_to in _fields(type(model)):
        value = getattr(model, name)
        if value:
            yield from _in_value(value, (*path, key), refers_to)


@cache
def _fields(kind: type[BaseModel]) -> tuple[tuple[str, str, RefersTo | None], ...]:
    return tuple(
        (name, info.alias or name, _marked(info)) for name, info in kind.model_fields.items() if name != "extras"
    )


@cache
def list_reference_fields(kind: type[BaseModel]) -> frozenset[str]:
    """Return the names of the fields of a mapping that hold references."""
    return frozenset(name for name, _, refers_to in _fields(kind) if refers_to is not None)


def _marked(info: FieldInfo) -> RefersTo | None:
    """The mark of a field, wherever in its annotation: on itself, its items, or its values."""
    direct = next((mark for mark in info.metadata if isinstance(mark, RefersTo)), None)
    return direct or _mark_within(info.annotation)


def _mark_within(annotation: Any) -> RefersTo | None:  # noqa: ANN401 - annotations have no type
    for mark in getattr(annotation, "__metadata__", ()):
        if isinstance(mark, RefersTo):
            return mark
    inner = getattr(annotation, "__args__", ())
    return next((found for part in inner if (found := _mark_within(part))), None)


def _in_value(value: object, path: Path, refers_to: RefersTo | None) -> Iterator[Reference]:
    match value:
        case BaseModel():
            yield from _in_model(value, path)
        case str() if refers_to is not None:
            yield Reference(path, str(value), refers_to)
        case tuple():
            for index, item in enumerate(value):
                yield from _in_value(item, (*path, index), refers_to)
        case Mapping() if refers_to is not None or any(isinstance(item, BaseModel) for item in value.values()):
            for key, item in value.items():
                yield from _in_value(item, (*path, key), refers_to)


def resolve_target(reference: Reference, known: Mapping[Ref, LoadedCard]) -> Ref:
    """What a reference means: the first candidate that has a card, else the likeliest."""
    candidates = reference.refers_to.candidates(reference.text)
    return next((ref for ref in candidates if ref in known), candidates[0])
