"""Finds passwords among the arguments of the commands that take one in a way of their own."""

import re
from collections.abc import Iterator

from generator.secrets.shapes import Secret
from generator.secrets.values import is_password

_WORD = r"(?:\"(?P<double>[^\"\n]{1,1024})\"|'(?P<single>[^'\n]{1,1024})'|(?P<bare>[^\s\"'`|;&]{1,1024}))"
_CERTIFICATE = re.compile(rf"(?<![\w-])(?:-E[ \t]{{0,4}}|--(?:proxy-)?cert[ \t=]{{1,4}}){_WORD}")
_DATABASE = re.compile(rf"\b(?:mysql|mysqldump|mysqladmin|mariadb)[^\n|;&]{{0,200}}?[ \t]-p{_WORD}")
_LOGIN = re.compile(rf"\b(?:login[^\n|;&]{{0,200}}?|sshpass)[ \t]-p[ \t]{{0,4}}{_WORD}")


def after_certificates(text: str) -> Iterator[Secret]:
    """`curl -E client.pem:password`."""
    if "-E" in text or "cert" in text:
        for start, word in _words(_CERTIFICATE, text):
            file, colon, password = word.rpartition(":")
            is_file = bool(colon) and not word.startswith("pkcs11:") and password[:1] not in {"\\", "/"}
            if is_file and is_password(password.replace(" ", "-"), alone=True):
                yield Secret(start + len(file) + 1, start + len(word), "password", "follows the file of a certificate")


def of_databases(text: str) -> Iterator[Secret]:
    """`mysql -pPASSWORD`, without a space."""
    yield from _passwords(_DATABASE, text)


def of_logins(text: str) -> Iterator[Secret]:
    """`docker login -p PASSWORD`, `sshpass -p PASSWORD`."""
    yield from _passwords(_LOGIN, text)


def _passwords(pattern: re.Pattern[str], text: str) -> Iterator[Secret]:
    for start, word in _words(pattern, text):
        if is_password(word.replace(" ", "-"), alone=True):
            yield Secret(start, start + len(word), "password", "follows -p")


def _words(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """Each word that the pattern ends with, without its quotes, and where it begins."""
    for match in pattern.finditer(text):
        group = match.lastgroup or "bare"
        yield match.start(group), match[group]
