"""The words of the search. `search.js` cuts queries by the same rules: change both together."""

import re
import unicodedata

from generator.values import FrozenValue

SIGNS = "._@+-"
"""The signs inside identifiers, such as `carousels.yaml`, `cuisine_affinity` and `asha@example.com`."""

_DIACRITICS = re.compile(r"[\u0300-\u036f]")
_APOSTROPHES = re.compile("['\u2019\u02bc]")
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)")
"""Chinese characters and Japanese kana, which have no spaces between words."""
_SEPARATORS = re.compile(f"[{re.escape(SIGNS)}]+")


class _Characters(dict[int, int]):
    """A table for `str.translate` that keeps letters, numbers, combining marks and the signs of identifiers."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        is_kept = unicodedata.category(character)[0] in "LNM" or character in SIGNS
        self[code] = code if is_kept else ord(" ")
        return self[code]


_CHARACTERS = _Characters()


class Token(FrozenValue):
    """A part of a text without spaces: its words, and itself if they form an identifier."""

    words: tuple[str, ...]
    identifier: str = ""


def normalize_text(text: str) -> str:
    """Return a text in lower case without diacritics and apostrophes, and with spaces for punctuation.

    The final sigma, which has no capital form, becomes the common one. The vowel signs of Indic scripts stay:
    they are no general diacritics.
    """
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", _DIACRITICS.sub("", decomposed).lower()).replace("\u03c2", "\u03c3")
    return _APOSTROPHES.sub("", text.lower()).translate(_CHARACTERS)


def cut_tokens(text: str) -> tuple[Token, ...]:
    """Cut a text into tokens."""
    tokens = []
    for part in normalize_text(text).split():
        if part.isascii() and part.isalnum():  # one word, as nearly all parts
            tokens.append(Token((part,)))
            continue
        identifier = part.strip(SIGNS)
        pieces = [piece for piece in _SEPARATORS.split(identifier) if piece]
        words = tuple(word for piece in pieces for word in _cut_cjk(piece))
        if words:
            tokens.append(Token(words, identifier if len(pieces) > 1 else ""))
    return tuple(tokens)


def cut_words(text: str) -> tuple[str, ...]:
    """Cut a text into words."""
    return tuple(word for token in cut_tokens(text) for word in token.words)


def has_cjk(text: str) -> bool:
    """Return whether a text has Chinese or Japanese characters."""
    return _CJK.search(text) is not None


def _cut_cjk(piece: str) -> tuple[str, ...]:
    """Return a piece as one word, or its Chinese and Japanese characters as pairs and the last one alone."""
    if piece.isascii():
        return (piece,)
    words: list[str] = []
    for index, run in enumerate(_CJK.split(piece)):
        if index % 2:
            words += [run[start : start + 2] for start in range(len(run))]
        elif run:
            words.append(run)
    return tuple(words)
