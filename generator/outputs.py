"""The files about all pages of a site, joined from a piece of each page: pages.json, llms.txt, search, catalog.json.

A build makes the pieces of all pages. An update makes those of the changed pages, and joins them with the others.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, NamedTuple
from urllib.parse import quote

from generator.exports.catalog import CatalogPieces, split_catalog, update_catalog
from generator.exports.llms import LlmsEntry, LlmsLine, LlmsSection, join_llms, render_llms_line
from generator.exports.site_markdown import get_markdown_path
from generator.graph.edges import Graph
from generator.names import Ref
from generator.pages.assets import (
    ManifestEntry,
    OwnPage,
    join_manifest,
    render_manifest_entry,
    render_own_entry,
)
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
from generator.tag_lists import TaggedPage, TagLists, update_tag_files

CATALOG = "catalog.json"
_RECORD_FILES = ("search_index.json", "search_index.js")
"""The files of Material's index; the second one is for sites without a server."""
_LLMS_TITLES: Mapping[str, str] = {
    "overviews": "Answers",
    **{section.folder: section.title for section in SECTIONS},
    "guide": "Guide",
}


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
    manifest: ManifestEntry
    llms_section: str
    llms_line: LlmsLine
    search: SearchTexts


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """The configuration of a site, as far as the files about all pages depend on it."""

    title: str
    site_url: str | None
    directory_urls: bool
    navigation: tuple[str, ...] = ()
    """The Markdown files in the navigation."""
    has_search: bool = True


@dataclass(frozen=True, slots=True)
class Outputs:
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
    tags: TagLists | None
    """The pages by tag; None without Material's tags plugin."""

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


Files = dict[str, bytes]
"""The contents of files by their paths in the site."""


def build_outputs(
    options: SiteOptions,
    pages: Iterable[SitePage],
    own_pages: Iterable[OwnPage],
    own_records: Iterable[Mapping[str, Any]],
    catalog: CatalogPieces,
    without_page: Iterable[Ref],
    tags: TagLists | None = None,
) -> tuple[Files, Outputs]:
    """Make the pieces of all pages, and the files.

    Args:
        options: The configuration of the site.
        pages: The pages of the book, in the order of the site.
        own_pages: The author's own pages.
        own_records: The index of Material, with the sections of the author's own pages.
        catalog: The pieces of catalog.json.
        without_page: The nodes of the graph that have no page.
        tags: The pages by tag, whose files the tags plugin makes.

    """
    pieces = {page.key: _render_pieces(page, directory_urls=options.directory_urls) for page in pages}
    parent = NAVIGATION.home.key if NAVIGATION.home.key in pieces else None
    own = tuple(_render_own_pieces(page, parent) for page in own_pages)
    own_search = _render_search(convert_own_pages(own_records))
    outputs = Outputs(options, pieces, own, own_search, (), "", catalog.pack_lengths(), frozenset(without_page), tags)
    files = {"pages.json": outputs.join_manifest().encode(), CATALOG: catalog.join()}
    files |= {name: text.encode() for name, text in outputs.join_llms().items()}
    if options.has_search:
        outputs = replace(outputs, postings=outputs.list_all_postings())
        index = outputs.join_search()
        outputs = replace(outputs, search_record=_to_json(index.record))
        files |= {f"{FOLDER}/{name}": text.encode() for name, text in index.files.items()}
    return files, outputs


