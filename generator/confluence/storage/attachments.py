"""The files of a page: their names in the wiki, their media types, their digests."""

import mimetypes
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from generator.confluence.storage.nodes import Drawing, Embedded, PageFile, SiteFile, compute_digest
from generator.confluence.storage.page import SourceSite

_LONGEST = 200
_TYPES = mimetypes.MimeTypes()
"""Python's own table without the one of the machine: a name has the same type everywhere."""


def build_site_file(path: str, site: SourceSite) -> PageFile | None:
    """Return a file of the site as a file of the page; None if the site has no such file."""
    content = site.read_file(path)
    if content is None:
        return None
    media_type = _TYPES.guess_type(path)[0] or "application/octet-stream"
    return PageFile(to_file_name(path), media_type, SiteFile(path), compute_digest(content))


def build_data_file(address: str) -> PageFile | None:
    """Return the content of a `data:` address as a file, named after its digest; None if the address is invalid."""
    head, comma, body = address.partition(",")
    kind = head.removeprefix("data:").partition(";")[0] or "text/plain"
    try:
        raw = unquote_to_bytes(body)
        content = b64decode(raw, validate=True) if head.endswith(";base64") else raw
    except (Base64Error, ValueError):
        return None
    key = compute_digest(content)
    name = f"inline-{key[:12]}{_TYPES.guess_extension(kind) or ''}"
    return PageFile(name, kind, Embedded(content), key) if comma else None


def read_content(
    attachment: PageFile, read_file: Callable[[str], bytes | None], png_of_svg: Callable[[str], bytes]
) -> bytes:
    """Return the content to upload; FileNotFoundError if the file was removed from the site after the conversion."""
    match attachment.source:
        case Embedded(content):
            return content
        case Drawing(svg):
            return png_of_svg(svg)
        case SiteFile(path):
            content_read = read_file(path)
            if content_read is None:
                raise FileNotFoundError(path)
            return content_read


def to_file_name(path: str) -> str:
    """Return a path of the site as one file name, without characters that Confluence rejects.

    The name depends only on the path: a changed picture is a new version of the same attachment.
    """
    joined = path.replace("/", "-")
    name = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in joined)
    if len(name) <= _LONGEST:
        return name
    return f"{compute_digest(path.encode())[:12]}-{name[-_LONGEST + 13 :]}"
