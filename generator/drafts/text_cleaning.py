"""Text from other sources in the form that a card takes: printable, in one line, as ids, lists and names."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from generator.names import ID_PATTERN
from generator.schema.base import RESERVED_IDS

_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]\u201d\u2019]*\s+(?=[^\sa-z])|[\u3002\uff01\uff1f]")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'])(?:[A-Za-z]|[a-z]\.[a-z]|[A-Z]\.[A-Z]|approx|ca|cf|al|vs|resp|incl|excl|esp|est|max|min|avg|No|Nos|Nr|"
    r"Dr|Prof|Mr|Mrs|Ms|St|Mt|Fig|Figs|Eq|Eqs|Sec|Ch|Ref|Refs|Tab|Vol|Ed|Eds|Jr|Sr|Inc|Ltd|Co|Corp|Dept|Jan|Feb|Mar|"
    r"Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|p|pp|v|ver|i\.e|e\.g|u\.a|z\.B|d\.h|bzw)\.$"
)
"""A text that ends in an abbreviation, after which the sentence goes on."""
_EMAIL = re.compile(r"[^@\s<>()\[\]|,;:\"]+@[^@\s<>()\[\]|,;:\"]+\.[A-Za-z0-9-]+")


def to_printable(value: object) -> str:
    """Return a value as text with line feeds as line breaks and a space for each character that YAML forbids."""
    return _UNPRINTABLE.sub(" ", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def clean_text(value: object) -> str:
    """Return a value as printable text without surrounding whitespace."""
    return to_printable(value).strip()


def to_one_line(value: object, limit: int = 500) -> str:
    """Return a value as one line, cut at a word if it is longer than the limit."""
    line = " ".join(clean_text(value).split())
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0] + "…"


def extract_summary(value: object) -> str:
    """Return the first sentence of a text, cut if it is too long."""
    line = to_one_line(value, 2000)
    ends = (match for match in _SENTENCE_END.finditer(line) if not _ABBREVIATION.search(line[: match.start()]))
    end = next(ends, None)
    return to_one_line(line[: end.end()] if end is not None else line, 200)


def extract_remainder(text: object) -> str:
    """Return the whole description if its summary omits a part of it, else an empty text."""
    whole = clean_text(text)
    return "" if " ".join(whole.split()) == extract_summary(whole) else whole


def make_id(text: object) -> str:
    """Return an id for a text: the text itself if it is a valid id, else its letters and digits with dashes.

    Letters of other scripts are written in Latin ones: `Цена доставки` is `tsena-dostavki`. A text without letters or
    digits gets an id from its digest, which is the same in every run.
    """
    line = to_one_line(text)
    if re.fullmatch(ID_PATTERN, line) and line.lower() not in RESERVED_IDS:
        return line
    plain = _to_latin(line.replace("ß", "ss")).lower()
    slug = re.sub(r"[^a-z0-9._]+", "-", plain.replace("'", "")).strip("-._")[:100].strip("-._")
    if slug and slug not in RESERVED_IDS:
        return slug
    return f"{slug or 'unnamed'}-{hashlib.blake2b(line.encode(), digest_size=4).hexdigest()}"


def _to_latin(text: str) -> str:
    """Return a text in ASCII: accents are removed, other scripts are transliterated."""
    plain = unicodedata.normalize("NFKD", text)
    if is_latin(text):
        return plain.encode("ascii", "ignore").decode()
    from anyascii import anyascii  # noqa: PLC0415 - only names in other scripts need its tables

    # It writes Chinese as `PeiSongShiJian`: a syllable begins with a capital.
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", anyascii(unicodedata.normalize("NFC", text)))


def is_latin(text: str) -> bool:
    """Return whether all letters of a text are Latin, with or without accents, as ids have them."""
    return all(
        character.isascii() or not character.isalpha()
        for character in unicodedata.normalize("NFKD", text.replace("ß", ""))
    )


def describe_made_id(made: str, name: str) -> list[str]:
    """Return the message about an id that was made for a name in other letters; none for a name in Latin letters."""
    is_made = not is_latin(name) or made.startswith("unnamed-")
    return [f"the id {made!r} was made from the name: rename the file and the id to set another"] if is_made else []


def make_unique_ids(texts: Iterable[str]) -> tuple[str, ...]:
    """Return a different id for each text, even for equal texts; ids also differ if their case is ignored."""
    found: list[str] = []
    used: set[str] = set()
    for text in texts:
        plain = make_id(text)
        chosen, number = plain, 1
        while chosen.lower() in used:
            number += 1
            chosen = f"{plain[:120]}-{number}"
        used.add(chosen.lower())
        found.append(chosen)
    return tuple(found)


def assign_ids(texts: Iterable[str]) -> Mapping[str, str]:
    """Return an id for each different text."""
    different = tuple(dict.fromkeys(texts))
    return dict(zip(different, make_unique_ids(different), strict=True))


def split_items(value: object) -> tuple[str, ...]:
    """Return the items of a cell, separated by semicolons and line breaks, or by commas if it has neither."""
    text = clean_text(value)
    separator = r"[;\n]" if re.search(r"[;\n]", text) else r","
    return tuple(dict.fromkeys(item for part in re.split(separator, text) if (item := to_one_line(part).strip("•*- "))))


def parse_email(value: str) -> tuple[str, str] | None:
    """Return the name and the address of a person; None if the text has no address, or several.

    The name can be before or after the address: `Asha Rao <asha@example.com>`, `asha@example.com (Asha Rao)`. Without a
    name, the address gives one.
    """
    line = to_one_line(value).removeprefix("mailto:")
    addresses = _EMAIL.findall(line)
    if len(addresses) != 1:
        return None
    (address,) = addresses
    name = " ".join(re.sub(r"[<>()\[\]\"]|mailto:", " ", line.replace(address, " ")).split()).strip(
        " '-,:|/\u2013\u2014"
    )
    words = re.split(r"[._+-]+", address.partition("@")[0])
    return name or " ".join(word[:1].upper() + word[1:] for word in words if word) or address, address
