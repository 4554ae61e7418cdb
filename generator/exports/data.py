"""A card as plain data, with the keys that its author writes."""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from pydantic import BaseModel

from generator.schema import Card

Data = dict[str, Any]


def card_data(card: Card) -> Data:
    """All that a card says beyond its defaults, `kind` and `id` first; own extras stand among its keys, as written."""
    return {"kind": card.kind, "id": card.id, **_mapping(card)}


def _mapping(model: BaseModel) -> Data:
    said: Data = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if name != "extras" and value != info.get_default(call_default_factory=True):
            said[info.alias or name] = _plain(value)
    extras = getattr(model, "extras", {})
    return {**said, **{key: _plain(value) for key, value in sorted(extras.items())}}


def _plain(value: object) -> object:
    match value:
        case BaseModel():
            return _mapping(value)
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case str():
            return str(value)
        case _:
            return value
