"""Follows a `$ref` within one document; nothing is ever fetched."""

from urllib.parse import unquote

from generator.contracts.data import Data, walk
from generator.schema.pointers import parse_list_index, parse_pointer


def resolve(document: Data, reference: str) -> Data:
    """What a reference of the form `#`, `#/a/b` or `#anchor` leads to; None where it leads nowhere or elsewhere."""
    if not reference.startswith("#"):
        return _by_id(document, reference)
    fragment = unquote(reference[1:])
    if fragment and not fragment.startswith("/"):
        return _anchored(document, fragment)
    return at_pointer(document, fragment)


def at_pointer(document: Data, pointer: str) -> Data:
    """The value that a JSON Pointer leads to; None where it leads nowhere."""
    value = document
    for name in parse_pointer(pointer):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and (index := parse_list_index(name, len(value))) is not None:
            value = value[index]
        else:
            return None
    return value


def _anchored(document: Data, anchor: str) -> Data:
    for _, value in walk(document):
        if isinstance(value, dict) and anchor in (value.get("$anchor"), value.get("$dynamicAnchor")):
            return value
    return None


def _by_id(document: Data, reference: str) -> Data:
    """A part of the document that calls itself by the reference (`$id`), without a fragment."""
    for _, value in walk(document):
        own = value.get("$id") if isinstance(value, dict) else None
        if isinstance(own, str) and reference and f"/{own}".endswith(f"/{reference}"):
            return value
    return None
