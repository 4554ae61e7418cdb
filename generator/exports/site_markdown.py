"""The Markdown file next to each HTML page of the site."""

import posixpath
import re
from collections.abc import Collection, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from urllib.parse import quote, unquote, urlsplit

from generator.exports.page_markdown import ResolveLink, convert_article, render_front_matter

# Material requests a sitemap for each link[rel=alternate], as for a site in another language. The second word keeps its
# selector from matching; readers of the attribute split it at spaces.
_LINK = '<link rel="alternate describedby" type="text/markdown" href="{}">\n'

_USUAL_LINK = re.compile(
    r"((?:\.\./)*)((?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\.html)?)((?:#.+)?)"
)
"""A link to another folder, as engines write it, which needs no quotes."""


def get_markdown_path(path: str) -> str:
    """Return the Markdown file next to an HTML file: `models/ryl.md`, or `models/ryl/index.md` with directory URLs."""
    return f"{path.removesuffix('.html')}.md"


def add_markdown_link(page: str, path: str) -> str:
    """Add the link to the Markdown file to the head of an HTML page."""
    link = _LINK.format(quote(posixpath.basename(get_markdown_path(path))))
    before, head, after = page.partition("</head>")
    return f"{before}{link}{head}{after}" if head else page


def render_markdown_page(
    content: str,
    path: str,
    pages: Collection[str],
    front_matter: Mapping[str, object],
    source: str = "",
    sources: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Render the Markdown file of a page from the HTML of its article; `path` is its HTML file.

    Links to other `pages`, which are HTML files relative to the site, lead to their Markdown files. If no engine has
    changed the links of the article yet, they lead from its `source` to others: `sources` has the HTML file of each.
    """
    folder = posixpath.dirname(path)
    resolve: ResolveLink = partial(_resolve_built_link, folder, frozenset(pages))
    if sources:
        resolve = lru_cache(maxsize=1_024)(partial(_resolve_link, folder, pages, posixpath.dirname(source), sources))
    return render_front_matter(front_matter) + convert_article(content, resolve)


def _resolve_link(
    folder: str, pages: Collection[str], source_folder: str, sources: Mapping[str, str], target: str
) -> str:
    try:
        parts = urlsplit(target)
    except ValueError:
        return target
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return target
    linked = posixpath.normpath(posixpath.join(source_folder, unquote(parts.path)))
    found = sources.get(linked) or posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
    if found not in pages:
        found = posixpath.normpath(posixpath.join(found, "index.html"))
    if found not in pages:
        return target
    anchor = f"#{parts.fragment}" if parts.fragment else ""
    return quote(posixpath.relpath(get_markdown_path(found), folder or ".")) + anchor


@lru_cache(maxsize=4_096)
def _resolve_built_link(folder: str, pages: frozenset[str], target: str) -> str:
    """Resolve a link that an engine has changed. The pages of a folder have most of their links in common."""
    usual = _USUAL_LINK.fullmatch(target)
    if usual is not None:
        above, below, anchor = usual.groups()
        file, parents = f"{below}index.html" if below.endswith("/") else below, folder.split("/") if folder else []
        kept = len(parents) - len(above) // len("../")
        is_shortest = kept == len(parents) or (kept >= 0 and not below.startswith(f"{parents[kept]}/"))
        if is_shortest and "/".join([*parents[:kept], file]) in pages:
            return f"{above}{get_markdown_path(file)}{anchor}"
    return _resolve_link(folder, pages, folder, {}, target)
