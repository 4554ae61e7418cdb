"""The pages that show the whole book: home, the indexes, who to call, the map."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from generator.diagrams import GraphDiagram
from generator.findings import Finding, Severity, count_by_severity
from generator.graph.duties import Duty, DutyKind
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.indexes import owners_of
from generator.pages.contexts.model import Contact, contacts
from generator.pages.contexts.parts import Badge, badge
from generator.pages.contexts.pictures import MAP_NODES, map_edges, map_picture, map_refs
from generator.pages.navigation import NAVIGATION
from generator.pages.paths import SiteSection
from generator.schema import Experiment, Migration, Model, Person
from generator.schema.experiment import ExperimentStatus
from generator.schema.migration import MigrationStatus
from generator.schema.model import Lifecycle

_SHOWN = 8
"""How many entries of each sort the home page shows."""


@dataclass(frozen=True, slots=True)
class Number:
    """A count that leads to a page."""

    count: int
    label: str
    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class Coming:
    """Something with a day that somebody must do."""

    day: date
    ref: Ref
    what: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class HomeView:
    """What the book holds and what needs attention."""

    title: str
    numbers: tuple[Number, ...]
    coming: tuple[Coming, ...]
    moving: tuple[Ref, ...]
    running: tuple[Ref, ...]
    findings: tuple[Finding, ...]
    severities: tuple[tuple[Severity, int], ...]
    today: date


def home_view(book: Book) -> HomeView:
    """The entry to the book."""
    severities = count_by_severity(book.findings)
    return HomeView(
        title=book.title,
        numbers=tuple(_number(book, section) for section in NAVIGATION.sections),
        coming=tuple(coming(book)[:_SHOWN]),
        moving=tuple(card.ref for card in book.list_cards(Migration) if card.status is MigrationStatus.RUNNING),
        running=tuple(card.ref for card in book.list_cards(Experiment) if card.status is ExperimentStatus.RUNNING),
        findings=tuple(sorted(book.findings, key=lambda finding: (finding.severity.rank, finding.sort_key)))[:_SHOWN],
        severities=tuple((severity, severities[severity]) for severity in Severity if severities[severity]),
        today=book.today,
    )


def _number(book: Book, section: SiteSection) -> Number:
    detail = ""
    match section.kind:
        case "model":
            lives = Counter(model.lifecycle for model in book.list_cards(Model))
            detail = ", ".join(f"{lives[life]} {life}" for life in Lifecycle if lives[life])
            total = len(book.list_cards(Model))
        case "resource":
            total = len(book.list_resources())
        case "person":
            total = sum(not book.has_left(person.ref) for person in book.list_cards(Person))
        case kind:
            total = sum(ref.kind == kind for ref in book.graph.cards)
    return Number(total, section.title.lower() if total != 1 else section.kind, section.path, detail)


def coming(book: Book) -> list[Coming]:
    """List reviews, clean-ups and waves that are overdue or due within ninety days, the earliest first."""
    until = book.today + timedelta(days=90)
    found: dict[tuple[date, Ref, str], list[Duty]] = {}
    for duty in book.ledger.duties:
        if duty.due is not None and duty.due <= until and duty.kind in _DATED:
            work = f"wave {duty.key}" if duty.kind in _WAVES else _DATED[duty.kind]
            found.setdefault((duty.due, duty.subject, work), []).append(duty)
    return [
        Coming(
            day, ref, f"{work}, {len(duties)} open" if duties[0].kind is DutyKind.CLEANUP else work,
            badge("overdue") if duties[0].is_overdue else Badge(f"in {(day - book.today).days} days", "grey"),
        )
        for (day, ref, work), duties in sorted(found.items(), key=lambda item: item[0])
    ]  # fmt: skip


_WAVES = frozenset({DutyKind.WAVE, DutyKind.STUCK})
_DATED = {DutyKind.REVIEW: "review", DutyKind.CLEANUP: "clean-up", DutyKind.WAVE: "wave", DutyKind.STUCK: "wave"}
"""The kinds of duties with a day that a reader waits for, with their word."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A model with whom to call about it."""

    ref: Ref
    lifecycle: Badge
    owners: tuple[Ref, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class CallView:
    """Models by functions, the gaps visible."""

    functions: tuple[str, ...]
    rows: tuple[CallRow, ...]
    gaps: int


def call_view(book: Book) -> CallView:
    """Who to call about each model that is not retired."""
    functions = tuple(book.settings.functions.values())
    rows = tuple(
        CallRow(model.ref, badge(model.lifecycle), owners_of(book, model), contacts(book, model)[: len(functions)])
        for model in book.list_cards(Model)
        if model.lifecycle is not Lifecycle.RETIRED
    )
    gaps = sum(contact.person is None or contact.has_left for row in rows for contact in row.contacts)
    return CallView(functions, rows, gaps)


@dataclass(frozen=True, slots=True)
class MapRow:
    """A model or system with what it is connected to."""

    ref: Ref
    needs: tuple[Ref, ...]
    needed_by: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class MapView:
    """Every model and system at a glance, as a picture and as a list."""

    picture: GraphDiagram
    is_interactive: bool
    """Whether the book is too large for one still picture."""
    rows: tuple[MapRow, ...]


def map_view(book: Book) -> MapView:
    """The map of the book."""
    needs: dict[Ref, list[Ref]] = {ref: [] for ref in map_refs(book)}
    needed: dict[Ref, list[Ref]] = {ref: [] for ref in map_refs(book)}
    for edge in map_edges(book):
        needs[edge.source].append(edge.target)
        needed[edge.target].append(edge.source)
    rows = tuple(
        MapRow(ref, book.sort_by_name(needs[ref]), book.sort_by_name(needed[ref])) for ref in book.sort_by_name(needs)
    )
    return MapView(map_picture(book), len(rows) > MAP_NODES, rows)


@dataclass(frozen=True, slots=True)
class AttentionView:
    """Every finding of the book and everything that is due."""

    findings: tuple[Finding, ...]
    coming: tuple[Coming, ...]


def attention_view(book: Book) -> AttentionView:
    """What needs attention, worst first."""
    worst_first = sorted(book.findings, key=lambda finding: (finding.severity.rank, finding.sort_key))
    return AttentionView(tuple(worst_first), tuple(coming(book)))
