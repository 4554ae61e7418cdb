"""The first paragraph of a card's page, and its sections at the end: impact, handover, history in git."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from itertools import groupby

from msgspec.structs import replace

from generator.answers.card_history import describe_commit
from generator.answers.fact_changes import FactText
from generator.answers.handover import Handover
from generator.answers.impact import (
    RESPONSIBLE,
    Affected,
    AffectedCards,
    AffectedSurface,
    FallbackChain,
    Impact,
    NotifiedParty,
    compute_impact,
    find_affected,
)
from generator.diagrams import DiagramEdge, DiagramNode, TieredDiagram
from generator.graph.edges import DEPENDING
from generator.graph.people import PARTIES
from generator.history.facts import FactKind
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.diagrams import build_node, get_edge_class
from generator.pages.contexts.parts import OriginView, build_origin
from generator.pages.contexts.summary import Summary, build_summary
from generator.schema import KINDS
from generator.schema.days import format_day
from generator.secrets.redaction import redact
from generator.values import FrozenValue

NEAREST = 24
"""How many dependents a page looks for beyond the direct ones; the command line lists them all."""
_MOST_ROWS, _MOST_NOTIFIED, _MOST_SURFACES, _MOST_REASONS = 20, 20, 12, 2
"""The most rows of each table, and the most reasons in a row."""
_COLUMNS, _COLUMN_LENGTH = 3, 6
"""The most columns of the diagram, and the most boxes in a column, including the box that counts the others."""
_PROMINENT = ("model", "system", "resource", "flow")


@dataclass(frozen=True)
class ImpactView:
    """The content of the section. The page of a model shows only some rows, so the rest is computed on demand."""

    book: Book = field(repr=False)
    ref: Ref
    found: AffectedCards = field(repr=False)
    rows: tuple[Affected, ...]

    @property
    def direct(self) -> int:
        """The number of direct dependents."""
        return sum(one.distance == 1 for one in self.found.affected)

    @property
    def further(self) -> int:
        """The number of indirect dependents."""
        return len(self.found.affected) - self.direct

    @property
    def is_whole(self) -> bool:
        """False if there are more dependents than were looked for."""
        return self.found.is_whole

    @property
    def more_rows(self) -> int:
        """The number of dependents without a row."""
        return max(0, len(self.found.affected) - _MOST_ROWS)

    @cached_property
    def _impact(self) -> Impact:
        book = self.book
        return compute_impact(book.graph, self.ref, book.today, NEAREST, book.edge_text, book.sightings, self.found)

    @property
    def surfaces(self) -> tuple[AffectedSurface, ...]:
        """The first surfaces."""
        return self._impact.surfaces[:_MOST_SURFACES]

    @property
    def rescues(self) -> tuple[FallbackChain, ...]:
        """The fallbacks of other models that fail with it; its own fallback is elsewhere on a model's page."""
        return tuple(rescue for rescue in self._impact.rescues if rescue.model != self.ref)[:_MOST_SURFACES]

    @property
    def told(self) -> tuple[NotifiedParty, ...]:
        """The first people and teams to notify."""
        return self._impact.told[:_MOST_NOTIFIED]

    @property
    def more_told(self) -> int:
        """The number of other people and teams to notify."""
        return max(0, len(self._impact.told) - _MOST_NOTIFIED)

    @cached_property
    def picture(self) -> TieredDiagram | None:
        """The diagram; None if the neighbourhood shows it all, since every dependent is direct."""
        # The page of a person or a team has no neighbourhood that shows the nearest dependents.
        return build_impact_diagram(self.book, self._impact) if self.ref.kind in PARTIES or self.further else None


def build_impact_view(book: Book, ref: Ref) -> ImpactView | None:
    """Build the section; None if nothing depends on the card, the person or the team."""
    relations = RESPONSIBLE if ref.kind in PARTIES else DEPENDING
    if not book.graph.list_incoming_edges(ref, *relations) and not book.sightings.found_edges.get(ref):
        return None
    found = find_affected(book.graph, ref, NEAREST, book.edge_text, book.sightings)
    nearest = sorted(found.affected, key=lambda one: (one.distance, compute_prominence(one.ref)))[:_MOST_ROWS]
    rows = (
        one if len(one.reasons) <= _MOST_REASONS else replace(one, reasons=one.reasons[:_MOST_REASONS])
        for one in nearest
    )
    return ImpactView(book, ref, found, tuple(rows))


