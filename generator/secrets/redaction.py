"""Redaction of text and data: every secret becomes `████`."""

from collections.abc import Mapping

from generator.secrets.credentials import (
    MARK,
    NameClass,
    classify_name,
    is_mixed_password,
    is_opaque,
    is_placeholder,
    is_short_number,
)
from generator.secrets.scanner import FINDERS, Finders, find_secrets

_ROUNDS = 8
_DEPTH = 100


def redact(text: str, finders: Finders = FINDERS) -> str:
    """Replace every secret in a text by `████`; redacting again changes nothing.

    Repeated, because a token may be recognised only once the secret next to it is redacted.
    """
    for _ in range(_ROUNDS):
        found = find_secrets(text, finders)
        if not found:
            return text
        pieces: list[str] = []
        end = 0
        for secret in found:
            pieces += [text[end : secret.start], MARK]
            end = secret.end
        text = "".join([*pieces, text[end:]])
    return text


def redact_data(value: object, name: str | None = None, finders: Finders = FINDERS) -> object:
    """Redact the texts and keys of plain data, and whole values if their keys name a secret.

    `name` is the key of the value itself. Dictionaries and lists are rebuilt, other values stay the same objects.
    Values deeper than 100 levels are redacted.
    """
    return _redact_value(value, _classify_key(name), _DEPTH, finders)


def redact_named(name: str, value: str) -> str:
    """Redact a value that is shown apart from its name, as in `X-Api-Key is ████`."""
    if redact_data(value, name) == MARK:
        return MARK
    prefix = f"{name}: "
    shown = redact(prefix + value)
    return shown.removeprefix(prefix) if shown.startswith(prefix) else MARK


def _redact_value(value: object, name_class: NameClass | None, depth: int, finders: Finders) -> object:
    if depth == 0:
        return MARK
    if isinstance(value, str):
        return MARK if _is_credential(value, name_class) else redact(value, finders)
    if isinstance(value, Mapping):
        of_value = _classify_key(value.get("name"))  # {name: DB_PASSWORD, value: …}
        return {
            redact(key, finders) if isinstance(key, str) else key: _redact_value(
                child, of_value if key == "value" and of_value else _classify_key(key), depth - 1, finders
            )
            for key, child in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redact_value(child, name_class, depth - 1, finders) for child in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return MARK if is_number and name_class is NameClass.PASSWORD and not is_short_number(str(value)) else value


def _classify_key(key: object) -> NameClass | None:
    return classify_name(key) if isinstance(key, str) else None


def _is_credential(value: str, name_class: NameClass | None) -> bool:
    if name_class is NameClass.PASSWORD:
        return not is_placeholder(value) and " " not in value.strip() and not is_short_number(value)
    if name_class is NameClass.LIKELY:
        return is_mixed_password(value)
    return name_class is NameClass.TOKEN and is_opaque(value)
