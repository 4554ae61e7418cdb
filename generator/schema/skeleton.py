"""The text of a new card: what must be said is there already, what may be said stands ready as a comment."""

import re
from collections.abc import Collection, Iterator
from inspect import getdoc
from textwrap import wrap
from typing import Any

from generator.errors import UserError
from generator.names import ID_PATTERN, Ref, did_you_mean
from generator.schema import KINDS
from generator.schema.base import RESERVED_IDS, RefersTo
from generator.schema.book_examples import from_book
from generator.schema.examples import example, is_shown, refers_to
from generator.schema.fields import Key, choices, keys
from generator.schema.one_line import one_line

WIDTH = 100
_ASKED_FOR = frozenset({"owners"})
"""Optional to the schema, missed by the checks: written out, so that nobody forgets it."""


def skeleton(kind: str, identifier: str, schema: str, book: Collection[Ref] | None = None) -> str:
    """The text of a new card, which binds as it is; `schema` is where its editor finds the JSON Schema.

    Where a `book` is given, the examples name its cards; what must be said and has none to name is left empty.

    Made from the declaration: its order, its descriptions, its examples. A line `#key: …` is a key to take into use
    by taking the `#` away.
    """
    _refuse_unusable(kind, identifier)
    model = KINDS[kind]
    given = {"kind": kind, "id": identifier, "name": _name(identifier)}
    head = [
        f"# yaml-language-server: $schema={schema}",
        f"# {getdoc(model)}",
        "# To use a line such as `#key: …`, take its `#` away. Remove what you do not need.",
    ]
    parts = [
        _part(key, given[key.name] if key.name in given else example(key), book)
        for key in keys(model).values()
        if key.name in given or is_shown(key)
    ]
    return "\n".join([*head, "", *("\n".join(part) + "\n" for part in parts)])


def _refuse_unusable(kind: str, identifier: str) -> None:
    if kind not in KINDS:
        message = f"{kind!r} is no kind of card; {did_you_mean(kind, KINDS) or 'see `modelbook schema`'}"
        raise UserError(message)
    if not re.fullmatch(ID_PATTERN, identifier) or identifier.lower() in RESERVED_IDS:
        message = f"{identifier!r} cannot be an id; use letters, digits, dot, dash and underscore, and not `index`"
        raise UserError(message)


def _name(identifier: str) -> str:
    words = re.sub(r"[._-]+", " ", identifier).strip()
    return words[:1].upper() + words[1:]


def _part(key: Key, value: object, book: Collection[Ref] | None) -> list[str]:
    words = choices(key.annotation) if key.name != "kind" else ()
    said = [f"{key.description} One of {', '.join(words)}." if words else key.description]
    mark = "" if key.required or key.name == "id" or key.name in _ASKED_FOR else "#"
    named = value if book is None else from_book(key, value, book)
    if not named and not mark:
        said.append(_nothing_to_name(key))
    comment = [line for part in said for line in wrap(part, WIDTH, break_long_words=False, break_on_hyphens=False)]
    return [
        *(f"# {line}" for line in comment),
        *(f"{mark}{line}" for line in _written(key.name, named or (value if mark else []))),
    ]


def _nothing_to_name(key: Key) -> str:
    kinds = (refers_to(key) or RefersTo()).kinds
    hint = f"; write one first: modelbook new {kinds[0]} ID" if kinds else "; write it first: modelbook new KIND ID"
    return f"The book has no {' or '.join(kinds) or 'card'} to name here yet{hint}"


def _written(name: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - examples are any data
    """`name: value` as lines of YAML: on one line where it fits, else as a block."""
    flow = one_line(value)
    if len(name) + len(flow) + 2 <= WIDTH and not (isinstance(value, list) and _has_mappings(value)):
        yield f"{one_line(name)}: {flow}"
    elif isinstance(value, dict):
        yield f"{one_line(name)}:"
        yield from (f"  {line}" for key, item in value.items() for line in _written(key, item))
    else:
        yield f"{one_line(name)}:"
        yield from (f"  {line}" for item in value for line in _item(item))


def _item(value: Any) -> Iterator[str]:  # noqa: ANN401 - examples are any data
    if not isinstance(value, dict) or len(one_line(value)) <= WIDTH:
        yield f"- {one_line(value)}"
        return
    lines = [line for key, item in value.items() for line in _written(key, item)]
    yield from (f"{'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines))


def _has_mappings(value: list[object]) -> bool:
    return any(isinstance(item, dict) for item in value)
