"""The sitemap, which MkDocs writes as XML and compressed, with the pages of the book in another order."""

import gzip
import html
import io
import re
from collections.abc import Callable, Sequence

_NAME = "sitemap.xml"
_ENTRY = re.compile(rb"\n    <url>.*?</url>", re.DOTALL)
_ADDRESS = re.compile(rb"<loc>([^<]*)</loc>")


def update_sitemap(
    before: Sequence[str], after: Sequence[str], read: Callable[[str], bytes | None]
) -> dict[str, bytes] | None:
    """Return the files of a sitemap after a change of the pages of the book; None if only MkDocs can make them.

    `before` and `after` are the addresses of the pages of the book. `read` returns a file of the site; None if it is
    missing.
    """
    sitemap, compressed = read(_NAME), read(f"{_NAME}.gz")
    if sitemap is None and compressed is None:
        return {}
    if sitemap is None or compressed is None or compressed != _compress(sitemap, compressed):
        return None
    entries = {match[1]: entry for entry in _ENTRY.findall(sitemap) for match in _ADDRESS.finditer(entry)}
    former, addresses = ([html.escape(url, quote=False).encode() for url in urls] for urls in (before, after))
    run = b"".join(entries.get(address, b"\0") for address in former)
    if not run or sitemap.count(run) != 1:
        return None
    # All entries have the same day, that of the build.
    example = former[0]
    made = (entries.get(each) or entries[example].replace(example, each) for each in addresses)
    changed = sitemap.replace(run, b"".join(made))
    return {_NAME: changed, f"{_NAME}.gz": _compress(changed, compressed)}


def _compress(content: bytes, like: bytes) -> bytes:
    """Compress as MkDocs does, with the time of another compressed file."""
    output = io.BytesIO()
    # RFC 1952, section 2.3: the time is in the bytes 4 to 8.
    seconds = int.from_bytes(like[4:8], "little")
    with gzip.GzipFile(filename=_NAME, fileobj=output, mode="wb", mtime=seconds) as file:
        file.write(content)
    return output.getvalue()
