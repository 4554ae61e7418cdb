"""Finds secrets in text and blacks them out: a credential position holds a placeholder, and nothing looks like a token.

Which secrets a text holds is judged by the text alone, without a network; the measured precision and recall stand in
tests/scan.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from generator.scan import secrets_commands as of_commands
from generator.scan import secrets_documents as documents
from generator.scan import secrets_positions as positions
from generator.scan.secrets_assignments import assigned
from generator.scan.secrets_names import Position, position
from generator.scan.secrets_shapes import Secret, private_keys
from generator.scan.secrets_values import MARK, is_mixed_password, is_opaque, is_placeholder, is_short_number, mentions
from generator.scan.secrets_vendors import SHAPES

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

_ROUNDS = 8
_LONG = 10_000
_DEPTH = 100


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


def redact(text: str, finders: Finders = FINDERS) -> str:
    """The text with every secret replaced by `████`, the rest as it was; redacting again changes nothing.

    Repeated because a token may only be recognised once its neighbour is gone.
    """
    for _ in range(_ROUNDS):
        found = find_secrets(text, finders)
        if not found:
            return text
        text = _blacked_out(text, found)
    return text


def _blacked_out(text: str, found: tuple[Secret, ...]) -> str:
    pieces: list[str] = []
    position_after = 0
    for secret in found:
        pieces += [text[position_after : secret.start], MARK]
        position_after = secret.end
    return "".join([*pieces, text[position_after:]])


def redact_data(value: object, name: str | None = None, finders: Finders = FINDERS) -> object:
    """Plain data with the secrets in its text blacked out, keys included; what a key calls a secret goes whole.

    `name` is the key that the value itself stands at. Dictionaries and lists are rebuilt, other values come back as
    they are. Deeper than 100 levels nothing is shown.
    """
    return _redacted(value, _place(name), _DEPTH, finders)


def redact_named(name: str, value: str) -> str:
    """The value as it may be shown where its name does not stand before it, as in `X-Api-Key is ████`."""
    if redact_data(value, name) == MARK:
        return MARK
    prefix = f"{name}: "
    said = redact(prefix + value)
    return said.removeprefix(prefix) if said.startswith(prefix) else MARK


def _redacted(value: object, place: Position | None, depth: int, finders: Finders) -> object:
    if depth == 0:
        return MARK
    if isinstance(value, str):
        return MARK if _is_credential(value, place) else redact(value, finders)
    if isinstance(value, Mapping):
        named = _named_place(value)
        return {
            redact(key, finders) if isinstance(key, str) else key: _redacted(
                child, named if key == "value" and named else _place(key), depth - 1, finders
            )
            for key, child in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redacted(child, place, depth - 1, finders) for child in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return MARK if is_number and place is Position.PASSWORD and not is_short_number(str(value)) else value


def _place(key: object) -> Position | None:
    return position(key) if isinstance(key, str) else None


def _named_place(value: Mapping[object, object]) -> Position | None:
    """What `{name: DB_PASSWORD, value: …}` says about its value."""
    return _place(value.get("name"))


def _is_credential(value: str, place: Position | None) -> bool:
    if place is Position.PASSWORD:
        return not is_placeholder(value) and " " not in value.strip() and not is_short_number(value)
    if place is Position.LIKELY:
        return is_mixed_password(value)
    return place is Position.TOKEN and is_opaque(value)
