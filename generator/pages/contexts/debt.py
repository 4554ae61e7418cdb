"""The page *Debt*: what is owed, what is accepted, and whether it gets less."""

from dataclasses import dataclass, replace
from datetime import date

from generator.answers.badges import badge_path
from generator.answers.burn_down import Point, burn_down
from generator.answers.debt import Entry, TeamDebt
from generator.answers.owed import DebtKind
from generator.checks.suppressions import Suppressed
from generator.diagrams import Burndown, Measure
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.wording import contact_for

_ROWS = 60
"""How many entries of a team the page shows, the oldest first; `modelbook debt` lists them all."""


@dataclass(frozen=True, slots=True)
class DebtTeam:
    """What one team owes."""

    team: Ref | None
    """None: what nobody owns."""
    name: str
    count: int
    oldest: int
    """In days."""
    entries: tuple[Entry, ...]
    more: int
    badge: str
    """The path of its badge; empty where there is none."""


@dataclass(frozen=True, slots=True)
class DebtView:
    """All that the page shows."""

    today: date
    count: int
    kinds: tuple[tuple[str, int], ...]
    """How many of each kind; kinds without any are left out."""
    teams: tuple[DebtTeam, ...]
    """Those that owe something, the oldest debt first."""
    clear: tuple[Ref, ...]
    """The teams that owe nothing."""
    suppressed: tuple[Suppressed, ...]
    picture: Burndown | None
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
        kinds=tuple((str(kind), count) for kind, count in ledger.by_kind if count),
        teams=tuple(_team(book, one) for one in ledger.teams if one.entries),
        clear=book.by_name(one.team for one in ledger.teams if one.team is not None and not one.entries),
        suppressed=ledger.suppressed,
        picture=_picture(book),
        notes=book.history.notes,
        badge=badge_path(None),
    )


def _team(book: Book, one: TeamDebt) -> DebtTeam:
    is_team = one.team is not None and one.team.kind == "team"
    badge = badge_path(one.team) if is_team else ""
    more = max(0, len(one.entries) - _ROWS)
    entries = tuple(_named(book, entry) for entry in one.entries[:_ROWS])
    return DebtTeam(one.team, one.name, len(one.entries), one.oldest, entries, more, badge)


def _named(book: Book, entry: Entry) -> Entry:
    """The entry with the function that it misses by its configured name."""
    if entry.kind is not DebtKind.CONTACT:
        return entry
    words = {f"no contact for {function}": f"no {contact_for(book, function)}" for function in book.settings.functions}
    return replace(entry, what=words.get(entry.what, entry.what))


def _picture(book: Book) -> Burndown | None:
    points = burn_down(book.history, tuple(book.settings.functions), book.today)
    if len(points) < 2:
        return None
    marks = tuple(Measure(point.on, point.total) for point in points)
    return Burndown(f"What {book.title} owes", _in_words(points), marks)


def _in_words(points: tuple[Point, ...]) -> str:
    first, last = points[0], points[-1]
    most = max(points, key=lambda point: point.total)
    return (
        f"Owed in the week to {first.on}: {first.total}; at most {most.total}, in the week to {most.on}; "
        f"on {last.on}: {last.total}."
    )
