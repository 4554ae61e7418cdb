"""An update of a site after changes of cards and commits: the bytes of a build of the whole book, in less time."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from msgspec.structs import replace

from generator.errors import UserError
from generator.exports.catalog import list_changed_nodes
from generator.exports.site_markdown import get_markdown_path, render_markdown_page
from generator.findings import Finding, Severity
from generator.history.events import HistoryUpdate, compare_histories
from generator.incremental.affected import add_derived, compare_derived, find_affected, list_changed_reads
from generator.incremental.patch import Files
from generator.incremental.project_update import reload_cards, replace_cards
from generator.incremental.site_state import BuiltPage, SiteState, SiteUpdates, add_updates
from generator.load.cards import Cards
from generator.names import Ref
from generator.outputs import SiteChange, update_outputs
from generator.page_shells import render_page_html, resolve_page_links
from generator.pages.contexts.indexes import list_index_refs
from generator.pages.contexts.page_parts import PagePart
from generator.pages.convert import MarkdownConverter
from generator.pages.convert_support import build_converter
from generator.pages.paths import (
    NAVIGATION,
    SiteSection,
    get_card_path,
    get_html_file,
    get_output_path,
    get_section,
)
from generator.pages.site_page import SitePage
from generator.pages.template_folders import build_template_folders
from generator.project import Project, read_card_history
from generator.reads import PackedValues, join_values
from generator.values import FrozenValue
from generator.workers import count_processes, share_work

_FEW = 4
"""The pages that take less time than their author notices."""
_SHARED, _PAGES_TOGETHER = 8, 2
"""The pages that are worth another process, and those that a process makes at once."""


class PlannedUpdate(FrozenValue):
    """The pages that changed cards touch, with the findings of the book."""

    state: SiteState
    updates: SiteUpdates
    project: Project
    pages: tuple[SitePage, ...]
    """The pages that can differ from those in the site."""
    files: Files
    """Their files."""
    keys: tuple[str, ...]
    """The keys of all pages, in the order of the site."""
    former_nodes: tuple[Ref, ...]
    """The cards and resources at the last update, sorted."""
    links: re.Pattern[bytes] | None
    """Finds links of the author that another build could resolve in another way; None if there are none."""
    cards: Cards
    """The cards of all files that have changed since the build of the whole book."""
    history: HistoryUpdate | None
    """The history of the cards; None if it is that of the build of the whole book."""
    suspects: frozenset[int]
    """The hashes of the derived values that can have other reads than before."""
    nodes: frozenset[Ref]
    """The nodes that can differ from those in the site."""
    assets: frozenset[str]
    """The groups of other files that can differ."""
    findings: tuple[Finding, ...]
    """Those that the baseline does not list."""
    known: str
    """The sentence about those that it lists."""

    @property
    def has_errors(self) -> bool:
        """Whether an error stops the build."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


class RenderedUpdate(NamedTuple):
    """The files of a site that change."""

    files: Files
    updates: SiteUpdates
    """What is updated in the site when it has these files."""
    pages: int
    """The number of pages with other HTML."""
    added: int
    """The number of new pages, less that of removed ones."""


