"""The pages of the book: each a pure function of the book, with a digest of what it was made from."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, ParamSpec, TypeVar

from msgspec.structs import replace

from generator.findings import Finding
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.card_labels import count_dependents, find_abbreviation, find_unusual_state, list_labels
from generator.pages.card_view import CardPageView, build_page_view
from generator.pages.contexts.answers import NO_ANSWERS, Answers, build_answers
from generator.pages.contexts.call_list import build_call_part, build_call_view
from generator.pages.contexts.drafts import build_drafts_part, build_drafts_view
from generator.pages.contexts.home import build_home_view
from generator.pages.contexts.indexes import IndexView, build_index_part, build_index_view, list_index_refs
from generator.pages.contexts.inventory import build_inventory_part, build_inventory_view
from generator.pages.contexts.maps import build_map_view, build_team_map_view, get_team_map_path, list_map_teams
from generator.pages.contexts.open_work import build_debt_view
from generator.pages.contexts.overview import build_attention_view
from generator.pages.contexts.page_parts import PagePart, get_part_key
from generator.pages.contexts.parts import build_origin
from generator.pages.contexts.reference import build_codes_view, build_fields_view
from generator.pages.convert import PageHtml
from generator.pages.filters import Filters
from generator.pages.packed_text import pack_text
from generator.pages.paths import (
    DRAFTS_PATH,
    INVENTORY_PATH,
    NAVIGATION,
    RULES_PATH,
    NavigationPage,
    PageLocation,
    SiteSection,
    get_card_path,
    get_section,
    replace_old_rule_links,
)
from generator.pages.render import Templates
from generator.pages.search import RULE_WEIGHT, SearchEntry, build_search_entry
from generator.pages.site_page import SitePage, compute_digest
from generator.pages.template_folders import TemplateFolders, find_former_templates
from generator.reads import PackedValues, Reads, pack_reads, record_reads
from generator.schema import Model, Person, System
from generator.workers import share_work

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

VIEWS: Mapping[str, Callable[[Book], object]] = {
    "home": build_home_view,
    "debt": build_debt_view,
    "drafts-to-finish": build_drafts_view,
    "attention": build_attention_view,
    "who-to-call": build_call_view,
    "map": build_map_view,
    "model-inventory": build_inventory_view,
    "fields": build_fields_view,
    "codes": build_codes_view,
}
"""The view of each page of the navigation, by its name."""

PART_VIEWS: Mapping[str, Callable[[Book, Any, PagePart[Any]], object]] = {
    "drafts-to-finish": build_drafts_part,
    "model-inventory": build_inventory_part,
}
"""The view of a part of a divided page, by the name of its template; its arguments are the book, the view, the part."""

OWN_PART_VIEWS: Mapping[str, Callable[[Book, PagePart[Ref]], object]] = {
    "index": build_index_part,
    "who-to-call": build_call_part,
}
"""The same for parts that read nothing that only other parts show, and not the view of the divided page."""

IsKept = Callable[[str, PagePart[Ref] | None], bool]
"""Whether a page is kept as it was, by its key and the rows that it gets, if it is one of `OWN_PART_VIEWS`."""
CHECKED_RESOURCES = 100
"""Resources without a card whose pages are rendered to check templates; one card can name tens of thousands."""


def _keep_none(_key: str, _part: PagePart[Ref] | None) -> bool:
    return False


_EARLY = 5
"""The part of the pages, one in so many, that another process makes while MkDocs prepares its pages in this one."""


class PageBuilder:
    """The builder of the pages of one book."""

    def __init__(
        self,
        book: Book,
        folders: TemplateFolders,
        *,
        directory_urls: bool,
        only_checks: bool = False,
        report: Callable[[int, int], object] = lambda _done, _total: None,
        convert: Callable[[str], PageHtml | None] | None = None,
        drops_markdown: bool = False,
    ) -> None:
        """Prepare the templates.

        `only_checks` means to draw no diagram and to keep no text. `report` receives the number of pages that are made,
        and the number of all pages. `convert` makes the HTML of a page from its Markdown, which `drops_markdown` drops
        for the converted pages of cards.
        """
        self._book, self._drops_markdown = book, drops_markdown
        navigation = replace(NAVIGATION, home=replace(NAVIGATION.home, title=book.title))
        optional = {DRAFTS_PATH: bool(book.cards.drafts), INVENTORY_PATH: bool(book.cards.inventoried)}
        self._navigation = navigation.select({path for path, is_there in optional.items() if is_there})
        self._only_checks = only_checks
        self._directory_urls = directory_urls
        self._report = report
        self._convert = convert or (lambda _markdown: None)
        self._done = self._total = 0
        self._templates = Templates(folders, Filters(book, draws=not only_checks).to_mapping())
        self.findings: list[Finding] = []
        """The mistakes in templates, without duplicates; filled while pages are built."""
        self.kept: set[str] = set()
        """The keys of the chosen pages that were kept as they were."""
        self._add(find_former_templates(folders))

    def build_all(self, processes: int = 1) -> Iterator[SitePage]:
        """Yield every page, parents before children, in the order of the site; `processes` share the cards' pages."""
        yield from self.build_book_pages(processes)
        yield from self.build_help_pages()

    def build_book_pages(self, processes: int = 1) -> Iterator[SitePage]:
        """Yield the pages that depend on the cards: all but the reference."""
        with self.share_pages(processes) as (pages, receive):
            yield from (receive(page) if isinstance(page, Ref) else page for page in pages)

    def build_help_pages(self) -> Iterator[SitePage]:
        """Yield the reference, which is the same for all cards but for the settings."""
        for page in self._navigation.help:
            yield from self.build_navigation_pages(page)

    @contextmanager
    def share_pages(self, processes: int) -> Iterator[tuple[Iterator[SitePage | Ref], Callable[[Ref], SitePage]]]:
        """Have several processes build the pages of cards, and provide the pages that depend on the cards, in order.

        In place of the page of a card is its reference, for which the function returns the page when it is built.
        """
        book = self._book
        sections = self._navigation.catalogue
        order = [list_index_refs(book, section) for section in sections]
        without_card = [ref for ref in chain.from_iterable(order) if ref not in book.graph.cards]
        skipped = frozenset(without_card[CHECKED_RESOURCES:] if self._only_checks else ())
        refs = [ref for ref in chain.from_iterable(order) if ref not in skipped]
        map_teams = list_map_teams(book)
        self._done, self._total = 0, len(refs) + len(map_teams) + len(self._navigation.pages)
        built: dict[Ref, SitePage] = {}

        def list_pages() -> Iterator[SitePage | Ref]:
            for page in (self._navigation.home, *self._navigation.answers):
                yield from self.build_navigation_pages(page)
            for team in map_teams:
                yield self._build_team_map(team)
                self._count()
            for section, members in zip(sections, order, strict=True):
                yield from self._build_index_pages(section, *self._build_index_view(section))
                yield from (ref for ref in members if ref not in skipped)

        with share_work(self._build_card_pages, refs, processes, early=len(refs) // _EARLY) as results:

            def receive(ref: Ref) -> SitePage:
                while ref not in built:
                    pages, findings, derived = next(results)
                    built.update(pages)
                    book.derived.add(derived)
                    self._add(findings)
                    self._count(len(pages))
                return built.pop(ref)

            yield list_pages(), receive

    def build_samples(self) -> Iterator[SitePage]:
        """Yield the pages that show the mistakes in the author's templates: a few of each kind that they render."""
        book = self._book
        for page in (self._navigation.home, *self._navigation.answers, *self._navigation.help):
            if self._uses_own(page.name):
                yield from islice(self.build_navigation_pages(page), 2)
        if self._uses_own("team-map"):
            yield from map(self._build_team_map, list_map_teams(book)[:1])
        for section in self._navigation.catalogue:
            if self._uses_own("index"):
                yield from islice(self._build_index_pages(section, *self._build_index_view(section)), 2)
            if self._uses_own(section.kind):
                for ref in _choose_samples(book, section.kind):
                    yield self.build_card_page(ref)

    def list_book_keys(self) -> frozenset[str]:
        """List the keys of the pages about the whole book and of the maps of teams; their parts are not listed."""
        navigation, teams = self._navigation, list_map_teams(self._book)
        pages = {page.key for page in (navigation.home, *navigation.answers, *navigation.help)}
        indexes = {section.key for section in navigation.catalogue}
        return frozenset(pages | indexes | {_get_team_map_key(team) for team in teams})

    def build_chosen(self, keys: Collection[str], is_kept: IsKept) -> Iterator[SitePage]:
        """Yield the pages with some keys, after each page its parts; `is_kept` decides about pages of many cards."""
        for page in (self._navigation.home, *self._navigation.answers, *self._navigation.help):
            if page.key in keys:
                yield from self.build_navigation_pages(page, is_kept)
        if any(key.startswith("page:map/") for key in keys):
            for team in list_map_teams(self._book):
                if _get_team_map_key(team) in keys:
                    yield self._build_team_map(team)
        for section in self._navigation.catalogue:
            if section.key in keys:
                view, reads = self._build_index_view(section)
                yield from self._build_index_pages(section, view, reads, is_kept)
        yield from (self.build_card_page(Ref.parse(key)) for key in sorted(keys) if not key.startswith("page:"))

    def _uses_own(self, template: str) -> bool:
        return self._templates.uses_own(f"pages/{template}.md.j2")

    def _build_index_view(self, section: SiteSection) -> tuple[IndexView, Reads]:
        return _record(build_index_view, self._book, section, has_all_rows=self._uses_own("index"))

    def _build_index_pages(
        self, section: SiteSection, view: IndexView, reads: Reads, is_kept: IsKept = _keep_none
    ) -> Iterator[SitePage]:
        home = self._navigation.home.key
        index = SitePage(section.path, section.key, section.title, home, is_wide=True, section=section.section)
        yield from self._build_divided(index, "index", view, reads, is_kept)

    def build_own_part(self, whole: str, part: PagePart[Ref]) -> SitePage:
        """Build a part of a divided page, whose key is `whole`; its template is one of `OWN_PART_VIEWS`."""
        page = next(page for page in self._navigation.pages if page.key == whole)
        template, is_wide = ("index", True) if isinstance(page, SiteSection) else (page.name, page.is_wide)
        key = get_part_key(part)
        made = SitePage(part.path, key, part.title, whole, is_wide=is_wide, section=page.section, part=part)
        view, reads = _record(OWN_PART_VIEWS[template], self._book, part)
        return self._render(made, template, view, reads)

    def _build_divided(
        self, page: SitePage, template: str, view: object, reads: Reads, is_kept: IsKept
    ) -> Iterator[SitePage]:
        """Yield a page, and its parts if it has too many rows for one."""
        if is_kept(page.key, None):
            self.kept.add(page.key)
        else:
            yield self._render(page, template, view, reads)
        self._count()
        for part in (part for division in getattr(view, "divisions", ()) for part in division.parts):
            key, is_own = get_part_key(part), template in OWN_PART_VIEWS
            self._total += 1
            if is_kept(key, part if is_own else None):
                self.kept.add(key)
            elif is_own:
                yield self.build_own_part(page.key, part)
            else:
                made = SitePage(part.path, key, part.title, page.key, is_wide=page.is_wide, section=page.section)
                part_view, of_part = _record(PART_VIEWS[template], self._book, view, part)
                yield self._render(made, template, part_view, reads, of_part)
            self._count()

    def _count(self, pages: int = 1) -> None:
        self._done += pages
        self._report(self._done, self._total)

    def _build_card_pages(self, refs: Iterable[Ref]) -> tuple[dict[Ref, SitePage], list[Finding], PackedValues]:
        pages = {ref: self.build_card_page(ref) for ref in refs}
        return pages, self.findings, self._book.pack_new_derived()

    def build_card_page(self, ref: Ref) -> SitePage:
        """Build the page of a card, or of a resource that other cards name."""
        (page, view, answers), reads = _record(self._build_card_content, ref)
        return self._render(page, get_section(ref.kind).kind, view, reads, answers=answers)

    def outline_card_page(self, ref: Ref) -> SitePage:
        """Return the page of a card without its text, and without what only the files about all pages show."""
        book = self._book
        loaded = book.graph.cards.get(ref)
        section = get_section(ref.kind)
        origin = build_origin(book, loaded) if loaded else None
        return SitePage(
            get_card_path(ref),
            str(ref),
            book.graph.get_name(ref),
            section.key,
            description=(loaded.card.summary or "") if loaded else "",
            labels=list_labels(book, ref),
            file=loaded.document.file if loaded else "",
            line=loaded.at().line if loaded else 1,
            section=section.section,
            origin=f"{origin.path}:{origin.line} in {origin.repository}, commit {origin.commit}" if origin else "",
            origin_edit_url=origin.links.edit if origin else "",
        )

    def _build_card_content(self, ref: Ref) -> tuple[SitePage, "CardPageView", Answers]:
        book, outline = self._book, self.outline_card_page(ref)
        card = book.get_card(ref)
        page = replace(
            outline,
            search_entry=build_search_entry(book, ref, outline.labels),
            state=find_unusual_state(book, ref),
            alias=find_abbreviation(card) if isinstance(card, Model | System) else "",
            aliases=self._list_aliases(ref),
            account=(card.confluence_account or "") if isinstance(card, Person) else "",
            dependents=count_dependents(book, ref),
        )
        return page, build_page_view(book, ref), build_answers(book, ref)

    def _build_team_map(self, team: Ref) -> SitePage:
        view, reads = _record(build_team_map_view, self._book, team)
        aliases, of_aliases = _record(self._list_aliases, team)
        page = SitePage(
            *(get_team_map_path(team), _get_team_map_key(team), f"Map: {view.name}", "page:map"),
            aliases=tuple(f"map/{alias}" for alias in aliases),  # as in the key
        )
        return self._render(page, "team-map", view, reads, of_aliases)

    def _list_aliases(self, ref: Ref) -> tuple[str, ...]:
        card = self._book.get_card(ref)
        return card.aliases if card else ()

    def build_navigation_pages(self, page: NavigationPage, is_kept: IsKept = _keep_none) -> Iterator[SitePage]:
        """Yield a page about the whole book, and its parts if it has too many rows for one."""
        view, reads = _record(VIEWS[page.name], self._book)
        home = self._navigation.home
        parent = None if page is home else home.key
        made = SitePage(page.path, page.key, page.title, parent, is_wide=page.is_wide, section=page.section)
        if page.path == RULES_PATH:
            rules = self._book.rules
            entries = (
                SearchEntry((one.code, one.name), one.summary, weight=RULE_WEIGHT, location=one.code) for one in rules
            )
            made = replace(made, search_sections=tuple(entries))
        yield from self._build_divided(made, page.name, view, reads, is_kept)

    def _render(
        self, page: SitePage, template: str, view: object, *reads: Reads, answers: Answers = NO_ANSWERS
    ) -> SitePage:
        """Render a page; `reads` are those of its view."""
        with record_reads() as of_template:
            markdown, finding = self._templates.render(
                f"pages/{template}.md.j2",
                PageLocation(page.path, self._directory_urls),
                view=view,
                answers=answers,
                title=page.title,
                path=self._navigation.list_breadcrumbs(page.parent),
                edit_url=page.build_edit_url(self._book.settings.edit_url),
            )
        if finding is not None:
            self._add([finding])
        if self._only_checks:
            return page
        markdown = replace_old_rule_links(markdown)
        packed = pack_reads(*reads, of_template)
        made = replace(
            page,
            converted=self._convert(markdown) if markdown else None,
            digest=compute_digest(page, markdown),
            reads=packed,
        )
        is_needed = made.converted is None or not (self._drops_markdown and page.ref)
        return replace(made, packed=pack_text(markdown)) if is_needed else made

    def _add(self, findings: Iterable[Finding]) -> None:
        self.findings += [finding for finding in findings if finding not in self.findings]


def _record(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> tuple[Result, Reads]:
    """Return the result of a function, and what it has read."""
    with record_reads() as reads:
        return function(*arguments, **options), reads


def _choose_samples(book: Book, kind: str) -> Iterable[Ref]:
    """Choose the cards of a kind with the fewest and the most fields, and the ones with the most neighbours."""
    refs = book.list_resources() if kind == "resource" else [ref for ref in book.graph.refs if ref.kind == kind]

    def count_fields(ref: Ref) -> int:
        card = book.get_card(ref)
        return len(card.model_fields_set) if card is not None else 0

    if not refs:
        return ()
    graph = book.graph
    linked = max(refs, key=lambda ref: (len(graph.list_incoming_edges(ref)), len(graph.list_outgoing_edges(ref))))
    return dict.fromkeys((min(refs, key=count_fields), max(refs, key=count_fields), linked))


def _get_team_map_key(team: Ref) -> str:
    return f"page:map/{team.id}"
