"""The fields of a JSON Schema as rows of a table: type, whether required, constraints."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec.structs import replace

from generator.contracts.constraints import describe_constraints
from generator.contracts.data import Data
from generator.contracts.views import SchemaView, build_view
from generator.schema.fields import parse_pointer
from generator.values import FrozenValue

_MOST_ROWS = 1_000
_DEEPEST = 16
_PLAIN_NAME = re.compile(r"[\w$@-]+")


class Field(FrozenValue):
    """One row."""

    path: str
    """`city`, `items[].score`, `point[0]`, `labels.*` (any other name); "" for the payload as a whole."""
    type: str
    """As text: `string`, `array of object`, `map of number`, `Card | Transfer`, `string (date) | null`."""
    required: bool
    """Whether it is always in its parent."""
    description: str
    constraints: tuple[str, ...]
    """As text: `at least 0`, `one of "a", "b"`, `default 3`."""
    depth: int
    """The number of fields around it."""


class _Place(FrozenValue):
    """The position of a row."""

    path: str
    required: bool
    depth: int
    condition: tuple[str, ...] = ()
    """The alternatives that it belongs to."""


@dataclass(slots=True)
class _Table:
    """The rows so far, with the document of the references."""

    document: Data
    rows: list[Field] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= _MOST_ROWS


def list_fields(schema: Data) -> tuple[Field, ...]:
    """Return the rows of a schema in its order, each followed by the fields within it; equal schemas share them.

    Any data is accepted: a recursive schema is shown once and marked, the rows end after 1,000 rows or 16 levels with
    a row that states it, and a reference to another document is named and not followed.
    """
    try:
        return _list_shared_rows(json.dumps(schema))
    except RecursionError:  # too deep for JSON
        return _list_rows(schema)


@lru_cache(maxsize=64)
def _list_shared_rows(text: str) -> tuple[Field, ...]:
    return _list_rows(json.loads(text))


def _list_rows(schema: Data) -> tuple[Field, ...]:
    table = _Table(schema)
    _add_rows(table, schema, _Place("", required=True, depth=0), frozenset())
    if table.is_full:
        table.rows.append(
            Field("…", "", required=False, description="more fields are not shown", constraints=(), depth=0)
        )
    return tuple(table.rows)


def _add_rows(table: _Table, schema: Data, place: _Place, entered: frozenset[str]) -> None:
    """Add the row of a schema, unless its children have all of its information, and their rows.

    The payload and plain items only contain their children.
    """
    if table.is_full:
        return
    seen = build_view(table.document, schema, entered)
    children = list(_list_children(table, seen, place)) if seen.repeats is None else []
    if place.depth >= _DEEPEST and children:
        table.rows.append(_build_row(table, seen, place, "not shown any deeper"))
        return
    is_container = not place.path or place.path.endswith("[]")
    has_details = is_container and bool(seen.keywords.get("description") or describe_constraints(seen.keywords))
    if not is_container or not children or (place.path and has_details):
        table.rows.append(_build_row(table, seen, place))
    for child, where, condition in children:
        _add_rows(table, child, replace(where, condition=place.condition + condition), seen.entered)


def _list_children(table: _Table, seen: SchemaView, place: _Place) -> Iterator[tuple[Data, _Place, tuple[str, ...]]]:
    """Yield the schemas within, with their positions and their alternative."""
    yield from ((child, where, ()) for child, where in _list_named(seen, place))
    yield from ((child, where, ()) for child, where in _list_items(table, seen, place))
    for number, alternative in enumerate(seen.alternatives, start=1):
        option = build_view(table.document, alternative, seen.entered)
        name = _get_name(alternative, option) or f"alternative {number}"
        if option.repeats is None:
            inside = [*_list_named(option, place), *_list_items(table, option, place)]
            yield from ((child, where, (f"when {name}",)) for child, where in inside)


def _list_named(seen: SchemaView, place: _Place) -> Iterator[tuple[Data, _Place]]:
    """Yield the fields of an object."""
    depth = place.depth + (place.path != "" and not place.path.endswith("]"))
    required = frozenset(seen.required)
    for name, child in seen.properties.items():
        yield child, _Place(join_path(place.path, str(name)), str(name) in required, depth)
    patterns = seen.keywords.get("patternProperties")
    for pattern, child in patterns.items() if isinstance(patterns, dict) else ():
        yield child, _Place(f"{place.path}.{{{pattern}}}".lstrip("."), required=False, depth=depth)
    others = seen.keywords.get("additionalProperties")
    if isinstance(others, dict) and others:
        yield others, _Place(f"{place.path}.*".lstrip("."), required=False, depth=depth)


def _list_items(table: _Table, seen: SchemaView, place: _Place) -> Iterator[tuple[Data, _Place]]:
    """Yield the items of an array, except plain values, which the type of the array describes."""
    depth = place.depth + (place.path != "")
    first = seen.keywords.get("prefixItems")
    for index, child in enumerate(first if isinstance(first, list) else ()):
        yield child, _Place(f"{place.path}[{index}]", required=False, depth=depth)
    item = seen.keywords.get("items")
    if isinstance(item, dict):
        inner = build_view(table.document, item, seen.entered)
        is_combined = bool(inner.alternatives or {"object", "array"} & set(inner.types))
        is_reference = inner.outside is not None or inner.repeats is not None
        if is_combined or is_reference or inner.keywords.get("description") or describe_constraints(inner.keywords):
            yield item, _Place(f"{place.path}[]", required=True, depth=depth)


def join_path(path: str, name: str) -> str:
    """Return the path of a field within another; a name with other characters than letters is quoted."""
    if not _PLAIN_NAME.fullmatch(name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{name}" if path else name


def _build_row(table: _Table, seen: SchemaView, place: _Place, *notes: str) -> Field:
    description = seen.keywords.get("description")
    marks = [*notes, *place.condition]
    if seen.repeats is not None:
        marks.append(f"contains {_get_last_step(seen.repeats)} again")
    if seen.outside is not None:
        marks.append(f"{seen.outside} is not followed")
    return Field(
        place.path,
        describe_type(table.document, seen),
        place.required,
        description.strip() if isinstance(description, str) else "",
        (*marks, *describe_constraints(seen.keywords)),
        place.depth,
    )


def describe_type(document: Data, seen: SchemaView, levels: int = 4) -> str:
    """Return the type as text: `array of string`, `map of number`, `Card | Transfer`, `string (date) | null`."""
    if seen.never:
        return "never"
    names: list[str] = []
    if seen.alternatives:
        for alternative in seen.alternatives[:8]:
            option = build_view(document, alternative, seen.entered)
            names.append(_get_name(alternative, option) or _describe_types(document, option, levels))
        if len(seen.alternatives) > 8:
            names.append("…")
    else:
        names.append(_describe_types(document, seen, levels))
    return " | ".join(dict.fromkeys([*names, *(["null"] if seen.nullable and names != ["any"] else [])]))


def _describe_types(document: Data, seen: SchemaView, levels: int) -> str:
    if seen.repeats is not None or seen.outside is not None:
        return _get_last_step(seen.repeats or seen.outside or "") if not seen.types else " | ".join(seen.types)
    return " | ".join(_describe_one_type(document, seen, name, levels) for name in seen.types) or (
        "null" if seen.nullable else "any"
    )


def _describe_one_type(document: Data, seen: SchemaView, name: str, levels: int) -> str:
    item, others = seen.keywords.get("items"), seen.keywords.get("additionalProperties")
    if name == "array" and isinstance(item, dict) and levels > 0:
        return f"array of {describe_type(document, build_view(document, item, seen.entered), levels - 1)}"
    if name == "object" and isinstance(others, dict) and others and "properties" not in seen.keywords and levels > 0:
        return f"map of {describe_type(document, build_view(document, others, seen.entered), levels - 1)}"
    form = seen.keywords.get("format")
    return f"{name} ({form})" if isinstance(form, str) and name in {"string", "number", "integer"} else name


def _get_name(schema: Data, seen: SchemaView) -> str:
    """Return the title of an alternative, or the name of its definition; "" for a plain type."""
    title = seen.keywords.get("title")
    if isinstance(title, str) and title.strip():
        return title.strip()
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return _get_last_step(reference) if isinstance(reference, str) else ""


def _get_last_step(reference: str) -> str:
    steps = parse_pointer(reference.rstrip("/"))
    return steps[-1] if steps else reference
