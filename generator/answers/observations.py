"""What code and traffic show about a card: its users by each source, with the day of the evidence."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from msgspec.structs import replace

from generator.evidence.names import find_common_names
from generator.evidence.ownership import get_code_owners, get_code_repository
from generator.evidence.records import NO_EVIDENCE, CodeUse, Evidence, ScannedRepository, SeenCall
from generator.evidence.sightings import Sighting, list_sightings, list_targets
from generator.findings import Position
from generator.graph.edges import FLOWING, Edge, Graph, Relation
from generator.names import Ref, format_count
from generator.reads import DerivedTable, DerivedValues, keep_derived
from generator.schema import System
from generator.values import FrozenValue

RECENT_DAYS = 90
"""The default age in days up to which a scan, traffic or an owner's statement counts as recent."""


class EvidenceSource(StrEnum):
    """A place in which a use can be seen, apart from the cards."""

    CODE = "code"
    TRAFFIC = "traffic"


class SeenConsumer(FrozenValue):
    """A consumer that a scan of code or traffic found."""

    ref: Ref | None
    """None if the caller has no card."""
    name: str
    place: str
    """The first place in code, or the number of the calls."""
    last_on: date | None = None
    uses: tuple[CodeUse, ...] = ()
    calls: tuple[SeenCall, ...] = ()
    through: tuple[Ref, ...] = ()
    """The data between the model and the consumer; empty if it uses the model itself."""
    is_declared: bool = False
    """Whether a card declares that it depends on the model or the data."""


class Observation(FrozenValue):
    """The consumers of a model that one source found."""

    source: EvidenceSource
    looked_on: date | None = None
    """The day of the evidence; None if the source was not looked at, or if it has no days."""
    consumers: tuple[SeenConsumer, ...] = ()
    is_undated: bool = False
    """Whether the source was looked at, but has no days."""
    unseen: tuple[str, ...] = ()
    """The repositories of systems that were not scanned."""
    common_names: tuple[str, ...] = ()
    """The names of the model, if all are common words, so that the search can miss a use."""
    shared: frozenset[Ref] = frozenset()
    """The resources of the model that others use, too."""

    @property
    def was_looked_at(self) -> bool:
        """Whether the source was looked at."""
        return self.looked_on is not None or self.is_undated


def is_recent(day: date | None, today: date, days: int = RECENT_DAYS) -> bool:
    """Return whether a day is at most so many days ago. A day ahead of today is not: its clock cannot be trusted."""
    return day is not None and 0 <= (today - day).days <= days


