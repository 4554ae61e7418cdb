"""The same calls have the same counts in every format, with the faults that real files have."""

import json
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.traffic.book import reconcile
from tests.evidence.traffic.test_access_logs import envoy, istio_text, nginx
from tests.evidence.traffic.test_litellm import lines, row
from tests.evidence.traffic.test_otlp import CLIENT, SERVER, batch, span
from tests.evidence.traffic.test_prometheus import answer, istio, vector

SYSTEMS = ("home-feed", "search", "search-v2", "checkout")
MODELS = ("ryl", "eta", "fraud")
URLS = {
    "ryl": ("ml.example.com", "/v1/models/ryl:predict"),
    "eta": ("ml.example.com", "/v1/models/eta:predict"),
    "fraud": ("fraud.example.com", "/score"),
}
AGENTS = {
    "home-feed": "home-feed-http/1",
    "search": "search/2",
    "search-v2": "search-v2/0.1",
    "checkout": "checkout (x)",
}
Calls = list[tuple[str, str, bool]]


def write_paths(model: str, random: Random) -> tuple[str, str]:
    host, path = URLS[model]
    spellings = [path, path.replace(":", "%3A"), f"{path}/", f"{path}?q={random.random()}&key=s3cret"]
    return random.choice([host, host.upper(), f"{host}:443"]), random.choice(spellings)


def write_pod(system: str, random: Random) -> str:
    return system + random.choice(["", "-canary", "-5d9c7b8f4-x2x7k", "-canary-7f9c6d5b8-hx4wz"])


def write_envoy(calls: Calls, random: Random) -> str:
    found: list[str] = []
    for system, model, is_error in calls:
        host, path = write_paths(model, random)
        code = random.choice([503, 0, "404"]) if is_error else 200
        line = envoy(authority=host, path=path, user_agent=AGENTS[system], response_code=code)
        found.append(random.choice(["", "[pod/gateway-5d9c7b8f4-x2x7k/istio-proxy] ", "info "]) + line)
        if random.random() < 0.3:
            found.append(
                random.choice(["\n", "2026-11-18T10:00:00Z\twarn\tstream reset\n", "{}\n", '{"level": "info"\n'])
            )
    return "".join(found)


def write_envoy_text(calls: Calls, random: Random) -> str:
    found: list[str] = []
    for system, model, is_error in calls:
        host, path = write_paths(model, random)
        line = istio_text(path).replace("home-feed-http/1.2", AGENTS[system]).replace('"ml.example.com"', f'"{host}"')
        found.append(line.replace("200 -", "503 UF") if is_error else line)
    return "".join(found)


def write_combined(calls: Calls, random: Random) -> str:
    found: list[str] = []
    for system, model, is_error in calls:
        host, path = write_paths(model, random)
        found.append(nginx(path, f'{AGENTS[system]} \\"beta\\"', 502 if is_error else 200, host))
    return "".join(found)


def write_metrics(calls: Calls, random: Random) -> str:
    series = Counter((system, model, is_error, write_pod(system, random)) for system, model, is_error in calls)
    found = ["# TYPE istio_requests_total counter\n"]
    for (_, model, is_error, pod), number in series.items():
        names = {"workload": pod, "service": pod, "namespace": "apps", "code": "503" if is_error else "200"}
        names |= {"host": f"{model}-predictor.ml.svc.cluster.local", "name": f"{model}-predictor"}
        found.append(istio(number, **names).rstrip("\n") + random.choice(["\n", ' # {trace_id="a"} 900\n']))
        if random.random() < 0.7:
            found.append(istio(number, **names, reporter="destination"))
        if random.random() < 0.3:
            found.append(istio("NaN", **names).replace("apps", "other"))
    random.shuffle(found)
    return "".join(found)


def write_answer(calls: Calls, random: Random) -> str:
    series = Counter((system, model, is_error, write_pod(system, random)) for system, model, is_error in calls)
    found = [
        vector(
            number + random.uniform(-0.04, 0.04) / len(series), source_workload=pod, source_workload_namespace="apps",
            destination_service=f"{model}.ml.svc.cluster.local", response_code="500" if is_error else "200",
        )
        for (_, model, is_error, pod), number in series.items()
    ]  # fmt: skip
    return answer(*found, vector(0, source_workload="search", destination_service="ryl.ml.svc.cluster.local"))


def write_graph(calls: Calls, random: Random) -> str:
    total, failed = Counter((one[0], one[1]) for one in calls), Counter((one[0], one[1]) for one in calls if one[2])
    found = ["# HELP traces_service_graph_request_total Requests\n"]
    for metric, counts in (("request_total", total), ("request_failed_total", failed)):
        for (system, model), number in counts.items():
            found.append(f'traces_service_graph_{metric}{{client="{system}",server="{model}"}} {number}\n')
    random.shuffle(found)
    return "".join(found)


def write_traces(calls: Calls, random: Random) -> str:
    found: list[str] = []
    for number, (system, model, is_error) in enumerate(calls):
        host, path = URLS[model]
        status = 500 if is_error else 200
        named: dict[str, Any] = {"http__response__status_code": status, "url__full": f"https://{host}{path}?key=s3cret"}
        found.append(batch(system, span(CLIENT, f"c{number}", **named)))
        if random.random() < 0.6:
            found.append(batch(f"{model}-server", span(SERVER, f"s{number}", f"c{number}")))
    random.shuffle(found)
    return "".join(found)


def write_spend(calls: Calls, random: Random) -> str:
    rows = [
        row(metadata={"user_api_key_alias": system}, model_group=model, status="failure" if is_error else "success")
        for system, model, is_error in calls
    ]
    return json.dumps(rows) if rows and random.random() < 0.5 else lines(*rows)


WRITERS = [
    write_envoy, write_envoy_text, write_combined, write_metrics, write_answer, write_graph, write_traces, write_spend,
]  # fmt: skip
CALLS = st.lists(st.tuples(st.sampled_from(SYSTEMS), st.sampled_from(MODELS), st.booleans()), min_size=1, max_size=30)


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@given(CALLS, st.integers(0, 1 << 32))
def test_every_format_gives_the_same_callers_targets_and_counts(
    write: Callable[[Calls, Random], str], calls: Calls, seed: int
):
    _, (source,), found = reconcile(write(calls, Random(seed)))
    counts: dict[tuple[str, str], list[int]] = {}
    for call in found:
        count = counts.setdefault((call.system, call.ref), [0, 0])
        count[0] += call.requests
        count[1] += call.errors
    expected: dict[tuple[str, str], list[int]] = {}
    for system, model, is_error in calls:
        count = expected.setdefault((f"system:{system}", f"model:{model}"), [0, 0])
        count[0] += 1
        count[1] += is_error
    assert counts == expected
    assert source.requests == len(calls)
    assert "s3cret" not in f"{source}{found}"
