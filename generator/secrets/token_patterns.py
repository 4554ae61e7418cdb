"""Token formats of vendors, as `token_patterns.tsv` lists them, and private keys: secrets that need no name."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from generator.secrets.credentials import is_placeholder, mixes_case_and_digits
from generator.values import FrozenValue


class Secret(FrozenValue):
    """A secret in a text: `text[start:end]`."""

    start: int
    end: int
    kind: str
    """Its kind, for messages: "GitHub token", "password"."""


class TokenPattern(FrozenValue):
    """A token format: `TokenPattern("npm token", "npm_", "[A-Za-z0-9]{30,}")`."""

    kind: str
    """The vendor and the kind of token, for the message."""
    prefixes: str
    """The prefixes that the vendor documents, separated by spaces."""
    rest: str
    """A pattern of the characters after the prefix. It must run in linear time."""
    before: str = ""
    """A pattern of the characters before the prefix, if a token does not begin with it."""
    is_mixed: bool = False
    """Whether the rest must mix digits and letters of both cases, because ordinary names have the prefix too."""
    is_rest: bool = False
    """Whether only the rest is secret: the prefix is a name such as `AccountKey=`."""

    @property
    def hints(self) -> tuple[str, ...]:
        """The prefixes in lower case: a lower-cased text without any of them has no such token."""
        return tuple(self.prefixes.lower().split())

    def find(self, text: str) -> Iterator[Secret]:
        """Find the tokens of this format, except documented examples and shortened ones (`ghp_xxxx…`)."""
        for match in _compile(self.before, self.prefixes, self.rest).finditer(text):
            path = match.group().rpartition("://")[2].partition("/")[2]
            if is_placeholder(path or match.group()) or (self.is_mixed and not mixes_case_and_digits(match["rest"])):
                continue
            start = match.start("rest") if self.is_rest else match.start()
            yield Secret(start, match.end(), self.kind)


@cache
def _compile(before: str, prefixes: str, rest: str) -> re.Pattern[str]:
    """Compile a format once a text has its prefix; most runs need none."""
    prefix = "|".join(map(re.escape, prefixes.split()))
    return re.compile(rf"(?<![A-Za-z0-9]){before}(?:{prefix})(?P<rest>{rest})(?![A-Za-z0-9])")


_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/]{16}")


def find_private_keys(text: str) -> Iterator[Secret]:
    r"""Find the text between the BEGIN and END lines of private keys, also if line ends are written as \n."""
    for match in _PEM.finditer(text):
        next_line = text.find("-----", match.end())
        end = next_line if next_line >= 0 else len(text)
        start = match.end()
        lead = re.match(r"(?:\s|\\[rn])*+", text[start:end])
        start += lead.end() if lead else 0
        while start < end and (text[end - 1].isspace() or text[max(start, end - 2) : end] in {"\\n", "\\r"}):
            end -= 1 if text[end - 1].isspace() else 2
        if _PEM_BODY.search(text, start, end):
            yield Secret(start, end, "private key")


def _read_table() -> tuple[TokenPattern, ...]:
    text = Path(__file__).with_name("token_patterns.tsv").read_text("utf-8")
    rows = ([*line.split("\t"), "", ""][:5] for line in text.splitlines() if not line.startswith("# "))
    return tuple(
        TokenPattern(kind, prefixes, rest, before, is_mixed=mark == "mixed", is_rest=mark == "rest")
        for kind, prefixes, rest, mark, before in rows
    )


TOKEN_PATTERNS = _read_table()
"""Every format. Patterns are case-sensitive."""
