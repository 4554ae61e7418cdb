"""The pages of the book in the HTML of the theme, which renders the shell of each kind of page once.

Pages are filled while MkDocs builds a site, and without MkDocs after the change of a card.
"""

import logging
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from generator.engines.modelbook_hooks import MOST_CONTENTS, name_search
from generator.exports.site_markdown import add_markdown_link
from generator.pages.convert import PageHtml
from generator.pages.feed import add_feed_link
from generator.pages.paths import NAVIGATION, get_html_file, get_output_path
from generator.pages.shell import UNUSED, PageValues, Shell, ShellKey, build_key, build_markers, parse_shell
from generator.pages.site_page import SitePage

log = logging.getLogger("mkdocs.plugins.modelbook")

_SEARCH_ATTRIBUTE = re.compile(r'data-search-\w+="[^"]+"')
_TEMPLATE = "main.html"
_CHECKED_PAGES = 2
"""The pages of each kind that the theme renders too, to compare them."""
_CONTEXT = frozenset({
    "nav", "pages", "base_url", "extra_css", "extra_javascript", "mkdocs_version", "build_date_utc", "config", "page",
    "tags",
})  # fmt: skip
"""What MkDocs and the known plugins pass to the theme."""


@dataclass(slots=True)
class PageShells:
    """The shells of a site, with what makes the values of a page out of a `SitePage`."""

    site_url: str
    edit_url: str | None
    """The address where a card is edited, with `{path}`."""
    directory_urls: bool
    unshared: frozenset[str]
    """The Markdown files of the pages with a shell of their own: other pages of their folder have other links."""
    has_search: bool
    """Whether Material's search removes its attributes from pages."""
    tag_urls: dict[str, str] = field(default_factory=dict)
    """The address of each tag, relative to the site; empty if its pages are not listed. None if there are no tags."""
    shells: dict[ShellKey, Shell] = field(default_factory=dict)
    is_complete: bool = True
    """Whether the values of all pages are those that MkDocs has for them."""

    def get_url(self, page: SitePage) -> str:
        """Return the address of a page, relative to the site."""
        return quote(get_output_path(page.path, directory_urls=self.directory_urls))

    def build_values(self, page: SitePage, content: str, contents: Iterable[Any]) -> PageValues | None:
        """Build the values of a page; None if its table of contents is no list below one heading.

        `contents` is its table of contents, as objects like those of MkDocs.
        """
        first, *more = [*contents] or [None]
        if more or (first is not None and (first.level != 1 or any(one.children for one in first.children))):
            return None
        meta, url = page.meta, self.get_url(page)
        tags = sorted(set(page.tags)) if self.tag_urls else ()
        if any(tag not in self.tag_urls for tag in tags):
            return None
        return PageValues(
            title=str(meta["title"]),
            description=str(meta.get("description", "")),
            content=content,
            edit_url=page.build_edit_url(self.edit_url),
            canonical_url=urljoin(self.site_url.rstrip("/") + "/", url) if self.site_url else "",
            start=first.url if first else "",
            headings=tuple((one.url, one.title) for one in first.children) if first else (),
            tags=tuple((self.tag_urls[tag] and _resolve_url(self.tag_urls[tag], url), tag) for tag in tags),
        )

    def build_key(self, page: SitePage, values: PageValues) -> ShellKey:
        """Build the key of the shell of a page."""
        hidden = ("toc",) if page.is_wide else ()
        if page.path in self.unshared:
            return build_key(values, page.path, values.title, page.parent, hidden)
        folder = posixpath.dirname(self.get_url(page).rstrip("/"))
        return build_key(values, folder, "", page.parent, hidden)

    def finish(self, page: SitePage, output: str) -> str:
        """Add to the HTML of the theme what Modelbook adds to it."""
        path = get_html_file(page.path, directory_urls=self.directory_urls)
        return finish_html(output, page.path, path, has_feed=bool(self.site_url))


def finish_html(output: str, source: str, path: str, *, has_feed: bool) -> str:
    """Add the links to the feed and to the Markdown file to a page, and name its search.

    `source` is the Markdown file of the page, and `path` its HTML file.
    """
    if source == NAVIGATION.home.path and has_feed:
        output = add_feed_link(output)
    return add_markdown_link(name_search(output), path)


