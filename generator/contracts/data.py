"""Plain data, as a contract arrives here: nothing of YAML, nothing of OpenAPI's classes."""

from collections.abc import Iterator
from typing import TypeAlias

Data: TypeAlias = dict[str, "Data"] | list["Data"] | str | int | float | bool | None
"""What JSON can hold."""

Schema: TypeAlias = dict[str, Data] | bool
"""A JSON Schema: an object, or True (anything) and False (nothing)."""

MAXIMUM_DEPTH = 64
"""Levels of nesting that are followed; nobody reads a contract deeper than that."""

MAXIMUM_VALUES = 200_000
"""Values that are looked at before data counts as too large to check."""


def walk(data: Data) -> Iterator[tuple[tuple[str | int, ...], Data]]:
    """Every value with the steps that lead to it, the whole first, never deeper than MAXIMUM_DEPTH.

    Iterative, so that hostile nesting exhausts neither the stack nor, through the depth limit, the memory.
    """
    waiting: list[tuple[tuple[str | int, ...], Data]] = [((), data)]
    while waiting:
        steps, value = waiting.pop()
        yield steps, value
        if len(steps) >= MAXIMUM_DEPTH:
            continue
        if isinstance(value, dict):
            waiting.extend(((*steps, key), child) for key, child in reversed(value.items()))
        elif isinstance(value, list):
            waiting.extend(((*steps, index), value[index]) for index in range(len(value) - 1, -1, -1))


def refusal(data: Data) -> str | None:
    """Why data is not looked at any further: nested too deeply, or too large; None for all that people write."""
    for seen, (steps, value) in enumerate(walk(data)):
        if seen >= MAXIMUM_VALUES:
            return f"holds more than {MAXIMUM_VALUES} values"
        if len(steps) >= MAXIMUM_DEPTH and isinstance(value, dict | list) and value:
            return f"is nested more than {MAXIMUM_DEPTH} levels deep"
    return None
