"""The steps of every command: read the cards, resolve, check, render the pages."""

import errno
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from generator.answers.unreadable import find_unreadable
from generator.book_findings import ALL_RULES, RawFindings, redact_findings, select_reported
from generator.checks import RULES, CheckedRule, RuleContext, check
from generator.checks.baseline import Comparison, InvalidBaselineError, compare_with_baseline
from generator.checks.collected import add_sources
from generator.checks.drafts import soften_drafts
from generator.checks.locations import FieldLocator
from generator.checks.recheck import check_whole_book
from generator.checks.redaction import RedactedTexts, redact_cards
from generator.checks.suppressions import Suppressed, apply_suppressions
from generator.contracts.openapi import resolve_contracts
from generator.errors import UserError
from generator.evidence.files import read_evidence
from generator.evidence.records import Evidence
from generator.findings import Finding, Position, apply_severities, limit_per_rule, sort_findings
from generator.garbage_collection import freeze_objects, suspend_collection
from generator.graph.edges import Graph
from generator.graph.resolve import build_graph
from generator.history.events import FactChanges, History, list_versions, omit_cards
from generator.history.read import read_history
from generator.load.cards import Cards, load_cards
from generator.load.collected import COLLECTED_FOLDER, read_lock
from generator.load.configuration import Configuration, find_cards_folder, read_configuration
from generator.load.rules import BAD_ID
from generator.names import Ref
from generator.pages.paths import get_card_path, get_output_path
from generator.pages.template_folders import build_template_folders
from generator.reads import PackedValues
from generator.settings import Settings

if TYPE_CHECKING:
    # Imported where pages are made: most commands make none, and these imports take as long as a small book.
    from generator.answers.card_history import CardHistory
    from generator.exports.catalog import CatalogPieces
    from generator.pages.book import Book
    from generator.pages.convert import PageHtml
    from generator.pages.page_stream import PageStream
    from generator.pages.site import PageBuilder
    from generator.pages.site_page import SitePage


class BookPieces(NamedTuple):
    """What the files about all pages of a site have of its book, without the book."""

    catalog_lengths: bytes
    """The lengths of the pieces of catalog.json."""
    without_page: frozenset[Ref]
    """The nodes of the graph that have no page."""
    derived: PackedValues
    """The values that several pages have read."""


