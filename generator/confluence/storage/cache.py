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
from importlib.resources import files
from pathlib import Path

import msgspec
from lxml import etree
from msgspec.structs import replace

from generator.cache_files import keep_last_used, read_cache_file, write_cache_file
from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.page import SourcePage, SourceSite
from generator.confluence.storage.rules import RULES
from generator.confluence.storage.write import ConvertedPage

_MOST_SITES = 8
"""The sites whose pages are kept; those that were published last."""


class _StoredPage(msgspec.Struct, frozen=True, array_like=True):
    """A converted page as it is written to a file."""

    key: bytes
    reads: tuple[tuple[str, bytes], ...]
    """The files that the conversion read, with their digests; an empty one for a file that does not exist."""
    page: ConvertedPage


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
        with suppress(msgspec.DecodeError):  # a damaged file
            stored = msgspec.msgpack.decode(read_cache_file(file) or b"", type=_StoredPage)
            if stored.key == key and all(_hash(self._site.read_file(path)) == own for path, own in stored.reads):
                return stored.page
        reads: dict[str, bytes] = {}

        def read_file(path: str) -> bytes | None:
            content = self._site.read_file(path)
            reads[path] = _hash(content)
            return content

        converted = convert_page(html, page, replace(self._site, read_file=read_file))
        with suppress(UnicodeEncodeError):  # a page with a lone surrogate is converted each time
            write_cache_file(file, msgspec.msgpack.encode(_StoredPage(key, tuple(sorted(reads.items())), converted)))
        return converted


def compute_version(links_of_svg: Callable[[str], object]) -> bytes:
    """Compute the version of the converter: the digest of the files and the rules that decide on its results."""
    digest = hashlib.sha256(f"{sys.version} {etree.LXML_VERSION} {etree.LIBXML_VERSION} {RULES}".encode())
    for source in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        if source.name.endswith((".py", ".toml")):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    digest.update(Path(inspect.getfile(links_of_svg)).read_bytes())
    return digest.digest()


def _hash(content: bytes | None) -> bytes:
    return b"" if content is None else hashlib.sha256(content).digest()
