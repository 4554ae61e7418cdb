"""Judges a value that stands where a credential belongs: a placeholder, an ordinary word, or the real thing."""

import base64
import math
import re
from collections import Counter
from urllib.parse import unquote

MARK = "████"
"""What a secret is replaced with; always as long, so that it tells nothing about the length."""

_REFERENCE = re.compile(
    r"""\$(?:[A-Za-z_{(]|\{\{) | % [A-Za-z_]\w* % | %[({] | \{ | < | \[ | \( | ` | @ | \#\{ | ! | [*&>|] (?=\s|\w|$)
    | (?:env|vault|ref|secret|secrets|var|op|ssm|sm|file|keyvault|kv)(?:\+\w+)?[.:/]+\w
    | [A-Za-z_][\w.]*[(\[] (?:.*[)\]]|\Z)  # a call or an index in code
    | (?:this|self|args|options|config|cfg|settings|request|response)(?:\.[A-Za-z_]\w*)+\Z
    | (?:os\.|process\.env|getenv|config[.\[(]|settings\.|System\.)""",
    re.VERBOSE | re.IGNORECASE,
)
_ELIDED = re.compile(r"\.\.\.|…|█|•{2}|\*{3}|_{3}|-{4}|[xX]{4}|\?{3}|#{3}|\$\{|\{\{|\$\(|%7B", re.IGNORECASE)
_OBVIOUS = re.compile(
    r"example|placeholder|dummy|changeme|change[-_ ]?me|redacted|replace[-_ ]?(?:me|with)|insert[-_ ]?|your[-_ ]"
    r"|\byour|fake|sample|<|not[-_ ]a[-_ ]",
    re.IGNORECASE,
)
_DOCUMENTED = ("SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",)
"""The signature of the token that jwt.io shows to everyone."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SEQUENCES = (
    "0123456789abcdefghijklmnopqrstuvwxyz0123456789",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "123456789012345",
)
_TECHNICAL = re.compile(
    r"(?:o?auth|oidc|saml|jwt|sha|md|base|argon|bcrypt|scrypt|pbkdf|aes|rsa|hs|rs|es|ps|ed|utf|tls|ssl|pkcs|x|hmac|"
    r"http|v|bert|gpt|iso|rfc|ipv|s|ec|h|level|step|day|week|tier|user|sso)[-_]?\d[\w.-]{0,6}\Z",
    re.IGNORECASE,
)
_STANDARD = re.compile(
    r"(?:o?auth|openid|saml|sha|md|base|argon|pbkdf|aes|rsa|[hrep]s|ed|utf|tls|ssl|pkcs)[-_]?"
    r"(?:1|2|3|5|8|10|12|16|32|64|128|192|224|256|384|512|1024|2048|4096|25519)(?:\.\d)?\Z|x[-_.]?509\Z",
    re.IGNORECASE,
)
"""The whole name of a standard, which stands where a card says how something is proven: `oauth2`, `sha256`, `utf-8`."""
_VERSIONED = re.compile(r"(?:[a-z]{2,24}|v\d{1,3})(?:[-_.](?:[a-z]{2,24}|v\d{1,3})){1,12}\Z")
"""A name as people give it to a thing and its version: `home-feed-v2`."""
_SHORT_NUMBER = re.compile(r"[-+]?(?:\d{1,5}|\d{0,5}\.\d{1,16})%?\Z")
_NOT_A_TOKEN = re.compile(
    r"\d{4}-\d\d-\d\d|\d+(?:\.\d+)*\s?(?:[a-z]{1,4}|%)?\Z|[a-z][a-z0-9+.-]*://|[\w.-]+@[\w-]+\.|\.{0,2}/|"
    r"[\w-]+\.[a-z]{2,4}\Z",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    _WORDS.findall(
        "a abc an and any api apikey app as auth bar basic baz bearer client code credential credentials "
        "default demo disabled empty enter false fill foo foobar free from generated get given goes guest "
        "header here hidden id in input is it jwt key login mask masked me missing my mytoken mysecret "
        "mypassword myapikey n na name never nil no none not null of off on optional or pass passwd password "
        "passwords placeholder private pw pwd real removed required s secret secrets see self set some "
        "somepassword something string tbd test testing text the this to todo token true type unset use user "
        "username value vault with x xx xxx y yes you your z"
    )
)


def mentions(lowered: str, hints: tuple[str, ...]) -> bool:
    """Whether one of the hints occurs; a plain loop, because this runs on every text of every card."""
    for hint in hints:  # noqa: SIM110 (any() with a generator takes three times as long)
        if hint in lowered:
            return True
    return False


def words(text: str) -> list[str]:
    """The lower-case words of a name or a value, however it joins them: `dbPassword`, `DB_PASSWORD`, `db-password`."""
    return [word.lower() for word in _WORDS.findall(text)]


def is_placeholder(value: str) -> bool:
    """Whether a value only stands for a credential: `$TOKEN`, `<token>`, `{{ token }}`, `xxx`, `YOUR_TOKEN`."""
    return _stands_for_one(value) or ("%" in value and _stands_for_one(unquote(value)))


def _stands_for_one(value: str) -> bool:
    stripped = value.strip().strip("'\"")
    if not stripped or _REFERENCE.match(stripped) or _ELIDED.search(stripped) or _OBVIOUS.search(stripped):
        return True
    lowered = stripped.lower()
    if len(set(lowered.replace("-", ""))) <= 2 or any(lowered in sequence for sequence in _SEQUENCES):
        return True
    if any(known in stripped for known in _DOCUMENTED):
        return True
    parts = words(stripped)
    return all(part in _GENERIC for part in parts) and not re.search(r"\d", stripped)


def entropy(text: str) -> float:
    """Shannon's bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) if text else 0.0