def resolve_page_links(
    shells: PageShells, page: SitePage, html: PageHtml, find_url: Callable[[str], str | None]
) -> str | None:
    """Return the HTML of a page with its links resolved as MkDocs resolves them; None if one leads to no file.

    `html` is the page before links are resolved. `find_url` returns the address of a file relative to the site, for its
    source; None if there is no such file.
    """
    url = shells.get_url(page)

    def resolve_link(target: str) -> str:
        scheme, netloc, path, query, anchor = urlsplit(target)
        if scheme or netloc or not path:
            return target
        linked = find_url(posixpath.normpath(posixpath.join(posixpath.dirname(page.path), unquote(path))))
        if linked is None or target.startswith(("/", "\\")):
            raise LookupError
        return urlunsplit(("", "", compute_relative_url(linked, url), query, anchor))

    try:
        content = html.resolve_links(resolve_link)
    except LookupError:  # MkDocs reports it
        return None
    return remove_search_attributes(content) if shells.has_search else content


def remove_search_attributes(content: str) -> str:
    """Remove the attributes for Material's search from HTML, each with the space before it, as its plugin does.

    Its pattern begins with this optional space, so that it is compared at every place of the text.
    """
    *parts, last = _SEARCH_ATTRIBUTE.split(content)
    return "".join([*(part[:-1] if part[-1:].isspace() else part for part in parts), last])


def render_page_html(shells: PageShells, page: SitePage, html: PageHtml, content: str) -> str | None:
    """Render the HTML of a page as MkDocs with the theme does; None if they have to do it.

    `html` is the page before links are resolved, and `content` the same with resolved links.
    """
    values = shells.build_values(page, content, _list_contents(html))
    shell = shells.shells.get(shells.build_key(page, values)) if values and shells.is_complete else None
    return shells.finish(page, shell.fill(values)) if shell and values else None


def _list_contents(html: PageHtml) -> list[Any]:
    """List the shortened table of contents of a page as MkDocs does."""
    return [
        SimpleNamespace(
            level=first["level"],
            url=f"#{first['id']}",
            title=first["name"],
            children=[
                SimpleNamespace(url=f"#{one['id']}", title=one["name"], children=[])
                for one in first["children"][:MOST_CONTENTS]
            ],
        )
        for first in html.list_contents()
    ]


@lru_cache(maxsize=4_096)
def _resolve_url(url: str, page: str) -> str:
    """Resolve an address from the page with another, as the filter `url` of MkDocs does."""
    parts = urlsplit(url)
    return url if parts.scheme or parts.netloc or url.startswith(("/", "#")) else compute_relative_url(url, page)


def compute_relative_url(url: str, page: str) -> str:
    """Compute an address relative to a page, as `get_relative_url` of MkDocs does."""
    folder, _, name = page.rpartition("/")
    above = _list_parts(folder if "." in name else page)
    below = _list_parts(url)
    shared = 0
    while shared < min(len(above), len(below)) and above[shared] == below[shared]:
        shared += 1
    relative = "/".join([".."] * (len(above) - shared) + below[shared:]) or "."
    return f"{relative}/" if url.endswith("/") else relative


def _list_parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]


