"""Data as YAML, with each key on its own line."""

import json
from collections.abc import Iterator
from typing import Any


def as_yaml(data: dict[str, Any]) -> str:
    """Convert a mapping to block style, with texts in quotes as in JSON."""
    return "\n".join(_mapping(data, "")) + "\n"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _mapping(data: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        if isinstance(value, dict | list) and value:
            yield f"{indent}{_scalar(key)}:"
            yield from _block(value, f"{indent}  ")
        else:
            yield f"{indent}{_scalar(key)}: {_scalar(value)}"


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield from _mapping(value, indent)
    elif isinstance(value, list) and value:
        for item in value:
            lines = list(_block(item, f"{indent}  "))
            yield f"{indent}- {lines[0].lstrip()}"
            yield from lines[1:]
    else:
        yield f"{indent}{_scalar(value)}"