@dataclass(frozen=True)
class Project:
    """A book that was read and checked."""

    root: Path
    """The folder of mkdocs.yml."""
    configuration: Configuration
    cards: Cards
    """The cards, with secrets redacted."""
    graph: Graph
    findings: tuple[Finding, ...]
    """All findings, sorted, with the severities of the configuration; those on drafts are softened."""
    suppressed: tuple[Suppressed, ...]
    """The findings that cards accept, each with its reason."""
    today: date
    history: History
    """The history of the cards in git; empty, with the reason, if it cannot be read."""
    evidence: Evidence
    """The uses that were found in code, seen in traffic or verified, as committed."""
    baseline: Path | None = None
    """A file of known findings that replaces the configured one."""
    raw: RawFindings = field(default_factory=RawFindings)
    """The findings as they were found, for a later update."""
    has_secrets: bool = False
    """Whether a secret was redacted, so that the cards differ from their files."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The text of every file that was read, with secrets redacted, for excerpts."""
        return RedactedTexts(self.cards.texts)

    @cached_property
    def fields(self) -> FieldLocator:
        """The fields at the places of findings, by which a baseline knows them."""
        return FieldLocator(self.texts)

    @cached_property
    def unreadable(self) -> tuple[Position, ...]:
        """The positions of the cards that cannot be read, so that the graph does not contain them."""
        return find_unreadable(self.cards, self.findings)

    @cached_property
    def book(self) -> "Book":
        """The data of the pages."""
        from generator.pages.book import Book  # noqa: PLC0415 - most commands make no pages

        return Book(
            self.configuration.site_name, self.cards, self.graph, self.configuration.settings, self.today,
            self.findings, self.suppressed, self.history, ALL_RULES, self.configuration.site_url or "",
            self.evidence, self.known,
        )  # fmt: skip

    @cached_property
    def known(self) -> frozenset[Finding]:
        """The findings that the baseline lists, for marks on pages; none if the baseline cannot be read."""
        try:
            return frozenset(self.compare_with_baseline(self.findings).known)
        except UserError:  # the commands that check report it; an answer needs no baseline
            return frozenset()

    def find_baseline(self) -> Path | None:
        """Find the file of known findings; None if the book has none.

        Raises:
            UserError: The configured file is outside of the book.

        """
        configured = self.configuration.settings.baseline
        if self.baseline is not None or configured is None:
            return self.baseline
        path = self.root / configured
        if not path.resolve().is_relative_to(self.root):
            raise UserError(f"the baseline {configured!r} is outside of the book: move it next to mkdocs.yml")
        return path

    def compare_with_baseline(self, findings: Iterable[Finding]) -> Comparison:
        """Separate the findings that fail from those that the baseline lists: every command decides by this result.

        Raises:
            UserError: The baseline is missing or invalid.

        """
        path = self.find_baseline()
        if path is None:
            return Comparison(list(findings), [], [])
        if self.baseline is not None:
            return compare_with_file(findings, path, self.fields)
        return compare_with_file(findings, path, self.fields, str(self.configuration.settings.baseline))

    def build_history(self, ref: Ref) -> "CardHistory":
        """Build the history of a card, which may be deleted."""
        from generator.answers.card_history import build_card_history  # noqa: PLC0415

        loaded = self.graph.cards.get(ref)
        origin, settings = loaded.origin if loaded is not None else None, self.configuration.settings
        return build_card_history(self.history, ref, self.graph.get_name(ref), origin, settings.source_url)

    def get_page_url(self, path: str) -> str:
        """Return the address of a page by the path of its Markdown file; empty if the site has no address."""
        site_url = self.configuration.site_url
        page = get_output_path(path, directory_urls=self.configuration.directory_urls)
        return f"{site_url.rstrip('/')}/{page}" if site_url else ""

    def report_collision(self, key: str, path: str) -> Finding:
        """Return the finding for a card whose page also exists as a file of the author."""
        loaded = self.cards.by_ref[Ref.parse(key)]
        message = f"its page {path} exists already as a file of yours"
        finding = BAD_ID.at(loaded.at("id"), message, "rename the card or the page", loaded.ref)
        return add_sources([finding], self.cards, self.configuration.settings.source_url)[0]

    @freeze_objects()
    def render_pages(
        self,
        report: Callable[[int, int], object] = lambda _done, _total: None,
        convert: "Callable[[str], PageHtml | None] | None" = None,
        *,
        drops_markdown: bool = False,
    ) -> tuple["list[SitePage]", list[Finding]]:
        """Return the pages, without those that have an error in a template, and these errors.

        For the arguments, see `PageBuilder`.
        """
        from generator.workers import count_processes  # noqa: PLC0415

        builder = self.build_page_builder(convert, report, drops_markdown=drops_markdown)
        built = builder.build_all(count_processes(len(self.graph.refs)))
        pages = [page for page in built if page.packed or page.converted]
        return pages, sort_findings(builder.findings)

    def stream_pages(
        self, report: Callable[[int, int], object], convert: "Callable[[str], PageHtml | None]"
    ) -> "PageStream | None":
        """Return the pages, of which those of cards are still made; None if the author's templates can have errors.

        For the arguments, see `PageBuilder`.
        """
        from generator.pages.page_stream import PageStream  # noqa: PLC0415
        from generator.workers import count_processes  # noqa: PLC0415

        if build_template_folders(self.root, self.configuration.settings.templates).has_own:
            return None
        builder = self.build_page_builder(convert, report, drops_markdown=True)
        return PageStream(builder, count_processes(len(self.graph.refs)))

    def build_page_builder(
        self,
        convert: "Callable[[str], PageHtml | None] | None" = None,
        report: Callable[[int, int], object] = lambda _done, _total: None,
        *,
        drops_markdown: bool = False,
    ) -> "PageBuilder":
        """Return the builder of the pages; for its arguments, see `PageBuilder`."""
        from generator.pages.site import PageBuilder  # noqa: PLC0415

        folders = build_template_folders(self.root, self.configuration.settings.templates)
        urls = self.configuration.directory_urls
        return PageBuilder(
            self.book, folders, directory_urls=urls, report=report, convert=convert, drops_markdown=drops_markdown
        )

    def check_evidence(
        self, evidence: Evidence, rules: Collection[CheckedRule]
    ) -> tuple[list[Finding], list[Suppressed]]:
        """Return what some rules find with other evidence, and the findings of them that cards accept."""
        settings, codes = self.configuration.settings, {checked.rule.code for checked in rules}
        context = RuleContext(self.cards, self.graph, self.today, settings, evidence=evidence)
        found = add_sources(check(context, rules), self.cards, settings.source_url)
        kept, suppressed = apply_suppressions(found, self.cards, ())
        severities = apply_severities((one for one in kept if one.code in codes), settings.get_severities())
        return sort_findings(redact_findings(tuple(soften_drafts(severities, self.cards)))), suppressed

    def render_catalog(self, pages: Collection[Ref] = ()) -> "CatalogPieces":
        """Return catalog.json: the whole graph, the nodes with `pages` with their paths."""
        from generator.exports.catalog import render_catalog  # noqa: PLC0415

        urls = self.configuration.directory_urls
        paths = {ref: get_output_path(get_card_path(ref), directory_urls=urls) for ref in pages}
        name, settings = self.configuration.site_name, self.configuration.settings
        return render_catalog(self.graph, name, paths, self.evidence, settings)

    def take_pieces(self, pages: "Iterable[SitePage]", catalog: Path) -> BookPieces:
        """Return what a site has of the book besides its pages; catalog.json is written to the file `catalog`."""
        refs = frozenset(Ref.parse(page.ref) for page in pages if page.ref)
        catalog.parent.mkdir(parents=True, exist_ok=True)
        with catalog.open("wb") as file:
            lengths = self.render_catalog(refs).write(file)
        return BookPieces(lengths, frozenset(self.graph.refs) - refs, self.book.pack_derived())

    def check_templates(self) -> list[Finding]:
        """Return the errors in the templates of the book: each is rendered with a few cards of every kind.

        A build renders every page, and finds a mistake that needs another card.
        """
        folders = build_template_folders(self.root, self.configuration.settings.templates)
        if not folders.has_own:
            return []
        from generator.pages.site import PageBuilder  # noqa: PLC0415

        shown = tuple(limit_per_rule(self.findings))
        # A page with 80,000 findings shows no other mistake of a template than one with 100.
        book = self.book if len(shown) == len(self.findings) else replace(self.book, findings=shown)
        builder = PageBuilder(book, folders, directory_urls=False, only_checks=True)
        for _ in builder.build_samples():
            pass
        return sort_findings(builder.findings)


