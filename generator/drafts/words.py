"""Text from elsewhere as a card can take it: no control characters, ids that are file names, lists, days."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from generator.names import ID_PATTERN
from generator.schema.base import RESERVED_IDS

_UNWANTED = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_EMAIL = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+\.[A-Za-z0-9-]+")
_NAMED_EMAIL = re.compile(rf"(?P<name>[^<>]*)<(?P<email>{_EMAIL.pattern})>\s*")


def printable(value: object) -> str:
    """Any value as text: one sort of line break, a space for each character that no text holds."""
    return _UNWANTED.sub(" ", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def clean(value: object) -> str:
    """Any value as printable text with nothing around it."""
    return printable(value).strip()


def one_line(value: object, limit: int = 500) -> str:
    """Any value as one line, cut at a word when it is longer."""
    line = " ".join(clean(value).split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0] + "…"


def summary(value: object, limit: int = 200) -> str:
    """The first sentence of a text; when that is too long, as much of it as fits."""
    return one_line(_SENTENCE.split(one_line(value, 2000), maxsplit=1)[0], limit)


def beyond(text: object, shown: str = "") -> str:
    """The whole of a description where its summary leaves something out; empty where it says all."""
    whole = clean(text)
    return "" if " ".join(whole.split()) in {summary(whole), shown} else whole


def identifier(text: object) -> str:
    """An id that says the text: as it is where it can be one, else its letters and digits with dashes.

    A text without any (a name in another script) gets an id from its digest, the same in every run.
    """
    line = one_line(text)
    if re.fullmatch(ID_PATTERN, line) and line.lower() not in RESERVED_IDS:
        return line
    plain = unicodedata.normalize("NFKD", line.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"['\u2019]", "", plain)
    slug = re.sub(r"[^a-z0-9._]+", "-", plain).strip("-._")[:100].strip("-._")
    return slug if slug and slug not in RESERVED_IDS else f"{slug or 'unnamed'}-{_digest(line)}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """An id of its own for each text, also for equal ones, whatever the case; the first to come gets the plain one."""
    found: list[str] = []
    used: set[str] = set()
    for text in texts:
        plain = identifier(text)
        chosen, number = plain, 1
        while chosen.lower() in used:
            number += 1
            chosen = f"{plain[:120]}-{number}"
        used.add(chosen.lower())
        found.append(chosen)
    return tuple(found)


def identifiers(texts: Iterable[str]) -> Mapping[str, str]:
    """An id of its own for each different text."""
    several = tuple(dict.fromkeys(texts))
    return dict(zip(several, distinct(several), strict=True))


def listed(value: object) -> tuple[str, ...]:
    """The items of a cell: split at semicolons and new lines, or at commas where there is none of these."""
    text = clean(value)
    separator = r"[;\n]" if re.search(r"[;\n]", text) else r","
    return tuple(dict.fromkeys(item for part in re.split(separator, text) if (item := one_line(part).strip("•*- "))))


def email_of(value: str) -> tuple[str, str] | None:
    """The name and the address in `Asha Rao <asha@example.com>` or in the address alone; None for anything else."""
    line = one_line(value)
    named = _NAMED_EMAIL.fullmatch(line)
    if named is not None and named["name"].strip(" \"'"):
        return named["name"].strip(" \"'"), named["email"]
    address = named["email"] if named is not None else line
    return (name_of(address), address) if _EMAIL.fullmatch(address) else None


def name_of(address: str) -> str:
    """The name that an address or a login suggests: `asha.rao@…` is Asha Rao."""
    words = re.split(r"[._+-]+", address.partition("@")[0])
    return " ".join(word[:1].upper() + word[1:] for word in words if word) or address


def day_of(milliseconds: object) -> str | None:
    """The day (UTC) of a time in milliseconds since 1970; None when it is none."""
    try:
        moment = datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.date().isoformat() if moment.year > 1970 else None


def parse_version_number(value: object) -> int:
    """Return the number of a version; 0 if it is none, or longer than a registry writes."""
    if isinstance(value, int):
        return value if 0 <= value < 10**18 else 0
    return int(str(value)) if re.fullmatch(r"[0-9]{1,18}", str(value)) else 0
