"""JSON Pointers (RFC 6901): where in data a value stands, as text."""

import re


def pointer(steps: tuple[str | int, ...]) -> str:
    """The JSON Pointer of the steps that lead to a value; "" is the whole."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def pointer_steps(text: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer; what stands before its first slash is passed over."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


def list_index(step: str, length: int) -> int | None:
    """Return the index that a step of a pointer is in a list of that length; None if it is none, or past the end."""
    is_index = re.fullmatch(r"0|[1-9][0-9]{0,8}", step) is not None
    return int(step) if is_index and int(step) < length else None
