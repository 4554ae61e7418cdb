"""Numbers with their nouns, deeds with their doers."""


def number_of(count: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def deed(what: str, who: str, when: str) -> str:
    """`edited by hand by Ada Admin on 2025-11-03 09:12`, as far as it is known; `when` is ISO 8601."""
    return f"{what}{f' by {who}' if who else ''}{f' on {when[:16]}'.replace('T', ' ') if when else ''}"
