"""The ledger of duties: what is overdue and what is open, by team; and what cards accept, with the reasons."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from generator.answers.burn_down import list_open_periods
from generator.checks.suppressions import Suppressed
from generator.findings import Finding, Severity
from generator.graph.duties import Duty, DutyKind, DutyState, drop_accepted, find_accepted, list_book_duties
from generator.graph.edges import Graph
from generator.graph.people import find_team, list_owning_teams
from generator.history.events import History
from generator.names import Ref
from generator.settings import Settings


@dataclass(frozen=True, slots=True)
class DebtItem:
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
        """The day by which it is to be done."""
        return self.duty.due


@dataclass(frozen=True, slots=True)
class TeamDebt:
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
        """The age of the oldest overdue item in days; 0 if there is none."""
        return max((item.days or 0 for item in self.entries), default=0)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The answer to `modelbook debt`."""

    today: date
    duties: tuple[Duty, ...]
    """All duties that no card accepts, including those that are not work yet."""
    entries: tuple[DebtItem, ...]
    """All overdue items, each once, oldest first; those without an age last."""
    open: tuple[DebtItem, ...]
    """All open items, each once, the next due first; those without a date last."""
    teams: tuple[TeamDebt, ...]
    """The team with the oldest item first; then by name."""
    suppressed: tuple[Suppressed, ...]

    @property
    def by_kind(self) -> tuple[tuple[DutyKind, int], ...]:
        """The number of overdue items of each kind."""
        counts = Counter(item.duty.kind for item in self.entries)
        return tuple((kind, counts[kind]) for kind in DutyKind)


def build_ledger(
    graph: Graph,
    settings: Settings,
    today: date,
    findings: Iterable[Finding] = (),
    suppressed: Iterable[Suppressed] = (),
    history: History | None = None,
) -> Ledger:
    """Build the ledger of a day. The history, if there is one, dates the duties whose cards name no day."""
    began = {one.identity: one.start for one in list_open_periods(history, settings, today)} if history else {}
    duties = tuple(drop_accepted(list_book_duties(graph, settings, today), find_accepted(graph), settings))
    items = [_make_item(graph, duty, began, today) for duty in duties if duty.state is not DutyState.UPCOMING]
    overdue = sorted((item for item in items if item.duty.is_overdue), key=_oldest_first)
    still_open = sorted((item for item in items if not item.duty.is_overdue), key=_next_due_first)
    allowed = sorted(suppressed, key=lambda one: one.finding.sort_key)
    teams = tuple(_list_teams(graph, overdue, still_open, allowed, findings))
    return Ledger(today, duties, tuple(overdue), tuple(still_open), teams, tuple(allowed))


def _make_item(graph: Graph, duty: Duty, began: Mapping[tuple[Ref, DutyKind, str], date], today: date) -> DebtItem:
    since = duty.since or (began.get((duty.subject, duty.kind, duty.key)) if duty.is_overdue else None)
    days = (today - since).days if since is not None else None
    teams = tuple(dict.fromkeys(find_team(graph, owner) for owner in duty.owners))
    return DebtItem(duty, graph.get_name(duty.subject), teams, since, days)


def _oldest_first(item: DebtItem) -> tuple[bool, int, int, Ref, str]:
    return (item.days is None, -(item.days or 0), list(DutyKind).index(item.duty.kind), item.subject, item.what)


def _next_due_first(item: DebtItem) -> tuple[date, Ref, str]:
    return (item.due or date.max, item.subject, item.what)


def _list_teams(
    graph: Graph,
    overdue: Sequence[DebtItem],
    still_open: Sequence[DebtItem],
    suppressed: Sequence[Suppressed],
    findings: Iterable[Finding],
) -> Iterator[TeamDebt]:
    overdue_of, open_of = _group_by_team(overdue), _group_by_team(still_open)
    allowed: dict[Ref | None, list[Suppressed]] = {}
    for one in suppressed:
        for team in _find_teams(graph, one.finding):
            allowed.setdefault(team, []).append(one)
    counts: dict[Ref | None, Counter[Severity]] = {}
    for finding in findings:
        for team in _find_teams(graph, finding):
            counts.setdefault(team, Counter())[finding.severity] += 1
    everybody = {*(ref for ref in graph.cards if ref.kind == "team"), *overdue_of, *open_of, *allowed, *counts}
    if None not in {*overdue_of, *open_of, *allowed}:
        everybody.discard(None)  # findings alone, such as a syntax error, are no work without an owner
    teams = [
        TeamDebt(
            team, graph.get_name(team) if team else "No owner", tuple(overdue_of.get(team, ())),
            tuple(open_of.get(team, ())), tuple(allowed.get(team, ())),
            tuple(sorted(counts.get(team, Counter()).items(), key=lambda item: item[0].rank)),
        )
        for team in everybody
    ]  # fmt: skip
    yield from sorted(teams, key=lambda one: (-one.oldest, -len(one.entries), one.name, str(one.team)))


def _group_by_team(items: Iterable[DebtItem]) -> dict[Ref | None, list[DebtItem]]:
    found: dict[Ref | None, list[DebtItem]] = {}
    for item in items:
        for team in item.teams or (None,):
            found.setdefault(team, []).append(item)
    return found


def _find_teams(graph: Graph, finding: Finding) -> tuple[Ref | None, ...]:
    return (list_owning_teams(graph, finding.subject) if finding.subject else ()) or (None,)
