"""Cards without their secrets: what every page, report and export is made from once a secret was found."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.scan.secrets import find_secrets, redact, redact_data
from generator.scan.secrets_values import MARK

Model = TypeVar("Model", bound=BaseModel)

_NAMES = frozenset({"kind", "id"})
"""What the graph knows a card by; its form has no room for a secret's."""


def blacked_out(cards: Cards) -> Cards:
    """The cards with every secret in their text replaced; the same object where there is none."""
    suspect = {name for name, text in cards.texts.items() if find_secrets(text)}
    items = tuple(_without_secrets(loaded, sure=loaded.document.file in suspect) for loaded in cards.items)
    return cards if items == cards.items else replace(cards, items=items, texts=masked(cards.texts))


def masked(texts: Mapping[str, str]) -> dict[str, str]:
    """The files' texts with secrets blacked out and every line where it was, for excerpts."""
    return {name: _mask(text) for name, text in texts.items()}


def _mask(text: str) -> str:
    pieces: list[str] = []
    after = 0
    for secret in find_secrets(text):
        hidden = text[secret.start : secret.end].split("\n")
        pieces += [text[after : secret.start], "\n".join(MARK if line.strip() else line for line in hidden)]
        after = secret.end
    return "".join([*pieces, text[after:]])


def _without_secrets(loaded: LoadedCard, *, sure: bool) -> LoadedCard:
    """The card blacked out; a file that shows no secret as a whole may still hold one once its values stand alone."""
    card = _redacted(loaded.card)
    body = redact(loaded.body) if sure or loaded.body else loaded.body
    openapi = redact_data(loaded.openapi) if loaded.openapi is not None else None
    if card == loaded.card and body == loaded.body and openapi == loaded.openapi:
        return loaded
    return replace(loaded, card=card, body=body, openapi=openapi)


def _redacted(model: Model) -> Model:
    changes: dict[str, object] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if value and name not in _NAMES:
            hidden = _value(name, value)
            if hidden != value:
                changes[name] = hidden
    return model.model_copy(update=changes) if changes else model


def _value(name: str, value: object) -> object:
    match value:
        case BaseModel():
            return _redacted(value)
        case str() if type(value) is str:
            hidden = redact_data({name: value})
            return hidden[name] if isinstance(hidden, dict) else value
        case tuple():
            return tuple(_value(name, item) for item in value)
        case dict() if any(isinstance(item, BaseModel) for item in value.values()):
            return {key: _value(key, item) for key, item in value.items()}
        case dict() | list():
            return redact_data(value)
        case _:
            return value
