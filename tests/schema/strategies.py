"""Strategies for valid cards of every kind, derived from their declaration."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BeforeValidator, StringConstraints

from generator.schema import KINDS
from generator.schema.base import RefersTo, Strict, TypeLabel
from generator.schema.card import Card
from generator.schema.fields import get_keys, get_mapping_type, list_choices
from generator.schema.topology import VERBS, Step

Data = dict[str, Any]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ids = st.builds(
    lambda first, rest: first + rest, st.sampled_from(LETTERS), st.text(LETTERS + "0123456789._-", max_size=6)
)
readable = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn"))
texts = st.text(readable, min_size=1, max_size=12).filter(str.strip)
references = st.builds("{}:{}".format, st.sampled_from(["model", "system", "topic", "team"]), ids)
owners = st.one_of(ids, st.builds("{}:{}".format, st.sampled_from(["team", "person"]), ids), st.just("Growth team"))
contacts = st.one_of(ids, st.builds("{}:{}".format, st.sampled_from(["team", "person"]), ids))
days = st.dates().map(str)
addresses = st.sampled_from(
    ["https://ml.example.com/v1/a:predict", "http://localhost:8080", "grpc://ml.example.com:443"]
)
emails = st.builds("{}@{}.example.com".format, ids, ids)
numbers = st.one_of(st.integers(0, 100), st.floats(0, 100))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
free = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(ids, inner, max_size=2)), max_leaves=4
)


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """Draw values of a declared type."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(parts[0], parts[1:])
    if words := list_choices(annotation):
        return st.sampled_from(words)
    if origin in {Union, types.UnionType}:
        return st.one_of(*(st.none() if part is type(None) else values(part) for part in parts))
    if origin in {tuple, list}:
        return st.lists(values(parts[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(values(parts[0]), values(parts[1]), max_size=2)
    model = get_mapping_type(annotation)
    return mappings(model) if model else free


def _annotated(base: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if any(isinstance(item, RefersTo) and item.kinds == ("person", "team") for item in metadata):
        return contacts
    if any(isinstance(item, RefersTo) and len(item.kinds) > 1 and not item.prefixed for item in metadata):
        return owners
    for item in metadata:
        if isinstance(item, RefersTo) and item.prefixed:
            return references
        if isinstance(item, TypeLabel):
            return _named(item.one)
        if isinstance(item, BeforeValidator) and get_origin(item.json_schema_input_type) in {Union, types.UnionType}:
            return values(item.json_schema_input_type)
        if isinstance(item, StringConstraints) and item.pattern is None:
            return texts
    if base.__name__ == "date":
        return days
    at_least = next((item.min_length for item in metadata if hasattr(item, "min_length")), 0)
    return values(base).filter(lambda value: len(value) >= at_least) if at_least else values(base)


def _named(words: str) -> st.SearchStrategy[Any]:
    known = {"identifier": ids, "address": addresses, "e-mail address": emails, "number from 0 to 100": numbers}
    known |= {"account id": st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9:_-]{0,127}\Z")}
    known |= {"share, as 0.09 or 9 %": st.one_of(st.floats(0, 1), st.sampled_from(["9 %", "100%", "0.5 %"]))}
    known |= {"number of milliseconds": st.integers(1, 86_400_000), "true or false": st.booleans()}
    known |= {"view:feature": st.builds("{}:{}".format, ids, ids), "type name": st.sampled_from(["topic", "table"])}
    return known[words]


def mappings(model: type[Strict]) -> st.SearchStrategy[Data]:
    """Draw the required keys and some of the others, in any order."""
    declared = {name: key for name, key in get_keys(model).items() if name not in {"kind", "openapi"}}
    if model is Step:
        declared = {name: key for name, key in declared.items() if name not in VERBS}
    required = {name: values(key.annotation) for name, key in declared.items() if key.required}
    optional = {name: values(key.annotation) for name, key in declared.items() if not key.required}
    made = st.fixed_dictionaries(required, optional=optional).flatmap(_in_any_order)
    if model is Step:
        return st.builds(lambda data, verb, thing: {**data, verb: thing}, made, st.sampled_from(VERBS), references)
    return made.map(_sensible)


def _in_any_order(data: Data) -> st.SearchStrategy[Data]:
    return st.permutations(list(data)).map(lambda names: {name: data[name] for name in names})


def _sensible(data: Data) -> Data:
    if data.get("started_on") and data.get("ended_on"):
        first, last = sorted([data["started_on"], data["ended_on"]])
        return {**data, "started_on": first, "ended_on": last}
    return data


def cards(kind: str) -> st.SearchStrategy[Data]:
    """Draw a card of a kind with an id."""
    return st.builds(
        lambda data, name: {"kind": kind, **data, "id": name},
        mappings(KINDS[kind]),
        ids.filter(lambda name: name != "index"),
    )


any_card = st.sampled_from(list(KINDS)).flatmap(cards)


def declared_mappings(
    data: Any, annotation: Any, path: tuple[Any, ...] = ()
) -> list[tuple[tuple[Any, ...], type[Strict]]]:
    """Return the path and the declaration of each mapping with declared keys in the data of a card."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        return next((found for part in parts if (found := declared_mappings(data, part, path))), [])
    if origin is Annotated:
        return declared_mappings(data, parts[0], path)
    if origin is Literal:
        return []
    if origin in {tuple, list} and isinstance(data, list):
        return [found for index, item in enumerate(data) for found in declared_mappings(item, parts[0], (*path, index))]
    if origin is dict and isinstance(data, dict):
        return [found for key, item in data.items() for found in declared_mappings(item, parts[1], (*path, key))]
    model = get_mapping_type(annotation)
    if model is None or not isinstance(data, dict):
        return []
    inner = get_keys(model)
    return [(path, model)] + [
        found
        for key, item in data.items()
        if key in inner
        for found in declared_mappings(item, inner[key].annotation, (*path, key))
    ]


def get_at(data: Any, path: tuple[Any, ...]) -> Any:
    """Return the value at a path."""
    for step in path:
        data = data[step]
    return data


def kind_of(data: Data) -> type[Card]:
    """Return the declaration of the kind of a card."""
    return KINDS[data["kind"]]
