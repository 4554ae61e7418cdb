"""The published book of `--book`: catalog.json from a file, or downloaded over HTTPS."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from generator.cli.console import print_line
from generator.errors import UserError
from generator.evidence.live_http import NoAnswerError, RequestLimits, fetch_answer, load_certificates
from generator.evidence.published_book import PublishedBook, parse_catalog
from generator.names import format_count
from generator.values import FrozenValue

_LIMITS = RequestLimits(total_seconds=60, connect_seconds=10, answer_bytes=100_000_000)


def read_book(book: str) -> PublishedBook:
    """Read the published book: a file, or one download over HTTPS.

    Raises:
        UserError: It cannot be read, or is not a catalog.json.

    """
    published = parse_catalog(*_download(book)) if "://" in book else parse_catalog(_read_file(Path(book)), book)
    if published.unreadable:
        cards = format_count(published.unreadable, "card")
        message = f"warning: {cards} of the book cannot be read: they may need a newer version of Modelbook"
        print_line(message, err=True)
    return published


def _read_file(path: Path) -> bytes:
    file = path / "catalog.json" if path.is_dir() else path
    try:
        if file.stat().st_size > _LIMITS.answer_bytes:
            raise UserError(f"{file} has more than {_LIMITS.answer_bytes:,} bytes: expected catalog.json of a book")
        with file.open("rb") as opened:
            return opened.read(_LIMITS.answer_bytes)  # a pipe or a device has no size
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}; --book is the address or the file of catalog.json"
        raise UserError(message) from None


def _download(address: str) -> tuple[bytes, str]:
    """Download catalog.json, and return it with its address."""
    try:
        parts = urlsplit(address)
        is_valid = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_valid = False
    if not is_valid:
        raise UserError("--book takes an address that begins with https:// and has no password, or a file")
    url = address if parts.path.endswith(".json") else f"{address.rstrip('/')}/catalog.json"
    try:
        answer = fetch_answer(_Download(url), {}, _LIMITS, load_certificates(os.environ))
    except NoAnswerError as error:
        raise UserError(f"{url} cannot be read: {error}") from None
    if answer.problem or answer.status != 200:
        raise UserError(f"{url} cannot be read: {answer.problem or f'status {answer.status}'}")
    return answer.content, url


class _Download(FrozenValue):
    """The request for a file."""

    url: str
    method: str = "GET"
    body: None = None
