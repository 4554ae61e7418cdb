"""Texts of drafts without the credentials in their addresses.

An import hides more than the scanner of cards: it also takes a plain word for a password, and needs no scheme.
"""

import re

from generator.secrets.credentials import MARK, classify_name, is_opaque, is_placeholder, is_short_number

_USER = re.compile(
    r"(?:(?<=://)|(?<![\w:/.]//)(?<=//)|(?<=,))(?P<user>[^\s/?#,:@()<>\[\]\"'`]{0,100})"
    r"(?::(?!\d{1,5}(?:[/?#,;]|$))(?P<password>(?:(?!://)[^\s()<>\[\]\"'`]){1,256}))?"
    r"@(?=[\w\[-][\w.:\[\]-]*(?:[/?#,;\s)>\]\"'`]|$))",
    re.MULTILINE,
)
"""The user and password before a host. A password may contain `/` and `@`; a comma separates hosts."""
_ORACLE = re.compile(r"(?P<before>\bjdbc:oracle:\w{1,8}:[^\s/@:]{1,100}/)(?P<password>[^\s@]{1,256})@")
_PARAMETER = re.compile(r"(?P<before>[?&;](?P<name>[\w.-]{1,60})=)(?P<value>[^\s&#;()<>\"'`]{1,4096})")


def hide_address_credentials(value: object) -> object:
    """Remove the users with passwords from the addresses of plain data, and replace tokens and signatures."""
    match value:
        case str():
            return hide_in_text(value)
        case dict():
            return {hide_address_credentials(key): hide_address_credentials(item) for key, item in value.items()}
        case list():
            return [hide_address_credentials(item) for item in value]
        case _:
            return value


def hide_in_text(text: str) -> str:
    """Do the same in a text."""
    text = _USER.sub(_hide_user, text) if "//" in text else text
    text = _ORACLE.sub(_hide_password, text) if "jdbc:oracle:" in text else text
    return _PARAMETER.sub(_hide_parameter, text) if "=" in text else text


def _hide_user(match: re.Match[str]) -> str:
    user, password = match["user"], match["password"]
    if password is None:
        return "" if is_opaque(user) else match[0]
    return match[0] if is_placeholder(password) and "@" not in password else ""


def _hide_password(match: re.Match[str]) -> str:
    return match[0] if is_placeholder(match["password"]) else f"{match['before']}{MARK}@"


def _hide_parameter(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    is_secret = classify_name(name) is not None or (name.lower() in ("key", "sig", "code") and is_opaque(value))
    is_harmless = not is_secret or is_placeholder(value) or is_short_number(value)
    return match[0] if is_harmless else f"{match['before']}{MARK}"
