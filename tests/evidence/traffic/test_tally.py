"""Counts add up, whatever the order and the number of names, and another run replaces only its sources."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.records import SeenCall, TrafficSource
from generator.evidence.traffic import access_logs, tally
from generator.evidence.traffic.callers import CallerIndex
from generator.evidence.traffic.calls import CallCounts, RawCall, ReadState
from generator.evidence.traffic.tally import Tally, build_records, merge_records
from generator.evidence.traffic.targets import TargetIndex
from tests.evidence.traffic.book import CARDS, reconcile
from tests.evidence.traffic.test_access_logs import envoy, nginx

CALLERS, TARGETS = CallerIndex(CARDS), TargetIndex(CARDS)


def many_lines() -> str:
    numbers = random.Random(3)
    agents = [f"agent{number}/1" for number in range(50)] + ["home-feed-http/1", "search/2"]
    paths = ["/v1/models/ryl:predict", "/v1/models/eta:predict", "/healthz", *(f"/c/{number}" for number in range(50))]
    return "".join(envoy(path=numbers.choice(paths), user_agent=numbers.choice(agents)) for _ in range(600))


def test_small_caches_give_the_same_counts(monkeypatch: pytest.MonkeyPatch):
    text = many_lines()
    expected = reconcile(text)[1:]
    monkeypatch.setattr(tally, "_MOST_CACHED", 3)
    monkeypatch.setattr(access_logs, "_MOST_KEPT", 5)
    assert reconcile(text)[1:] == expected
    assert reconcile(*text.splitlines(keepends=True))[1:] == expected


def test_names_beyond_a_limit_are_counted_as_unknown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tally, "_MOST_CALLERS", 10)
    text = "".join(envoy(user_agent=f"agent{number}/1") for number in range(100)) + envoy()
    _, (source,), calls = reconcile(text)
    assert len(calls) == 10 + 1 + 1
    assert {call.caller: call.requests for call in calls}[""] == 90
    assert sum(call.requests for call in calls) == source.requests == 101


def test_the_records_name_the_most_frequent_callers_of_a_target():
    text = "".join(envoy(user_agent=f"agent{number:02}/1") * (1 + number) for number in range(30)) + envoy()
    _, (source,), calls = reconcile(text)
    names = {call.caller for call in calls if not call.system}
    assert names == {"", *(f"agent{number:02}" for number in range(10, 30))}
    assert {call.caller: call.requests for call in calls}[""] == sum(range(1, 11))
    assert sum(call.requests for call in calls) == source.requests


def test_the_requests_of_a_source_are_those_of_its_calls_and_the_undecided_ones():
    _, (source,), calls = reconcile(many_lines())
    assert sum(call.requests for call in calls) + sum(source.undecided.values()) == source.requests == 600


def test_another_run_replaces_only_the_sources_that_it_read():
    old = (TrafficSource(source="envoy", requests=3), TrafficSource(source="litellm", requests=4))
    new = (TrafficSource(source="envoy", requests=9),)
    assert merge_records(old, new) == (old[1], new[0])


def test_two_formats_are_two_sources():
    _, sources, _ = reconcile(envoy(), nginx())
    assert [source.source for source in sources] == ["envoy", "combined"]


NAMES = st.sampled_from(["home-feed", "search", "etl", ""])
HOSTS = st.sampled_from(["fraud.example.com", "ml.example.com", "other.example.com"])
SEEN = st.tuples(NAMES, HOSTS, st.sampled_from(["source", "destination"]), st.integers(1, 50), st.booleans())


@given(st.lists(SEEN, max_size=12), st.randoms())
def test_the_order_of_reports_does_not_matter_and_no_call_is_counted_twice(seen, order):
    def count(entries):
        found = Tally(CALLERS, TARGETS)
        for workload, host, reporter, number, is_error in entries:
            counts = CallCounts()
            counts.add(RawCall(reporter=reporter, workload=workload, host=host), number, is_error=is_error)
            found.add(counts)
        return build_records(found, ReadState(), "mesh")

    records = count(seen)
    shuffled = list(seen)
    order.shuffle(shuffled)
    assert count(shuffled) == records
    source, *calls = records
    assert isinstance(source, TrafficSource)
    sums = {side: sum(one[3] for one in seen if one[2] == side) for side in ("source", "destination")}
    assert sums["source"] <= source.requests <= sum(sums.values())
    assert sums["source"] or source.requests == sums["destination"]
    for call in calls:
        assert isinstance(call, SeenCall)
        assert 0 <= call.errors <= call.requests
