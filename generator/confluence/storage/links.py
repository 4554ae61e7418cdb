"""Targets of addresses on a page: anchors, pages of the book, files, other hosts."""

import posixpath
import re
from html import unescape
from urllib.parse import quote, unquote, urlsplit

from generator.confluence.storage.page import ConversionContext, SourcePage, SourceSite
from generator.values import FrozenValue

SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp", "ftps", "sftp", "git", "ssh", "irc", "ircs"})
_WHITESPACE = dict.fromkeys(range(0x21))
_ADDRESS = re.compile(rb"""href\s*=\s*(?:"([^"#]+#[^"]+)"|'([^'#]+#[^']+)'|([^\s"'#>]+#[^\s>]+))""", re.IGNORECASE)
"""An address with a path and an id in an attribute of HTML or SVG."""


class PageLink(FrozenValue):
    """A link to a page of the book, with an id on it or ""; without a reference, to an id on the same page."""

    ref: str
    identifier: str


class FileLink(FrozenValue):
    """A link to a file of the site that is not a page."""

    path: str


class ExternalLink(FrozenValue):
    """A link to an absolute address."""

    url: str


class UnpublishedLink(FrozenValue):
    """A link to a page of a site without an address that is not published: only the text of the link remains."""


class BrokenLink(FrozenValue):
    """A link without a target that Confluence can link to."""

    reason: str


ResolvedLink = PageLink | FileLink | ExternalLink | UnpublishedLink | BrokenLink


def resolve_link(address: str, context: ConversionContext) -> ResolvedLink:
    """Resolve an address on a page."""
    cleaned = address.strip()
    try:
        parts = urlsplit(cleaned)
    except ValueError:
        return BrokenLink(f"{cleaned!r} is not an address")
    scheme = parts.scheme.translate(_WHITESPACE).lower()
    base = _get_base(context)
    if context.site.url is not None and cleaned.startswith(base):
        return _resolve_in_site(cleaned[len(base) :], context, absolute=True)
    # A browser skips tabs and control characters, so that it finds a scheme that urlsplit does not.
    visible = cleaned.translate(_WHITESPACE).partition("/")[0].partition("#")[0].partition("?")[0]
    if scheme or ":" in visible:
        return ExternalLink(cleaned) if scheme in SAFE_SCHEMES else BrokenLink(f"{cleaned!r} has an unsupported scheme")
    if parts.netloc:
        return ExternalLink(f"https:{cleaned}")
    return _resolve_in_site(cleaned, context, absolute=False)


def list_page_links(html: bytes, path: str, site: SourceSite) -> frozenset[PageLink]:
    """List the links of a built page to ids on other pages of the book, without parsing it."""
    context = ConversionContext(SourcePage(path, ""), site, frozenset(), frozenset(), lambda _element, _context: ())
    article = html[html.find(b"md-content__inner") : html.rfind(b"</article>")]
    addresses = {b"".join(match.groups(b"")) for match in _ADDRESS.finditer(article)}
    found = (resolve_link(unescape(address.decode("utf-8", "replace")), context) for address in addresses)
    return frozenset(link for link in found if isinstance(link, PageLink) and link.ref and link.identifier)


def _get_base(context: ConversionContext) -> str:
    return (context.site.url or "").rstrip("/") + "/"


def _resolve_in_site(address: str, context: ConversionContext, *, absolute: bool) -> ResolvedLink:
    parts, site = urlsplit(address), context.site
    identifier = unquote(parts.fragment)
    if not parts.path and not absolute:
        return _resolve_anchor(identifier, context)
    path = _resolve_path(unquote(parts.path), context, absolute=absolute)
    if path is None:
        return BrokenLink(f"{address!r} leads out of the site")
    folder = path.rstrip("/")
    choices = (path, f"{folder}/index.html" if folder else "index.html")
    found = next((choice for choice in choices if choice in site.refs), None)
    if found is not None:
        own = found == context.page.path and identifier != ""
        return _resolve_anchor(identifier, context) if own else PageLink(site.refs[found], identifier)
    is_page = not path or path.endswith(("/", ".html", ".htm"))
    if not is_page and site.read_file(path) is not None:
        return FileLink(path)
    if site.url is not None and is_page:
        return ExternalLink(_get_base(context) + parts._replace(path=quote(path)).geturl())
    if not site.unpublished.isdisjoint(choices):
        return UnpublishedLink()
    return BrokenLink(f"{address!r} is neither a published page nor a file of the site")


def _resolve_anchor(identifier: str, context: ConversionContext) -> ResolvedLink:
    if identifier in context.ids:
        return PageLink("", identifier)
    own = context.site.refs.get(context.page.path)
    if identifier in {"", "top"} and own is not None:
        return PageLink(own, "")
    return BrokenLink(f"no element of the page has the id {identifier!r}")


def _resolve_path(path: str, context: ConversionContext, *, absolute: bool) -> str | None:
    """Return the path relative to the site, with a final slash for a folder; None if it is outside of the site."""
    if path.startswith("/") and not absolute:
        prefix = urlsplit(context.site.url or "").path.rstrip("/") + "/"
        if not path.startswith(prefix):
            return None
        path, absolute = path[len(prefix) :], True
    folder = "" if absolute else posixpath.dirname(context.page.path)
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined == ".." or joined.startswith(("../", "/")):
        return None
    is_folder = path in {"", ".", ".."} or path.endswith(("/", "/.", "/.."))
    return ("" if joined == "." else joined) + ("/" if is_folder and joined != "." else "")
