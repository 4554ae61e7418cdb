"""Credentials in a position that takes one: in addresses, headers, options, sentences, tables and elements.

Every pattern is anchored at something rare (a separator, `://`, an option) and bounded in length, so that the time is
linear in the text.
"""

import re
from collections.abc import Callable, Iterator

from generator.secrets.credentials import (
    NAME_HINTS,
    NameClass,
    classify_name,
    decode_basic,
    get_kind,
    is_basic_credential,
    is_mixed_password,
    is_opaque,
    is_password,
    is_placeholder,
    is_random,
    is_session_cookie,
    is_value_of,
)
from generator.secrets.token_patterns import Secret
from generator.values import FrozenValue

_SENTENCE_HINTS = ("pass", "pwd", "pw", "secret", "token", "api key", "access key", "fernet")
_BESIDE_HINTS = (*_SENTENCE_HINTS, "api-key", "access-key")
_SENTENCE = re.compile(
    r"\b(?:password|passwd|pass ?phrase|passcode|pwd|pw|secret|token|(?:api|access|secret|fernet)[ -]key)\b"
    r"(?: (?:for|of|to|on|is|at|in|there|now|the|currently|still) ?[^\n:=.]{0,50})?(?: is| was|:| =)[ \t]{1,4}"
    r"(?P<value>[^\s\"'`,;()<>|]{6,200})",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"://(?P<user>[^\s/?#@:\"'<>\\]{0,128}):(?P<value>[^\s/?#\"'<>\\]{1,256})@(?=[\w\[$<{.-])")
_AUTHORIZATION = re.compile(
    r"authorization\\{0,4}[\"']?\]?[ \t]{0,4}[:=][ \t]{0,4}\\{0,4}[\"']?(?:(?P<scheme>[A-Za-z][\w-]{1,30})[ \t]{1,4})?"
    r"(?P<value>[^\s\"'`,;\\<>]{1,4096})",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"\w{1,64}=(?!=|\Z)")
_BEARER = re.compile(r"\bbearer[ \t]{1,4}[\"']?(?P<value>[^\s\"'`,;\\<>]{6,4096})", re.IGNORECASE)
_BASIC = re.compile(r"\bbasic[ \t]{1,4}(?P<value>[A-Za-z0-9+/_-]{6,4096}={0,2})", re.IGNORECASE)
_OPTION = re.compile(
    r"(?<![\w-])(?:(?P<user>--(?:proxy-)?user|-[A-Za-z]{0,8}[uU])(?:[ \t=]|\\\n)?"
    r"|--(?P<name>[A-Za-z0-9-]{2,40})(?:[ \t=]|\\\n))"
    r"\s{0,8}(?P<word>(?:'[^'\n]{0,1024}'|\"[^\"\n]{0,1024}\"|[^\s'\"]){1,1024})"
)
_COOKIES = re.compile(
    r"(?:\bcookie\\{0,4}[\"']?[ \t]{0,4}:|(?<!\S)-b[ \t]|(?<!\S)--cookie[ \t=])[ \t]{0,4}[\"']?", re.IGNORECASE
)
_COOKIE = re.compile(r"[ \t]*(?P<name>[\w.%-]{1,64})=(?P<value>[^;\s\"'\\]{0,4096})(?:;|(?=[\"'\\\s])|\Z)")
_TUPLE = re.compile(
    r"auth[ \t]?(?:=[ \t]?)?\([ \t]{0,4}[\"'][^\"'\n]{0,128}[\"'],[ \t]{0,4}[\"'](?P<value>[^\"'\n]{1,256})[\"']",
    re.IGNORECASE,
)
_NETRC = re.compile(r"\blogin[ \t\n]{1,8}\S{1,128}\s{1,8}password[ \t\n]{1,8}(?P<value>\S{1,256})", re.IGNORECASE)
_NAMED_VALUE = re.compile(
    r"\bname[\"']?[ \t]?:[ \t]{0,4}[\"']?(?P<name>[\w.-]{2,64})[\"']?,?\s{1,40}[\"']?value[\"']?[ \t]?:[ \t]{0,4}"
    r"(?P<quote>[\"']?)(?P<value>[^\s\"']{1,1024})"
)
_CELLS = re.compile(
    r"\|[ \t*_`]{0,40}(?P<name>\w[\w .-]{1,63}?)[ \t*_`:]{0,40}"
    r"\|[ \t]{0,40}`?(?P<value>[^\s|`]{4,512})`?(?=[ \t]{0,80}\|)"
)
_ELEMENT = re.compile(r"<(?:\w{1,32}:)?(?P<name>[\w.-]{2,64})>(?P<value>[^\s<>]{4,1024})</")
_BESIDE = re.compile(
    r"\b(?P<name>password|passwd|passphrase|pwd|pw|token|(?:api|access|secret|fernet)[ -]key)[ \t]{1,4}"
    r"(?:(?P<quote>[\"'`])(?P<quoted>[^\s\"'`]{4,512})(?P=quote)|(?P<bare>[A-Za-z0-9_+/=-]{16,512}))",
    re.IGNORECASE,
)
_TYPE = re.compile(r"(?:n?(?:var)?char|u?int|float|decimal|string|bytes|text|min_?length|max_?length)\d{1,5}\Z", re.I)
_WORD = r"(?:\"(?P<double>[^\"\n]{1,1024})\"|'(?P<single>[^'\n]{1,1024})'|(?P<bare>[^\s\"'`|;&]{1,1024}))"
_CERTIFICATE = re.compile(rf"(?<![\w-])(?:-E[ \t]{{0,4}}|--(?:proxy-)?cert[ \t=]{{1,4}}){_WORD}")
_DATABASE = re.compile(rf"\b(?:mysql|mysqldump|mysqladmin|mariadb)[^\n|;&]{{0,200}}?[ \t]-p{_WORD}")
_LOGIN = re.compile(rf"\b(?:login[^\n|;&]{{0,200}}?|sshpass)[ \t]-p[ \t]{{0,4}}{_WORD}")


