"""The speed of reading traffic, in CPU seconds, because it depends less on what else the machine does."""

import gzip
import json
import os
import random
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from generator.evidence.traffic.formats import TrafficFormat
from generator.evidence.traffic.reconcile import TrafficReader
from generator.schema import KINDS, Card

_MODELS = 200
_SYSTEMS = 300
_GOAL = 100
"""The MB of Envoy's log that a second of CPU time has to read."""


def list_cards() -> list[Card]:
    """Return a book of models behind one gateway, and of systems with names in traffic."""
    models = (
        {
            "kind": "model", "id": f"model-{number}", "name": f"Model {number}", "summary": "Ranks.",
            "lifecycle": "production", "serving": "online",
            "endpoints": {"production": f"https://ml.example.com/v1/models/model-{number}:predict"},
        }
        for number in range(_MODELS)
    )  # fmt: skip
    systems = (
        {
            "kind": "system", "id": f"system-{number}", "name": f"System {number}", "type": "service",
            "seen_as": {"user_agents": [f"system-{number}-http"], "workloads": [f"apps/system-{number}"]},
        }
        for number in range(_SYSTEMS)
    )  # fmt: skip
    return [KINDS[str(card["kind"])].model_validate(card) for card in (*models, *systems)]


def _draw_call(numbers: random.Random) -> tuple[int, int]:
    """Return a system and one of the five models that it calls; a few systems make most of the calls."""
    system = min(int(numbers.paretovariate(0.6)), _SYSTEMS) - 1
    return system, (system * 5 + numbers.randrange(5)) % _MODELS


def _write_envoy(numbers: random.Random) -> str:
    """Return a line with all fields of Istio's default format; one in ten has a path that no other line has."""
    system, model = _draw_call(numbers)
    path = f"/v1/models/model-{model}:predict?request={numbers.getrandbits(64):x}"
    line = {
        "start_time": f"2026-11-18T{numbers.randrange(24):02}:02:03.{numbers.randrange(1000):03}Z", "method": "POST",
        "path": path if numbers.random() < 0.9 else f"/customers/{numbers.getrandbits(64):x}/orders",
        "protocol": "HTTP/1.1", "response_code": numbers.choice((200, 200, 200, 200, 404, 503)), "response_flags": "-",
        "response_code_details": "via_upstream", "connection_termination_details": None,
        "upstream_transport_failure_reason": None, "bytes_received": 312, "bytes_sent": 1_204, "duration": 14,
        "upstream_service_time": "12", "x_forwarded_for": None,
        "user_agent": f"system-{system}-http/1.{numbers.randrange(3)}",
        "request_id": f"{numbers.getrandbits(128):032x}", "authority": "ml.example.com",
        "upstream_host": "10.44.1.27:8080", "upstream_cluster": "outbound|80||ml.example.com",
        "upstream_local_address": "10.44.1.23:37652", "downstream_local_address": "10.0.45.184:80",
        "downstream_remote_address": f"10.44.1.23:{numbers.randrange(30_000, 60_000)}", "requested_server_name": None,
        "route_name": "default",
    }  # fmt: skip
    return json.dumps(line)


def _write_combined(numbers: random.Random) -> str:
    system, model = _draw_call(numbers)
    return (
        f"10.44.{numbers.randrange(256)}.{numbers.randrange(256)} - - [18/Nov/2026:{numbers.randrange(24):02}:02:03"
        f' +0530] "POST /v1/models/model-{model}:predict?request={numbers.getrandbits(64):x} HTTP/1.1" 200 1204 "-"'
        f' "system-{system}-http/1.{numbers.randrange(3)} (linux; amd64)"'
    )


def _write_metric(numbers: random.Random) -> str:
    system, model = _draw_call(numbers)
    return (
        f'istio_requests_total{{reporter="source",source_workload="system-{system}",source_workload_namespace="apps",'
        f'source_principal="spiffe://cluster.local/ns/apps/sa/system-{system}",source_app="system-{system}",'
        f'destination_workload="model-{model}-predictor",destination_service="model-{model}.ml.svc.cluster.local",'
        f'destination_service_name="model-{model}",request_protocol="http",response_code="200",response_flags="-",'
        f'connection_security_policy="unknown"}} {numbers.randrange(1, 10**6)}'
    )


