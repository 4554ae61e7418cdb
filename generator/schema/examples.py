"""Examples of values for the keys of a card, and their text in YAML."""

import json
import re
from collections.abc import Collection
from functools import partial
from typing import Any

from pydantic import TypeAdapter, ValidationError

from generator.names import Ref
from generator.schema.base import RefersTo, Scalar, Strict, resolve_scalar
from generator.schema.fields import Key, get_keys, get_reference_mark, list_choices, list_nested_mappings


def is_shown(key: Key) -> bool:
    """Return whether a new card contains the key."""
    return bool(key.required or key.info.examples or any(list_nested_mappings(key.annotation)))


_EXAMPLE_IDS = re.compile(r"(?<![\w-])(?:ryl|home-feed|ds-ranking|asha)(?!\w)")
"""The ids in the declared examples of addresses and handles."""


def build_example(key: Key, card_id: str = "") -> Any:  # noqa: ANN401 - examples are any data
    """Return the declared example of a key, else the first choice, else an example of the mapping in it.

    Addresses and handles in the example contain the id of the card, if it is given. References are not changed.
    """
    if key.info.examples:
        example = key.info.examples[0]
        has_mappings = not isinstance(example, str) and any(list_nested_mappings(key.annotation))
        if not card_id or has_mappings or get_reference_mark(key.annotation):
            return example
        return _replace_ids(example, card_id)
    if words := list_choices(key.annotation):
        return words[0]
    for step, model in list_nested_mappings(key.annotation):
        inner = {inner.name: build_example(inner, card_id) for inner in get_keys(model).values() if is_shown(inner)}
        return [inner] if step == "[]" else inner
    raise LookupError(f"`{key.name}` needs an example in its declaration")


def _replace_ids(example: Any, card_id: str) -> Any:  # noqa: ANN401 - examples are any data
    match example:
        case str():
            return _EXAMPLE_IDS.sub(card_id, example)
        case list():
            return [_replace_ids(item, card_id) for item in example]
        case dict():
            return {name: _replace_ids(item, card_id) for name, item in example.items()}
        case _:
            return example


def build_smallest_example(model: type[Strict], text: str = "") -> dict[str, Any]:
    """Return a valid mapping with as few keys as possible, required keys and references first.

    `text` is what the author wrote instead of the mapping. It becomes the first reference, if it is a valid one.
    """
    marks = {key.name: get_reference_mark(key.annotation) for key in get_keys(model).values()}
    shown = [key for key in get_keys(model).values() if is_shown(key)]
    shown.sort(key=lambda key: (not key.required, marks[key.name] is None))
    taken: dict[str, Any] = {}
    for key in shown:
        taken[key.name] = build_example(key)
        if not any(other.required for other in shown[len(taken) :]) and is_valid(model, taken):
            break
    first = shown[0].name
    given = {**taken, first: text}
    return given if text and marks[first] and is_valid(model, given) else taken


def is_valid(annotation: Any, value: object) -> bool:  # noqa: ANN401 - annotations have no type
    """Return whether a value is valid for the declared type of a key, or for the declaration of a mapping."""
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True


def replace_references(key: Key, value: Any, book: Collection[Ref]) -> Any:  # noqa: ANN401 - examples are any data
    """Return the example of a key with references to cards of the book.

    References to kinds that the book does not contain are omitted. The result is None or empty if nothing is left.
    """
    step, model = next(list_nested_mappings(key.annotation), ("", None))
    mark = get_reference_mark(key.annotation)
    if model is not None:
        replace = partial(_replace_in_mapping, model, book=book)
    elif mark is not None:
        replace = partial(_replace_reference, mark, book=book)
    else:
        return value
    match value:
        case list():
            replaced = [new for item in value if (new := replace(item))]
            return replaced if model is not None else list(dict.fromkeys(replaced))
        case dict() if model is None or step == ".*":
            return {name: new for name, item in value.items() if (new := replace(item))}
        case _:
            return replace(value)


def _replace_in_mapping(model: type[Strict], value: Any, book: Collection[Ref]) -> Any:  # noqa: ANN401 - examples are any data
    """Return the mapping; None if it is invalid without the omitted references."""
    if not isinstance(value, dict):
        return value
    declared = get_keys(model)
    replaced = {name: replace_references(declared[name], item, book) for name, item in value.items()}
    kept = {name: item for name, item in replaced.items() if item is not None}
    return kept if is_valid(model, kept) else None


def _replace_reference(mark: RefersTo, text: str, book: Collection[Ref]) -> str | None:
    """Return the reference if its card exists, else one to the first card of its kind."""
    candidates = mark.list_candidates(text)
    if any(ref in book for ref in candidates):
        return text
    kinds = dict.fromkeys([ref.kind for ref in candidates])
    found = next((ref for kind in kinds for ref in sorted(book) if ref.kind == kind), None)
    if found is None:
        return None
    return str(found) if mark.prefixed else found.id


_PLAIN = re.compile(r"[A-Za-z0-9$_](?:[\w ./;()'@=$-]|:(?=\S))*(?<! )", re.ASCII)
_NULLS = frozenset({"null", "Null", "NULL"})


def to_flow_yaml(value: Any) -> str:  # noqa: ANN401 - examples are any data
    """Return data as YAML on one line; text is quoted only if YAML would read another value."""
    match value:
        case str():
            is_text = isinstance(resolve_scalar(Scalar(value, plain=True)), str) and value not in _NULLS
            return str(value) if is_text and _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
        case dict():
            return "{" + ", ".join(f"{to_flow_yaml(key)}: {to_flow_yaml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(to_flow_yaml(item) for item in value) + "]"
        case _:
            return json.dumps(value)
