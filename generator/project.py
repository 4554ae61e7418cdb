"""The one composition: load, resolve, check, pages."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from generator.checks import ALL_RULES as CHECKS_RULES
from generator.checks import RULES, RuleContext, check
from generator.checks.redaction import RedactedTexts, redact_cards
from generator.checks.suppressions import Suppressed, apply_suppressions
from generator.confluence.storage import rules as storage_rules
from generator.contracts import effective as contract_rules
from generator.contracts.effective import effective
from generator.errors import UserError
from generator.exports.catalog import build_catalog, render_catalog
from generator.findings import Finding, Rule, apply_severities, limit_per_rule, sort_findings
from generator.graph.edges import Graph
from generator.graph.resolve import build_graph
from generator.history.events import History, list_versions
from generator.history.read import read_history
from generator.load.cards import Cards, add_anchor_places, load_cards
from generator.load.configuration import Configuration, read_configuration
from generator.load.rules import BAD_ID
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.paths import get_output_path
from generator.pages.render import RULES as TEMPLATE_RULES
from generator.pages.render import TemplateFolders
from generator.pages.site import PageBuilder, SitePage
from generator.pages.workers import count_processes
from generator.secrets.redaction import redact

ALL_RULES: tuple[Rule, ...] = tuple(
    sorted((*CHECKS_RULES, *contract_rules.RULES, *TEMPLATE_RULES, *storage_rules.RULES), key=lambda rule: rule.code)
)
"""Every code that `check` or `publish` can report, sorted."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for reference cycles meanwhile.

    A book is a million values without cycles; looking for some takes a fifth of the time of reading it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _set_aside() -> Iterator[None]:
    """No search for reference cycles among what is there already: only what comes meanwhile is looked at."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@dataclass(frozen=True)
class Project:
    """A book that was read and checked."""

    root: Path
    """The folder of mkdocs.yml."""
    configuration: Configuration
    cards: Cards
    """The cards, any secret in them blacked out."""
    graph: Graph
    findings: tuple[Finding, ...]
    """All of them, sorted, with the severities of the configuration."""
    suppressed: tuple[Suppressed, ...]
    """Those that their cards accept, each with its reason."""
    today: date
    history: History
    """What git tells about the cards; empty, with the reason, where it tells nothing."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The text of every file that was read, secrets blacked out, for excerpts."""
        return RedactedTexts(self.cards.texts)

    @cached_property
    def book(self) -> Book:
        """What the pages are made from."""
        return Book(
            self.configuration.site_name, self.cards, self.graph, self.configuration.settings, self.today,
            self.findings, self.suppressed, self.history, ALL_RULES,
        )  # fmt: skip

    def report_collision(self, key: str, path: str) -> Finding:
        """The finding for a card whose page the author also wrote by hand."""
        loaded = self.cards.by_ref[Ref.parse(key)]
        message = f"its page would be {path}, which is written by hand already"
        return BAD_ID.at(loaded.at("id"), message, "rename the card or the page", loaded.ref)

    @_set_aside()
    def render_pages(self, only: Iterable[str] | None = None) -> tuple[list[SitePage], list[Finding]]:
        """The pages, and the mistakes in templates that keep some of them from being made.

        Pages that a template's mistake spoils are left out; `only` names the keys of the pages that are wanted.
        """
        folders = build_template_folders(self.root, self.configuration.settings.templates)
        builder = PageBuilder(self.book, folders, directory_urls=self.configuration.directory_urls)
        wanted = None if only is None else frozenset(only)
        made = [
            page
            for page in builder.build_all(count_processes(len(self.graph.refs)))
            if page.markdown and (wanted is None or page.key in wanted)
        ]
        return made, sort_findings(builder.findings)

    def render_catalog(self, pages: Iterable[SitePage] = ()) -> str:
        """catalog.json: the whole graph, each node with its page where the pages are given."""
        urls = self.configuration.directory_urls
        paths = {
            Ref.parse(page.key): get_output_path(page.path, directory_urls=urls)
            for page in pages
            if not page.key.startswith("page:")
        }
        return render_catalog(build_catalog(self.graph, self.configuration.site_name, paths))

    def check_templates(self) -> list[Finding]:
        """Return the mistakes in the book's own templates; without any, no page is rendered to look for them."""
        folders = build_template_folders(self.root, self.configuration.settings.templates)
        return self.check_rendering() if folders.has_own else []

    def check_rendering(self, *, with_reference: bool = True) -> list[Finding]:
        """Return the mistakes in templates, found by rendering every page and keeping none.

        The reference pages are the same for all cards; leave them out to check many books with the same templates.
        """
        folders = build_template_folders(self.root, self.configuration.settings.templates)
        shown = tuple(limit_per_rule(self.findings))
        # A page with 80,000 findings shows no other mistake of a template than one with 100.
        book = self.book if len(shown) == len(self.findings) else replace(self.book, findings=shown)
        builder = PageBuilder(book, folders, directory_urls=False, only_checks=True)
        processes = count_processes(len(self.graph.refs))
        for _ in builder.build_all(processes) if with_reference else builder.build_book_pages(processes):
            pass
        return sort_findings(builder.findings)