def compute_prominence(ref: Ref) -> tuple[int, Ref]:
    """Return a sort key: models and systems first, then resources and flows, then the other kinds."""
    kind = ref.kind if ref.kind in KINDS else "resource"
    return (_PROMINENT.index(kind) if kind in _PROMINENT else len(_PROMINENT), ref)


class _ImpactColumn(FrozenValue):
    """The dependents at one distance: some have a node, a box without a link counts the others."""

    distance: int
    shown: tuple[Affected, ...]
    omitted: tuple[Affected, ...]
    is_whole: bool
    """Whether all of this distance were looked for; always so for the direct ones."""

    @property
    def box_id(self) -> str:
        """The id of the box; it is no reference, so the box never has a link."""
        return f"+{self.distance}"

    def describe(self) -> str:
        """Return `3 directly`, or `at least 9 in 2 steps (5 shown)`."""
        number = len(self.shown) + len(self.omitted)
        count = f"{number}" if self.is_whole else f"at least {number}"
        steps = "directly" if self.distance == 1 else f"in {self.distance} steps"
        return f"{count} {steps} ({len(self.shown)} shown)" if self.omitted else f"{count} {steps}"


def build_impact_diagram(book: Book, impact: Impact) -> TieredDiagram:
    """Build the diagram of the dependents, with a column for each step from the start."""
    columns = _build_columns(impact)
    further = len(impact.affected) - sum(len(column.shown) + len(column.omitted) for column in columns)
    rest = ""
    if not impact.is_whole:
        rest = " There may be more distant ones."
    elif further:
        rest = f" {further} more {'is' if further == 1 else 'are'} more distant."
    tiers: list[tuple[DiagramNode, ...]] = [(build_node(book, impact.ref, focus=True),)]
    for column in columns:
        nodes = [build_node(book, one.ref) for one in column.shown]
        if column.omitted:
            at_least = "" if column.is_whole else "at least "
            nodes.append(DiagramNode(column.box_id, f"and {at_least}{len(column.omitted)} more", ""))
        tiers.append(tuple(nodes))
    return TieredDiagram(
        title=f"Dependents of {impact.name}",
        description=f"Dependents of {impact.name}: {', '.join(column.describe() for column in columns)}.{rest}",
        columns=tuple(tiers),
        edges=_build_arrows(impact.ref, columns),
    )


def _build_columns(impact: Impact) -> list[_ImpactColumn]:
    """Choose the nodes of each column: only those that depend on a node of an earlier column, prominent ones first."""
    drawn = {impact.ref}
    columns: list[_ImpactColumn] = []
    for distance in range(1, _COLUMNS + 1):
        affected = [one for one in impact.affected if one.distance == distance]
        connected = [one for one in affected if any(edge.target in drawn for edge in one.edges)]
        connected.sort(key=lambda one: compute_prominence(one.ref))
        # A box counts at least two: a single other one fits in its place.
        fits = len(affected) <= _COLUMN_LENGTH and len(connected) == len(affected)
        shown = connected if fits else connected[: _COLUMN_LENGTH - 1]
        refs = {one.ref for one in shown}
        omitted = tuple(one for one in affected if one.ref not in refs)
        drawn |= refs
        if affected:
            columns.append(_ImpactColumn(distance, tuple(shown), omitted, impact.is_whole or distance == 1))
    return columns


