"""Names and values of credentials: which names promise one, and which values are one rather than a placeholder."""

import base64
import math
import re
from collections import Counter
from enum import Enum
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

MARK = "████"
"""The replacement of every secret, of one length for all."""

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
"""The signature of the example token of https://jwt.io."""

_LISTS = re.split(r"^(?:#.*\n)?\[(.+)\]\n", Path(__file__).with_name("words.txt").read_text("utf-8"), flags=re.M)
_WORD_LISTS = {role: frozenset(words.split()) for role, words in zip(_LISTS[1::2], _LISTS[2::2], strict=True)}
"""The words in names and values of credentials by their role, as `words.txt` explains them."""
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
"""The name of a standard, as in `auth: oauth2`: `sha256`, `utf-8`."""
_VERSIONED = re.compile(r"(?:[a-z]{2,24}|v\d{1,3})(?:[-_.](?:[a-z]{2,24}|v\d{1,3})){1,12}\Z")
"""A name with its version: `home-feed-v2`."""
_SHORT_NUMBER = re.compile(r"[-+]?(?:\d{1,5}|\d{0,5}\.\d{1,16})%?\Z")
_NOT_A_TOKEN = re.compile(
    r"\d{4}-\d\d-\d\d|\d+(?:\.\d+)*\s?(?:[a-z]{1,4}|%)?\Z|[a-z][a-z0-9+.-]*://|[\w.-]+@[\w-]+\.|\.{0,2}/|"
    r"[\w-]+\.[a-z]{2,4}\Z",
    re.IGNORECASE,
)


def has_hint(lowered: str, hints: tuple[str, ...]) -> bool:
    """Return whether a text contains one of the hints; a plain loop, since it runs on every text of every card."""
    for hint in hints:  # noqa: SIM110 (any() with a generator takes three times as long)
        if hint in lowered:
            return True
    return False


def split_words(text: str) -> list[str]:
    """Return the words of a name or a value in lower case: `dbPassword`, `DB_PASSWORD` and `db-password` are alike."""
    return [word.lower() for word in _WORDS.findall(text)]


def is_placeholder(value: str) -> bool:
    """Return whether a value is a placeholder: `$TOKEN`, `<token>`, `{{ token }}`, `xxx`, `YOUR_TOKEN`."""
    return _is_plain_placeholder(value) or ("%" in value and _is_plain_placeholder(unquote(value)))


def _is_plain_placeholder(value: str) -> bool:
    stripped = value.strip().strip("'\"")
    if not stripped or _REFERENCE.match(stripped) or _ELIDED.search(stripped) or _OBVIOUS.search(stripped):
        return True
    lowered = stripped.lower()
    if len(set(lowered.replace("-", ""))) <= 2 or any(lowered in sequence for sequence in _SEQUENCES):
        return True
    if any(known in stripped for known in _DOCUMENTED):
        return True
    parts = split_words(stripped)
    return all(part in _WORD_LISTS["placeholder"] for part in parts) and not re.search(r"\d", stripped)


def is_opaque(value: str, minimum: int = 10) -> bool:
    """Return whether a value looks generated: letters and digits mixed, or long and not made of words."""
    if len(value) < minimum or is_placeholder(value) or _NOT_A_TOKEN.match(value) or _is_named(value):
        return False
    if re.search(r"\d", value) and re.search(r"[A-Za-z]", value):
        return True
    shares = [count / len(value) for count in Counter(value).values()]
    entropy = -sum(share * math.log2(share) for share in shares)  # Shannon's bits per character
    return len(value) >= 20 and entropy >= 3.5 and not _is_written(value)


def is_random(value: str) -> bool:
    """Return whether a value is certainly generated: long, of digits and letters that form no words."""
    digits = sum(character.isdigit() for character in value)
    letters = sum(character.isalpha() for character in value)
    return digits >= 3 and letters >= 3 and is_opaque(value, 16) and not _is_written(value)


def mixes_case_and_digits(value: str) -> bool:
    """Return whether a value has digits and letters of both cases, and is not words joined in camel case."""
    has_all = all(re.search(kind, value) for kind in ("[0-9]", "[a-z]", "[A-Z]"))
    return has_all and not _is_written(value)


def _is_named(value: str) -> bool:
    """Return whether a value is the name of a standard, a step or a version: not a token in spite of its digits."""
    return any(pattern.match(value) for pattern in (_TECHNICAL, _STANDARD, _VERSIONED))


def _is_written(value: str) -> bool:
    """Return whether a value is made of words: `restaurant_ranking_service`, `RestaurantRanking`, `PLEASE_ASK`."""
    parts = _WORDS.findall(value)
    return sum(map(len, parts)) / max(1, len(parts)) >= 3.5 and not re.search(r"[+/=]", value)


