"""The pages about the whole book: home, contacts, the map, findings and due dates."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from generator.diagrams import GraphDiagram
from generator.findings import Finding, Severity, count_by_severity
from generator.graph.duties import Duty, DutyKind
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.contacts import ContactRow, list_contacts
from generator.pages.contexts.diagrams import MAP_NODES, build_map_diagram, list_map_edges, list_map_nodes
from generator.pages.contexts.parts import Badge, build_badge, resolve_owners
from generator.pages.paths import NAVIGATION, SiteSection
from generator.schema import Experiment, Migration, Model, Person
from generator.schema.card import Lifecycle
from generator.schema.rollouts import ExperimentStatus, MigrationStatus

_SHOWN = 8
"""The most due items, and the most findings, on the home page."""
_DUE_WITHIN = timedelta(days=90)
_WORK = {DutyKind.REVIEW: "review", DutyKind.CLEANUP: "clean-up", DutyKind.WAVE: "wave", DutyKind.STUCK: "wave"}
"""The kinds of duties with a day, with their word."""


@dataclass(frozen=True, slots=True)
class HomeCount:
    """The number of cards of a kind, with a link to their index."""

    count: int
    label: str
    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class DueItem:
    """Work that is overdue or soon due."""

    day: date
    ref: Ref
    what: str
    badge: Badge
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class HomeView:
    """The content of the home page."""

    title: str
    numbers: tuple[HomeCount, ...]
    coming: tuple[DueItem, ...]
    moving: tuple[Ref, ...]
    running: tuple[Ref, ...]
    findings: tuple[Finding, ...]
    severities: tuple[tuple[Severity, int], ...]
    today: date


def build_home_view(book: Book) -> HomeView:
    """Build the content of the home page."""
    severities = count_by_severity(book.findings)
    migrations, experiments = book.list_cards(Migration), book.list_cards(Experiment)
    return HomeView(
        title=book.title,
        numbers=tuple(_count_cards(book, section) for section in NAVIGATION.catalogue),
        coming=list_due_items(book)[:_SHOWN],
        moving=tuple(card.ref for card in migrations if card.status is MigrationStatus.RUNNING),
        running=tuple(card.ref for card in experiments if card.status is ExperimentStatus.RUNNING),
        findings=_sort_worst_first(book.findings)[:_SHOWN],
        severities=tuple((severity, severities[severity]) for severity in Severity if severities[severity]),
        today=book.today,
    )


def _count_cards(book: Book, section: SiteSection) -> HomeCount:
    detail = ""
    match section.kind:
        case "model":
            models = book.list_cards(Model)
            total = len(models)
            lifecycles = Counter(model.lifecycle for model in models)
            detail = ", ".join(f"{lifecycles[one]} {one}" for one in Lifecycle if lifecycles[one])
        case "resource":
            total = len(book.list_resources())
        case "person":
            total = sum(not book.has_left(person.ref) for person in book.list_cards(Person))
        case kind:
            total = sum(ref.kind == kind for ref in book.graph.cards)
    return HomeCount(total, section.folder if total != 1 else section.kind, section.path, detail)


def _sort_worst_first(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.severity.rank, finding.sort_key)))


def list_due_items(book: Book) -> tuple[DueItem, ...]:
    """Return the reviews, clean-ups and waves that are overdue or due within ninety days, the earliest first."""
    found: dict[tuple[date, Ref, str], list[Duty]] = {}
    for duty in book.ledger.duties:
        if duty.due is not None and duty.due <= book.today + _DUE_WITHIN and duty.kind in _WORK:
            work = _WORK[duty.kind]
            key = (duty.due, duty.subject, f"wave {duty.key}" if work == "wave" else work)
            found.setdefault(key, []).append(duty)
    items: list[DueItem] = []
    for (day, ref, work), duties in sorted(found.items(), key=lambda item: item[0]):
        what = f"{work}, {len(duties)} open" if duties[0].kind is DutyKind.CLEANUP else work
        is_overdue = duties[0].is_overdue
        badge = build_badge("overdue") if is_overdue else Badge(f"in {(day - book.today).days} days", "grey")
        items.append(DueItem(day, ref, what, badge, is_overdue))
    return tuple(items)


@dataclass(frozen=True, slots=True)
class CallRow:
    """A model with its contacts."""

    ref: Ref
    lifecycle: Badge
    owners: tuple[Ref, ...]
    contacts: tuple[ContactRow, ...]


@dataclass(frozen=True, slots=True)
class CallView:
    """The content of the page *Who to call*: models by functions, with the gaps."""

    functions: tuple[str, ...]
    rows: tuple[CallRow, ...]
    gaps: int


def build_call_view(book: Book) -> CallView:
    """Build the table of the contacts of every model that is not retired."""
    functions = tuple(book.settings.functions.values())
    rows = tuple(
        CallRow(
            model.ref,
            build_badge(model.lifecycle),
            resolve_owners(book, model),
            list_contacts(book, model)[: len(functions)],
        )
        for model in book.list_cards(Model)
        if not model.is_retired
    )
    gaps = sum(contact.person is None or contact.has_left for row in rows for contact in row.contacts)
    return CallView(functions, rows, gaps)


@dataclass(frozen=True, slots=True)
class MapRow:
    """A model or a system with its connections."""

    ref: Ref
    needs: tuple[Ref, ...]
    needed_by: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class MapView:
    """The content of the map: every model and system, as a diagram and as a list."""

    picture: GraphDiagram
    is_interactive: bool
    """Whether the book is too large for one diagram."""
    rows: tuple[MapRow, ...]


def build_map_view(book: Book) -> MapView:
    """Build the map of the book."""
    needs: dict[Ref, list[Ref]] = {ref: [] for ref in list_map_nodes(book)}
    needed_by: dict[Ref, list[Ref]] = {ref: [] for ref in needs}
    for edge in list_map_edges(book):
        needs[edge.source].append(edge.target)
        needed_by[edge.target].append(edge.source)
    by_name = book.sort_by_name
    rows = tuple(MapRow(ref, by_name(needs[ref]), by_name(needed_by[ref])) for ref in by_name(needs))
    return MapView(build_map_diagram(book), len(rows) > MAP_NODES, rows)


@dataclass(frozen=True, slots=True)
class AttentionView:
    """Every finding, and everything that is due."""

    findings: tuple[Finding, ...]
    coming: tuple[DueItem, ...]


def build_attention_view(book: Book) -> AttentionView:
    """Build the list of all findings, worst first, and of all due items."""
    return AttentionView(_sort_worst_first(book.findings), list_due_items(book))