@_uncollected()
def open_project(
    root: Path,
    today: date | None = None,
    configuration: Configuration | None = None,
    history: History | None = None,
) -> Project:
    """Read and check a book; every mistake of its authors is among the findings.

    `today` is the day to check for, before the one that the configuration fixes; `history` is read from git where none
    is given.
    Raises UserError where there is no book.
    What comes out holds no secret: the checks have seen it, nothing else will.
    """
    root = root.resolve()
    findings: list[Finding] = []
    if configuration is None:
        configuration, findings = read_configuration(root)
    settings = configuration.settings
    folder = _cards_folder(root, settings.cards)
    cards, read = load_cards(folder, root)
    cards, unresolved = effective(cards)
    graph, resolved = build_graph(cards)
    day = today or settings.as_of or date.today()  # noqa: DTZ011 - the author's own day
    history = read_history(root, settings.cards) if history is None else history
    context = RuleContext(cards=cards, graph=graph, today=day, settings=settings, versions=list_versions(history))
    findings += [*read, *add_anchor_places([*unresolved, *resolved, *check(context, RULES)], cards.anchors)]
    kept, suppressed = apply_suppressions(findings, cards, ALL_RULES)
    configured = sort_findings(_redact_findings(apply_severities(kept, settings.severity_of())))
    shown = redact_cards(cards, context.finders)
    if shown is not cards:
        graph, _ = build_graph(shown)
    return Project(root, configuration, shown, graph, tuple(configured), tuple(suppressed), day, history)


def _redact_findings(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings without secrets; each text is searched once, as most hints are shared by many."""
    texts = {text for finding in findings for text in (finding.message, finding.hint)}
    changed = {text: shown for text in texts if (shown := redact(text)) != text}
    for finding in findings:
        message, hint = changed.get(finding.message, finding.message), changed.get(finding.hint, finding.hint)
        is_same = message is finding.message and hint is finding.hint
        yield finding if is_same else replace(finding, message=message, hint=hint)


def replace_settings(configuration: Configuration, **changes: object) -> Configuration:
    """The configuration with other settings, as options of the command line ask for."""
    return replace(configuration, settings=configuration.settings.model_copy(update=changes))


def build_template_folders(root: Path, own: str) -> TemplateFolders:
    """The user's templates before the shipped ones."""
    return TemplateFolders(own=root / own, shipped=find_shipped_templates(), project=root)


def find_shipped_templates() -> Path:
    """The templates of the product: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def _cards_folder(root: Path, name: str) -> Path:
    folder = root / name
    if not folder.is_dir():
        message = f"there is no folder {name!r} beside mkdocs.yml; make it, or set `cards:` under plugins, modelbook"
        raise UserError(message)
    if not folder.resolve().is_relative_to(root):
        message = f"the cards folder {name!r} lies outside of the book's folder; move it beside mkdocs.yml"
        raise UserError(message)
    return folder
