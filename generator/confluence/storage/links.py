"""Where an address on a page leads: to an anchor, a page of the book, a file, another host, or nowhere."""

import posixpath
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from generator.confluence.storage.page import Walk

SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp", "ftps", "sftp", "git", "ssh", "irc", "ircs"})
_WHITESPACE = dict.fromkeys(range(0x21))


@dataclass(frozen=True, slots=True)
class ToAnchor:
    """An id on the same page."""

    identifier: str


@dataclass(frozen=True, slots=True)
class ToPage:
    """A page of the book, and an id on it or ""."""

    ref: str
    identifier: str


@dataclass(frozen=True, slots=True)
class ToFile:
    """A file of the site that is not a page."""

    path: str


@dataclass(frozen=True, slots=True)
class ToAddress:
    """An address that works from anywhere."""

    url: str


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Nothing that a wiki page can lead to."""

    reason: str


Destination = ToAnchor | ToPage | ToFile | ToAddress | Nowhere


def destination(address: str, walk: Walk) -> Destination:
    """Where an address that stands on the page leads."""
    cleaned = address.strip()
    try:
        parts = urlsplit(cleaned)
    except ValueError:
        return Nowhere(f"{cleaned!r} is not an address")
    scheme = parts.scheme.translate(_WHITESPACE).lower()
    if _within_site(cleaned, walk):
        return _on_site(cleaned[len(_base(walk)) :], walk, absolute=True)
    if scheme or _is_disguised(cleaned):
        return ToAddress(cleaned) if scheme in SAFE_SCHEMES else Nowhere(f"{cleaned!r} is not carried")
    if parts.netloc:
        return ToAddress(f"https:{cleaned}")
    return _on_site(cleaned, walk, absolute=False)


def _is_disguised(address: str) -> bool:
    """Whether a browser would see a scheme that urlsplit does not: it skips tabs and control characters."""
    return ":" in address.translate(_WHITESPACE).partition("/")[0].partition("#")[0].partition("?")[0]


def _base(walk: Walk) -> str:
    return (walk.site.url or "").rstrip("/") + "/"


def _within_site(address: str, walk: Walk) -> bool:
    return walk.site.url is not None and address.startswith(_base(walk))


def _on_site(address: str, walk: Walk, *, absolute: bool) -> Destination:
    parts = urlsplit(address)
    identifier = unquote(parts.fragment)
    if not parts.path and not absolute:
        return _on_page(identifier, walk)
    path = _site_path(unquote(parts.path), walk, absolute=absolute)
    if path is None:
        return Nowhere(f"{address!r} leads out of the site")
    found = _published(path, walk)
    if found is not None:
        own = found == walk.page.path and identifier != ""
        return _on_page(identifier, walk) if own else ToPage(walk.site.refs[found], identifier)
    return _unpublished(address, path, walk)


def _on_page(identifier: str, walk: Walk) -> Destination:
    if identifier in walk.ids:
        return ToAnchor(identifier)
    own = walk.site.refs.get(walk.page.path)
    if identifier in {"", "top"} and own is not None:
        return ToPage(own, "")
    return Nowhere(f"no element of the page has the id {identifier!r}")


def _site_path(path: str, walk: Walk, *, absolute: bool) -> str | None:
    """The path relative to the site, or None where it leaves it; a folder keeps its slash."""
    if path.startswith("/") and not absolute:
        prefix = urlsplit(walk.site.url or "").path.rstrip("/") + "/"
        if not path.startswith(prefix):
            return None
        path, absolute = path[len(prefix) :], True
    folder = "" if absolute else posixpath.dirname(walk.page.path)
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined == ".." or joined.startswith(("../", "/")):
        return None
    is_folder = path in {"", ".", ".."} or path.endswith(("/", "/.", "/.."))
    return ("" if joined == "." else joined) + ("/" if is_folder and joined != "." else "")


def _published(path: str, walk: Walk) -> str | None:
    folder = path.rstrip("/")
    choices = (path, f"{folder}/index.html" if folder else "index.html")
    return next((choice for choice in choices if choice in walk.site.refs), None)


def _unpublished(address: str, path: str, walk: Walk) -> Destination:
    is_page = not path or path.endswith(("/", ".html", ".htm"))
    if not is_page and walk.site.read_file(path) is not None:
        return ToFile(path)
    if walk.site.url is not None and is_page:
        parts = urlsplit(address)
        query = f"?{parts.query}" if parts.query else ""
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return ToAddress(f"{_base(walk)}{quote(path)}{query}{fragment}")
    return Nowhere(f"{address!r} is neither a published page nor a file of the site")
