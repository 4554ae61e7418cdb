"""The pages of the book: each a pure function of the book, with a digest of what went into it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from generator.findings import Finding, Rule
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.answers import NO_ANSWERS, Answers, answers_of
from generator.pages.contexts.around import (
    ExperimentView,
    FlowView,
    MigrationView,
    ResourceView,
    SystemView,
    experiment_view,
    flow_view,
    migration_view,
    resource_view,
    system_view,
)
from generator.pages.contexts.debt import debt_view
from generator.pages.contexts.indexes import index_view
from generator.pages.contexts.model import ModelView, model_view
from generator.pages.contexts.overview import attention_view, call_view, home_view, map_view
from generator.pages.contexts.people import PersonView, TeamView, person_view, team_view
from generator.pages.contexts.reference import code_view, codes_view, fields_view
from generator.pages.filters import Filters
from generator.pages.render import TemplateFolders, Templates
from generator.pages.search import Entry, entry_of
from generator.pages.tree import SECTIONS, Here, index_path, path_of, section_of
from generator.pages.workers import share_work
from generator.schema import Card, Experiment, Flow, Migration, Model, Person, System, Team


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step on the way to a page."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page as Markdown, with what outlives Markdown: its place, its labels, where it comes from."""

    path: str
    """Its Markdown file, relative to the pages' folder."""
    key: str
    """`model:ryl` for a card's page, `page:map` for the others: what stays when it is renamed."""
    title: str
    parent: str | None
    """The key of the page above."""
    markdown: str
    description: str = ""
    labels: tuple[str, ...] = ()
    file: str = ""
    """The card's file; empty where there is none."""
    line: int = 1
    entry: Entry | None = None
    """What the search knows of it."""

    @property
    def digest(self) -> str:
        """Changes when anything of the page does."""
        parts = [self.path, self.key, self.title, self.parent or "", self.markdown, *self.labels]
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()

    @property
    def is_wide(self) -> bool:
        """Whether it is one table that needs the room of the contents column."""
        return self.key == "page:who-to-call" or any(self.path == index_path(section) for section in SECTIONS)

    @property
    def front_matter(self) -> str:
        """The page's title, description and tags as YAML, for engines that read it."""
        values = {"title": self.title, "description": self.description, "tags": list(self.labels)}
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if value]
        return "\n".join(["---", *lines, "---", "", ""])


