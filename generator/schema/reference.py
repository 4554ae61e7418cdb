"""Every field of every kind as a row: what the site's reference page shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from inspect import getdoc

from generator.schema import KINDS
from generator.schema.base import Strict
from generator.schema.fields import Key, keys, nested


@dataclass(frozen=True, slots=True)
class FieldDoc:
    """One field of a card."""

    path: str
    """From the card's root: `consumers[].why`; `.*` stands for a key of the author's choice."""
    type: str
    """What it takes, in plain words."""
    required: bool
    """Whether it must be there when the mapping around it is."""
    default: str
    """What holds when it is left out; empty when nothing does."""
    description: str


@dataclass(frozen=True, slots=True)
class KindDoc:
    """One kind of card with all of its fields, each followed by those within it."""

    kind: str
    description: str
    fields: tuple[FieldDoc, ...]


def field_docs() -> tuple[KindDoc, ...]:
    """The reference of the schema, in the order in which the site shows the kinds."""
    return tuple(KindDoc(kind, getdoc(model) or "", tuple(_rows(model, ""))) for kind, model in KINDS.items())


def _rows(model: type[Strict], prefix: str) -> Iterator[FieldDoc]:
    for key in keys(model).values():
        path = f"{prefix}{key.name}"
        yield FieldDoc(path, key.words, key.required, _default(key), key.description)
        for step, inner in nested(key.annotation):
            yield from _rows(inner, f"{path}{step}.")


def _default(key: Key) -> str:
    default = None if key.required else key.info.default
    if isinstance(default, Enum):
        return str(default.value)
    return default if isinstance(default, str) else ""
