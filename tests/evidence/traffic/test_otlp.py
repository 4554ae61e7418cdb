"""Spans of both sides of a call are one call, wherever they are in the file."""

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.traffic.calls import ReadState
from generator.evidence.traffic.otlp import Traces
from tests.evidence.traffic.book import edges, read_all, reconcile

DAY = 1_795_132_800 * 10**9
CLIENT, SERVER = 3, 2


def attributes(values: dict[str, object]) -> list[dict[str, object]]:
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]


def span(kind: int | str, span_id: str, parent: str = "", **values: Any) -> dict[str, object]:
    named = {key.replace("__", "."): value for key, value in values.items()}
    return {
        "traceId": "t1", "spanId": span_id, "parentSpanId": parent, "kind": kind, "name": "POST",
        "startTimeUnixNano": str(DAY), "attributes": attributes(named), "status": {},
    }  # fmt: skip


def batch(service: str, *spans: dict[str, object]) -> str:
    resource = {"attributes": attributes({"service.name": service})}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {}, "spans": spans}]}]}) + "\n"


CALL: dict[str, Any] = {
    "server__address": "ml.example.com",
    "server__port": 443,
    "url__full": "https://ml.example.com/v1/models/ryl:predict?q=1",
}


def test_a_client_span_names_the_caller_and_the_address():
    _, (source,), (call,) = reconcile(batch("home-feed", span(CLIENT, "a", http__response__status_code=200, **CALL)))
    assert (source.source, source.requests) == ("otlp", 1)
    assert (call.system, call.ref, call.errors, str(call.last_on)) == ("system:home-feed", "model:ryl", 0, "2026-11-20")


@pytest.mark.parametrize("address", [{}, {"server__address": "ml.example.com", "server__port": 443}])
def test_a_span_of_a_language_model_names_it(address: dict[str, Any]):
    values = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "gpt-4o", **address}
    assert edges(batch("search", span(CLIENT, "a", **values))) == {("system:search", "model:gpt-4o"): 1}


@pytest.mark.parametrize("is_server_first", [True, False])
def test_the_two_spans_of_a_call_are_one_call(is_server_first: bool):
    lines = [
        batch("search", span(CLIENT, "a", server__address="10.0.0.9")),
        batch("eta", span(SERVER, "b", "a", http__response__status_code=503)),
    ]
    text = "".join(reversed(lines) if is_server_first else lines)
    _, (source,), (call,) = reconcile(text)
    assert (source.requests, call.system, call.ref, call.requests, call.errors) == (
        1,
        "system:search",
        "model:eta",
        1,
        1,
    )


def test_a_server_of_several_models_is_told_by_the_path():
    text = batch("search", span(CLIENT, "a")) + batch(
        "ml-gateway", span(SERVER, "b", "a", url__path="/v1/models/eta:predict")
    )
    assert edges(text) == {("system:search", "model:eta"): 1}


def test_a_server_span_without_a_client_span_has_an_unknown_caller():
    text = batch("eta", span(SERVER, "b", "zz"), span(SERVER, "c", user_agent__original="home-feed-http/2"))
    assert edges(text) == {("", "model:eta"): 1, ("system:home-feed", "model:eta"): 1}


def test_the_name_of_the_peer_and_its_deprecated_name_are_read():
    current = batch("search", span(CLIENT, "a", service__peer__name="eta"))
    deprecated = batch("search", span(CLIENT, "b", peer__service="eta", http__url="http://10.0.0.1/x"))
    assert edges(current + deprecated) == {("system:search", "model:eta"): 2}


def test_deprecated_attributes_of_http_are_read():
    old: dict[str, Any] = {"net__peer__name": "ml.example.com", "http__target": "/v1/models/eta:predict?q=1"}
    old["http__status_code"] = 500
    _, _, (call,) = reconcile(batch("search", span("SPAN_KIND_CLIENT", "a", **old)))
    assert (call.ref, call.errors) == ("model:eta", 1)


def test_queries_of_databases_are_no_calls():
    text = batch("search", span(CLIENT, "a", db__system="redis", server__address="fraud.example.com"), span(1, "b"))
    _, (source,), calls = reconcile(text)
    assert (calls, source.requests) == ([], 0)


def test_spans_without_ids_are_calls_of_their_own():
    text = batch("search", span(CLIENT, "", **CALL), span(CLIENT, "", **CALL)) + batch("eta", span(SERVER, "x"))
    assert edges(text) == {("system:search", "model:ryl"): 2, ("", "model:eta"): 1}


def test_bad_batches_are_counted():
    text = batch("search", span(CLIENT, "a", **CALL)) + '{"resourceSpans": 7}\n' + "{\n"
    read, (source,), calls = reconcile(text)
    assert (len(calls), source.bad_lines) == (1, 2)
    assert read.bad.first == [(2, "no batch of spans"), (3, "no batch of spans")]


def test_spans_far_apart_are_not_counted_twice():
    state = ReadState()
    parser = Traces(state, most_waiting=10)
    clients = [batch("search", span(CLIENT, f"c{number}", **CALL)) for number in range(40)]
    servers = [batch("ryl", span(SERVER, f"s{number}", f"c{number}")) for number in range(40)]
    counts = read_all(parser, "".join([*clients, *servers]).encode())
    assert 40 <= sum(counts.requests.values()) + sum(state.undecided.values()) < 80
    assert sum(number for call, number in counts.requests.items() if call.service) == 40


SERVICES = st.sampled_from(["search", "home-feed", "eta", "ryl", ""])


@given(st.lists(st.tuples(SERVICES, SERVICES, st.sampled_from(["both", "client", "server"])), max_size=8), st.randoms())
def test_every_call_is_counted_once_in_any_order(calls, random):
    numbers = count()
    lines: list[str] = []
    for caller, callee, sides in calls:
        name = f"x{next(numbers)}"
        if sides != "server":
            lines.append(batch(caller, span(CLIENT, name)))
        if sides != "client":
            lines.append(batch(callee, span(SERVER, f"{name}s", name)))
    random.shuffle(lines)
    counts = read_all(Traces(ReadState()), "".join(lines).encode())
    assert sum(counts.requests.values()) == len(calls)
    both = [(caller, callee) for caller, callee, sides in calls if sides == "both"]
    found = [(call.service, call.target) for call, number in counts.requests.items() for _ in range(int(number))]
    for pair in both:
        found.remove(pair)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_traces_without_an_error(data: bytes):
    read_all(Traces(ReadState()), data)
    read_all(Traces(ReadState()), b'{"resourceSpans":[' + data)
