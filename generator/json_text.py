"""JSON with an indentation of one space, made from pieces: items of a list can be kept and replaced."""

import json
from collections.abc import Callable, Sequence

import msgspec


def render_json(value: object, escape: Callable[[str], str] = str) -> str:
    """Return a value as `json.dumps` with `indent=1` does, in a third of the time; `escape` gets the short form."""
    return msgspec.json.format(escape(json.dumps(value, ensure_ascii=False, allow_nan=False)), indent=1)


def render_json_items(items: Sequence[object], escape: Callable[[str], str] = str) -> str:
    """Render items of a list that is a value of the whole, without the brackets of the list."""
    return render_json({"": items}, escape).removeprefix('{\n "": [\n').removesuffix("\n ]\n}") if items else ""