def _build_arrows(start: Ref, columns: Sequence[_ImpactColumn]) -> tuple[DiagramEdge, ...]:
    """Build one arrow for each pair of boxes, in the style of its first edge."""
    nodes = {start: str(start)}
    for column in columns:
        nodes |= {one.ref: str(one.ref) for one in column.shown} | {one.ref: column.box_id for one in column.omitted}
    arrows: dict[tuple[str, str], DiagramEdge] = {}
    for column in columns:
        for one in (*column.shown, *column.omitted):
            for edge in one.edges:
                ends = (nodes[edge.target], nodes[one.ref])
                if ends not in arrows:
                    arrows[ends] = DiagramEdge(*ends, "", get_edge_class(edge.relation))
    return tuple(arrows.values())


_MOST_COMMITS = 20
"""The most commits on a page, the latest first; `modelbook history` lists all of them."""
_MOST_EVENTS = 15
"""The most events of one commit on a page."""
_SHOWN_KINDS = frozenset(
    {
        FactKind.CARD, FactKind.CONSUMER, FactKind.CONTACT, FactKind.OWNER, FactKind.ENDPOINT, FactKind.FALLBACK,
        FactKind.SUCCESSOR, FactKind.LIFECYCLE, FactKind.VERSION, FactKind.REVIEW, FactKind.SUNSET,
        FactKind.STAKEHOLDER,
    }
)  # fmt: skip


class TrailRow(FrozenValue):
    """The events of one commit."""

    day: date
    whats: tuple[str, ...]
    more: int
    """The number of its other events."""
    commit: str
    """The first ten digits of its id."""
    author: str
    message: str
    """The first line of its message."""


class TrailView(FrozenValue):
    """The section *History* of a model's page."""

    ref: Ref
    rows: tuple[TrailRow, ...]
    """The latest first."""
    more: int
    """The number of earlier commits."""
    notes: tuple[str, ...]
    """Why the history is incomplete, if it is."""
    origin: OriginView | None = None
    """The repository with the history of a collected card; the rows are then the facts in cards of the book."""

    @property
    def summary(self) -> str:
        """The last change, as in `updated 12 Nov 2026 by Asha Rao`; the repository of a collected card."""
        if self.origin is not None:
            return f"in {self.origin.repository}"
        return f"updated {format_day(self.rows[0].day)} by {self.rows[0].author}"


@dataclass(frozen=True)
class Answers:
    """The first paragraph and the sections of a card's page; None for those that it does not have."""

    summary: Summary | None = None
    handover: Handover | None = None
    """The responsibilities of a person or a team."""
    trail: TrailView | None = None
    build_impact: Callable[[], ImpactView | None] = lambda: None

    @cached_property
    def impact(self) -> ImpactView | None:
        """The dependents, found on demand: the pages of people and teams do not show them."""
        return self.build_impact()


NO_ANSWERS = Answers()


def build_answers(book: Book, ref: Ref) -> Answers:
    """Build the sections of a card's page."""
    handover = book.handovers.get(ref)
    has_handover = handover is not None and bool(handover.held)
    return Answers(
        build_summary(book, ref),
        handover if has_handover else None,
        build_trail_view(book, ref),
        partial(build_impact_view, book, ref),
    )


def build_trail_view(book: Book, ref: Ref) -> TrailView | None:
    """Build the section *History*; None if the card is no model, or git has no events of a card of the book."""
    events = [event for event in book.list_trail(ref) if event.kind in _SHOWN_KINDS]
    loaded = book.graph.cards.get(ref)
    origin = build_origin(book, loaded) if loaded is not None else None
    if ref.kind != "model" or not (events or origin):
        return None
    commits = [(commit, list(several)) for commit, several in groupby(events, key=lambda event: event.commit)]
    text = FactText((book.graph,), book.settings.functions)
    described = ((commit, several, describe_commit(several, text)) for commit, several in commits[-_MOST_COMMITS:])
    rows = tuple(
        TrailRow(
            day=several[0].on,
            whats=whats[:_MOST_EVENTS],
            more=max(0, len(whats) - _MOST_EVENTS),
            commit=commit.short,
            author=redact(commit.author),
            message=commit.reason,
        )
        for commit, several, whats in reversed(list(described))
    )
    return TrailView(ref, rows, max(0, len(commits) - _MOST_COMMITS), () if origin else book.history_notes, origin)
