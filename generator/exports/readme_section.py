"""The part of a model repository's README.md that is generated from the card, between two markers."""

from generator.errors import UserError

BEGIN, END = "<!-- modelbook begin -->", "<!-- modelbook end -->"
"""The lines around the part. Comments are invisible, and all hosts keep them."""


def replace_section(text: str, section: str, name: str) -> str | None:
    """Return a text with another part between its markers; None if it has no markers.

    The rest of the text, and the kind of its line breaks, stays as it is.

    Args:
        text: The file.
        section: The new part.
        name: The name of the file in errors.

    Raises:
        UserError: One marker is missing, or there are several.

    """
    lines = text.split("\n")
    begins, ends = ([number for number, line in enumerate(lines) if line.strip() == mark] for mark in (BEGIN, END))
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or ends < begins:
        places = ", ".join(str(number + 1) for number in sorted([*begins, *ends]))
        expected = f"expected one line `{BEGIN}`, and one line `{END}` below it"
        message = f"unexpected markers in {name}, line {places}: {expected}"
        raise UserError(message)
    # In a block of code, a line of the card may look like a marker.
    harmless = [
        line.replace(" -->", "  -->") if line.strip() in {BEGIN, END} else line
        for line in section.strip("\n").split("\n")
    ]
    line_break = "\r" if lines[begins[0]].endswith("\r") else ""
    part = [f"{line}{line_break}" for line in ["", *harmless, ""]]
    return "\n".join([*lines[: begins[0] + 1], *part, *lines[ends[0] :]])
