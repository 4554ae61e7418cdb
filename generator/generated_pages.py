"""The pages of the book in MkDocs: their conversion, the Markdown file next to each page, and their search."""

import functools
import json
import logging
import posixpath
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, cast

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure import pages
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Link, Navigation
from mkdocs.structure.toc import TableOfContents, get_toc
from mkdocs.utils import write_file
from mkdocs.utils.meta import get_data
from msgspec.structs import replace

from generator.engines.configuration import EXTENSIONS
from generator.engines.modelbook_hooks import THEME_WORKER, build_worker_path
from generator.exports.site_markdown import get_markdown_path, render_markdown_page
from generator.load.nodes import as_list
from generator.outputs import CATALOG
from generator.page_shells import compute_relative_url, remove_search_attributes
from generator.pages.convert import MarkdownConverter, PageHtml
from generator.pages.own_pages import list_nav_pages
from generator.pages.packed_text import pack_text, unpack_text
from generator.pages.site_page import SitePage
from generator.pages.template_folders import find_shipped_templates
from generator.tag_lists import TaggedPage, TagLists

_PLAIN_LINK = re.compile(r"(?:\.\./)*[A-Za-z0-9_][A-Za-z0-9_./-]*\.md")
UNFINISHED_CATALOG = ".catalog.json"
"""The name of catalog.json during a build, since MkDocs copies the author's file with its name, if there is one."""
LinkCache = dict[tuple[str, str], dict[str, str]]
"""The resolved links of the pages in a folder. Links with an anchor are not in it: MkDocs counts each of them."""


class GeneratedFile(File):
    """The Markdown file of a page of the book, with the packed text of the page."""

    packed = b""

    @property
    def _content(self) -> str:  # what MkDocs and other plugins read and replace
        return unpack_text(self.packed)

    @_content.setter
    def _content(self, content: str | bytes | None) -> None:
        self.packed = pack_text(content.decode() if isinstance(content, bytes) else content or "", self.packed)


class GeneratedAsset(File):
    """A generated file that is no page."""


