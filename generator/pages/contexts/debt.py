"""The page *Debt*: what is overdue, what is open, what is accepted, and whether it gets less."""

from dataclasses import dataclass
from datetime import date

from generator.answers.badges import badge_path
from generator.answers.burn_down import WeeklyCount, count_overdue_by_week
from generator.answers.debt import DebtItem, TeamDebt
from generator.checks.suppressions import Suppressed
from generator.diagrams import BurnDownChart, DatedCount
from generator.names import Ref
from generator.pages.book import Book

_ROWS = 60
"""How many overdue and how many open items of a team the page shows; `modelbook debt` lists them all."""


@dataclass(frozen=True, slots=True)
class DebtTeam:
    """The overdue and the open items of one team."""

    team: Ref | None
    """None for what has no owner."""
    name: str
    count: int
    oldest: int
    """In days."""
    entries: tuple[DebtItem, ...]
    """Overdue, the oldest first."""
    open_count: int
    open: tuple[DebtItem, ...]
    """Open, the next due first."""
    more: int
    badge: str
    """The path of its badge; empty where there is none."""


@dataclass(frozen=True, slots=True)
class DebtView:
    """All that the page shows."""

    today: date
    count: int
    """How many items are overdue."""
    open_count: int
    kinds: tuple[tuple[str, int], ...]
    """How many of each kind; kinds without any are left out."""
    teams: tuple[DebtTeam, ...]
    """Those with an overdue or an open item, the oldest first."""
    clear: tuple[Ref, ...]
    """The teams without any."""
    suppressed: tuple[Suppressed, ...]
    picture: BurnDownChart | None
    """None where git tells of no earlier week."""
    notes: tuple[str, ...]
    """How far the history reaches, where it does not reach all the way."""
    badge: str
    """The path of the book's badge."""


def debt_view(book: Book) -> DebtView:
    """The ledger on the day of the book."""
    ledger = book.ledger
    return DebtView(
        today=ledger.today,
        count=len(ledger.entries),
        open_count=len(ledger.open),
        kinds=tuple((str(kind), count) for kind, count in ledger.by_kind if count),
        teams=tuple(_team(one) for one in ledger.teams if one.entries or one.open),
        clear=book.sort_by_name(
            one.team for one in ledger.teams if one.team is not None and not one.entries and not one.open
        ),
        suppressed=ledger.suppressed,
        picture=_picture(book),
        notes=book.history.notes,
        badge=badge_path(None),
    )


def _team(one: TeamDebt) -> DebtTeam:
    is_team = one.team is not None and one.team.kind == "team"
    badge = badge_path(one.team) if is_team else ""
    more = max(0, len(one.entries) - _ROWS) + max(0, len(one.open) - _ROWS)
    overdue, still_open = one.entries[:_ROWS], one.open[:_ROWS]
    return DebtTeam(one.team, one.name, len(one.entries), one.oldest, overdue, len(one.open), still_open, more, badge)


def _picture(book: Book) -> BurnDownChart | None:
    points = count_overdue_by_week(book.history, book.settings, book.today)
    if len(points) < 2:
        return None
    marks = tuple(DatedCount(point.on, point.total) for point in points)
    return BurnDownChart(f"Overdue items of {book.title}", _in_words(points), marks)


def _in_words(points: tuple[WeeklyCount, ...]) -> str:
    first, last = points[0], points[-1]
    most = max(points, key=lambda point: point.total)
    return (
        f"Overdue in the week to {first.on}: {first.total}; at most {most.total}, in the week to {most.on}; "
        f"on {last.on}: {last.total}."
    )
