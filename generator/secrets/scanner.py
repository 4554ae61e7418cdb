"""Finders of secrets in text, and the secrets that they find together.

Which secrets a text holds is judged by the text alone, without a network; the measured precision and recall stand in
tests/secrets.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from generator.secrets import commands as of_commands
from generator.secrets import documents, positions
from generator.secrets.assignments import assigned
from generator.secrets.shapes import Secret, private_keys
from generator.secrets.token_patterns import SHAPES
from generator.secrets.values import mentions

_Finder = Callable[[str], Iterator[Secret]]

Finders = tuple[tuple[tuple[str, ...], _Finder], ...]
"""Finders, each with what the lower-cased text contains if it can find anything: clean text costs little."""

_NAMES = ("pass", "pwd", "pw", "secret", "token", "key", "auth", "sig", "cred", "jwt", "sas", "fernet")

FINDERS: Finders = (
    *((shape.hints, shape.find) for shape in SHAPES),
    (("private key",), private_keys),
    (_NAMES, assigned),
    (_NAMES, documents.in_markup),
    (
        ("pass", "pwd", "pw", "secret", "token", "api key", "access key", "fernet"),
        positions.told,
    ),
    (
        (
            "password",
            "passwd",
            "passphrase",
            "pwd",
            "pw",
            "token",
            "api key",
            "api-key",
            "access key",
            "access-key",
            "fernet",
            "secret",
        ),
        documents.beside_their_name,
    ),
    (("://",), positions.in_addresses),
    (("authorization",), positions.in_authorization),
    (("bearer",), positions.after_bearer),
    (("basic",), positions.after_basic),
    (("curl", "--"), positions.in_options),
    (("cookie", "-b"), positions.in_cookies),
    (("auth=(", "auth = (", "auth("), positions.in_pairs),
    (("login",), positions.after_login),
    (("curl",), of_commands.after_certificates),
    (("mysql", "mariadb"), of_commands.of_databases),
    (("login", "sshpass"), of_commands.of_logins),
    (("value",), positions.below_their_name),
)
"""Everything that knows a secret when it sees one."""

_LONG = 10_000


def finders_for(source: str) -> Finders:
    """Those that can find anything in a value of a YAML source, however it is folded there.

    A book has a hundred values in each file, and hardly any file has anything to do with secrets. All are needed where
    there is a backslash: in quotes it can write any letter.
    """
    if "\\" in source:
        return FINDERS
    folded = " ".join(source.lower().split())
    return tuple((hints, finder) for hints, finder in FINDERS if mentions(folded, hints))


def find_secrets(text: str, finders: Finders = FINDERS) -> tuple[Secret, ...]:
    """The secrets in a text, by place, none overlapping another; linear in its length."""
    return _find_in_long_text(text, finders) if len(text) >= _LONG else _find_secrets(text, finders)


def _find_secrets(text: str, finders: Finders) -> tuple[Secret, ...]:
    lowered = text.lower()
    found: list[Secret] = []
    for hints, finder in finders:
        if mentions(lowered, hints):
            found.extend(finder(text))
    return _apart(found) if found else ()


@lru_cache(maxsize=16)
def _find_in_long_text(text: str, finders: Finders) -> tuple[Secret, ...]:
    """Find the secrets in a text that comes again: for a check, for excerpts, and for each of its aliases."""
    return _find_secrets(text, finders)


def _apart(found: list[Secret]) -> tuple[Secret, ...]:
    """Overlapping ones as one, named after the first and longest of them."""
    merged: list[Secret] = []
    for secret in sorted(found, key=lambda each: (each.start, -each.end)):
        if merged and secret.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Secret(last.start, max(last.end, secret.end), last.kind, last.reason)
        else:
            merged.append(secret)
    return tuple(merged)