class GeneratedPage(pages.Page):
    """A page of the book: our own converter makes the same HTML in less time, or leaves it to Python-Markdown.

    Its texts are packed, and its table of contents is built when it is asked for: MkDocs keeps all pages until the end.
    """

    converter: MarkdownConverter
    packed_markdown: bytes | None = None
    kept_content: bytes | str | None = None
    """Its HTML: packed, unless it is needed for a short time only."""
    is_streamed = False
    """Whether it is converted when the theme needs it, and then forgotten."""
    files: Files | None = None
    """The files of the site, while it waits to be converted."""
    prepared: tuple[bytes, PageHtml] | None
    """Its packed Markdown and its HTML, if another process has converted it."""
    resolved: LinkCache | None
    """The links of all pages; None if MkDocs may report a link more than once."""
    converted: PageHtml | None = None
    """The headings and the anchors, if our own converter has made the HTML."""
    contents: TableOfContents | None = None
    """The table of contents, once it is asked for."""

    @property
    def markdown(self) -> str | None:
        """Its Markdown, once it is read."""
        return None if self.packed_markdown is None else unpack_text(self.packed_markdown)

    @markdown.setter
    def markdown(self, markdown: str | None) -> None:
        known = self.packed_markdown or (self.prepared[0] if self.prepared else b"")
        self.packed_markdown = None if markdown is None else pack_text(markdown, known)

    @property
    def content(self) -> str | None:
        """Its HTML, once it is converted."""
        return unpack_text(self.kept_content) if isinstance(self.kept_content, bytes) else self.kept_content

    @content.setter
    def content(self, content: str | None) -> None:
        known = self.kept_content if isinstance(self.kept_content, bytes) else b""
        self.kept_content = content if content is None or self.is_streamed else pack_text(content, known)

    @property
    def toc(self) -> TableOfContents:
        """Its table of contents."""
        if self.contents is None:
            self.contents = get_toc(self.converted.list_contents() if self.converted else [])
        return self.contents

    @toc.setter
    def toc(self, contents: TableOfContents) -> None:
        self.contents = contents

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Convert the Markdown, and set what `Page.render` sets."""
        if self.is_streamed and self.files is None:
            self.files, self.content = files, ""
            return
        prepared = self.prepared
        is_unchanged = prepared is not None and prepared[0] == self.packed_markdown  # by other plugins
        converted = prepared[1] if prepared and is_unchanged else self.converter.convert(self.markdown or "")
        self.prepared = None
        if converted is None:
            super().render(config, files)
            return
        links = pages._RelativePathTreeprocessor(self.file, files, config)  # noqa: SLF001 - it checks links
        self.content = converted.resolve_links(self._cache_links(links.path_to_url, files, converted.anchors))
        self.converted = replace(converted, packed=b"")
        # MkDocs looks up anchors in it. Pages from other processes have the same ones, as other objects.
        self.present_anchor_ids = cast("set[str]", frozenset(map(sys.intern, converted.anchors)))
        self._title_from_render = converted.title
        if pages.log.getEffectiveLevel() > logging.DEBUG:
            self.links_to_anchors = links.links_to_anchors

    def _cache_links(
        self, resolve: Callable[[str], str], files: Files, anchors: Collection[str]
    ) -> Callable[[str], str]:
        """Return a function that does what `resolve` of MkDocs does, in less time for usual links."""
        if self.resolved is None:
            return resolve
        folder, _, name = self.file.url.rpartition("/")
        place = folder if "." in name else self.file.url
        source_folder = posixpath.dirname(self.file.src_uri)
        known = self.resolved.setdefault((source_folder, place), {})

        def resolve_once(target: str) -> str:
            if target in known:
                return known[target]
            if _PLAIN_LINK.fullmatch(target):
                file = files.src_uris.get(posixpath.normpath(posixpath.join(source_folder, target)))
                if file is not None:
                    known[target] = compute_relative_url(file.url, self.file.url)
                    return known[target]
            return target if target.startswith("#") and target[1:] in anchors else resolve(target)

        return resolve_once


def check_site_dir(config: MkDocsConfig, sources: Iterable[str | None]) -> None:
    """Check that the site replaces none of the folders and files that a book is made of."""
    root, site = Path(config.config_file_path).parent, Path(config.site_dir).resolve()
    for name in filter(None, sources):
        path = (root / name).resolve()
        if site.is_relative_to(path) or path.is_relative_to(site):
            raise PluginError(f"the site would replace {name!r}: choose another site_dir")


def add_files(
    files: Files, generated: Iterable[SitePage], assets: Iterable[Mapping[str, str | bytes]], config: MkDocsConfig
) -> None:
    """Add the files of the generated pages, and groups of other files by their paths."""
    listed = {path for path, _ in list_nav_pages(config.nav)}
    for page in generated:
        inclusion = InclusionLevel.UNDEFINED if page.path in listed else InclusionLevel.NOT_IN_NAV
        file = GeneratedFile.generated(config, page.path, content="", inclusion=inclusion)
        assert isinstance(file, GeneratedFile)
        file.packed = page.packed
        files.append(file)
    for group in assets:
        for path, content in group.items():
            files.append(GeneratedAsset.generated(config, path, content=content))


def write_assets(files: Files) -> None:
    """Write the other generated files to the site before MkDocs does, which would keep their contents until the end."""
    for file in files:
        if isinstance(file, GeneratedAsset) and file.inclusion.is_included():  # type: ignore[no-untyped-call]
            file.copy_file()
            file._content, file.abs_src_path = None, file.abs_dest_path  # noqa: SLF001 - it reads the file now


def add_theme(config: MkDocsConfig) -> None:
    """Add the files of our theme, and the Markdown extensions that our pages need."""
    # After the author's own theme folder, before Material's.
    config.theme.dirs.insert(1 if config.theme.custom_dir else 0, str(find_shipped_templates() / "theme"))
    config.extra_css.insert(0, "assets/modelbook/modelbook.css")
    if "assets/modelbook/diagrams.css" not in config.extra_css:
        config.extra_css.append("assets/modelbook/diagrams.css")
    config.extra_javascript.insert(0, "assets/modelbook/modelbook.js")
    if "material/offline" in config.plugins:  # its search would load a polyfill from another host
        config.extra["polyfills"] = ["assets/modelbook/iframe-worker.js", *config.extra.get("polyfills", [])]
    config.markdown_extensions += [name for name in EXTENSIONS if name not in config.markdown_extensions]
    # Confluence needs the language of a code block.
    config.mdx_configs.setdefault("pymdownx.highlight", {}).setdefault("pygments_lang_class", True)


def adopt_pages(
    files: Files, generated: Mapping[str, SitePage], converter: MarkdownConverter | None, *, is_streamed: bool
) -> None:
    """Have our own converter, if there is one, convert the generated pages.

    MkDocs has made them, with their titles in the navigation.

    With `is_streamed`, pages without a text are made later: see `complete_page`.
    """
    excluded = [file for file in files if file.inclusion.is_excluded()]  # type: ignore[no-untyped-call]
    resolved = None if excluded else LinkCache()
    for file in files.documentation_pages():
        page, made = file.page, generated.get(file.src_uri)
        if made is not None and converter is not None and type(page) is pages.Page:
            page.__class__ = GeneratedPage
            assert isinstance(page, GeneratedPage)
            page.converter, page.resolved = converter, resolved
            page.prepared = (made.packed, made.converted) if made.converted else None
            page.is_streamed = is_streamed and not made.packed


def complete_page(page: pages.Page, made: SitePage, config: MkDocsConfig) -> SitePage:
    """Convert a page that another process has made by now, as MkDocs and the search have converted the others."""
    assert isinstance(page, GeneratedPage), "pages with an outline are adopted"
    assert page.files is not None, "MkDocs reads all pages first"
    page.packed_markdown, page.prepared = made.packed, (made.packed, made.converted) if made.converted else None
    page.render(config, page.files)
    if SiteSearch.find(config) is not None:
        page.content = remove_search_attributes(page.content or "")
    return replace(made, converted=None)


def release_texts(page: pages.Page, made: SitePage, *, has_readers: bool) -> SitePage:
    """Drop what a written page does not need: all of its texts, unless a plugin may read them."""
    if isinstance(page, GeneratedPage):
        page.contents = None  # built again if it is asked for
        if page.is_streamed or not has_readers:
            page.content = page.converted = None
            page.packed_markdown = b""
            if isinstance(page.file, GeneratedFile):
                page.file.packed = b""
            return replace(made, packed=b"")
    return made


def list_tags(files: Files, generated: Mapping[str, SitePage]) -> Iterator[str]:
    """Yield the tags of the generated pages and of the author's own, each as often as a page has it."""
    for made in generated.values():
        yield from made.tags
    for file in files.documentation_pages():
        with suppress(OSError, UnicodeDecodeError):  # MkDocs reports it
            _, meta = get_data(file.content_string)
            yield from (str(tag) for tag in as_list(meta.get("tags")))