def plan_update(
    former: Project,
    state: SiteState,
    updates: SiteUpdates,
    changed: Collection[str],
    show: Callable[[Files], object] | None = None,
    *,
    has_new_history: bool = False,
) -> PlannedUpdate | None:
    """Plan the update of a site; None if the change is unusual, so that the whole book has to be built.

    Args:
        former: The book at the last build of all of it.
        state: The site as that build has left it.
        updates: What was updated since then.
        changed: The files of cards that were changed, added or removed since the last update, relative to their folder.
        show: Receives the files of the pages of the changed cards before many others are made.
        has_new_history: Whether the history of the cards can have changed since then.

    """
    reloaded = reload_cards(former, changed)
    if reloaded is None:
        return None
    every = updates.cards.add_files(reloaded) if updates.cards is not None else reloaded
    last = history = updates.history.apply(former.history) if updates.history is not None else former.history
    if has_new_history:
        settings = former.configuration.settings
        history = read_card_history(former.root, former.cards, settings, last.changes)
    project = replace_cards(former, every, history)
    before = replace_cards(former, updates.cards, last) if updates.cards is not None else former
    state = add_updates(state, updates)
    if (
        project is None
        or before is None
        or (converter := build_converter(state.extensions, state.extension_options)) is None
    ):
        return None
    try:
        compared = project.compare_with_baseline(project.findings)
    except UserError:
        return None
    if not before.cards.can_become(project.cards):
        return None
    cards, was, now = before.cards.list_touched(reloaded), before.graph.refs, project.graph.refs
    added, removed = frozenset(now).difference(was), frozenset(was).difference(now)
    pages = _change_pages(project, state, added, removed) if added or removed else state.pages
    if pages is None:
        return None
    state = replace(state, pages=pages)
    changes = list_changed_reads(before.book, project.book, cards)
    before.book.derived.use_kept(_omit(state.kept, updates.stale))
    is_different = compare_derived(before.book, project.book)
    changes, suspects = add_derived(changes, state.derived.find, is_different, updates.stale)
    project.book.derived.use_kept(_omit(state.kept, suspects))
    affected = state.readers.find(changes).union(map(str, added)) & pages.keys()
    groups = {name: group.reads for name, group in updates.outputs.assets.items()}
    assets = find_affected(changes, groups)
    shows = show if show is not None and len(affected) > _FEW else lambda _files: None
    built = _build_pages(project, state, converter, affected, frozenset(map(str, cards)), shows)
    sections = {get_section(ref.kind) for ref in (*added, *removed)}
    keys = _list_keys(project, state, built.pages, sections) if built is not None else None
    if built is None or keys is None:
        return None
    urls = state.shells.directory_urls
    html_files = [get_html_file(get_card_path(ref), directory_urls=urls) for ref in removed]
    files = {file: None for one in html_files for file in (one, get_markdown_path(one))}
    return PlannedUpdate(
        state=state,
        updates=updates,
        project=project,
        pages=built.pages,
        files={**built.files, **files},
        keys=keys,
        former_nodes=was,
        links=_build_link_pattern(state, added, removed) if added or removed else None,
        cards=every,
        history=compare_histories(former.history, history) if history is not former.history else None,
        suspects=suspects,
        nodes=list_changed_nodes(before.graph, project.graph, cards).union(added, removed),
        assets=assets,
        findings=tuple(compared.new),
        known=compared.describe_known(),
    )


def _change_pages(
    project: Project, state: SiteState, added: Collection[Ref], removed: Collection[Ref]
) -> Mapping[str, BuiltPage] | None:
    """Return the pages with those of new cards and resources, in the sections of their kinds, and without others.

    None if that can change what only MkDocs or a template of the author makes.
    """
    urls = state.shells.directory_urls
    made = {str(ref): BuiltPage(get_card_path(ref), "", get_section(ref.kind).key, None) for ref in added}
    gone = frozenset(map(str, removed))
    paths = {*(page.path for page in made.values()), *(state.pages[key].path for key in gone)}
    has_own = build_template_folders(project.root, project.configuration.settings.templates).has_own
    if has_own or not paths.isdisjoint(state.navigation | state.urls.keys()):
        return None
    addresses = {get_output_path(path, directory_urls=urls) for path in paths}
    folders = tuple(path.removesuffix(".md") + "/" for path in paths)
    if not addresses.isdisjoint(state.urls.values()) or any(
        page.path.startswith(folders) for page in state.pages.values()
    ):
        return None
    pages = {key: page for key, page in state.pages.items() if key not in gone} | made
    keys = [key for key in pages if key not in made]
    for key, page in made.items():
        last = max(number for number, one in enumerate(keys) if page.parent in {one, pages[one].parent})
        keys.insert(last + 1, key)
    return {key: pages[key] for key in keys}