def _render_pieces(page: SitePage, *, directory_urls: bool) -> PagePieces:
    file = get_markdown_path(get_html_file(page.path, directory_urls=directory_urls))
    return PagePieces(
        page.path,
        page.ref,
        page.section,
        render_manifest_entry(page, directory_urls=directory_urls),
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


@dataclass(frozen=True, slots=True)
class CardChange:
    """A change of some cards, after which the graph has the same nodes and the book the same pages."""

    keys: Sequence[str]
    """The keys of all pages of the book, in the new order of the site."""
    pages: Sequence[SitePage]
    """The pages that were rendered again."""
    graph: Graph
    nodes: Collection[Ref]
    """The nodes whose card, name or outgoing edges have changed."""


def update_outputs(
    former: Outputs, change: CardChange, read: Callable[[str], bytes | None]
) -> tuple[dict[str, bytes | None], Outputs] | None:
    """Return the files that change, None for one to remove, and the pieces after an update.

    `read` returns a file of the site, None if it is missing. None if a file is not the one that was built.
    """
    options, pages = former.options, dict(former.pages)
    pages |= {page.key: _render_pieces(page, directory_urls=options.directory_urls) for page in change.pages
              if page.key in pages}  # fmt: skip
    # The other keys are those of pages that the author replaces.
    outputs = replace(former, pages={key: pages[key] for key in change.keys if key in pages})
    files: dict[str, bytes | None] = {}
    if _pick(former, "manifest") != _pick(outputs, "manifest"):
        files["pages.json"] = outputs.join_manifest().encode()
    if _pick(former, "llms_line") != _pick(outputs, "llms_line"):
        files |= _compare_files(former.join_llms(), outputs.join_llms())
    if options.has_search and _pick(former, "search") != _pick(outputs, "search"):
        outputs = replace(outputs, postings=_update_postings(former, outputs))
        index = outputs.join_search()
        outputs = replace(outputs, search_record=_to_json(index.record))
        most = len(json.loads(former.search_record)["starts"])
        files |= {f"{FOLDER}/words-{number}.js": None for number in range(len(index.starts), most)}
        files |= {f"{FOLDER}/{name}": text.encode() for name, text in index.files.items()}
        for name in _RECORD_FILES:
            file, record = read(f"{FOLDER}/{name}"), former.search_record.encode()
            if file is not None and file.count(record) != 1:
                return None
            files |= {f"{FOLDER}/{name}": file.replace(record, outputs.search_record.encode())} if file else {}
    if change.nodes:
        former_catalog = split_catalog(read(CATALOG) or b"", former.catalog_lengths)
        if former_catalog is None:
            return None
        urls = options.directory_urls
        paged = [ref for ref in change.nodes if ref not in former.without_page]
        paths = {ref: get_output_path(get_card_path(ref), directory_urls=urls) for ref in paged}
        catalog = update_catalog(former_catalog, change.graph, change.nodes, paths)
        outputs = replace(outputs, catalog_lengths=catalog.pack_lengths())
        files[CATALOG] = catalog.join()
    tags = _update_tags(former, change) if former.tags is not None else former.tags
    if former.tags is not None and tags != former.tags:
        listed = update_tag_files(former.tags, tags.pages, read) if tags is not None else None
        if listed is None:
            return None
        files |= listed
        outputs = replace(outputs, tags=tags)
    return files, outputs


def _update_tags(former: Outputs, change: CardChange) -> TagLists | None:
    """Return the pages by tag after a change; None if their order before is not known."""
    assert former.tags is not None
    options, known = former.options, {page.url: page for page in former.tags.pages}

    def get_url(path: str) -> str:
        return quote(get_output_path(path, directory_urls=options.directory_urls))

    changed: dict[str, TaggedPage] = {}
    for page in change.pages:
        before = known.get(get_url(page.path))
        if page.key in former.pages and (page.tags or before is not None):
            # A page in the navigation has its title there.
            title = before.title if before is not None and page.path in options.navigation else str(page.meta["title"])
            tagged = TaggedPage(get_url(page.path), title, tuple(sorted(set(page.tags))))
            changed |= {tagged.url: tagged} if tagged != before else {}
    keys = [key for key in change.keys if key in former.pages]
    if not changed and keys == list(former.pages):
        return former.tags
    urls = {key: get_url(page.path) for key, page in former.pages.items()}
    of_book = frozenset(urls.values())
    own = [page for page in former.tags.pages if page.url not in of_book]
    if [*own, *(known[url] for url in urls.values() if url in known)] != list(former.tags.pages):
        return None
    several = (changed.get(urls[key]) or known.get(urls[key]) for key in keys)
    return replace(former.tags, pages=[*own, *(page for page in several if page is not None and page.tags)])


def _pick(outputs: Outputs, field: str) -> list[object]:
    return [getattr(page, field) for page in outputs.pages.values()]


def _compare_files(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, bytes | None]:
    removed = dict.fromkeys(before.keys() - after.keys())
    return {**removed, **{name: text.encode() for name, text in after.items() if before.get(name) != text}}


def _update_postings(former: Outputs, outputs: Outputs) -> list[str]:
    """Return the line of each word after some texts have changed."""
    pages, before = outputs.list_search_pages(), former.list_search_pages()
    counts = [page.search.words.count("\n") + 1 for page in pages]
    if [page.path for page in pages] != [page.path for page in before] or counts != [
        page.search.words.count("\n") + 1 for page in before
    ]:
        return outputs.list_all_postings()
    changes: dict[int, tuple[str, str]] = {}
    for row, old, new in zip(accumulate(counts, initial=0), before, pages, strict=False):
        if old is not new:
            texts = zip(old.search.words.split("\n"), new.search.words.split("\n"), strict=True)
            changes |= {row + number: pair for number, pair in enumerate(texts)}
    return update_postings(former.postings, changes)