class PositionPattern(FrozenValue):
    """A position that takes a credential."""

    hints: tuple[str, ...]
    """A lower-cased text without any of them has no such position."""
    pattern: re.Pattern[str]
    """The position; the group `value`, or the last group, is the value."""
    is_secret: Callable[[re.Match[str], str], bool]
    """Whether the value of a match is a credential."""
    kind: str = ""
    """The kind of the secret; empty if the group `name` gives it."""

    def find(self, text: str) -> Iterator[Secret]:
        """Find the credentials in this position."""
        for match in self.pattern.finditer(text):
            group = "value" if "value" in self.pattern.groupindex else match.lastgroup or ""
            if self.is_secret(match, match[group]):
                yield Secret(*match.span(group), self.kind or get_kind(match["name"]))


def _is_alone(_: re.Match[str], value: str) -> bool:
    return is_password(value, alone=True)


def _is_alone_with_blanks(_: re.Match[str], value: str) -> bool:
    return is_password(value.replace(" ", "-"), alone=True)


def _is_named(match: re.Match[str], value: str) -> bool:
    return is_value_of(value, match["name"])


def _is_in_sentence(_: re.Match[str], value: str) -> bool:
    return is_password(value, alone=False) and re.search(r"\d", value) is not None


def _is_in_cell(match: re.Match[str], value: str) -> bool:
    """Return whether a cell is a credential; a plain word may describe the field instead."""
    name_class = classify_name(match["name"])
    if name_class is None or _TYPE.match(value):
        return False
    return is_opaque(value) if name_class is NameClass.TOKEN else is_mixed_password(value)


def _is_next_to_name(match: re.Match[str], value: str) -> bool:
    """Return whether a value after its name is a credential; nothing joins the two, so the value must show it."""
    is_quoted_password = match["quote"] is not None and get_kind(match["name"]) == "password"
    return (is_mixed_password(value) if is_quoted_password else is_random(value)) and not _TYPE.match(value)