def _write_spans(numbers: random.Random) -> str:
    """Return a batch of 50 client spans with the server spans of an earlier batch's kind."""
    system, model = _draw_call(numbers)

    def attributes(**values: str) -> list[dict[str, object]]:
        return [{"key": key.replace("_", "."), "value": {"stringValue": value}} for key, value in values.items()]

    def resource_spans(service: str, kind: int, ids: list[tuple[str, str, str]]) -> dict[str, object]:
        spans = [
            {
                "traceId": trace, "spanId": span, "parentSpanId": parent, "kind": kind, "name": "POST",
                "startTimeUnixNano": "1795132800000000000", "endTimeUnixNano": "1795132800014000000", "status": {},
                "attributes": attributes(
                    http_request_method="POST", url_full=f"https://ml.example.com/v1/models/model-{model}:predict"
                ),
            }
            for trace, span, parent in ids
        ]  # fmt: skip
        return {"resource": {"attributes": attributes(service_name=service)}, "scopeSpans": [{"spans": spans}]}

    ids = [(f"{numbers.getrandbits(128):032x}", f"{numbers.getrandbits(64):016x}") for _ in range(50)]
    clients = resource_spans(f"system-{system}", 3, [(trace, span, "") for trace, span in ids])
    servers = resource_spans(f"model-{model}", 2, [(trace, f"{span[:-1]}s", span) for trace, span in ids])
    return json.dumps({"resourceSpans": [clients, servers]})


MADE_FORMATS: dict[TrafficFormat, Callable[[random.Random], str]] = {
    TrafficFormat.ENVOY: _write_envoy,
    TrafficFormat.COMBINED: _write_combined,
    TrafficFormat.METRICS: _write_metric,
    TrafficFormat.OTLP: _write_spans,
}


def write_log(path: Path, name: TrafficFormat, megabytes: float) -> None:
    """Write made traffic, of which the first 40 MB are repeated."""
    numbers = random.Random(7)
    write, block = MADE_FORMATS[name], bytearray()
    while len(block) < min(megabytes, 40) * (1 << 20):
        block += write(numbers).encode() + b"\n"
    with path.open("wb") as file:
        while file.tell() < megabytes * (1 << 20):
            file.write(block)


def measure_file(path: Path, cards: list[Card]) -> tuple[float, int]:
    """Return the CPU seconds for a file, and the number of its requests."""
    reader = TrafficReader(cards)
    started = time.process_time()
    with path.open("rb") as file:
        reader.read(path.name, file)
    records = reader.build_records()
    return time.process_time() - started, records[0].requests


def main(megabytes: int, rounds: int) -> None:
    """Print the table, from rounds in which the formats alternate."""
    cards = list_cards()
    load = os.getloadavg()[0]
    print(f"{_MODELS} models, {_SYSTEMS} systems; load of the machine {load:.1f} on {os.cpu_count()} processors.\n")
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as folder:
        files = {name.value: Path(folder) / f"{name.value}.log" for name in MADE_FORMATS}
        for made in MADE_FORMATS:
            write_log(files[made.value], made, megabytes)
        files["envoy, gzip"] = Path(folder) / "envoy.log.gz"
        with files["envoy"].open("rb") as log, gzip.open(files["envoy, gzip"], "wb", compresslevel=6) as packed:
            shutil.copyfileobj(log, packed)
        taken: dict[str, list[float]] = {name: [] for name in files}
        requests: dict[str, int] = {}
        for _ in range(rounds):
            for name, path in files.items():
                seconds, requests[name] = measure_file(path, cards)
                taken[name].append(seconds)
        print("| format | MB | requests | MB a CPU second, best | median |")
        print("|---|---|---|---|---|")
        for name, several in taken.items():
            best, median = megabytes / min(several), megabytes / statistics.median(several)
            print(f"| {name} | {megabytes} | {requests[name]:,} | {best:.0f} | {median:.0f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory {peak:.0f} MB. Goal: {_GOAL} MB of Envoy's log a CPU second.")