class Pages:
    """Makes the pages of one book."""

    def __init__(
        self,
        book: Book,
        folders: TemplateFolders,
        rules: tuple[Rule, ...],
        *,
        directory_urls: bool,
        only_checks: bool = False,
    ) -> None:
        """`only_checks` is for who asks for the findings alone: no picture is drawn and no text kept."""
        self._book = book
        self._only_checks = only_checks
        self._rules = rules
        self._directory_urls = directory_urls
        self._templates = Templates(folders, Filters(book, draws=not only_checks).table())
        self.findings: list[Finding] = []
        """Mistakes in templates, each once; filled while the pages are made."""

    def all(self, processes: int = 1) -> Iterator[Page]:
        """Return every page, parents before children, in the order of the site; `processes` share the cards' pages."""
        yield from self.of_cards(processes)
        yield from self._reference()

    def of_cards(self, processes: int = 1) -> Iterator[Page]:
        """Return the pages that depend on the cards: all but the reference."""
        indexes = [(section, index_view(self._book, section)) for section in SECTIONS]
        skipped = self._skipped_in_checks(row.ref for _, view in indexes for row in view.rows)
        refs = [row.ref for _, view in indexes for row in view.rows if row.ref not in skipped]
        made: dict[Ref, Page] = {}
        with share_work(self._made, refs if processes > 1 else (), processes) as results:
            yield from self._overviews()
            for pages, findings in results:
                made |= pages
                self._add(findings)
        for section, view in indexes:
            yield self._page(index_path(section), f"page:{section.folder}", section.title, "index", "page:home", view)
            for row in view.rows:
                if row.ref not in skipped:
                    yield made.get(row.ref) or self.card_page(row.ref)

    def _skipped_in_checks(self, refs: Iterable[Ref]) -> frozenset[Ref]:
        """Return the pages that show no other mistake of a template: of resources without a card, after the first."""
        if not self._only_checks:
            return frozenset()
        return frozenset([ref for ref in refs if ref not in self._book.graph.cards][_CHECKED_RESOURCES:])

    def _made(self, refs: Iterable[Ref]) -> tuple[dict[Ref, Page], list[Finding]]:
        return {ref: self.card_page(ref) for ref in refs}, self.findings

    def _add(self, findings: Iterable[Finding]) -> None:
        self.findings += [finding for finding in findings if finding not in self.findings]

    def card_page(self, ref: Ref) -> Page:
        """The page of a card, or of a resource that is only named."""
        loaded = self._book.graph.cards.get(ref)
        card = loaded.card if loaded else None
        view = view_of(self._book, ref)
        section = section_of(ref.kind)
        return self._page(
            path_of(ref),
            str(ref),
            self._book.graph.get_name(ref),
            section.kind,
            f"page:{section.folder}",
            view,
            description=(card.summary or "") if card else "",
            labels=_labels(ref, card),
            file=loaded.document.file if loaded else "",
            line=loaded.at().line if loaded else 1,
            entry=entry_of(self._book, ref),
            answers=answers_of(self._book, ref),
        )

    def _overviews(self) -> Iterator[Page]:
        book = self._book
        home = None
        yield self._page("index.md", "page:home", book.title, "home", home, home_view(book))
        yield self._page(
            "who-to-call.md", "page:who-to-call", "Who to call", "who-to-call", "page:home", call_view(book)
        )
        yield self._page("map.md", "page:map", "Map", "map", "page:home", map_view(book))
        attention = attention_view(book)
        yield self._page("attention.md", "page:attention", "What needs attention", "attention", "page:home", attention)
        yield self._page("debt.md", "page:debt", "Debt", "debt", "page:home", debt_view(book))

    def _reference(self) -> Iterator[Page]:
        codes = codes_view(self._rules)
        yield self._page("reference/fields.md", "page:fields", "Fields of a card", "fields", "page:home", fields_view())
        yield self._page("reference/codes/index.md", "page:codes", "Codes of findings", "codes", "page:home", codes)
        for rule in self._rules:
            title = f"{rule.code} {rule.name}"
            view = code_view(self._book, rule)
            yield self._page(f"reference/codes/{rule.code}.md", f"page:{rule.code}", title, "code", "page:codes", view)

    def _page(  # noqa: PLR0913 - a page has so many sides
        self,
        path: str,
        key: str,
        title: str,
        template: str,
        parent: str | None,
        view: object,
        *,
        description: str = "",
        labels: tuple[str, ...] = (),
        file: str = "",
        line: int = 1,
        entry: Entry | None = None,
        answers: Answers = NO_ANSWERS,
    ) -> Page:
        here = Here(path, self._directory_urls)
        markdown, finding = self._templates.render(
            f"pages/{template}.md.j2",
            here,
            view=view,
            answers=answers,
            title=title,
            path=_crumbs(self._book, parent),
            edit_url=edit_url(self._book.settings.edit_url, file),
        )
        if finding is not None:
            self._add([finding])
        if self._only_checks:
            markdown = ""
        return Page(path, key, title, parent, markdown, description, labels, file, line, entry)


def edit_url(pattern: str | None, file: str) -> str:
    """Where a card is edited; empty where that is not known."""
    return pattern.replace("{path}", quote(file)) if pattern and file else ""


_CHECKED_RESOURCES = 100
"""Resources without a card whose pages are rendered to check templates; one card can name tens of thousands."""

CardPageView = ModelView | FlowView | SystemView | ExperimentView | MigrationView | TeamView | PersonView | ResourceView


def view_of(book: Book, ref: Ref) -> CardPageView:
    """What the page of a card shows, or of a resource that is only named."""
    match book.card(ref):
        case Model() as card:
            return model_view(book, card)
        case Flow() as card:
            return flow_view(book, card)
        case System() as card:
            return system_view(book, card)
        case Experiment() as card:
            return experiment_view(book, card)
        case Migration() as card:
            return migration_view(book, card)
        case Team() as card:
            return team_view(book, card)
        case Person() as card:
            return person_view(book, card)
        case _:
            return resource_view(book, ref, book.resource(ref))


def _labels(ref: Ref, card: Card | None) -> tuple[str, ...]:
    """The tags of a page: its kind, where it is in its life, and the card's own."""
    state = getattr(card, "lifecycle", None) or getattr(card, "status", None)
    words = (
        ref.kind.replace("_", "-"),
        *((str(state).replace("_", "-"),) if state else ()),
        *(card.tags if card else ()),
    )
    return tuple(dict.fromkeys(words))


def _crumbs(book: Book, parent: str | None) -> tuple[Crumb, ...]:
    home = Crumb(book.title, "index.md")
    if parent is None:
        return ()
    if parent == "page:codes":
        return (home, Crumb("Codes of findings", "reference/codes/index.md"))
    above = next((section for section in SECTIONS if f"page:{section.folder}" == parent), None)
    return (home, Crumb(above.title, index_path(above))) if above else (home,)