def _is_authorization(match: re.Match[str], value: str) -> bool:
    """Return whether a header has a credential, except those of Basic and parameters, which other patterns find."""
    is_basic = (match["scheme"] or "").lower() == "basic"
    if _PARAMETER.match(value) or (is_basic and decode_basic(value)):
        return False
    return is_opaque(value, 20 if is_basic else 8)


POSITION_PATTERNS = (
    PositionPattern(_SENTENCE_HINTS, _SENTENCE, _is_in_sentence, "password"),
    PositionPattern(_BESIDE_HINTS, _BESIDE, _is_next_to_name),
    PositionPattern(("://",), _USER_INFO, _is_alone, "password"),
    PositionPattern(("authorization",), _AUTHORIZATION, _is_authorization, "token"),
    PositionPattern(("bearer",), _BEARER, lambda _, value: is_opaque(value, 8), "token"),
    PositionPattern(("basic",), _BASIC, lambda _, value: is_basic_credential(value), "password"),
    PositionPattern(("auth=(", "auth = (", "auth("), _TUPLE, _is_alone, "password"),
    PositionPattern(("login",), _NETRC, _is_alone, "password"),
    PositionPattern(("mysql", "mariadb"), _DATABASE, _is_alone_with_blanks, "password"),
    PositionPattern(("login", "sshpass"), _LOGIN, _is_alone_with_blanks, "password"),
    PositionPattern(NAME_HINTS, _CELLS, _is_in_cell),
    PositionPattern(NAME_HINTS, _ELEMENT, _is_named),
    PositionPattern(("value",), _NAMED_VALUE, _is_named),
)
"""The positions that a pattern describes; the functions below find those of command lines and cookies."""


def find_in_options(text: str) -> Iterator[Secret]:
    """Find the values of `-u user:password`, `--proxy-user`, `--oauth2-bearer TOKEN` and `--password …`."""
    is_curl = "curl" in text.lower()
    for match in _OPTION.finditer(text):
        start, word = match.start("word"), match["word"]
        if match["name"] is not None:
            start, word = _unquote(start, word)
            if is_value_of(word, match["name"]):
                yield Secret(start, start + len(word), get_kind(match["name"]))
        elif is_curl or match["user"].startswith("--"):
            start, word = _extract_password(*_unquote(start, word))
            if word:
                yield Secret(start, start + len(word), "password")


def _unquote(start: int, word: str) -> tuple[int, str]:
    """Return a word without the quotes around it, and its offset."""
    if word[0] in "'\"" and len(word) > 1 and word.find(word[0], 1) == len(word) - 1:
        return start + 1, word[1:-1]
    return start, word


def _extract_password(start: int, pair: str) -> tuple[int, str]:
    """Return the password of `user:password`, or the user if it is a key without a password; "" for placeholders."""
    user, colon, quoted = pair.partition(":")
    after, password = _unquote(start + len(user) + 1, quoted) if quoted else (start, "")
    if is_placeholder(pair):
        return start, ""
    if colon and not password:
        return (start, user) if is_opaque(user, 8) else (start, "")
    return (after, password) if is_password(password.replace(" ", "-"), alone=True) else (start, "")


def find_in_cookies(text: str) -> Iterator[Secret]:
    """Find the values of session cookies."""
    for opening in _COOKIES.finditer(text):
        place = opening.end()
        while pair := _COOKIE.match(text, place):
            if is_session_cookie(pair["name"]) and is_opaque(pair["value"], 8):
                yield Secret(*pair.span("value"), "session cookie")
            place = pair.end()


def find_after_certificates(text: str) -> Iterator[Secret]:
    """Find the password of `curl -E client.pem:password`."""
    for match in _CERTIFICATE.finditer(text):
        group = match.lastgroup or ""
        file, colon, password = match[group].rpartition(":")
        is_file = bool(colon) and not match[group].startswith("pkcs11:") and password[:1] not in {"\\", "/"}
        if is_file and is_password(password.replace(" ", "-"), alone=True):
            yield Secret(match.start(group) + len(file) + 1, match.end(group), "password")