@suspend_collection()
def open_project(
    root: Path,
    today: date | None = None,
    configuration: Configuration | None = None,
    history: History | None = None,
    baseline: Path | None = None,
    *,
    evidence: Evidence | None = None,
    rules: Collection[CheckedRule] = RULES,
) -> Project:
    """Read and check a book; the errors of its authors become findings.

    The returned project contains no secrets: only the checks see them.

    `today` replaces `as_of` in the configuration, `baseline` the configured file of known findings, and `evidence` that
    in the book. Configuration and history are given if they are already read. `rules` are those to run.

    Raises:
        UserError: There is no book.

    """
    root = root.resolve()
    findings: list[Finding] = []
    if configuration is None:
        configuration, findings = read_configuration(root)
    settings = configuration.settings
    folder = find_cards_folder(root, settings.cards)
    if not folder.is_dir():
        message = f"no folder {settings.cards!r} next to mkdocs.yml: create it or set `cards:` under plugins, modelbook"
        raise UserError(message)
    lock, lock_findings = read_lock(root)
    cards, read = load_cards(folder, root, lock, settings.linked_folders)
    cards, unresolved = resolve_contracts(cards)
    graph, resolved = build_graph(cards)
    day = today or settings.as_of or date.today()  # noqa: DTZ011 - the author's own day
    history = read_card_history(root, cards, settings) if history is None else _omit_collected(history, cards)
    unread: list[Finding] = []
    if evidence is None:
        evidence, unread = read_evidence(root / settings.evidence, root)
    context = RuleContext(
        cards=cards, graph=graph, today=day, settings=settings, versions=list_versions(history), evidence=evidence
    )
    inputs = (*findings, *lock_findings, *unread)
    raw = RawFindings(inputs, tuple(read), tuple(unresolved), tuple(resolved), check_whole_book(context, rules))
    reported, suppressed = select_reported(raw, context, rules)
    shown = redact_cards(cards, context.facts.get_finders)
    has_secrets = shown is not cards
    if has_secrets:
        graph, _ = build_graph(shown)
    return Project(
        root, configuration, shown, graph, reported, suppressed, day, history, evidence, baseline, raw, has_secrets
    )


def read_card_history(
    root: Path,
    cards: Cards,
    settings: Settings,
    known: Mapping[bytes, FactChanges] | None = None,
) -> History:
    """Read the history of the cards of a book from git; see `read_history`."""
    skipped = f"{settings.cards}/{COLLECTED_FOLDER}" if cards.lock.repositories else ""
    history = read_history(root, settings.cards, skipped=skipped, known=known)
    return _omit_collected(history, cards)


def _omit_collected(history: History, cards: Cards) -> History:
    """Omit collected cards: git knows when a file was collected, not when or why its authors changed it."""
    collected = {loaded.ref for loaded in cards.items if loaded.origin is not None}
    return omit_cards(history, collected) if collected else history


def compare_with_file(
    findings: Iterable[Finding], path: Path, locator: FieldLocator, configured: str = ""
) -> Comparison:
    """Compare findings with a file of known ones; `configured` is its name if mkdocs.yml has it.

    Raises:
        UserError: The baseline is missing or invalid.

    """
    name = configured or str(path)
    command = "modelbook check --write-baseline"
    fix = f"write it with `{command}`" if configured else f"write it with `{command} {name}`"
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise OSError(errno.EINVAL, "not a regular file")  # reading a pipe would wait for its writer
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UserError(f"cannot read the baseline {name}: {why}; {fix}") from None
    try:
        return compare_with_baseline(findings, text, locator)
    except InvalidBaselineError as error:
        raise UserError(f"invalid baseline {name}: {error}; {fix}") from None


def replace_settings(configuration: Configuration, **changes: object) -> Configuration:
    """Return the configuration with other settings, for options of the command line."""
    return structs.replace(configuration, settings=configuration.settings.model_copy(update=changes))
