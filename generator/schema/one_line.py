"""Data as YAML on one line, quoted only where YAML would read something else."""

import json
import re
from typing import Any

from generator.schema.base import Scalar, core_value

_PLAIN = re.compile(r"[A-Za-z0-9$_](?:[\w ./;()'@=$-]|:(?=\S))*(?<! )", re.ASCII)
_NULLS = frozenset({"null", "Null", "NULL"})


def one_line(value: Any) -> str:  # noqa: ANN401 - examples are any data
    """The text of a value, in brackets where it is a mapping or a list."""
    match value:
        case str():
            return str(value) if _is_plain(value) else json.dumps(value, ensure_ascii=False)
        case dict():
            return "{" + ", ".join(f"{one_line(key)}: {one_line(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(one_line(item) for item in value) + "]"
        case _:
            return json.dumps(value)


def _is_plain(text: str) -> bool:
    """Whether YAML reads the unquoted text as this very text, in a block and in brackets."""
    typed = isinstance(core_value(Scalar(text, plain=True)), str) and text not in _NULLS
    return typed and _PLAIN.fullmatch(text) is not None