class ShellRenderer:
    """The theme's template of pages: it renders a shell for each kind of page of the book, and then fills it."""

    def __init__(
        self, render: Callable[[Mapping[str, Any]], str], pages: Mapping[str, SitePage], shells: PageShells
    ) -> None:
        """Keep the shells where they are.

        `render` renders a page with the theme.
        """
        self._render = render
        self._pages = pages
        self._shells = shells
        self._checked = Counter[ShellKey]()

    def render(self, context: Mapping[str, Any]) -> str:
        """Render a page as the theme does."""
        made = self._pages.get(context["page"].file.src_uri)
        values = self._read_values(context, made) if made else None
        if made is None or values is None:
            self._shells.is_complete = self._shells.is_complete and made is None
            return self._render(context)
        key, shells = self._shells.build_key(made, values), self._shells.shells
        if self._checked[key] == _CHECKED_PAGES:
            return shells[key].fill(values) if key in shells else self._render(context)
        output = self._render(context)
        shell = shells.get(key) if self._checked[key] else self._render_shell(context, values)
        self._checked[key] += 1
        if shell is not None and shell.fill(values) == output:
            shells[key] = shell
        elif shells.pop(key, None) or shell or self._checked[key] == 1:
            log.debug(f"no shell for pages like {made.path}: the theme renders each of them")
        return output

    def _read_values(self, context: Mapping[str, Any], made: SitePage) -> PageValues | None:
        """Return the values of a page; None if MkDocs or a plugin has others, or may have."""
        page, tags = context["page"], context.get("tags") or ()
        if not _CONTEXT.issuperset(context) or any(tag.hidden for tag in tags):
            return None
        self._shells.tag_urls.update((tag.name, tag.url or "") for tag in tags)
        values = self._shells.build_values(made, page.content, page.toc)
        if values is None or page.meta != made.meta | {"search": {"exclude": True}}:
            return None
        expected = (values.edit_url, values.canonical_url, self._shells.get_url(made))
        if expected != (page.edit_url or "", page.canonical_url or "", page.url):
            return None
        return values if [name for _, name in values.tags] == [tag.name for tag in tags] else None

    def _render_shell(self, context: Mapping[str, Any], values: PageValues) -> Shell | None:
        """Render a page with markers instead of its values. The page itself is changed: the navigation has it too."""
        page, markers = context["page"], build_markers(values)
        headings = [SimpleNamespace(level=2, url=url, title=title, children=[]) for url, title in markers.headings]
        first = SimpleNamespace(level=1, url=markers.start, title=UNUSED, children=headings)
        meta = page.meta | {"title": markers.title}
        changes = {
            "meta": meta | {"description": markers.description} if markers.description else meta,
            "content": markers.content,
            "toc": [first] if markers.start else [],
            "edit_url": markers.edit_url or None,
            "canonical_url": markers.canonical_url or None,
        }
        tags = [SimpleNamespace(url=url, name=name, hidden=False) for url, name in markers.tags]
        kept = {name: getattr(page, name) for name in changes}
        try:
            for name, value in changes.items():
                setattr(page, name, value)
            return parse_shell(self._render({**context, "tags": tags} if "tags" in context else context))
        finally:
            for name, value in kept.items():
                setattr(page, name, value)


def start_shells(
    env: Any,  # noqa: ANN401 - the environment of Jinja
    config: Any,  # noqa: ANN401 - the configuration of MkDocs
    files: Iterable[Any],
    pages: Mapping[str, SitePage],
    navigation: Collection[str],
    edit_url: str | None,
    known_plugins: Collection[str],
) -> PageShells | None:
    """Have shells rendered and filled; None if pages are not those of the theme, unchanged by plugins and authors.

    `env` has the templates of the theme. `pages` has the pages of the book by their Markdown files, and `navigation`
    those in the navigation. `edit_url` is the address where a card is edited, with `{path}`. The effect of the
    `known_plugins` on pages is known.
    """
    theme = config.theme
    plugins = [plugin for name, plugin in config.plugins.items() if name in known_plugins]
    methods = [method for event in ("env", "page_context") for method in config.plugins.events[event]]
    is_changed = bool(theme.custom_dir) and any(Path(theme.custom_dir).rglob("*.html"))
    # With icons, tags differ by more than their names.
    if theme.name != "material" or is_changed or config.extra.get("tags"):
        return None
    if not all(any(getattr(method, "__self__", None) is plugin for plugin in plugins) for method in methods):
        return None
    unshared = _list_unshared_pages(files, navigation)
    has_search = hasattr(config.plugins.get("material/search"), "search_index")
    shells = PageShells(config.site_url or "", edit_url, config.use_directory_urls, unshared, has_search)
    template = env.get_template(_TEMPLATE)
    # MkDocs gets the same object for each page, from the cache of the environment.
    template.render = ShellRenderer(template.render, pages, shells).render
    return shells


def _list_unshared_pages(files: Iterable[Any], listed: Collection[str]) -> frozenset[str]:
    """List the Markdown files of pages with other links than those next to them: see `PageShells.unshared`."""
    own, folders, places = set(listed), set[str](), dict[str, str]()
    for file in files:
        folder, name = posixpath.split(file.dest_uri)
        if file.is_documentation_page() and name == "index.html":
            if posixpath.basename(file.src_uri) in {"index.md", "README.md"}:
                own.add(file.src_uri)
            places[folder] = file.src_uri
            folder = posixpath.dirname(folder)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    return frozenset(own | {source for folder, source in places.items() if folder in folders})
