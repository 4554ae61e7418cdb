"""JSON Pointers: https://datatracker.ietf.org/doc/html/rfc6901."""

import re


def to_pointer(steps: tuple[str | int, ...]) -> str:
    """Return the JSON Pointer of the steps to a value; "" is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def parse_pointer(text: str) -> tuple[str, ...]:
    """Return the steps of a JSON Pointer; text before the first slash is ignored."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])


def parse_list_index(step: str, length: int) -> int | None:
    """Return a step of a pointer as an index into a list of that length; None if it is not one."""
    is_index = re.fullmatch(r"0|[1-9][0-9]{0,8}", step) is not None
    return int(step) if is_index and int(step) < length else None