def _build_link_pattern(state: SiteState, added: Iterable[Ref], removed: Iterable[Ref]) -> re.Pattern[bytes]:
    """Return a pattern of the links that MkDocs resolves in another way, or reports, if these pages come or go."""
    urls = state.shells.directory_urls
    names = [f"{ref.id}.md" for ref in added]
    names += [f"{ref.id}/" if urls else f"{ref.id}.html" for ref in removed]
    found = b"|".join(re.escape(name).encode() for name in names)
    return re.compile(rb'(?:href|src)="(?:[^"]*/)?(?:%b)(?:[#?][^"]*)?"' % found)


def _omit(kept: Mapping[int, object], hashes: Collection[int]) -> Mapping[int, object]:
    return {read: value for read, value in kept.items() if read not in hashes}


class _BuiltPages(NamedTuple):
    """Pages with their files."""

    pages: tuple[SitePage, ...]
    files: Files


def _build_pages(
    project: Project,
    state: SiteState,
    converter: MarkdownConverter,
    affected: Collection[str],
    first: Collection[str],
    show: Callable[[Files], object],
) -> _BuiltPages | None:
    """Build the affected pages, some of them first.

    None if the site gets other pages, if its navigation shows another title, if only MkDocs can render a page, or after
    a mistake in a template.
    """
    wholes = {key: _find_whole(key, page) for key, page in state.pages.items()}
    builder = project.build_page_builder(converter.convert)
    if {whole for whole in wholes.values() if whole.startswith("page:")} != builder.list_book_keys():
        return None
    parts = {key: part for key in affected if (part := state.pages[key].part) and wholes[key] not in affected}
    chosen = {wholes[key] for key in affected if key not in parts}
    render = _start_rendering(state, converter)

    def is_kept(key: str, part: PagePart[Ref] | None) -> bool:
        return key not in affected and key in state.pages and state.pages[key].part == part

    def build(keys: Collection[str]) -> tuple[_BuiltPages | None, PackedValues, Set[str]]:
        pages = [*builder.build_chosen(chosen.intersection(keys), is_kept)]
        pages += (builder.build_own_part(wholes[key], parts[key]) for key in keys if key in parts)
        is_usual = not builder.findings and all(_keeps_place(page, state) for page in pages)
        files = render(pages) if is_usual else None
        built = _BuiltPages(tuple(pages), files) if files is not None else None
        return built, project.book.pack_new_derived(), builder.kept

    pages, files, kept = list[SitePage](), dict[str, bytes | None](), set[str]()

    def add(built: _BuiltPages | None, derived: PackedValues, kept_then: Set[str]) -> bool:
        if built is not None:
            pages.extend(built.pages)
            files.update(built.files)
            kept.update(kept_then)
            project.book.derived.add(derived)
        return built is not None

    # Before another process starts, which then has what all pages need, such as the templates.
    if not add(*build(first)):
        return None
    if files:
        show(dict(files))
    # The pages of many cards take longest: they are in the middle, so that each process makes some.
    others = sorted((chosen | parts.keys()).difference(first))
    processes = count_processes(len(others), _SHARED)
    with share_work(build, others, processes, _PAGES_TOGETHER) as results:
        if not all(add(*result) for result in results):
            return None
    expected = {key for key, whole in wholes.items() if whole in chosen} | parts.keys()
    return _BuiltPages(tuple(pages), files) if {page.key for page in pages} | kept == expected else None


def _list_keys(
    project: Project, state: SiteState, pages: Iterable[SitePage], sections: Collection[SiteSection]
) -> tuple[str, ...] | None:
    """List the keys of all pages in their new order; `sections` have other pages. None if the site gets others."""
    keys = list(state.pages)
    renamed = (page.ref for page in pages if page.ref and page.title != state.pages[page.key].title)
    for section in {*sections, *(get_section(Ref.parse(ref).kind) for ref in renamed)}:
        order = list(map(str, list_index_refs(project.book, section)))
        rows, members = iter(order), frozenset(order)
        if not members <= state.pages.keys():
            return None
        keys = [next(rows) if key in members else key for key in keys]
    return tuple(keys)


