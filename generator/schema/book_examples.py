"""Declared examples with the book's own cards in place of the invented ones that they name."""

from collections.abc import Collection
from typing import Any

from generator.names import Ref
from generator.schema import KINDS
from generator.schema.base import RefersTo, Strict
from generator.schema.examples import is_valid, refers_to
from generator.schema.fields import Key, keys, nested


def from_book(key: Key, value: Any, book: Collection[Ref]) -> Any:  # noqa: ANN401 - examples are any data
    """The example of a key with references that lead to cards of the book.

    What the book has no card for is left out; None, or an empty list or mapping, where nothing is left.
    """
    step, model = next(nested(key.annotation), ("", None))
    mark = refers_to(key)
    if model is not None:
        return _below(model, value, book, is_mapping_of=step == ".*")
    return value if mark is None else _named(mark, value, book)


def _below(model: type[Strict], value: Any, book: Collection[Ref], *, is_mapping_of: bool) -> Any:  # noqa: ANN401 - examples are any data
    match value:
        case list():
            return [made for item in value if (made := _mapping(model, item, book))]
        case dict() if is_mapping_of:
            return {name: made for name, item in value.items() if (made := _mapping(model, item, book))}
        case _:
            return _mapping(model, value, book)


def _mapping(model: type[Strict], value: Any, book: Collection[Ref]) -> Any:  # noqa: ANN401 - examples are any data
    """The mapping, or None where it means nothing without what is left out."""
    if not isinstance(value, dict):
        return value
    declared = keys(model)
    found = {name: from_book(declared[name], item, book) for name, item in value.items()}
    kept = {name: item for name, item in found.items() if item is not None}
    return kept if is_valid(model, kept) else None


def _named(mark: RefersTo, value: Any, book: Collection[Ref]) -> Any:  # noqa: ANN401 - examples are any data
    match value:
        case list():
            return list(dict.fromkeys(ref for item in value if (ref := _reference(mark, item, book))))
        case dict():
            return {name: ref for name, item in value.items() if (ref := _reference(mark, item, book))}
        case _:
            return _reference(mark, value, book)


def _reference(mark: RefersTo, text: str, book: Collection[Ref]) -> str | None:
    """The reference itself where it leads to a card or needs none, else one to the first card of its kind."""
    candidates = mark.candidates(text)
    if any(ref in book or ref.kind not in KINDS for ref in candidates):
        return text
    kinds = dict.fromkeys([ref.kind for ref in candidates])
    found = next((ref for kind in kinds for ref in sorted(book) if ref.kind == kind), None)
    return None if found is None else str(found) if mark.prefixed else found.id
