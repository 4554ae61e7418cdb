"""The ledger of overdue and open duties by team, and of the findings that cards accept, with the reasons."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from generator.answers.burn_down import list_open_periods
from generator.checks.suppressions import Suppressed
from generator.findings import Severity
from generator.graph.duties import Duty, DutyKind, DutyState
from generator.graph.edges import Graph
from generator.graph.people import find_team, list_owning_teams
from generator.grouping import group_pairs
from generator.history.events import History
from generator.names import Ref, build_ref_key, build_sort_key
from generator.settings import Settings
from generator.values import FrozenValue


class DebtItem(FrozenValue):
    """A duty that is overdue or open today."""

    duty: Duty
    name: str
    """The name of the subject."""
    teams: tuple[Ref, ...]
    """The teams of its owners; empty if it has no owner."""
    since: date | None
    """The first day on which it was overdue; None if it is not, or if neither the card nor git records it."""
    days: int | None
    """Its age since then; 0 on the first day."""

    @property
    def subject(self) -> Ref:
        """The card that the duty is about."""
        return self.duty.subject

    @property
    def kind(self) -> str:
        """The label of the kind."""
        return self.duty.label

    @property
    def what(self) -> str:
        """The text of the duty."""
        return self.duty.text

    @property
    def owners(self) -> tuple[Ref, ...]:
        """The teams and people who have to do it."""
        return self.duty.owners

    @property
    def due(self) -> date | None:
        """The last day on which it is in time."""
        return self.duty.due


class TeamDebt(FrozenValue):
    """The duties of one team."""

    team: Ref | None
    """None for items without an owner."""
    name: str
    entries: tuple[DebtItem, ...]
    """Overdue, oldest first."""
    open: tuple[DebtItem, ...]
    """Not overdue yet, or without a date; the next due first."""
    suppressed: tuple[Suppressed, ...]
    open_findings: tuple[tuple[Severity, int], ...]
    """The number of findings on the team's cards, worst severity first."""

    @property
    def oldest(self) -> int:
        """The age of the oldest overdue item in days; 0 if no item is overdue."""
        return max((item.days or 0 for item in self.entries), default=0)


class Ledger(FrozenValue):
    """The answer to `modelbook debt`."""

    today: date
    duties: tuple[Duty, ...]
    """All duties that no card accepts, including those that are not work yet."""
    entries: tuple[DebtItem, ...]
    """All overdue items, without duplicates, oldest first; those without an age last."""
    open: tuple[DebtItem, ...]
    """All open items, without duplicates, the next due first; those without a date last."""
    teams: tuple[TeamDebt, ...]
    """The team with the oldest item first; then by name."""
    suppressed: tuple[Suppressed, ...]

    @property
    def by_kind(self) -> tuple[tuple[DutyKind, int], ...]:
        """The number of overdue items of each kind."""
        counts = Counter(item.duty.kind for item in self.entries)
        return tuple((kind, counts[kind]) for kind in DutyKind)


def assemble_ledger(
    graph: Graph,
    today: date,
    duties: Iterable[Duty],
    items: Iterable[DebtItem],
    severities: Iterable[tuple[Ref | None, Severity]],
    suppressed: Iterable[Suppressed],
) -> Ledger:
    """Assemble the ledger from its duties and their items, with the card and the severity of each finding."""
    overdue, still_open = sort_items(items)
    allowed = sorted(suppressed, key=lambda one: one.finding.sort_key)
    teams_debt = _build_teams(graph, overdue, still_open, allowed, severities)
    return Ledger(today, tuple(duties), overdue, still_open, tuple(teams_debt), tuple(allowed))


Beginnings = Mapping[tuple[Ref, DutyKind, str], date]
"""The first day of each overdue duty in git, by its subject, its kind and its key."""


def find_beginnings(history: History | None, settings: Settings, today: date) -> Beginnings:
    """Find the first days of the duties that are overdue."""
    return {one.identity: one.start for one in list_open_periods(history, settings, today)} if history else {}


_FOUND = frozenset({DutyKind.UNDOCUMENTED, DutyKind.ALIVE})
"""The duties by the evidence: nothing was due on the day of the commit that has the use, which may be years ago."""


def build_items(graph: Graph, duty: Duty, began: Beginnings, today: date) -> Iterator[DebtItem]:
    """Build the item of a duty; none if it requires no work yet."""
    if duty.state is not DutyState.UPCOMING:
        since = duty.since or (began.get((duty.subject, duty.kind, duty.key)) if duty.is_overdue else None)
        if duty.kind in _FOUND:
            since = None
        days = (today - since).days if since is not None else None
        teams = tuple(dict.fromkeys(find_team(graph, owner) for owner in duty.owners))
        yield DebtItem(duty, graph.get_name(duty.subject), teams, since, days)


def sort_items(items: Iterable[DebtItem]) -> tuple[tuple[DebtItem, ...], tuple[DebtItem, ...]]:
    """Return the overdue items, oldest first, and then the open ones, the next due first.

    Undocumented uses are the last of the overdue ones: a first scan finds many, and none of them has a day.
    """
    kinds = list(DutyKind)
    several = list(items)
    overdue = sorted(
        (item for item in several if item.duty.is_overdue),
        key=lambda one: (
            one.duty.kind is DutyKind.UNDOCUMENTED,
            one.days is None,
            -(one.days or 0),
            kinds.index(one.duty.kind),
            build_ref_key(one.subject),
            build_sort_key(one.what),
        ),
    )
    still_open = sorted(
        (item for item in several if not item.duty.is_overdue),
        key=lambda one: (one.due or date.max, build_ref_key(one.subject), build_sort_key(one.what)),
    )
    return tuple(overdue), tuple(still_open)


def _build_teams(
    graph: Graph,
    overdue: Iterable[DebtItem],
    still_open: Iterable[DebtItem],
    suppressed: Iterable[Suppressed],
    severities: Iterable[tuple[Ref | None, Severity]],
) -> list[TeamDebt]:
    """Build the debt of each team; None has the items without an owner."""

    def find_teams(subject: Ref | None) -> tuple[Ref | None, ...]:
        return (list_owning_teams(graph, subject) if subject else ()) or (None,)

    overdue_of = group_pairs((team, item) for item in overdue for team in item.teams or (None,))
    open_of = group_pairs((team, item) for item in still_open for team in item.teams or (None,))
    allowed_of = group_pairs((team, one) for one in suppressed for team in find_teams(one.finding.subject))
    severities_of = group_pairs((team, severity) for subject, severity in severities for team in find_teams(subject))
    parties = {*(ref for ref in graph.cards if ref.kind == "team"), *overdue_of, *open_of, *allowed_of, *severities_of}
    if None not in {*overdue_of, *open_of, *allowed_of}:
        parties.discard(None)  # findings alone, such as a syntax error, are no work without an owner
    teams = [
        TeamDebt(
            team, graph.get_name(team) if team else "No owner", overdue_of.get(team, ()),
            open_of.get(team, ()), allowed_of.get(team, ()),
            tuple(sorted(Counter(severities_of.get(team, ())).items(), key=lambda item: item[0].rank)),
        )
        for team in parties
    ]  # fmt: skip
    return sorted(teams, key=lambda one: (-one.oldest, -len(one.entries), build_sort_key(one.name), str(one.team)))
