"""The ledger of what is owed: by team, with its age, oldest first; and what cards accept, with the reasons."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from generator.answers.burn_down import spans
from generator.answers.owed import DebtKind, Owed, owed
from generator.checks.suppressions import Suppressed
from generator.findings import Finding, Severity
from generator.graph.edges import Graph, Relation
from generator.history.events import History
from generator.history.facts import Fact, card_facts
from generator.names import Ref
from generator.schema import Experiment


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is owed today."""

    subject: Ref
    name: str
    kind: DebtKind
    what: str
    teams: tuple[Ref, ...]
    """Who owes it; a person who owns something owes it for the team. Empty where nobody owns it."""
    since: date | None
    """None where only git could tell and does not."""
    days: int | None
    """The age; 0 on the first day."""


@dataclass(frozen=True, slots=True)
class TeamDebt:
    """What one team owes."""

    team: Ref | None
    """None: what nobody owns."""
    name: str
    entries: tuple[Entry, ...]
    """Oldest first."""
    suppressed: tuple[Suppressed, ...]
    open_findings: tuple[tuple[Severity, int], ...]
    """How many findings stand open on the team's cards, worst first."""

    @property
    def oldest(self) -> int:
        """The age of the oldest in days; 0 without any."""
        return max((entry.days or 0 for entry in self.entries), default=0)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The answer to `modelbook debt`."""

    today: date
    entries: tuple[Entry, ...]
    """All of them, each once, oldest first; those without an age last."""
    teams: tuple[TeamDebt, ...]
    """The team that owes the oldest first; then by name."""
    suppressed: tuple[Suppressed, ...]

    @property
    def by_kind(self) -> tuple[tuple[DebtKind, int], ...]:
        """How many of each kind."""
        counts = Counter(entry.kind for entry in self.entries)
        return tuple((kind, counts[kind]) for kind in DebtKind)


def debt(
    graph: Graph,
    functions: Sequence[str],
    today: date,
    findings: Iterable[Finding] = (),
    suppressed: Iterable[Suppressed] = (),
    history: History | None = None,
) -> Ledger:
    """What is owed today. The history, where there is one, dates what carries no day of its own."""
    began = {span.identity: span.start for span in spans(history, functions, today)} if history else {}
    entries = sorted(
        (_entry(graph, one, began, today) for one in _owed_today(graph, functions, today)), key=_oldest_first
    )
    allowed = sorted(suppressed, key=lambda one: one.finding.sort_key)
    return Ledger(today, tuple(entries), tuple(_teams(graph, entries, allowed, findings)), tuple(allowed))


def _owed_today(graph: Graph, functions: Sequence[str], today: date) -> Iterator[Owed]:
    said: dict[Ref, list[Fact]] = {}
    for loaded in graph.cards.values():
        for fact in card_facts(loaded.document.root.plain(), loaded.document.file):
            said.setdefault(fact.subject, []).append(fact)
    for subject in sorted(graph.cards):
        for one in owed(subject, said.get(subject, ()), functions):
            if one.since is None or one.since <= today:
                yield one


def _entry(graph: Graph, one: Owed, began: Mapping[tuple[Ref, DebtKind, str], date], today: date) -> Entry:
    since = one.since or began.get((one.subject, one.kind, one.key))
    days = (today - since).days if since is not None else None
    return Entry(one.subject, graph.name(one.subject), one.kind, one.what, _owing(graph, one), since, days)


def _oldest_first(entry: Entry) -> tuple[bool, int, list[DebtKind], Ref, str]:
    return (entry.days is None, -(entry.days or 0), [entry.kind], entry.subject, entry.what)


def _owing(graph: Graph, one: Owed) -> tuple[Ref, ...]:
    """The teams that owe it: for a clean-up whoever is to remove the thing, else whoever owns the subject."""
    card = graph.cards[one.subject].card
    if one.kind is DebtKind.CLEANUP and isinstance(card, Experiment) and card.cleanup is not None:
        owner = next((item.owner for item in card.cleanup.items if item.remove == one.key), None)
        party = next(
            (edge.target for edge in graph.out(card.ref, Relation.REMOVED_BY) if edge.target.id == owner), None
        )
        if party is not None:
            return _team_of_party(graph, party)
    return teams_of(graph, one.subject)


def _team_of_party(graph: Graph, party: Ref) -> tuple[Ref, ...]:
    return (next((edge.target for edge in graph.out(party, Relation.MEMBER_OF)), party),)


def teams_of(graph: Graph, ref: Ref) -> tuple[Ref, ...]:
    """The teams that own a thing, themselves or by one of their people; a person without a team stands alone."""
    if ref.kind == "team":
        return (ref,)
    owners = [edge.target for edge in graph.out(ref, Relation.OWNED_BY)]
    if ref.kind == "person":
        owners = [ref]
    return tuple(dict.fromkeys(team for owner in owners for team in _team_of_party(graph, owner)))


def _teams(
    graph: Graph, entries: Sequence[Entry], suppressed: Sequence[Suppressed], findings: Iterable[Finding]
) -> Iterator[TeamDebt]:
    owing: dict[Ref | None, list[Entry]] = {}
    for entry in entries:
        for team in entry.teams or (None,):
            owing.setdefault(team, []).append(entry)
    allowed: dict[Ref | None, list[Suppressed]] = {}
    for one in suppressed:
        for team in _of_subject(graph, one.finding):
            allowed.setdefault(team, []).append(one)
    counts: dict[Ref | None, Counter[Severity]] = {}
    for finding in findings:
        for team in _of_subject(graph, finding):
            counts.setdefault(team, Counter())[finding.severity] += 1
    everybody = {*(ref for ref in graph.cards if ref.kind == "team"), *owing, *allowed, *counts}
    teams = [
        TeamDebt(
            team, graph.name(team) if team else "Nobody", tuple(owing.get(team, ())), tuple(allowed.get(team, ())),
            tuple(sorted(counts.get(team, Counter()).items(), key=lambda item: item[0].rank)),
        )
        for team in everybody
    ]  # fmt: skip
    yield from sorted(teams, key=lambda one: (-one.oldest, -len(one.entries), one.name, str(one.team)))


def _of_subject(graph: Graph, finding: Finding) -> tuple[Ref | None, ...]:
    return (teams_of(graph, finding.subject) if finding.subject else ()) or (None,)
