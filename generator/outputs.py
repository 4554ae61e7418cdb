"""The files about all pages of a site, joined from a piece of each page: pages.json, llms.txt, search, catalog.json.

A build makes the pieces of all pages. An update makes those of the changed pages, and joins them with the others.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple
from urllib.parse import quote

from msgspec import field
from msgspec.structs import replace

from generator.exports.catalog import update_catalog
from generator.exports.llms import LlmsEntry, LlmsLine, LlmsSection, join_llms, render_llms_line
from generator.exports.site_markdown import get_markdown_path
from generator.names import Ref
from generator.pages.assets import (
    OwnPage,
    RenderedPageEntry,
    join_manifest,
    list_asset_groups,
    render_assets,
    render_own_entry,
    render_page_entry,
)
from generator.pages.book import Book
from generator.pages.paths import NAVIGATION, SECTIONS, get_card_path, get_html_file, get_output_path
from generator.pages.search import SearchEntry, convert_own_pages
from generator.pages.search_index import (
    FOLDER,
    SearchIndex,
    join_search_index,
    list_page_entries,
    list_postings,
    render_row,
    sort_for_search,
    update_postings,
)
from generator.pages.site_page import SitePage
from generator.reads import record_reads
from generator.sitemap import update_sitemap
from generator.tag_lists import TaggedPage, TagLists, update_tag_files
from generator.values import FrozenValue

CATALOG = "catalog.json"
_RECORD_FILES = ("search_index.json", "search_index.js")
"""The files of Material's index; the second one is for sites without a server."""
_LLMS_TITLES: Mapping[str, str] = {
    "overviews": "Answers",
    **{section.folder: section.title for section in SECTIONS},
    "guide": "Guide",
}


Files = dict[str, bytes]
"""The contents of files by their paths in the site."""
ChangedFiles = dict[str, bytes | None]
"""The same of files to write, with None for files to remove."""
ReadFile = Callable[[str], bytes | None]
"""A function that reads a file of the site; None if it is missing."""


class SearchTexts(NamedTuple):
    """The entries of a page in the search, one a line."""

    rows: str
    words: str


class PagePieces(NamedTuple):
    """What the files about all pages have of one page."""

    path: str
    """Its Markdown file."""
    ref: str
    """The reference of its card; empty if it is not the page of a card."""
    section: str
    manifest: RenderedPageEntry
    llms_section: str
    llms_line: LlmsLine
    search: SearchTexts


class SiteOptions(FrozenValue):
    """The configuration of a site, as far as the files about all pages depend on it."""

    title: str
    site_url: str | None
    directory_urls: bool
    navigation: tuple[str, ...] = ()
    """The Markdown files in the navigation."""
    has_search: bool = True


class AssetGroup(NamedTuple):
    """Files that are rendered together."""

    reads: bytes
    """What they have read of the book, packed."""
    files: tuple[str, ...]


Updated = tuple[ChangedFiles, "Outputs"]
"""The files that change, and the pieces after the change."""
Assets = Mapping[str, tuple[AssetGroup, Files]]
"""The groups of files with their contents, by their names."""