def is_password(value: str, alone: bool) -> bool:
    """Return whether a value after `password:` is a password.

    If it is `alone` on its line or in quotes, a plain word counts too. Within a sentence only a value with letters and
    digits does (`Gulmohar_2024`).
    """
    if len(value) < 4 or is_placeholder(value) or _STANDARD.match(value) or " " in value:
        return False
    mixed = bool(re.search(r"[A-Za-z]", value)) and bool(re.search(r"\d", value))
    return alone or (mixed and len(value) >= 6 and not _NOT_A_TOKEN.match(value))


def is_short_number(value: str) -> bool:
    """Return whether a value is a share, a count or a year: a number with fewer than six digits."""
    return _SHORT_NUMBER.match(value) is not None


def is_mixed_password(value: str) -> bool:
    """Return whether a value after `pass:` is a password: letters and digits, and not a name with its version."""
    return is_password(value, alone=False) and not _is_named(value)


def decode_basic(encoded: str) -> tuple[str, str] | None:
    """Return the user and password that `Basic` encodes in base64; None if the text encodes anything else."""
    bare = encoded.rstrip("=")
    try:
        decoded = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_").decode()
    except ValueError:  # no base64, or no text in it
        return None
    user, colon, password = decoded.partition(":")
    return (user, password) if colon and decoded.isprintable() else None


def is_basic_credential(encoded: str) -> bool:
    """Return whether base64 text is `user:password` with a real password, or with a key in place of the user."""
    pair = decode_basic(encoded)
    if pair is None:
        return False
    user, password = pair
    return is_password(password, alone=True) if password else is_opaque(user, 16)


class NameClass(Enum):
    """The certainty with which a name promises a credential."""

    PASSWORD = "password"  # noqa: S105 (the kind's name, not a password)
    """Every value that is not a placeholder is a credential."""
    TOKEN = "token"  # noqa: S105 (the kind's name, not a token)
    """The word has other meanings, such as a token of text: the value must look generated."""
    LIKELY = "likely"
    """The word is often a plain word, as in a first pass: the value must mix letters and digits."""


NAME_HINTS = ("pass", "pwd", "pw", "secret", "token", "key", "auth", "sig", "cred", "jwt", "sas", "fernet")
"""A lower-cased text without any of them names no credential, except that of `pat` and `bearer`."""
_SESSION_COOKIES = ("session", "sess", "sid", "sessionid", "sessid", "token", "auth", "jwt", "remember", "csrf", "xsrf")


@lru_cache(maxsize=4096)
def classify_name(name: str) -> NameClass | None:
    """Return the class of a name such as `DB_PASSWORD`, `X-Api-Key` or `access_token`; None for `page_token`."""
    lowered = name.lower()
    if not has_hint(lowered, (*NAME_HINTS, "pat", "bearer")):
        return None
    parts = split_words(name.rstrip("0123456789_-."))  # DB_PASSWORD_2
    if not parts or parts[-1] in _WORD_LISTS["about it"] or not _WORD_LISTS["of something else"].isdisjoint(parts):
        return None
    if not _WORD_LISTS["password"].isdisjoint(parts) or "apikey" in lowered.replace("-", "").replace("_", ""):
        return NameClass.PASSWORD
    if parts[-1] == "secret" or (parts[-1] == "pass" and not _WORD_LISTS["owner of pass"].isdisjoint(parts)):
        return NameClass.PASSWORD
    if "key" in parts[1:] and parts[parts.index("key", 1) - 1] == "secret":  # SECRET_KEY_BASE
        return NameClass.PASSWORD
    if parts[-1] == "key" and not _WORD_LISTS["owner of key"].isdisjoint(parts):
        return NameClass.PASSWORD
    if lowered.endswith(("password", "passwd", "secret", "accesskey")):  # one word: dbpassword, PGPASSWORD
        return NameClass.PASSWORD
    if not _WORD_LISTS["token"].isdisjoint(parts) or lowered.endswith("token"):
        return NameClass.TOKEN
    return None if _WORD_LISTS["likely"].isdisjoint(parts) else NameClass.LIKELY


def is_session_cookie(name: str) -> bool:
    """Return whether a cookie is that of a session by its name: `sessionid`, `connect.sid`, `remember_token`."""
    parts = split_words(name)
    return any(part in _SESSION_COOKIES for part in parts) or name.lower().endswith(_SESSION_COOKIES)


def is_value_of(value: str, name: str) -> bool:
    """Return whether a value that is alone is the credential that its name promises."""
    match classify_name(name):
        case NameClass.PASSWORD:
            return is_password(value, alone=True)
        case NameClass.LIKELY:
            return is_mixed_password(value)
        case NameClass.TOKEN:
            return is_opaque(value, 8)
        case None:
            return False


def get_kind(name: str) -> str:
    """Return the kind of credential that a name promises, as a word for messages."""
    lowered = name.lower()
    for stem, kind in (("pass", "password"), ("token", "token"), ("sig", "signature"), ("key", "key")):
        if stem in lowered:
            return kind
    return "secret"
