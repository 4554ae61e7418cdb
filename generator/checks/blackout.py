"""Cards without their secrets: what every page, report and export is made from once a secret was found."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from generator.checks.masks import mask
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.scan.secrets import FINDERS, Finders, redact, redact_data

Model = TypeVar("Model", bound=BaseModel)

_NAMES = frozenset({"kind", "id"})
"""What the graph knows a card by; its form has no room for a secret's."""


def blacked_out(cards: Cards, finders: Mapping[str, Finders]) -> Cards:
    """The cards with every secret in their text replaced; the same object where there is none.

    `finders` says what can find any in each file; in a file that is not named there, everything.
    """
    items = tuple(_without_secrets(loaded, _finders_for(loaded, cards.texts, finders)) for loaded in cards.items)
    return cards if items == cards.items else replace(cards, items=items, texts=masked(cards.texts))


def _finders_for(loaded: LoadedCard, texts: Mapping[str, str], finders: Mapping[str, Finders]) -> Finders:
    """What can find anything in a card: all, where its contract takes in what stands in other files."""
    file = loaded.document.file
    text = texts.get(file, "$ref")
    return FINDERS if "$ref" in text or "openapi" in text else finders.get(file, FINDERS)


def masked(texts: Mapping[str, str]) -> dict[str, str]:
    """The files' texts with secrets blacked out and every line where it was, for excerpts."""
    return {name: mask(text, name) for name, text in texts.items()}


def _without_secrets(loaded: LoadedCard, finders: Finders) -> LoadedCard:
    """The card blacked out; a file that shows no secret as a whole may still hold one once its values stand alone."""
    card = _redacted(loaded.card, finders)
    body = redact(loaded.body, finders)
    openapi = redact_data(loaded.openapi) if loaded.openapi is not None else None
    if card is loaded.card and body == loaded.body and openapi == loaded.openapi:
        return loaded
    return replace(loaded, card=card, body=body, openapi=openapi)


def _redacted(model: Model, finders: Finders) -> Model:
    """The same object where there is nothing to hide."""
    changes: dict[str, object] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if value and name not in _NAMES:
            hidden = _value(name, value, finders)
            if hidden is not value and hidden != value:
                changes[name] = hidden
    return model.model_copy(update=changes) if changes else model


def _value(name: str, value: object, finders: Finders) -> object:
    match value:
        case str() if type(value) is str:
            return redact_data(value, name, finders)
        case BaseModel():
            return _redacted(value, finders)
        case tuple():
            return tuple(_value(name, item, finders) for item in value)
        case dict() if any(isinstance(item, BaseModel) for item in value.values()):
            return {key: _value(key, item, finders) for key, item in value.items()}
        case dict() | list():
            return redact_data(value, finders=finders)
        case _:
            return value