def is_opaque(value: str, minimum: int = 10) -> bool:
    """Whether a value looks generated rather than written: letters and digits mixed, or long without being words."""
    if len(value) < minimum or is_placeholder(value) or _NOT_A_TOKEN.match(value) or _is_named(value):
        return False
    if re.search(r"\d", value) and re.search(r"[A-Za-z]", value):
        return True
    return len(value) >= 20 and entropy(value) >= 3.5 and not _is_written(value)


def is_random(value: str) -> bool:
    """Whether a value was generated beyond doubt: long, of digits and letters in no order that anybody writes."""
    digits = sum(character.isdigit() for character in value)
    letters = sum(character.isalpha() for character in value)
    return digits >= 3 and letters >= 3 and is_opaque(value, 16) and not _is_written(value)


def mixes_case_and_digits(value: str) -> bool:
    """Return whether a value has digits and letters of both cases, and is not words joined in camel case."""
    has_all = all(re.search(kind, value) for kind in ("[0-9]", "[a-z]", "[A-Z]"))
    return has_all and not _is_written(value)


def _is_named(value: str) -> bool:
    """A standard, a step, a version and the like, which hold a digit and yet are no token."""
    return any(pattern.match(value) for pattern in (_TECHNICAL, _STANDARD, _VERSIONED))


def _is_written(value: str) -> bool:
    """Words as people join them: `restaurant_ranking_service`, `RestaurantRankingService`, `PLEASE_ASK`."""
    parts = _WORDS.findall(value)
    return sum(map(len, parts)) / max(1, len(parts)) >= 3.5 and not re.search(r"[+/=]", value)


def is_password(value: str, alone: bool) -> bool:
    """Whether a value after `password:` is one.

    `alone` tells that nothing else stands on the line, or that it is quoted: then a plain word counts too; within a
    sentence only what no dictionary has (`Gulmohar_2024`) does.
    """
    if len(value) < 4 or is_placeholder(value) or _STANDARD.match(value) or " " in value:
        return False
    mixed = bool(re.search(r"[A-Za-z]", value)) and bool(re.search(r"\d", value))
    return alone or (mixed and len(value) >= 6 and not _NOT_A_TOKEN.match(value))


def is_short_number(value: str) -> bool:
    """A share, a count, a year: a number of fewer than six digits, which nobody has as a password."""
    return _SHORT_NUMBER.match(value) is not None


def is_mixed_password(value: str) -> bool:
    """Whether a value after `pass:` is a password: no dictionary has it, nor is it a name with its version."""
    return is_password(value, alone=False) and not _is_named(value)


def user_and_password(encoded: str) -> tuple[str, str] | None:
    """What `Basic` encodes in base64, or None where the text encodes something else."""
    bare = encoded.rstrip("=")
    try:
        decoded = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_").decode()
    except ValueError:  # no base64, or no text in it
        return None
    user, colon, password = decoded.partition(":")
    return (user, password) if colon and decoded.isprintable() else None


def is_basic_credential(encoded: str) -> bool:
    """Whether base64 text holds `user:password` with a real password (or a key in place of the user)."""
    pair = user_and_password(encoded)
    if pair is None:
        return False
    user, password = pair
    return is_password(password, alone=True) if password else is_opaque(user, 16)
