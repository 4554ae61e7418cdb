"""Finds the places where a credential belongs, whatever the credential looks like, and judges what stands there.

Every pattern here is anchored at something rare (a separator, `://`, an option) and bounded in length, so that the
time stays linear in the text.
"""

import re
from collections.abc import Iterator

from generator.secrets.assignments import fits, kind_of
from generator.secrets.names import is_session_cookie, position
from generator.secrets.shapes import Secret
from generator.secrets.values import (
    is_basic_credential,
    is_opaque,
    is_password,
    is_placeholder,
    user_and_password,
)

_SENTENCE = re.compile(
    r"\b(?:password|passwd|pass ?phrase|passcode|pwd|pw|secret|token|(?:api|access|secret|fernet)[ -]key)\b"
    r"(?: (?:for|of|to|on|is|at|in|there|now|the|currently|still) ?[^\n:=.]{0,50})?(?: is| was|:| =)[ \t]{1,4}"
    r"(?P<value>[^\s\"'`,;()<>|]{6,200})",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"://(?P<user>[^\s/?#@:\"'<>\\]{0,128}):(?P<password>[^\s/?#\"'<>\\]{1,256})@(?=[\w\[$<{.-])")
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


def told(text: str) -> Iterator[Secret]:
    """`the password is Gulmohar_2024`: only what no dictionary has, for prose is full of innocent words."""
    for match in _SENTENCE.finditer(text):
        value = match["value"].rstrip(".:!?*_")
        if is_password(value, alone=False) and re.search(r"\d", value):
            start = match.start("value")
            yield Secret(start, start + len(value), "password", "is told in a sentence")


def in_addresses(text: str) -> Iterator[Secret]:
    """`https://user:password@host`, in any scheme."""
    for match in _USER_INFO.finditer(text):
        if is_password(match["password"], alone=True):
            yield Secret(*match.span("password"), "password", "stands before the host of an address")


def in_authorization(text: str) -> Iterator[Secret]:
    """`Authorization: <scheme> <credential>`, whatever the scheme.

    Two are judged elsewhere: what Basic encodes, and parameters (`Credential=…, Signature=…`), which have names.
    """
    for match in _AUTHORIZATION.finditer(text):
        value, is_basic = match["value"], (match["scheme"] or "").lower() == "basic"
        if _PARAMETER.match(value) or (is_basic and user_and_password(value)):
            continue
        if is_opaque(value, 20 if is_basic else 8):
            yield Secret(*match.span("value"), "token", "stands in an Authorization header")


def after_bearer(text: str) -> Iterator[Secret]:
    """`Bearer <token>`, also where no header is named."""
    for match in _BEARER.finditer(text):
        if is_opaque(match["value"], 8):
            yield Secret(*match.span("value"), "token", "follows Bearer")


def after_basic(text: str) -> Iterator[Secret]:
    """`Basic <base64 of user:password>`."""
    for match in _BASIC.finditer(text):
        if is_basic_credential(match["value"]):
            yield Secret(*match.span("value"), "password", "is a user and password in base64")


def in_options(text: str) -> Iterator[Secret]:
    """`-u user:password`, `--proxy-user`, `--oauth2-bearer TOKEN`, `--password …` of a command line."""
    is_curl = "curl" in text.lower()
    for match in _OPTION.finditer(text):
        start, word = match.start("word"), match["word"]
        if match["name"] is not None:
            start, word = _unquoted(start, word)
            if fits(word, position(match["name"])):
                yield Secret(start, start + len(word), kind_of(match["name"]), f"follows --{match['name']}")
        elif is_curl or match["user"].startswith("--"):
            start, word = _password_of(*_unquoted(start, word))
            if word:
                yield Secret(start, start + len(word), "password", f"follows {match['user']}")


def _unquoted(start: int, word: str) -> tuple[int, str]:
    """A word without the quotes around it, and where it begins then."""
    if word[0] in "'\"" and len(word) > 1 and word.find(word[0], 1) == len(word) - 1:
        return start + 1, word[1:-1]
    return start, word


def _password_of(start: int, pair: str) -> tuple[int, str]:
    """The password of `user:password`, or the user where that is a key and no password follows; "" for placeholders."""
    user, colon, quoted = pair.partition(":")
    after, password = _unquoted(start + len(user) + 1, quoted) if quoted else (start, "")
    if is_placeholder(pair):
        return start, ""
    if colon and not password:
        return (start, user) if is_opaque(user, 8) else (start, "")
    return (after, password) if is_password(password.replace(" ", "-"), alone=True) else (start, "")


def in_cookies(text: str) -> Iterator[Secret]:
    """A cookie that logs somebody in; `lang=en` beside it is none."""
    for opening in _COOKIES.finditer(text):
        place = opening.end()
        while pair := _COOKIE.match(text, place):
            if is_session_cookie(pair["name"]) and is_opaque(pair["value"], 8):
                yield Secret(*pair.span("value"), "session cookie", f"is the value of the cookie {pair['name']}")
            place = pair.end()


def in_pairs(text: str) -> Iterator[Secret]:
    """`auth=("user", "password")` in code."""
    for match in _TUPLE.finditer(text):
        if is_password(match["value"], alone=True):
            yield Secret(*match.span("value"), "password", "is the second of a pair of credentials")


def after_login(text: str) -> Iterator[Secret]:
    """`login asha password …`, as in a .netrc."""
    for match in _NETRC.finditer(text):
        if is_password(match["value"], alone=True):
            yield Secret(*match.span("value"), "password", "follows a login")


def below_their_name(text: str) -> Iterator[Secret]:
    """`name: DB_PASSWORD` with `value: …` on the next line, as Kubernetes has it."""
    for match in _NAMED_VALUE.finditer(text):
        if fits(match["value"], position(match["name"])):
            yield Secret(*match.span("value"), kind_of(match["name"]), f"is the value of {match['name']}")
