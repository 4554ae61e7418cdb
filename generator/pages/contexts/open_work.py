"""The page *Open work*: what is overdue and what is open, by team, and the exceptions that cards state."""

from collections.abc import Iterable
from datetime import date

from generator.answers.badge import get_badge_path
from generator.answers.burn_down import count_overdue_by_week
from generator.answers.debt import DebtItem, TeamDebt
from generator.answers.tasks import Task, build_tasks, describe_counts
from generator.checks.suppressions import Suppressed
from generator.diagrams import BurnDownChart, DatedCount
from generator.graph.duties import DutyKind
from generator.graph.people import find_present_lead, get_team, get_team_addresses
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.contact_facts import build_chat_values
from generator.pages.contexts.page_parts import cut_rows, has_too_many
from generator.pages.contexts.parts import Value
from generator.values import FrozenValue

_MOST_ROWS = 60
"""The most tasks of a table; `modelbook debt` lists them all."""
_MOST_EXCEPTIONS = 300


class DebtTeam(FrozenValue):
    """The overdue and the open items of one team."""

    team: Ref | None
    """None for items without an owner."""
    name: str
    count: int
    oldest: int
    """In days."""
    oldest_since: date | None
    """The day since which the oldest item is overdue; None if no item has one."""
    entries: tuple[DebtItem, ...]
    """Overdue, the oldest first."""
    open_count: int
    open: tuple[DebtItem, ...]
    """Open, the next due first."""
    more: int
    """The number of open tasks that `tasks` does not have."""
    badge: str
    """The path of its badge; empty if it is not a team."""
    tasks: tuple[Task, ...]
    """The open items in words."""
    next: Task | None
    """The next task with a day."""
    chat: tuple[Value, ...]
    lead: Ref | None
    """The lead, unless the lead has left."""


class DebtView(FrozenValue):
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
    overdue: tuple[Task, ...]
    """The overdue items in words, the oldest first."""
    more_overdue: int
    next: Task | None
    """The next open task with a day."""
    overdue_words: str
    """What the overdue items are, as in `3 clean-ups, 1 review`."""
    open_words: str
    has_sections: bool = True
    """Whether the tasks of each team are on this page; if they are too many, they are on the pages of the teams."""
    more_suppressed: int = 0
    """The number of exceptions that `suppressed` does not have."""


def build_debt_view(book: Book) -> DebtView:
    """Build the content of the page from the ledger."""
    ledger = book.ledger
    teams = [_build_team(book, one) for one in ledger.teams if one.entries or one.open]
    overdue = list_tasks(book, ledger.entries)
    return DebtView(
        today=ledger.today,
        count=len(ledger.entries),
        open_count=len(ledger.open),
        kinds=tuple((str(kind), count) for kind, count in ledger.by_kind if count),
        teams=cut_rows(teams)[0],
        clear=book.sort_by_name(
            one.team for one in ledger.teams if one.team is not None and not (one.entries or one.open)
        ),
        suppressed=ledger.suppressed[:_MOST_EXCEPTIONS],
        picture=_build_burn_down(book),
        notes=book.history_notes,
        badge=get_badge_path(None),
        overdue=overdue[:_MOST_ROWS],
        more_overdue=max(0, len(overdue) - _MOST_ROWS),
        next=_find_next(list_tasks(book, ledger.open[:1])),
        overdue_words=describe_counts(ledger.entries),
        open_words=describe_counts(ledger.open),
        has_sections=not has_too_many(sum(len(team.tasks) for team in teams)),
        more_suppressed=max(0, len(ledger.suppressed) - _MOST_EXCEPTIONS),
    )


def list_tasks(book: Book, items: Iterable[DebtItem]) -> tuple[Task, ...]:
    """List items of the ledger in words."""
    several = tuple(items)
    trails = {item.subject: book.list_trail(item.subject) for item in several}
    return build_tasks(book.graph, several, book.settings.functions, trails, book.today)


def _find_next(tasks: Iterable[Task]) -> Task | None:
    return next((task for task in tasks if task.due is not None), None)


def _build_team(book: Book, debt: TeamDebt) -> DebtTeam:
    ref = debt.team if debt.team is not None and debt.team.kind == "team" else None
    card = get_team(book.graph, ref.id) if ref is not None else None
    lead = find_present_lead(book.graph, ref.id, book.today) if ref is not None else None
    tasks = list_tasks(book, debt.open)
    return DebtTeam(
        team=debt.team,
        name=debt.name,
        count=len(debt.entries),
        oldest=debt.oldest,
        oldest_since=min((item.since for item in debt.entries if item.since), default=None),
        entries=debt.entries[:_MOST_ROWS],
        open_count=len(debt.open),
        open=debt.open[:_MOST_ROWS],
        more=max(0, len(tasks) - _MOST_ROWS),
        badge=get_badge_path(ref) if ref is not None else "",
        tasks=tasks[:_MOST_ROWS],
        next=_find_next(tasks),
        chat=build_chat_values(get_team_addresses(card)) if card is not None else (),
        lead=lead.ref if lead else None,
    )


def _build_burn_down(book: Book) -> BurnDownChart | None:
    """Build the chart of overdue items by week, with the same last count as the page.

    What only the evidence shows counts since its first day: git has no earlier evidence of uses that have ended.
    """
    weeks = count_overdue_by_week(book.history, book.settings, book.today)
    if len(weeks) < 2:
        return None
    kinds = {DutyKind.UNDOCUMENTED, DutyKind.ALIVE}
    found = [item.duty.since or book.today for item in book.ledger.entries if item.duty.kind in kinds]
    earlier = (DatedCount(week.on, week.total + sum(day <= week.on for day in found)) for week in weeks[:-1])
    counts = (*earlier, DatedCount(weeks[-1].on, weeks[-1].total + len(found)))
    first, last, most = counts[0], counts[-1], max(counts, key=lambda week: week.count)
    description = (
        f"Overdue in the week to {first.on}: {first.count}; at most {most.count}, in the week to {most.on}; "
        f"since the week to {last.on}: {last.count}."
    )
    return BurnDownChart(f"Overdue items of {book.title}", description, counts)