class Outputs(FrozenValue):
    """The pieces of a site, from which an update joins its files."""

    options: SiteOptions
    pages: Mapping[str, PagePieces]
    """The pieces of the pages of the book by their keys, in the order of the site."""
    own_pages: tuple[PagePieces, ...]
    """Those of the author's pages, without their texts for the search."""
    own_search: SearchTexts
    """The texts of the author's pages and their sections for the search."""
    postings: Sequence[str]
    """The line of each word in the search."""
    search_record: str
    """The only record in Material's index, as JSON; empty without a search."""
    catalog_lengths: bytes
    """The lengths of the pieces of catalog.json: they are not kept, but cut out of the file."""
    without_page: frozenset[Ref]
    """The nodes of the graph that have no page."""
    tags: TagLists | None = None
    """The pages by tag, whose files Material's tags plugin makes; None without it."""
    assets: Mapping[str, AssetGroup] = field(default_factory=dict)
    """The groups of other files, by their names."""

    def list_search_pages(self) -> list[PagePieces]:
        """List the pages of the book in the order of the search."""
        return list(sort_for_search(self.pages.values()))

    def list_all_postings(self) -> list[str]:
        """List the line of each word in the search."""
        texts = [page.search.words for page in self.list_search_pages()]
        texts += [self.own_search.words] if self.own_search.rows else []
        return list_postings([words for text in texts for words in text.split("\n")])

    def join_search(self) -> SearchIndex:
        """Return the index of the search."""
        texts = [*(page.search for page in self.list_search_pages()), self.own_search]
        return join_search_index((text.rows.replace("\n", ",") for text in texts if text.rows), self.postings)

    def join_manifest(self) -> str:
        """Return pages.json."""
        entries = [page.manifest for page in (*self.pages.values(), *self.own_pages)]
        return join_manifest(self.options.title, self.options.site_url, entries, self.options.navigation)

    def join_llms(self) -> Mapping[str, str]:
        """Return llms.txt and the files of its parts by name."""
        lines: dict[str, list[LlmsLine]] = {name: [] for name in _LLMS_TITLES}
        for page in (*self.pages.values(), *self.own_pages):
            lines[page.llms_section].append(page.llms_line)
        sections = [LlmsSection(title, name, lines[name]) for name, title in _LLMS_TITLES.items()]
        return join_llms(self.options.title, sections)


def build_assets(book: Book, *, directory_urls: bool) -> Assets:
    """Render the files that are not about pages: the pictures of the map, badges, the feed and others."""
    return {name: _render_group(book, name, directory_urls=directory_urls) for name in list_asset_groups(book)}


def _render_group(book: Book, name: str, *, directory_urls: bool) -> tuple[AssetGroup, Files]:
    with record_reads() as reads:
        rendered = {path: text.encode() for path, text in render_assets(book, name, directory_urls=directory_urls)}
    return AssetGroup(reads.pack(), tuple(rendered)), rendered


def build_outputs(
    options: SiteOptions,
    pages: Iterable[SitePage],
    own_pages: Iterable[OwnPage],
    own_records: Iterable[Mapping[str, Any]],
    catalog_lengths: bytes,
    without_page: Iterable[Ref],
) -> tuple[Iterator[tuple[str, bytes]], Outputs]:
    """Make the pieces of all pages, and the files but for catalog.json, which are made one after the other.

    `own_records` is the index of Material, with the sections of the author's own pages. `without_page` are the nodes of
    the graph that have no page.
    """
    pieces = {page.key: _render_pieces(page, directory_urls=options.directory_urls) for page in pages}
    parent = NAVIGATION.home.key if NAVIGATION.home.key in pieces else None
    own = tuple(_render_own_pieces(page, parent) for page in own_pages)
    own_search = _render_search(convert_own_pages(own_records))
    outputs = Outputs(options, pieces, own, own_search, (), "", catalog_lengths, frozenset(without_page))
    if not options.has_search:
        return _render_files(outputs, ()), outputs
    outputs = replace(outputs, postings=outputs.list_all_postings())
    index = outputs.join_search()
    outputs = replace(outputs, search_record=_to_json(index.record))
    return _render_files(outputs, index.render_files()), outputs


