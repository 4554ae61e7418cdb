"""The text of a new card: required keys are filled in, optional keys are comments."""

import re
from collections.abc import Collection, Iterator
from inspect import getdoc
from textwrap import wrap
from typing import Any

from generator.errors import UserError
from generator.names import ID_PATTERN, Ref, suggest_name
from generator.schema import KINDS
from generator.schema.base import RESERVED_IDS, RefersTo
from generator.schema.examples import build_example, is_shown, replace_references, to_flow_yaml
from generator.schema.fields import Key, get_keys, get_reference_mark, list_choices

WIDTH = 100
_ASKED_FOR = frozenset({"owners"})
"""Optional in the schema, but the checks require it: written without `#`."""


def render_skeleton(kind: str, identifier: str, schema: str, book: Collection[Ref] | None = None) -> str:
    """Return the text of a new, valid card with the order, descriptions and examples of its declaration.

    A line `#key: …` is an optional key: its author removes the `#` to use it.

    Addresses in the examples contain the id of the card, so that none belongs to another card.

    `schema` is the address of the JSON Schema for the editor. The examples refer to the cards of `book`, and a required
    reference is left empty if no card fits; without a book, they are those of the declaration.
    """
    if kind not in KINDS:
        raise UserError(f"unknown kind {kind!r}; {suggest_name(kind, KINDS) or 'see `modelbook schema`'}")
    if not re.fullmatch(ID_PATTERN, identifier) or identifier.lower() in RESERVED_IDS:
        allowed = "ASCII letters, digits, dot, dash and underscore, and not `index` or `README`"
        raise UserError(f"invalid id {identifier!r}; use {allowed}")
    model = KINDS[kind]
    name = re.sub(r"[._-]+", " ", identifier).strip()
    given = {"kind": kind, "id": identifier, "name": name[:1].upper() + name[1:]}
    head = [
        f"# yaml-language-server: $schema={schema}",
        f"# {getdoc(model)}",
        "# To use a line such as `#key: …`, remove its `#`. Delete the keys that you do not need.",
    ]
    parts = [
        _render_key(key, given[key.name] if key.name in given else build_example(key, identifier), book)
        for key in get_keys(model).values()
        if key.name in given or is_shown(key)
    ]
    return "\n".join([*head, "", *("\n".join(part) + "\n" for part in parts)])


def _render_key(key: Key, value: object, book: Collection[Ref] | None) -> list[str]:
    """Return the lines of a key: its description as a comment, then its example."""
    words = list_choices(key.annotation) if key.name != "kind" else ()
    texts = [f"{key.description} One of {', '.join(words)}." if words else key.description]
    mark = "" if key.required or key.name == "id" or key.name in _ASKED_FOR else "#"
    named = value if book is None else replace_references(key, value, book)
    if not named and not mark:
        kinds = (get_reference_mark(key.annotation) or RefersTo()).kinds
        hint = f"write one first: modelbook new {kinds[0]} ID" if kinds else "write it first: modelbook new KIND ID"
        texts.append(f"The book has no {' or '.join(kinds) or 'card'} to refer to yet; {hint}")
    comment = [line for text in texts for line in wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)]
    lines = _render_yaml(key.name, named or (value if mark else []))
    return [*(f"# {line}" for line in comment), *(f"{mark}{line}" for line in lines)]


def _render_yaml(name: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - examples are any data
    """Yield `name: value` as lines of YAML: as one line if it fits, else as a block."""
    flow = to_flow_yaml(value)
    has_mappings = isinstance(value, list) and any(isinstance(item, dict) for item in value)
    if len(name) + len(flow) + 2 <= WIDTH and not has_mappings:
        yield f"{to_flow_yaml(name)}: {flow}"
        return
    yield f"{to_flow_yaml(name)}:"
    if isinstance(value, dict):
        yield from (f"  {line}" for key, item in value.items() for line in _render_yaml(key, item))
        return
    for item in value:
        if not isinstance(item, dict) or len(to_flow_yaml(item)) <= WIDTH:
            yield f"  - {to_flow_yaml(item)}"
        else:
            lines = [line for key, inner in item.items() for line in _render_yaml(key, inner)]
            yield from (f"  {'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines))