@dataclass(frozen=True)
class SightingIndex:
    """The present uses of each card by the evidence of a book."""

    graph: Graph
    evidence: Evidence = NO_EVIDENCE
    recent_days: int = RECENT_DAYS
    """The age in days up to which a scan, traffic or a statement counts as recent."""
    derived: DerivedValues = field(default_factory=DerivedValues, init=False, repr=False, compare=False)

    @keep_derived("users by evidence")
    def list_users(self, target: Ref) -> tuple[Sighting, ...]:
        """List the present users of a card.

        The code of a retired system does not run. A caller whose last call is older than the newest traffic by more
        than `recent_days` does not call any more. A system that the card depends on is no user of it.
        """
        users: list[Sighting] = []
        newest, most = self.evidence.traffic_on, self.recent_days
        for one in list_sightings(self.graph, self.evidence, target):
            calls = tuple(
                call
                for call in one.calls
                if newest is None or call.last_on is None or (newest - call.last_on).days <= most
            )
            uses = one.uses if one.user is None or not self.graph.is_retired(one.user) else ()
            is_supplier = one.user is not None and one.is_documented and not self.graph.depends_on(one.user, target)
            if (uses or calls) and not is_supplier:
                users.append(replace(one, uses=uses, calls=calls))
        return tuple(users)

    def list_undocumented(self, target: Ref) -> tuple[Sighting, ...]:
        """List the present users of a card that no card declares."""
        return tuple(one for one in self.list_users(target) if not one.is_documented)

    @property
    @keep_derived("undocumented uses")
    def undocumented(self) -> tuple[Sighting, ...]:
        """The undocumented uses of all cards and resources, by the card that is used."""
        return tuple(one for ref in self.used for one in self.list_undocumented(ref))

    @property
    @keep_derived("used by evidence")
    def used(self) -> tuple[Ref, ...]:
        """The cards and resources that are used by the evidence."""
        records = (*self.evidence.code, *self.evidence.traffic)
        refs = sorted({record.ref for record in records if isinstance(record, CodeUse | SeenCall)})
        return tuple(ref for ref in map(Ref.parse, refs) if ref in self.graph)

    @cached_property
    def found_edges(self) -> Mapping[Ref, tuple[Edge, ...]]:
        """The undocumented uses of each card by other cards as edges, each with its evidence as the reason."""
        return DerivedTable(self.derived, "found edges", self.graph, self._find_edges)

    def _find_edges(self, target: Ref) -> tuple[Edge, ...] | None:
        edges: list[Edge] = []
        for one in self.list_undocumented(target):
            if one.user is not None:
                place = next((place for use in one.uses for place in use.places), None)
                position = Position(place.file, place.line, place.column) if place else Position("")
                edges.append(Edge(one.user, target, Relation.USES, position, one.user, describe_sighting(one)))
        return tuple(edges) or None

    @cached_property
    def targets(self) -> Mapping[Ref, tuple[Ref, ...]]:
        """The cards and resources that each system or model uses by the evidence."""
        return list_targets(self.evidence)

    @property
    @keep_derived("unscanned repositories")
    def unscanned(self) -> tuple[str, ...]:
        """The repositories of systems in use that were not scanned, by name; empty if no code was looked at."""
        if not self.evidence.repositories:
            return ()
        systems = (loaded.card for loaded in self.graph.cards.values() if isinstance(loaded.card, System))
        names = {get_code_repository(card) for card in systems if not card.is_retired} - {""}
        return tuple(sorted(name for name in names if name.casefold() not in self._scans))

    @property
    @keep_derived("scans")
    def _scans(self) -> Mapping[str, ScannedRepository]:
        """The repositories that were scanned, by the names that cards have for them, in lower case."""
        owners = get_code_owners(self.graph)
        return {owners.normalize(one.repo): one for one in self.evidence.repositories}

    def find_scan(self, repo: str) -> ScannedRepository | None:
        """Find the scan of a repository by its name in a card or in a record."""
        return self._scans.get(get_code_owners(self.graph).normalize(repo))

    def observe(self, targets: Mapping[Ref, tuple[Ref, ...]]) -> tuple[Observation, ...]:
        """Return the observation of each source about a model and the data that it fills.

        `targets` are the model and the data, each with the data between the model and its readers.
        """
        evidence = self.evidence
        users = [(one, through) for ref, through in targets.items() for one in self.list_users(ref)]
        code = tuple(self._build_consumer(one, through, EvidenceSource.CODE) for one, through in users if one.uses)
        calls = tuple(self._build_consumer(one, through, EvidenceSource.TRAFFIC) for one, through in users if one.calls)
        is_undated = bool(evidence.code) and evidence.code_on is None
        cards = (self.graph.cards[ref].card for ref in targets if ref in self.graph.cards)
        common = tuple(name for card in cards for name in find_common_names(card, evidence.weak_names))
        read = {edge.target for ref in targets for edge in self.graph.list_outgoing_edges(ref, *FLOWING)}
        shared = (ref for ref in read if not self._list_all_users(ref) <= targets.keys())
        found = Observation(
            EvidenceSource.CODE, evidence.code_on, code, is_undated, self.unscanned, common, frozenset(shared)
        )
        is_undated = bool(evidence.sources) and evidence.traffic_on is None
        return found, Observation(EvidenceSource.TRAFFIC, evidence.traffic_on, calls, is_undated)

    def _list_all_users(self, ref: Ref) -> frozenset[Ref | None]:
        """Return the users of a card or resource, once for all models that read it."""
        return self.derived.get("all users", ref, lambda: frozenset(one.user for one in self.list_users(ref)))

    def _build_consumer(self, one: Sighting, through: tuple[Ref, ...], source: EvidenceSource) -> SeenConsumer:
        is_code = source is EvidenceSource.CODE
        return SeenConsumer(
            ref=one.user,
            name=self.graph.get_name(one.user) if one.user is not None else one.name,
            place=describe_places(one.uses) if is_code else describe_calls(one.calls),
            last_on=one.found_on if is_code else one.called_on,
            uses=one.uses if is_code else (),
            calls=() if is_code else one.calls,
            through=through,
            is_declared=one.is_documented,
        )


def describe_places(uses: Iterable[CodeUse]) -> str:
    """Return the first place, as in `config/app.yaml, line 3, of food/feed, and 2 more`."""
    several = list(uses)
    first = next((use for use in several if use.places), several[0])
    count = sum(use.count for use in several)
    if not first.places:
        return f"{count} places of {first.repo}"
    place = first.places[0]
    more = f", and {count - 1} more" if count > 1 else ""
    return f"{place.file}, line {place.line}, of {first.repo}{more}"


def describe_calls(calls: Iterable[SeenCall]) -> str:
    """Return the number of calls, as in `1,200 requests in 30 days, 0.5 % errors`."""
    several = list(calls)
    requests, errors = sum(call.requests for call in several), sum(call.errors for call in several)
    windows = {call.window for call in several}
    window = windows.pop() if len(windows) == 1 else ""
    if match := re.fullmatch(r"(\d+)([smhdw])", window):  # else as it is written
        units = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
        window = format_count(int(match[1]), units[match[2]])
    during = f" in {window}" if window else ""
    share = f", {format_share(errors / requests)} errors" if errors else ""
    return f"{format_count(requests, 'request')}{during}{share}"


def format_share(share: float) -> str:
    """Return a share in percent with two digits; a share that is not zero is never `0 %`."""
    percent = share * 100
    return "under 0.01 %" if 0 < percent < 0.01 else f"{percent:.2g} %" if percent < 10 else f"{percent:.0f} %"


def describe_sighting(sighting: Sighting) -> str:
    """Return `found in code (config/app.yaml, line 3, of food/feed) and seen in traffic (1,200 requests)`."""
    parts = [f"found in code ({describe_places(sighting.uses)})"] if sighting.uses else []
    parts += [f"seen in traffic ({describe_calls(sighting.calls)})"] if sighting.calls else []
    return " and ".join(parts)
