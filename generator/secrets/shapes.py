"""Token formats, and the private keys of PEM blocks: secrets that are recognised without a name beside them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from generator.secrets.values import is_placeholder, mixes_case_and_digits


@dataclass(frozen=True, slots=True)
class Secret:
    """A stretch of text that must not be shown: `text[start:end]`."""

    start: int
    end: int
    kind: str
    """What it is, in words for a message: "GitHub token", "password"."""
    reason: str
    """How it was recognised: its shape, or the place where it stands."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A token format: `Shape("npm token", "npm_", "[A-Za-z0-9]{30,}")`."""

    kind: str
    """The vendor and the kind of token, for the message."""
    prefixes: str
    """The prefixes that the vendor documents, separated by spaces."""
    rest: str
    """A pattern of the characters after the prefix. It must run in linear time."""
    before: str = ""
    """A pattern of the characters before the prefix, where a token does not begin with it."""
    is_mixed: bool = False
    """Whether the rest must mix digits and letters of both cases, because ordinary names have the prefix too."""
    is_rest: bool = False
    """Whether only the rest is secret: the prefix is a name such as `AccountKey=`."""

    @property
    def hints(self) -> tuple[str, ...]:
        """The prefixes in lower case: a lower-cased text without any of them has no such token."""
        return tuple(self.prefixes.lower().split())

    def find(self, text: str) -> Iterator[Secret]:
        """Yield the tokens of this format, without documented examples and shortened ones (`ghp_xxxx…`)."""
        for match in _compile(self.before, self.prefixes, self.rest).finditer(text):
            path = match.group().rpartition("://")[2].partition("/")[2]
            if is_placeholder(path or match.group()) or (self.is_mixed and not mixes_case_and_digits(match["rest"])):
                continue
            start = match.start("rest") if self.is_rest else match.start()
            yield Secret(start, match.end(), self.kind, "has the shape of one")


@cache
def _compile(before: str, prefixes: str, rest: str) -> re.Pattern[str]:
    """Compile a format when a text has its prefix; most runs need none of them."""
    prefix = "|".join(map(re.escape, prefixes.split()))
    return re.compile(rf"(?<![A-Za-z0-9]){before}(?:{prefix})(?P<rest>{rest})(?![A-Za-z0-9])")


_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/]{16}")


def private_keys(text: str) -> Iterator[Secret]:
    r"""What stands between the BEGIN and END lines of a private key, also where line ends are written as \n."""
    for match in _PEM.finditer(text):
        next_line = text.find("-----", match.end())
        end = next_line if next_line >= 0 else len(text)
        start, end = _trimmed(text, match.end(), end)
        if _PEM_BODY.search(text, start, end):
            yield Secret(start, end, "private key", "stands in a PEM block")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the white space and the written line ends around it."""
    body = text[start:end]
    lead = re.match(r"(?:\s|\\[rn])*+", body)
    start += lead.end() if lead else 0
    while start < end and (text[end - 1].isspace() or text[max(start, end - 2) : end] in {"\\n", "\\r"}):
        end -= 1 if text[end - 1].isspace() else 2
    return start, end
