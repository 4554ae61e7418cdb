r"""JSON's escapes for characters beyond U+FFFF: `"\ud83c\udf72"`, which YAML does not have.

The parser reads each half as a character that the text does not use, and the pair becomes one character afterwards.
Only the first digit of an escape changes (`\ue83c\uef72`), so every position and the case of every digit stay.
"""

import re
from dataclasses import dataclass

_PAIR = re.compile(r"\\(?:u([dD])([89abAB][0-9a-fA-F]{2}\\u)([dD])([c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)
HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""An escape for half a character."""
_FIRST_DIGITS = "ecba"
"""The first digits of characters that may stand for the halves: private use, then syllables of Korean and others."""


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A text whose escaped pairs the parser can read."""

    text: str
    digit: str = ""
    """The first digit of the characters that stand for halves; empty if the text has no pairs."""

    def restore(self, value: str, *, escaped: bool) -> str:
        """Return a value as its author meant it; `escaped` is whether it is in double quotes."""
        if not self.digit:
            return value
        if not escaped:
            halves = re.compile(rf"\\u([{self.digit}{self.digit.upper()}])(?=[89a-fA-F][0-9a-fA-F]{{2}})")
            return halves.sub(lambda match: r"\u" + ("D" if match[1].isupper() else "d"), value)
        low, shift = int(f"{self.digit}800", 16), int(f"{self.digit}800", 16) - 0xD800
        halves = re.compile(f"[{chr(low)}-{chr(low + 0x7FF)}]")
        pairs = halves.sub(lambda half: chr(ord(half[0]) - shift), value)
        return pairs.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def prepare_escapes(text: str) -> PreparedText:
    """Rewrite the escaped pairs of a text so that the parser can read them."""
    if HALF.search(text) is None:
        return PreparedText(text)
    digit = next((digit for digit in _FIRST_DIGITS if not _is_used(text, digit)), "")

    def rewrite(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        first, second = (digit.upper() if letter == "D" else digit for letter in (match[1], match[3]))
        return rf"\u{first}{match[2]}{second}{match[4]}"

    return PreparedText(_PAIR.sub(rewrite, text) if digit else text, digit)


def _is_used(text: str, digit: str) -> bool:
    """Return whether a text has a character from U+d800 to U+dfff for a first digit d, as it is or escaped."""
    low = int(f"{digit}800", 16)
    characters = f"[{chr(low)}-{chr(low + 0x7FF)}]"
    return re.search(rf"{characters}|\\u(?i:{digit})[89a-fA-F]", text) is not None
