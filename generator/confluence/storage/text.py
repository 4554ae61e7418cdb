"""Text rules: which characters XML allows, and which whitespace HTML does not show."""

_SPACES = str.maketrans("\t\n\r\f", "    ")
"""What HTML collapses; the no-break space is not among them."""


def is_xml_character(character: str) -> bool:
    """Whether XML 1.0 can hold the character at all, escaped or not."""
    code = ord(character)
    if code < 0x20:
        return character in "\t\n\r"
    return not (0xD800 <= code <= 0xDFFF or code in {0xFFFE, 0xFFFF})


def remove_illegal(text: str) -> str:
    """The text without what XML forbids."""
    return text if text.isprintable() else "".join(filter(is_xml_character, text))


def collapse_spaces(text: str) -> str:
    """The text as a browser shows it: runs of whitespace are one space, also at the ends."""
    spaced = text.translate(_SPACES)
    words = [word for word in spaced.split(" ") if word]
    if not words:
        return " " if spaced else ""
    before = " " if spaced[0] == " " else ""
    after = " " if spaced[-1] == " " else ""
    return f"{before}{' '.join(words)}{after}"


def shorten_text(text: str, limit: int = 60) -> str:
    """One line of at most `limit` characters, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