def _keeps_place(page: SitePage, state: SiteState) -> bool:
    """Return whether a page is where it was, with the same title in the navigation; a new part of a list is not."""
    old = state.pages.get(page.key)
    if old is None or page.path != old.path or page.parent != old.parent:
        return False
    return page.path not in state.navigation or page.title == old.title


def _find_whole(key: str, page: BuiltPage) -> str:
    """Return the key of the page that a page is a part of, or its own key."""
    is_part = key.startswith("page:") and page.parent not in {None, NAVIGATION.home.key}
    return page.parent or key if is_part and not key.startswith("page:map/") else key


def render_update(planned: PlannedUpdate, site: Path) -> RenderedUpdate | None:
    """Render the files that differ from those of the site; None if only MkDocs can make one."""
    urls = planned.state.shells.directory_urls
    change = SiteChange(
        planned.keys, planned.pages, planned.project.book, planned.nodes, planned.former_nodes, planned.assets
    )
    former = replace(planned.updates.outputs, pages=planned.state.pieces)
    made = update_outputs(former, change, lambda name: _read(site / name))
    if made is None:
        return None
    files, outputs = made
    if planned.links is not None:
        own = (files.get(path) or _read(site / path) or b"" for path in planned.state.own_html_files)
        if any(map(planned.links.search, own)):
            return None
    differing = {path: content for path, content in planned.files.items() if _read(site / path) != content}
    pages = {page.key for page in planned.pages if get_html_file(page.path, directory_urls=urls) in differing}
    computed = planned.project.book.pack_derived()
    pieces = {page.key: outputs.pages[page.key] for page in planned.pages}
    updates = SiteUpdates(
        replace(outputs, pages={**planned.updates.outputs.pages, **pieces}),
        planned.cards,
        {**planned.updates.pages, **{page.key: BuiltPage.from_page(page) for page in planned.pages}},
        {**planned.updates.reads, **{page.key: page.reads for page in planned.pages}},
        planned.keys,
        join_values(planned.updates.derived, computed),
        planned.history,
        planned.suspects - computed.reads.keys(),
    )
    return RenderedUpdate({**differing, **files}, updates, len(pages), len(planned.keys) - len(former.pages))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _start_rendering(
    state: SiteState, converter: MarkdownConverter
) -> Callable[[Iterable[SitePage]], dict[str, bytes] | None]:
    """Return a function that renders the files of pages; it returns None if only MkDocs can render one."""
    shells, urls = state.shells, state.shells.directory_urls
    html_files = state.own_html_files | {get_html_file(page.path, directory_urls=urls) for page in state.pages.values()}
    paths = {page.path for page in state.pages.values()}

    def find_url(source: str) -> str | None:
        if source not in paths:
            return state.urls.get(source)
        return quote(get_output_path(source, directory_urls=urls)) or "./"  # as MkDocs: `../../`, not `../..`

    def render(pages: Iterable[SitePage]) -> dict[str, bytes] | None:
        files: dict[str, bytes] = {}
        for page in pages:
            converted = page.converted or converter.convert(page.markdown)
            content = resolve_page_links(shells, page, converted, find_url) if converted else None
            html = render_page_html(shells, page, converted, content) if converted and content is not None else None
            if html is None or content is None:
                return None
            path = get_html_file(page.path, directory_urls=urls)
            markdown = render_markdown_page(content, path, html_files, page.facts)
            files |= {path: _encode(html), get_markdown_path(path): _encode(markdown)}
        return files

    return render


def _encode(text: str) -> bytes:
    return text.encode("utf-8", errors="xmlcharrefreplace")  # as MkDocs writes pages
