"""Counts of the calls of one source, by callers and targets of the book, without raw paths and addresses."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from generator.evidence.records import UNKNOWN_TARGET, SeenCall, TrafficRecord, TrafficSource
from generator.evidence.traffic.callers import CallerIndex, TrafficCaller
from generator.evidence.traffic.calls import WINDOW, CallCounts, RawCall, ReadState
from generator.evidence.traffic.hosts import Host
from generator.evidence.traffic.targets import Target, TargetIndex
from generator.grouping import group_pairs
from generator.schema.days import find_day

PROBES = "health checks and monitoring"
_MOST_CALLERS = 2_000
"""The number of names that no card has. User agents are whatever a client sends: further ones have no name."""
_NAME = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?")
"""A name to show. A log may have a password or a key where a host is expected."""
_MOST_NAMED = 20
"""The number of callers of one target that no card has and the records name."""
_MOST_CACHED = 100_000
_MOST_REQUESTS = 10**15
"""A larger number in a source is not a count of calls."""
CallKey = tuple[str, str, str, str]
"""A reference, the name in the call, the caller and its system."""
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class CallEdge(NamedTuple):
    """A caller and what it calls."""

    caller: str
    system: str
    target: Target


@dataclass
class EdgeCount:
    """The calls along an edge that one side counted."""

    requests: float = 0
    errors: float = 0
    first_on: str = ""
    last_on: str = ""

    def add(self, requests: float, errors: float, first_on: str, last_on: str) -> None:
        """Add calls; an unknown day is empty."""
        self.requests += requests
        self.errors += errors
        if first_on and (not self.first_on or first_on < self.first_on):
            self.first_on = first_on
        self.last_on = max(self.last_on, last_on)


@dataclass
class Tally:
    """The calls of a source, folded block by block, so that the memory depends on the book and not on the log."""

    callers: CallerIndex
    targets: TargetIndex
    edges: defaultdict[CallEdge, dict[str, EdgeCount]] = field(default_factory=lambda: defaultdict(dict))
    """The counts of each edge by the side that reported them."""
    unknown_targets: Counter[str] = field(default_factory=Counter)
    """The requests to hosts and services that no card names: shown, but never recorded."""
    _found_callers: dict[tuple[str, ...], TrafficCaller] = field(default_factory=dict)
    _found_targets: dict[tuple[str, str, str], Target] = field(default_factory=dict)
    _unknown: set[str] = field(default_factory=set)

    def add(self, counts: CallCounts) -> None:
        """Add the calls of a block."""
        for call, requests in counts.requests.items():
            self._add(call, requests, counts.errors.get(call, 0))
        for call, errors in counts.errors.items():
            if call not in counts.requests:  # the service graph counts failed requests apart, perhaps in another block
                self._add(call, 0, errors)

    def _add(self, call: RawCall, requests: float, errors: float) -> None:
        caller = self._find_caller(call)
        key = (call.host, call.path, call.target)
        target = self._found_targets.get(key)
        if target is None:
            if len(self._found_targets) > _MOST_CACHED:
                self._found_targets.clear()
            target = self._found_targets[key] = self.targets.find(*key)
        name = str(Host.parse(call.host.partition("?")[0])) or call.target
        is_kept = _NAME.fullmatch(name) is not None
        is_kept = is_kept and (name in self.unknown_targets or len(self.unknown_targets) < _MOST_CALLERS)
        if target.reason == UNKNOWN_TARGET and is_kept:
            self.unknown_targets[name] += round_up(requests)
        if target.matches and caller.is_probe:
            target = Target(reason=PROBES)
        edge = CallEdge(caller.name, caller.system, target) if target.matches else CallEdge("", "", target)
        by_reporter = self.edges[edge]
        count = by_reporter.get(call.reporter)
        if count is None:
            count = by_reporter[call.reporter] = EdgeCount()
        count.add(requests, errors, call.day, call.day)

    def _find_caller(self, call: RawCall) -> TrafficCaller:
        key = (call.workload, call.service, call.account, call.user_agent)
        caller = self._found_callers.get(key)
        if caller is None:
            caller = self.callers.find(call)
            if not caller.system and caller.name not in self._unknown:
                if len(self._unknown) < _MOST_CALLERS:
                    self._unknown.add(caller.name)
                else:
                    caller = TrafficCaller(is_probe=caller.is_probe)
            if len(self._found_callers) > _MOST_CACHED:
                self._found_callers.clear()
            self._found_callers[key] = caller
        return caller


def build_records(tally: Tally, state: ReadState, source: str) -> tuple[TrafficRecord, ...]:
    """Build the records of a source: what it is, and the calls in it."""
    merged = dict(_merge_reporters(tally))
    undecided = Counter({reason: round_up(number) for reason, number in state.undecided.items()})
    calls: defaultdict[CallKey, EdgeCount] = defaultdict(EdgeCount)
    total = EdgeCount(requests=sum(undecided.values()))
    for edge, count in merged.items():
        requests, errors = round_up(count.requests), min(round_up(count.errors), round_up(count.requests))
        total.add(requests, errors, count.first_on, count.last_on)
        if edge.target.reason:
            undecided[edge.target.reason] += requests
        for ref, name in edge.target.matches:
            calls[ref, name, edge.caller, edge.system].add(requests, errors, count.first_on, count.last_on)
    records: list[TrafficRecord] = [
        TrafficSource(
            source=source,
            first_on=_parse_first_day(total, state),
            last_on=find_day(total.last_on),
            window=state.window,
            requests=int(total.requests),
            bad_lines=state.bad.count,
            undecided={reason: number for reason, number in sorted(undecided.items()) if number},
        )
    ]
    for (ref, name, caller, system), count in sorted(_pool_rare_callers(calls).items()):
        if count.requests:
            records.append(
                SeenCall(
                    ref=ref,
                    name=name,
                    caller=caller,
                    system=system,
                    requests=int(count.requests),
                    errors=int(count.errors),
                    first_on=_parse_first_day(count, state),
                    last_on=find_day(count.last_on),
                    window=state.window,
                    source=source,
                )
            )
    return tuple(records)


def _pool_rare_callers(calls: Mapping[CallKey, EdgeCount]) -> Mapping[CallKey, EdgeCount]:
    """Return the calls with the most frequent callers that no card has; further ones have no name."""
    by_target: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (ref, _, caller, system), count in calls.items():
        if caller and not system:
            by_target[ref][caller] += int(count.requests)
    named = {
        (ref, caller)
        for ref, numbers in by_target.items()
        for caller, _ in sorted(numbers.items(), key=lambda item: (-item[1], item[0]))[:_MOST_NAMED]
    }
    pooled: defaultdict[CallKey, EdgeCount] = defaultdict(EdgeCount)
    for (ref, name, caller, system), count in calls.items():
        shown = caller if system or (ref, caller) in named else ""
        pooled[ref, name, shown, system].add(count.requests, count.errors, count.first_on, count.last_on)
    return pooled


def _merge_reporters(tally: Tally) -> Iterator[tuple[CallEdge, EdgeCount]]:
    """Yield the count of each edge, once if both sides of the calls reported them.

    The caller's side is preferred. A destination that does not know a caller counts calls again that the caller counted
    under its name, so that of its unknown callers only the remainder is left.
    """
    for edges in group_pairs((edge.target, (edge, counts)) for edge, counts in tally.edges.items()).values():
        all_received = sum(counts["destination"].requests for _, counts in edges if "destination" in counts)
        all_errors = sum(counts["destination"].errors for _, counts in edges if "destination" in counts)
        known = EdgeCount()
        for edge, counts in edges:
            has_name = bool(edge.caller or edge.system)
            sent = [count for reporter, count in sorted(counts.items()) if reporter != "destination"]
            chosen = sent[:1] or ([counts["destination"]] if has_name or edge.target.reason else [])
            for count in chosen:
                known.add(count.requests, count.errors, "", "")
                yield edge, count
        for edge, counts in edges:
            received = counts.get("destination")
            if received is None or len(counts) > 1 or edge.caller or edge.system or edge.target.reason:
                continue
            left = min(received.requests, max(0.0, all_received - known.requests))
            errors = min(received.errors, left, max(0.0, all_errors - known.errors))
            yield edge, EdgeCount(left, errors, received.first_on, received.last_on)


def round_up(number: float) -> int:
    """Return a whole number of calls: a rate that is extrapolated to less than one came from a call."""
    return max(1, round(min(number, _MOST_REQUESTS))) if number > 0 else 0


def _parse_first_day(count: EdgeCount, state: ReadState) -> date | None:
    """Return the first day of a log, or that of the window before the time of a query; None if it is unknown."""
    first = find_day(count.first_on)
    if first is None or not WINDOW.fullmatch(state.window):
        return None if state.is_cumulative else first
    try:
        return first - int(state.window[:-1]) * _UNITS[state.window[-1]]
    except OverflowError:
        return None


def merge_records(previous: tuple[TrafficRecord, ...], new: tuple[TrafficRecord, ...]) -> tuple[TrafficRecord, ...]:
    """Return the records of a file of evidence after another run, which replaces the sources that it read."""
    read = {record.source for record in new}
    return (*(record for record in previous if record.source not in read), *new)
