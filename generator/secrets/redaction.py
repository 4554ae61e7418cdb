"""Redaction: text and data with every secret replaced by `████`."""

from collections.abc import Mapping

from generator.secrets.names import Position, position
from generator.secrets.scanner import FINDERS, Finders, find_secrets
from generator.secrets.shapes import Secret
from generator.secrets.values import MARK, is_mixed_password, is_opaque, is_placeholder, is_short_number

_ROUNDS = 8
_DEPTH = 100


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