def write_files(site_dir: str, files: Iterable[tuple[str, bytes]]) -> None:
    """Write the files about all pages, given by their paths in the site; catalog.json is there already."""
    Path(site_dir, UNFINISHED_CATALOG).replace(Path(site_dir, CATALOG))
    for name, content in files:
        path = Path(site_dir, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def write_markdown_file(site_dir: str, page: pages.Page, made: SitePage | None, html_files: Collection[str]) -> None:
    """Write the Markdown file of a page, which is the author's own if it is not `made`."""
    path = page.file.dest_uri
    front_matter = made.facts if made else {"type": "page", "title": str(page.title)}
    markdown = render_markdown_page(page.content or "", path, html_files, front_matter)
    file = posixpath.join(site_dir, get_markdown_path(path))
    write_file(markdown.encode("utf-8", "xmlcharrefreplace"), file)  # as MkDocs writes the page


class SiteSearch:
    """The search of a build: Material's, with our own worker and our own entries for the pages of the book."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - a class of Material without types
        self._index = index
        self._has_worker = False
        """Whether a page has named our worker."""

    @classmethod
    def find(cls, config: MkDocsConfig) -> Self | None:
        """Find Material's search; None if it is disabled, or if the theme has another one."""
        index = getattr(config.plugins.get("material/search"), "search_index", None)
        return None if index is None else cls(index)

    def name_worker(self, env: Any) -> None:  # noqa: ANN401
        """Make the pages name our worker where the theme names Material's."""
        own = build_worker_path(find_shipped_templates() / "theme")
        resolve_url = env.filters["url"]

        @functools.wraps(resolve_url)  # with the mark by which Jinja passes the context
        def resolve_worker_url(context: Any, value: str) -> str:  # noqa: ANN401
            is_worker = THEME_WORKER.fullmatch(str(value)) is not None
            self._has_worker = self._has_worker or is_worker
            return str(resolve_url(context, own if is_worker else value))

        env.filters["url"] = resolve_worker_url

    def list_records(self) -> list[Mapping[str, Any]]:
        """List what Material's own search has found on the pages of the author."""
        if not self._has_worker:
            message = "no page names Material's search worker: this version of mkdocs-material is not supported"
            raise PluginError(message)
        return list(self._index.entries)

    def replace_records(self, record: str) -> None:
        """Replace the records of Material's index by one, which is given as JSON."""
        self._index.entries[:] = [json.loads(record)]


def list_navigation_files(nav: Navigation) -> list[str]:
    """List the Markdown files in the navigation, then those that it names although they are missing."""
    pending, missing = [*nav.items], list[str]()
    while pending:
        item = pending.pop()
        pending += item.children or ()
        missing += [item.url] if isinstance(item, Link) else []
    return [*(page.file.src_uri for page in nav.pages), *missing]


def find_tag_lists(config: MkDocsConfig) -> TagLists | None:
    """Find the pages by tag of Material's tags plugin; None if the plugin is disabled."""
    plugin = config.plugins.get("material/tags")
    if plugin is None or not plugin.config.enabled:
        return None
    tagged = [
        TaggedPage(mapping.item.url, mapping.item.title, tuple(sorted(tag.name for tag in mapping.tags)))
        for mapping in plugin.mappings
    ]
    listings = list(plugin.listings)
    path, listed = "", frozenset[str]()
    if len(listings) == 1:
        path, listed = listings[0].page.file.dest_uri, frozenset(tag.name for tag in listings[0].tags)
    export = plugin.config.export_file if plugin.config.export else ""
    return TagLists(tagged, path, listed, export)
