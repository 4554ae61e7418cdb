"""Characters that XML allows, and whitespace that HTML collapses."""

_SPACES = str.maketrans("\t\n\r\f", "    ")
"""The whitespace that HTML collapses, without the no-break space."""


def is_xml_character(character: str) -> bool:
    """Return whether XML 1.0 allows a character: https://www.w3.org/TR/xml/#charsets."""
    code = ord(character)
    if code < 0x20:
        return character in "\t\n\r"
    return not (0xD800 <= code <= 0xDFFF or code in {0xFFFE, 0xFFFF})


def remove_illegal(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return text if text.isprintable() else "".join(filter(is_xml_character, text))


def collapse_spaces(text: str) -> str:
    """Return a text with collapsed whitespace, also at the ends, as a browser shows it."""
    spaced = text.translate(_SPACES)
    words = [word for word in spaced.split(" ") if word]
    if not words:
        return " " if spaced else ""
    before = " " if spaced[0] == " " else ""
    after = " " if spaced[-1] == " " else ""
    return f"{before}{' '.join(words)}{after}"


def shorten_text(text: str, limit: int = 60) -> str:
    """Return a text as one line of at most `limit` characters, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
