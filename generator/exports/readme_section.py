"""The part of a model repository's README.md that is generated from the card, between two markers."""

import re
from collections.abc import Iterator, Sequence

from generator.errors import UserError

BEGIN, END = "<!-- modelbook begin -->", "<!-- modelbook end -->"
"""The lines around the part. Comments are invisible, and all hosts keep them."""
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
"""The start or the end of a block of code: https://spec.commonmark.org/0.31.2/#fenced-code-blocks."""


def replace_section(text: str, section: str, name: str) -> str | None:
    """Return a text with another part between its markers; None if it has no markers.

    The rest of the text, and the kind of its line breaks, stays as it is.

    `name` is that of the file in errors.

    Raises:
        UserError: One marker is missing, or there are several.

    """
    lines = text.split("\n")
    found = list(_find_markers(lines))
    begins, ends = ([number for number, mark in found if mark == wanted] for wanted in (BEGIN, END))
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or ends < begins:
        places = ", ".join(str(number + 1) for number in sorted([*begins, *ends]))
        expected = f"expected one line `{BEGIN}`, and one line `{END}` below it"
        raise UserError(f"unexpected markers in {name}, line {places}: {expected}")
    # In a block of code, a line of the card may look like a marker.
    harmless = [
        line.replace(" -->", "  -->") if line.strip() in {BEGIN, END} else line
        for line in section.strip("\n").split("\n")
    ]
    line_break = "\r" if lines[begins[0]].endswith("\r") else ""
    part = [f"{line}{line_break}" for line in ["", *harmless, ""]]
    return "\n".join([*lines[: begins[0] + 1], *part, *lines[ends[0] :]])


def _find_markers(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the number of each marker; one in a block of code outside of the part is an example."""
    fence, is_inside = "", False
    for number, line in enumerate(lines):
        mark = line.strip("\ufeff \t\r")
        if mark in {BEGIN, END} and (is_inside or not fence):
            is_inside = mark == BEGIN
            yield number, mark
        elif not is_inside and (found := _FENCE.match(line)):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence) and not line[found.end() :].strip():
                fence = ""