def _render_files(outputs: Outputs, of_search: Iterable[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    yield from ((f"{FOLDER}/{name}", text.encode()) for name, text in of_search)
    yield "pages.json", outputs.join_manifest().encode()
    yield from ((name, text.encode()) for name, text in outputs.join_llms().items())


def _render_pieces(page: SitePage, *, directory_urls: bool) -> PagePieces:
    file = get_markdown_path(get_html_file(page.path, directory_urls=directory_urls))
    return PagePieces(
        page.path,
        page.ref,
        page.section,
        render_page_entry(page, directory_urls=directory_urls),
        page.section if page.ref else "overviews",
        render_llms_line(LlmsEntry(page.title, file, page.description, page.dependents)),
        _render_search(list_page_entries(page, directory_urls=directory_urls)),
    )


def _render_own_pieces(own: OwnPage, parent: str | None) -> PagePieces:
    line = render_llms_line(LlmsEntry(own.title, get_markdown_path(own.path)))
    return PagePieces(own.source, "", own.section, render_own_entry(own, parent), "guide", line, SearchTexts("", ""))


def _render_search(entries: Iterable[SearchEntry]) -> SearchTexts:
    entries = list(entries)
    return SearchTexts("\n".join(map(render_row, entries)), "\n".join(entry.words for entry in entries))


def _to_json(record: object) -> str:
    return json.dumps(record, separators=(",", ":"))  # as Material writes its index


class SiteChange(FrozenValue):
    """A change of some cards."""

    keys: Sequence[str]
    """The keys of all pages of the book, in the new order of the site."""
    pages: Sequence[SitePage]
    """The pages that were rendered again."""
    book: Book
    """The book after the change."""
    nodes: Collection[Ref]
    """The nodes whose card, name or outgoing edges have changed, with those that were added or removed."""
    former_nodes: Sequence[Ref]
    """All nodes before the change, sorted."""
    assets: Collection[str] = ()
    """The groups of other files that have read something that has changed."""


def update_outputs(former: Outputs, change: SiteChange, read: ReadFile) -> Updated | None:
    """Return the files that change, None for one to remove, and the pieces after an update.

    `read` returns a file of the site, None if it is missing. None if a file is not the one that was built.
    """
    options, pages = former.options, dict(former.pages)
    pages |= {page.key: _render_pieces(page, directory_urls=options.directory_urls) for page in change.pages}
    outputs = replace(former, pages={key: pages[key] for key in change.keys})
    files: dict[str, bytes | None] = {}
    if _pick(former, "manifest") != _pick(outputs, "manifest"):
        files["pages.json"] = outputs.join_manifest().encode()
    if _pick(former, "llms_line") != _pick(outputs, "llms_line"):
        before, after = former.join_llms(), outputs.join_llms()
        files |= dict.fromkeys(before.keys() - after.keys())
        files |= {name: text.encode() for name, text in after.items() if before.get(name) != text}
    for update in (_update_search, _update_catalog, _update_assets, _update_tags, _update_sitemap):
        updated = update(outputs, former, change, read)
        if updated is None:
            return None
        files |= updated[0]
        outputs = updated[1]
    return files, outputs


def _pick(outputs: Outputs, name: str) -> list[object]:
    return [getattr(page, name) for page in outputs.pages.values()]


def _update_search(outputs: Outputs, former: Outputs, _change: SiteChange, read: ReadFile) -> Updated | None:
    """Return the files of the search and their pieces; None if Material's index is not the one that was built."""
    if not outputs.options.has_search or _pick(former, "search") == _pick(outputs, "search"):
        return {}, outputs
    outputs = replace(outputs, postings=_update_postings(former, outputs))
    index = outputs.join_search()
    outputs = replace(outputs, search_record=_to_json(index.record))
    most = len(json.loads(former.search_record)["starts"])
    files: ChangedFiles = {f"{FOLDER}/words-{number}.js": None for number in range(len(index.starts), most)}
    files |= {f"{FOLDER}/{name}": text.encode() for name, text in index.render_files()}
    for name in _RECORD_FILES:
        file, record = read(f"{FOLDER}/{name}"), former.search_record.encode()
        if file is not None and file.count(record) != 1:
            return None
        files |= {f"{FOLDER}/{name}": file.replace(record, outputs.search_record.encode())} if file else {}
    return files, outputs


def _update_postings(former: Outputs, outputs: Outputs) -> list[str]:
    """Return the line of each word after some texts have changed."""
    pages, before = outputs.list_search_pages(), former.list_search_pages()
    counts, former_counts = ([page.search.words.count("\n") + 1 for page in one] for one in (pages, before))
    if counts != former_counts or [page.path for page in pages] != [page.path for page in before]:
        return outputs.list_all_postings()
    changes: dict[int, tuple[str, str]] = {}
    for row, old, new in zip(accumulate(counts, initial=0), before, pages, strict=False):
        if old is not new:
            texts = zip(old.search.words.split("\n"), new.search.words.split("\n"), strict=True)
            changes |= {row + number: pair for number, pair in enumerate(texts)}
    return update_postings(former.postings, changes)


def _update_catalog(outputs: Outputs, _former: Outputs, change: SiteChange, read: ReadFile) -> Updated | None:
    """Return catalog.json and the lengths of its pieces; None if it is not the file that was built."""
    if not change.nodes:
        return {}, outputs
    paged = [ref for ref in change.nodes if ref not in outputs.without_page]
    urls = outputs.options.directory_urls
    paths = {ref: get_output_path(get_card_path(ref), directory_urls=urls) for ref in paged}
    file = read(CATALOG) or b""
    lengths, graph = outputs.catalog_lengths, change.book.graph
    updated = update_catalog(file, lengths, change.former_nodes, graph, change.nodes, paths)
    if updated is None:
        return None
    return {CATALOG: updated[0]} if updated[0] != file else {}, replace(outputs, catalog_lengths=updated[1])


def _update_assets(outputs: Outputs, _former: Outputs, change: SiteChange, read: ReadFile) -> Updated | None:
    """Return the files that are not about pages; None if there are other groups of them than before."""
    if not change.assets:
        return {}, outputs
    if list_asset_groups(change.book) != list(outputs.assets):
        return None
    files, assets = ChangedFiles(), dict(outputs.assets)
    for name in change.assets:
        group, rendered = _render_group(change.book, name, directory_urls=outputs.options.directory_urls)
        files |= dict.fromkeys(set(assets[name].files) - set(group.files))
        files |= {path: content for path, content in rendered.items() if read(path) != content}
        assets[name] = group
    return files, replace(outputs, assets=assets)


def _update_tags(outputs: Outputs, former: Outputs, change: SiteChange, read: ReadFile) -> Updated | None:
    """Return the files that list pages by tag; None if only the plugin can make them."""
    if former.tags is None:
        return {}, outputs
    tags = _list_tagged_pages(outputs, former, former.tags, change)
    files = update_tag_files(former.tags, tags, read) if tags is not None else None
    return (
        None if files is None or tags is None else ({**files}, replace(outputs, tags=replace(former.tags, pages=tags)))
    )


def _update_sitemap(outputs: Outputs, former: Outputs, _change: SiteChange, read: ReadFile) -> Updated | None:
    """Return the sitemap; None if only MkDocs can make it."""
    options = outputs.options
    if not options.site_url or list(former.pages) == list(outputs.pages):
        return {}, outputs
    home = f"{options.site_url.rstrip('/')}/"
    before, after = ([home + _get_url(page.path, options) for page in one.pages.values()] for one in (former, outputs))
    files = update_sitemap(before, after, read)
    return ({**files}, outputs) if files is not None else None


def _get_url(path: str, options: SiteOptions) -> str:
    return quote(get_output_path(path, directory_urls=options.directory_urls))


def _list_tagged_pages(
    outputs: Outputs, former: Outputs, lists: TagLists, change: SiteChange
) -> Sequence[TaggedPage] | None:
    """List the pages with tags after a change; None if their order before is not known."""
    options, known = former.options, {page.url: page for page in lists.pages}
    changed: dict[str, TaggedPage] = {}
    for page in change.pages:
        before = known.get(_get_url(page.path, options))
        if page.tags or before is not None:
            # A page in the navigation has its title there.
            title = before.title if before is not None and page.path in options.navigation else str(page.meta["title"])
            tagged = TaggedPage(_get_url(page.path, options), title, tuple(sorted(set(page.tags))))
            changed |= {tagged.url: tagged} if tagged != before else {}
    is_same = list(outputs.pages) == list(former.pages) and changed.keys() <= known.keys()
    if is_same and all(page.tags for page in changed.values()):
        return [changed.get(page.url, page) for page in lists.pages]
    urls, new_urls = ([_get_url(page.path, options) for page in one.pages.values()] for one in (former, outputs))
    of_book = frozenset(urls)
    own = [page for page in lists.pages if page.url not in of_book]
    if [*own, *(known[url] for url in urls if url in known)] != list(lists.pages):
        return None
    several = (changed.get(url) or known.get(url) for url in new_urls)
    return [*own, *(page for page in several if page is not None and page.tags)]
