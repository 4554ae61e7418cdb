"""The cache of conversions: a page in storage format, with the digest of everything that the conversion reads.

It has a folder for each site, and in it a file for each page. A file is replaced as a whole, so that another run reads
the old or the new one; a damaged one is ignored.
"""

import hashlib
import inspect
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import msgspec
from lxml import etree

from generator.cache_files import keep_last_used, read_cache_file, write_cache_file
from generator.confluence.storage import rules
from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.nodes import ConversionLoss, Drawing, Embedded, PageFile, PageTarget, SiteFile
from generator.confluence.storage.page import SourcePage, SourceSite
from generator.confluence.storage.write import ConvertedPage, StorageBody

_MOST_SITES = 8
"""The sites whose pages are kept; those that were published last."""
_RULES = {rule.code: rule for rule in rules.RULES}


class _StoredPage(msgspec.Struct, frozen=True, array_like=True):
    """A converted page as it is written to a file."""

    key: bytes
    reads: tuple[tuple[str, bytes], ...]
    """The files that the conversion read, with their digests; an empty one for a file that does not exist."""
    parts: tuple[str | tuple[str, str], ...]
    attachments: tuple[tuple[str, str, str, bytes, str], ...]
    """Name, media type, type of the source, content or path, digest."""
    links: tuple[tuple[str, str], ...]
    anchors: tuple[str, ...]
    losses: tuple[tuple[str, str, str, str], ...]


class ConversionCache:
    """Converts the pages of a site, and keeps the results for the next run."""

    def __init__(self, folder: Path, root: Path, site: SourceSite) -> None:
        """Prepare the cache.

        Args:
            folder: The folder of all caches.
            root: The folder of the site.
            site: The targets of links and images, which are a part of the key of each page.

        """
        flavour = "cloud" if site.is_cloud else "datacenter"
        self._folder = folder / "publish" / _hash(f"{root.resolve()} {flavour}".encode()).hex()[:32]
        self._site = site
        tables = [sorted(site.refs.items()), sorted(site.unpublished), site.url, site.drawing_key, site.is_cloud]
        self._site_key = _hash(compute_version(site.links_of_svg) + json.dumps(tables).encode())
        keep_last_used(self._folder, _MOST_SITES)

    def convert(self, html: bytes, page: SourcePage) -> ConvertedPage:
        """Return what `convert_page` returns."""
        values = [page.path, page.title, sorted(page.linked_ids), sorted(page.children), page.account]
        key = _hash(self._site_key + _hash(json.dumps(values).encode()) + html)
        file = self._folder / _hash(page.path.encode()).hex()[:32]
        stored = _read(file)
        if stored is not None and stored.key == key and all(self._hash_file(path) == own for path, own in stored.reads):
            with suppress(KeyError, ValueError):  # another version of the cache wrote it
                return _restore(stored)
        reads: dict[str, bytes] = {}

        def read_file(path: str) -> bytes | None:
            content = self._site.read_file(path)
            reads[path] = _hash(content) if content is not None else b""
            return content

        converted = convert_page(html, page, replace(self._site, read_file=read_file))
        _write(file, _store(key, tuple(sorted(reads.items())), converted))
        return converted

    def _hash_file(self, path: str) -> bytes:
        content = self._site.read_file(path)
        return _hash(content) if content is not None else b""


def compute_version(links_of_svg: Callable[[str], object]) -> bytes:
    """Compute the version of the converter: the digest of the modules that decide on its results."""
    digest = hashlib.sha256(f"{sys.version} {etree.LXML_VERSION} {etree.LIBXML_VERSION}".encode())
    for source in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        if source.name.endswith(".py"):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    digest.update(Path(inspect.getfile(links_of_svg)).read_bytes())
    return digest.digest()


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _store(key: bytes, reads: tuple[tuple[str, bytes], ...], page: ConvertedPage) -> _StoredPage:
    attachments: list[tuple[str, str, str, bytes, str]] = []
    for each in page.attachments:
        match each.source:
            case SiteFile(path):
                kind, content = "file", path.encode()
            case Embedded(data):
                kind, content = "data", data
            case Drawing(svg):
                kind, content = "drawing", svg.encode()
        attachments.append((each.name, each.media_type, kind, content, each.digest))
    return _StoredPage(
        key,
        reads,
        tuple(part if isinstance(part, str) else (part.ref, part.anchor) for part in page.storage.parts),
        tuple(attachments),
        tuple((link.ref, link.anchor) for link in page.links),
        page.anchors,
        tuple((loss.rule.code, loss.what, loss.section, loss.near) for loss in page.losses),
    )


def _restore(stored: _StoredPage) -> ConvertedPage:
    """Return the page; KeyError or ValueError if it is none of this version."""
    attachments: list[PageFile] = []
    for name, media_type, kind, content, digest in stored.attachments:
        source: SiteFile | Embedded | Drawing
        match kind:
            case "data":
                source = Embedded(content)
            case "file":
                source = SiteFile(content.decode())
            case _:
                source = Drawing(content.decode())
        attachments.append(PageFile(name, media_type, source, digest))
    return ConvertedPage(
        StorageBody(tuple(part if isinstance(part, str) else PageTarget(*part) for part in stored.parts)),
        tuple(attachments),
        tuple(PageTarget(*link) for link in stored.links),
        stored.anchors,
        tuple(ConversionLoss(_RULES[code], *texts) for code, *texts in stored.losses),
    )


def _read(file: Path) -> _StoredPage | None:
    """Read a stored page; None if there is none, or it is damaged."""
    content = read_cache_file(file)
    try:
        return msgspec.msgpack.decode(content, type=_StoredPage) if content is not None else None
    except msgspec.DecodeError:
        return None


def _write(file: Path, stored: _StoredPage) -> None:
    """Replace a stored page; a folder that cannot be written is ignored."""
    with suppress(UnicodeEncodeError):  # a page with a lone surrogate is converted each time
        write_cache_file(file, msgspec.msgpack.encode(stored))
