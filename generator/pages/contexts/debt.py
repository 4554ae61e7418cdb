"""The page *Debt*: overdue and open items by team, accepted findings, and the burn-down."""

from dataclasses import dataclass
from datetime import date

from generator.answers.badge import get_badge_path
from generator.answers.burn_down import count_overdue_by_week
from generator.answers.debt import DebtItem
from generator.checks.suppressions import Suppressed
from generator.diagrams import BurnDownChart, DatedCount
from generator.names import Ref
from generator.pages.book import Book

_MOST_ROWS = 60
"""The most overdue items of a team, and the most open ones; `modelbook debt` lists them all."""


@dataclass(frozen=True, slots=True)
class DebtTeam:
    """The overdue and the open items of one team."""

    team: Ref | None
    """None for items without an owner."""
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
    """The path of its badge; empty if it is not a team."""


@dataclass(frozen=True, slots=True)
class DebtView:
    """The content of the page."""

    today: date
    count: int
    """The number of overdue items."""
    open_count: int
    kinds: tuple[tuple[str, int], ...]
    """The kinds that have overdue items, with their number."""
    teams: tuple[DebtTeam, ...]
    """The teams with an overdue or an open item, the oldest first."""
    clear: tuple[Ref, ...]
    """The other teams."""
    suppressed: tuple[Suppressed, ...]
    picture: BurnDownChart | None
    """None if git has no earlier week."""
    notes: tuple[str, ...]
    """Why the history is incomplete, if it is."""
    badge: str
    """The path of the book's badge."""


def build_debt_view(book: Book) -> DebtView:
    """Build the content of the page from the ledger."""
    ledger = book.ledger
    teams = [one for one in ledger.teams if one.entries or one.open]
    return DebtView(
        today=ledger.today,
        count=len(ledger.entries),
        open_count=len(ledger.open),
        kinds=tuple((str(kind), count) for kind, count in ledger.by_kind if count),
        teams=tuple(
            DebtTeam(
                team=one.team,
                name=one.name,
                count=len(one.entries),
                oldest=one.oldest,
                entries=one.entries[:_MOST_ROWS],
                open_count=len(one.open),
                open=one.open[:_MOST_ROWS],
                more=max(0, len(one.entries) - _MOST_ROWS) + max(0, len(one.open) - _MOST_ROWS),
                badge=get_badge_path(one.team) if one.team is not None and one.team.kind == "team" else "",
            )
            for one in teams
        ),
        clear=book.sort_by_name(one.team for one in ledger.teams if one.team is not None and one not in teams),
        suppressed=ledger.suppressed,
        picture=_build_burn_down(book),
        notes=book.history.notes,
        badge=get_badge_path(None),
    )


def _build_burn_down(book: Book) -> BurnDownChart | None:
    weeks = count_overdue_by_week(book.history, book.settings, book.today)
    if len(weeks) < 2:
        return None
    first, last, most = weeks[0], weeks[-1], max(weeks, key=lambda week: week.total)
    description = (
        f"Overdue in the week to {first.on}: {first.total}; at most {most.total}, in the week to {most.on}; "
        f"on {last.on}: {last.total}."
    )
    counts = tuple(DatedCount(week.on, week.total) for week in weeks)
    return BurnDownChart(f"Overdue items of {book.title}", description, counts)
