"""Access logs as JSON lines have the same calls, whatever their proxy calls the fields."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.traffic.calls import ReadState
from generator.evidence.traffic.json_logs import JsonLog
from tests.evidence.traffic.book import read_all, reconcile
from tests.evidence.traffic.test_access_logs import istio_text, load_balancer, nginx

AGENT, PATH, URL = (
    "home-feed-http/1.2",
    "/v1/models/ryl:predict?key=s3cret",
    "https://ml.example.com/v1/models/ryl:predict",
)
PROXIES: dict[str, dict[str, Any]] = {
    "nginx": {
        "time_iso8601": "2026-11-18T10:02:03+05:30", "host": "ml.example.com", "request_uri": PATH, "status": "503",
        "http_user_agent": AGENT, "http_referer": "-",
    },
    "nginx-request": {
        "time_local": "18/Nov/2026:10:02:03 +0530", "http_host": "-", "server_name": "ml.example.com", "status": 503,
        "request": f"POST {PATH} HTTP/1.1", "http_user_agent": AGENT,
    },
    "traefik": {
        "DownstreamStatus": 503, "OriginStatus": 200, "RequestHost": "ml.example.com", "RequestPath": PATH,
        "StartUTC": "2026-11-18T10:02:03Z", "request_User-Agent": AGENT, "ServiceName": "ryl@kubernetes",
    },
    "caddy": {
        "ts": 1795002123.4, "status": 503, "msg": "handled request", "resp_headers": {"Server": ["Caddy"]},
        "request": {"host": "ml.example.com", "uri": PATH, "headers": {"User-Agent": [AGENT], "Accept": ["*/*"]}},
    },
    "kong": {
        "started_at": 1795002123400, "response": {"status": 503}, "service": {"host": "other.example.com"},
        "request": {"uri": PATH, "headers": {"host": "ml.example.com", "user-agent": "python-requests/2"}},
        "consumer": {"username": "home-feed"},
    },
    "google": {
        "timestamp": "2026-11-18T10:02:03.4Z", "severity": "INFO", "insertId": "a",
        "httpRequest": {"requestUrl": URL, "status": 503, "userAgent": AGENT},
    },
    "envoy-gateway": {
        "start_time": "2026-11-18T10:02:03.401Z", "method": "POST", "x-envoy-origin-path": PATH, "response_code": 503,
        "user-agent": AGENT, ":authority": "ml.example.com", "upstream_cluster": "httproute/default/ryl/rule/0",
        "x-forwarded-for": "10.0.0.1", "route_name": "httproute/default/ryl/rule/0",
    },
    "haproxy": {
        "host": "lb-1", "http_host": "ml.example.com", "http_request": f"POST {PATH} HTTP/1.1", "status_code": "503",
        "time": "18/Nov/2026:10:02:03.123", "http_user_agent": AGENT,
    },
    "haproxy-parts": {
        "ident": "haproxy", "time": "18/Nov/2026:10:02:03 +0000", "name": {"backend": "ryl", "server": "s1"},
        "request": {"method": "POST", "uri": PATH, "header": {"host": "ml.example.com", "user_agent": AGENT}},
        "response": {"status_code": 503},
    },
    "azure": {
        "timeStamp": "2026-11-18T10:02:03+00:00", "operationName": "ApplicationGatewayAccess",
        "properties": {"host": "ml.example.com", "requestUri": PATH, "httpStatus": 503, "userAgent": AGENT},
    },
}  # fmt: skip


@pytest.mark.parametrize("proxy", PROXIES)
def test_the_calls_of_each_proxy_are_counted(proxy: str):
    _, (source,), (call,) = reconcile("[pod/gateway-1/proxy] " + json.dumps(PROXIES[proxy]) + "\n")
    assert (source.source, source.requests, source.bad_lines) == ("json", 1, 0)
    assert (call.system, call.ref, call.name) == (
        "system:home-feed",
        "model:ryl",
        "ml.example.com/v1/models/ryl:predict",
    )
    assert (call.requests, call.errors, str(call.first_on)) == (1, 1, "2026-11-18")


@pytest.mark.parametrize("field", ["log", "message", "textPayload"])
@pytest.mark.parametrize("line", [nginx(status=503, host="ml.example.com"), istio_text().replace("200 -", "503 UF"),
                                  load_balancer(status="503"),
                                  json.dumps(PROXIES["caddy"]), json.dumps(PROXIES["nginx"])])  # fmt: skip
def test_the_line_of_a_proxy_in_a_field_of_its_collector_is_read(field: str, line: str):
    text = json.dumps({"stream": "stdout", field: line, "kubernetes": {"host": "node-1"}}) + "\n"
    started = json.dumps({"stream": "stderr", field: "starting"}) + "\n"
    _, (source,), (call,) = reconcile(text + started + text)
    assert (source.source, source.requests, source.bad_lines) == ("json", 2, 1)
    assert (call.system, call.ref, call.requests, call.errors) == ("system:home-feed", "model:ryl", 2, 2)


ISTIO = {
    "start_time": "2026-11-18T10:02:03.401Z", "response_code": 503, "user_agent": "-", "authority": "ml.example.com",
    "path": PATH, "upstream_cluster": "outbound|443||ml.example.com", "route_name": "default", "method": "POST",
    "downstream_peer_uri_san": "spiffe://cluster.local/ns/core/sa/home-feed", "requested_server_name": None,
}  # fmt: skip
CONTOUR = {
    "@timestamp": "2026-11-18T10:02:03.401Z", "response_code": 503, "user_agent": AGENT, ":authority": "ml.example.com",
    ":path": PATH, "upstream_cluster": "default/ryl/80/da39a3ee5e",
}  # fmt: skip


@pytest.mark.parametrize("line", [ISTIO, CONTOUR])
@pytest.mark.parametrize("wrap", [
    lambda line: line,
    lambda line: {"log": json.dumps(line)},
    lambda line: {"message": json.dumps(line) + "\n"},
    lambda line: {"log": line},
    lambda line: {"jsonPayload": line, "timestamp": "2026-11-19T00:00:01Z"},
    lambda line: {"log_processed": line, "log": json.dumps(line)},
])  # fmt: skip
def test_the_line_of_envoy_is_read_wherever_a_collector_has_written_it(wrap: Any, line: dict[str, Any]):
    wrapped = {"time": "2026-11-19T00:00:01Z", **wrap(line), "kubernetes": {"host": "node-1"}}
    _, (source,), (call,) = reconcile(json.dumps(wrapped) + "\n")
    assert (source.requests, source.bad_lines) == (1, 0)
    assert (call.system, call.ref, call.errors) == ("system:home-feed", "model:ryl", 1)
    assert (call.name, str(call.first_on)) == ("ml.example.com/v1/models/ryl:predict", "2026-11-18")


def test_a_wrapped_line_without_a_time_has_that_of_its_collector():
    line = json.dumps({name: PROXIES["nginx"][name] for name in ("status", "host", "request_uri", "http_user_agent")})
    text = json.dumps({"log": line + "\n", "stream": "stdout", "time": "2026-11-18T10:02:03.4Z"}) + "\n"
    _, (source,), (call,) = reconcile(text)
    assert (source.source, source.requests, str(call.first_on)) == ("json", 1, "2026-11-18")


@pytest.mark.parametrize("part", ["", "request", "headers", "properties"])
def test_the_name_of_a_user_is_not_that_of_a_caller(part: str):
    user = {"username": "jane.doe", "ClientUsername": "jane.doe"}
    line = {**PROXIES["nginx"], **({part: user} if part else user)}
    ((call, _),) = read_all(JsonLog(ReadState()), json.dumps(line).encode()).requests.items()
    assert (call.service, call.user_agent) == ("", AGENT)


@pytest.mark.parametrize(
    ("status", "errors"),
    [(200, [0]), ("502", [1]), (502.0, [1]), ("502.0", [1]), (0, [1]),
     ("started", []), ("²²²", []), ("1" * 5_000, []), (20, []), (1e300, []), ("-", [])],
)  # fmt: skip
def test_only_a_line_with_the_status_of_an_answer_is_a_request(status: object, errors: list[int]):
    state = ReadState()
    counts = read_all(JsonLog(state), json.dumps({"status": status, "path": "/var/lib/x"}).encode())
    assert [counts.errors[call] for call in counts.requests] == errors
    assert state.bad.count == (not errors)


def test_other_lines_are_bad_lines():
    state = ReadState()
    line = json.dumps(PROXIES["nginx"])
    counts = read_all(JsonLog(state), f'{line}\nstarting\n{{"status": "ok"}}\n\n[1]\n{line}\n'.encode())
    assert (sum(counts.requests.values()), state.bad.count) == (2, 3)
    assert state.bad.first[:2] == [(2, "invalid JSON"), (3, "no path and status of a request")]


NAMES = st.sampled_from(["request", "headers", "uri", "status", "ts", "time", "host", "log", "User-Agent"])
VALUES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9)


@given(st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner), max_leaves=12))
def test_any_line_is_read(line: object):
    read_all(JsonLog(ReadState()), json.dumps(line).encode())
