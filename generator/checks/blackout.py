"""Cards without their secrets: what every page, report and export is made from once a secret was found."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from generator.checks.masks import mask
from generator.graph.reference_lookup import list_reference_fields
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.load.nodes import Node
from generator.schema.base import Scalar
from generator.secrets.redaction import redact, redact_data
from generator.secrets.scanner import FINDERS, Finders

Model = TypeVar("Model", bound=BaseModel)

_NAMES = frozenset({"kind", "id"})
"""What the graph knows a card by; its form has no room for a secret's."""


def blacked_out(cards: Cards, finders: Mapping[str, Finders]) -> Cards:
    """The cards with every secret in their text replaced; the same object where there is none.

    `finders` says what can find any in each file; in a file that is not named there, everything.
    """
    # A contract takes in what other files contain, and so may hold any kind of secret.
    alone = {file for file, text in cards.texts.items() if "$ref" not in text and "openapi" not in text}
    items = tuple(
        _without_secrets(loaded, finders.get(file, FINDERS) if (file := loaded.document.file) in alone else FINDERS)
        for loaded in cards.items
    )
    return cards if items == cards.items else replace(cards, items=items, texts=masked(cards.texts))


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
    document = replace(loaded.document, root=_redact_node(loaded.document.root, None, finders))
    return replace(loaded, card=card, document=document, body=body, openapi=openapi)


def _redact_node(node: Node, name: str | None, finders: Finders) -> Node:
    """Return a value of the document, at the same place, without the secrets in its text."""
    match node.content:
        case dict() as mapping:
            redacted = {
                key: child if name is None and key in _NAMES else _redact_node(child, key, finders)
                for key, child in mapping.items()
            }
            return replace(node, content=redacted)
        case list() as items:
            return replace(node, content=[_redact_node(item, name, finders) for item in items])
        case Scalar() as scalar:
            return replace(node, content=Scalar(str(redact_data(str(scalar), name, finders)), plain=scalar.plain))
        case _:
            return node


def _redacted(model: Model, finders: Finders) -> Model:
    """The same object where there is nothing to hide."""
    changes: dict[str, object] = {}
    references = list_reference_fields(type(model))
    for name in type(model).model_fields:
        value = getattr(model, name)
        if value and name not in _NAMES:
            hidden = _value(name, value, finders, is_reference=name in references)
            if hidden is not value and hidden != value:
                changes[name] = hidden
    return model.model_copy(update=changes) if changes else model


def _value(name: str, value: object, finders: Finders, *, is_reference: bool = False) -> object:
    match value:
        case str() if type(value) is str:
            hidden = redact_data(value, name, finders)
            return _redact_reference(value) if is_reference and hidden != value and ":" in value else hidden
        case BaseModel():
            return _redacted(value, finders)
        case tuple():
            return tuple(_value(name, item, finders, is_reference=is_reference) for item in value)
        case dict() if any(isinstance(item, BaseModel | tuple) for item in value.values()):
            return {key: _value(key, item, finders) for key, item in value.items()}
        case dict() | list():
            return redact_data(value, finders=finders)
        case _:
            return value


def _redact_reference(reference: str) -> str:
    """Return a reference without the secret in it that still has the form `kind:id`."""
    kind = reference.partition(":")[0]
    return f"{kind if redact(kind) == kind else 'redacted'}:redacted"
