r"""The spellings of a name in code: hosts in any case, `%3A` and `%2F`, `https:\/\/`, a path without its host."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator.evidence.boundaries import Boundary, find_boundary, looks_like_host
from generator.evidence.names import SearchName, get_fixed_address
from generator.evidence.records import NameKind

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]+)(.*)\Z", re.DOTALL)
_SETTING = re.compile(r"([\w.-]+): *(\S+)\Z")
_SETTING_FORMS = (
    *('"{}": "{}"', '"{}":"{}"', "'{}': '{}'", '{}: "{}"', "{}: '{}'"),  # YAML, JSON, Python
    *("{}={}", '{}="{}"', "{}='{}'", '{} = "{}"', "{} = '{}'"),
)
"""The notations of a setting that a book writes as `key: value`."""
_SHORTEST_PATH = 8
_ENCODED = re.compile(rb"\\u[0-9a-fA-F]{4}")


class Spelling(NamedTuple):
    """A spelling of a name."""

    name: SearchName
    literal: bytes
    """The text to search for, in lower case."""
    exact: bytes
    """The end of the text that has to be as it is here; the part before it, such as a host, may have any case."""
    left: Boundary
    right: Boundary

    def fits(self, found: bytes) -> bool:
        """Return whether a text that was found without regard to case is the spelling."""
        end = found[len(found) - len(self.exact) :] if self.exact else b""
        return end == self.exact or (len(end) == len(self.exact) and _lower_escapes(end) == _lower_escapes(self.exact))


def list_spellings(name: SearchName, own_ids: Iterable[str] = ()) -> Iterator[Spelling]:
    """List the spellings of a name.

    A path that has one of the ids and aliases of the card, `own_ids`, is searched for without its host too.
    """
    boundary = find_boundary(name)
    address = _ADDRESS.match(name.text)
    if name.kind is NameKind.URL and address is not None:
        host, path = address[1].rpartition("@")[2], get_fixed_address(address[2]).rstrip("/")
        yield from _vary(name, host, path, Boundary.HOST, Boundary.ID)
        words = re.split(r"[/:?&=]", path)
        if len(path) >= _SHORTEST_PATH and any(word in words for word in own_ids):
            yield from _vary(name, "", path, Boundary.PATH, Boundary.ID)
    elif name.kind in {NameKind.HOST, NameKind.EMAIL}:
        yield from _vary(name, name.text, "", boundary, boundary)
    elif name.kind is NameKind.RETIRED and looks_like_host(name.text):
        host, slash, path = name.text.partition("/")
        yield from _vary(name, host, slash + path, Boundary.HOST, Boundary.ID if path else Boundary.HOST)
    else:
        yield from _vary(name, "", name.text, boundary, boundary)
        if name.kind is NameKind.FEATURE and ":" in name.text:  # the name of a column in Feast
            yield from _vary(name, "", name.text.replace(":", "__"), boundary, boundary)
        setting = _SETTING.match(name.text) if name.kind is NameKind.RETIRED else None
        for form in _SETTING_FORMS:
            if setting is not None:
                text = form.format(setting[1], setting[2].strip("\"'"))
                yield from _vary(name, "", text, Boundary.TEXT, Boundary.TEXT)


def _vary(name: SearchName, host: str, rest: str, left: Boundary, right: Boundary) -> Iterator[Spelling]:
    """List the spellings of a text, whose first part may have any case."""
    variants = [(host + rest, rest)]
    if not variants[0][0].isascii():
        variants.append((json.dumps(host + rest)[1:-1], json.dumps(rest)[1:-1]))
    for text, exact in variants:
        literal = text.encode("utf-8", "surrogatepass")
        yield Spelling(name, literal.lower(), exact.encode("utf-8", "surrogatepass"), left, right)


def _lower_escapes(text: bytes) -> bytes:
    return _ENCODED.sub(lambda match: match[0].lower(), text)
