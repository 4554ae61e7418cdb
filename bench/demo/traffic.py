"""The recorded traffic of the demo: an answer of Prometheus for the mesh, and an access log of the edge."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

LAST_DAY = date(2026, 11, 19)
"""The last whole day of the traffic."""
_DAYS_OF_LOG = 7

_CALLS = (
    # Workload, destination, requests and errors of 30 days.
    ("core/home-feed", "ryl-predictor.ml.svc.cluster.local", 29_412_880, 61_204),
    ("core/home-feed-canary", "ryl-predictor.ml.svc.cluster.local", 601_930, 1_377),
    ("core/home-feed", "tpfy-predictor.ml.svc.cluster.local", 30_008_415, 58_190),
    ("core/home-feed", "popular-nearby-predictor.ml.svc.cluster.local", 412_377, 12),
    ("core/home-feed", "eta-predictor.ml.svc.cluster.local", 31_006_112, 40_881),
    ("core/home-feed", "scorer-vm.internal", 16_220_408, 92_017),
    ("core/checkout", "eta-predictor.ml.svc.cluster.local", 4_104_210, 8_206),
    ("core/checkout", "fraud-predictor.ml.svc.cluster.local", 3_942_775, 3_150),
    ("core/checkout", "order-service.core.svc.cluster.local", 3_601_244, 118),
    ("core/order-tracking", "eta-predictor.ml.svc.cluster.local", 3_730_061, 7_012),
    ("core/order-tracking", "delivery-time-predictor.ml.svc.cluster.local", 3_509_447, 702),
    ("core/order-tracking", "order-service.core.svc.cluster.local", 41_220_318, 4_090),
    ("core/dispatch-api", "rider-allocation-predictor.ml.svc.cluster.local", 3_588_026, 5_411),
    ("core/search", "query-intent-predictor.ml.svc.cluster.local", 19_240_511, 15_388),
    ("core/search", "search-ranking-predictor.ml.svc.cluster.local", 18_911_004, 30_266),
    ("merch/console", "ryl-predictor.ml.svc.cluster.local", 1_846, 0),
    ("growth/search-quality", "search-scorer.internal", 18_300, 11),
)
_EDGE = (
    # User agent, path, and requests a day at the edge.
    ("FoodRider/7.4 (Android 14)", "/v1/models/delivery-time:predict", 6),
    ("FoodRider/8.0 (Android 15)", "/v1/models/delivery-time:predict", 2),
    ("curl/8.9.1", "/v1/models/eta:predict", 1),
    ("kube-probe/1.33", "/healthz", 4),
)


def write_traffic(folder: Path) -> tuple[Path, Path]:
    """Write the two files, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    mesh, edge = folder / "mesh.json", folder / "edge.jsonl"
    mesh.write_text(json.dumps(_build_answer()), "utf-8")
    edge.write_text("".join(json.dumps(line) + "\n" for line in _list_log_lines()), "utf-8")
    return mesh, edge


def _build_answer() -> dict[str, object]:
    """Build the answer to the query that `modelbook reconcile --query` prints."""
    asked_at = datetime.combine(LAST_DAY, time(18, 30), tzinfo=UTC).timestamp()
    series = []
    for workload, destination, requests, errors in _CALLS:
        namespace, _, name = workload.partition("/")
        # Both sidecars of a call report it; a caller without a sidecar is known to the destination only.
        for reporter in ("source", "destination") if workload else ("destination",):
            for code, count in (("200", requests - errors), ("503", errors)):
                if count:
                    labels = {
                        "modelbook_window": "30d",
                        "reporter": reporter,
                        "source_workload": name or "unknown",
                        "source_workload_namespace": namespace or "unknown",
                        "destination_service": destination,
                        "response_code": code,
                    }
                    series.append({"metric": labels, "value": [asked_at, str(count)]})
    return {"status": "success", "data": {"resultType": "vector", "result": series}}


def _list_log_lines() -> list[dict[str, object]]:
    """List the lines of Envoy's access log, as Istio's JSON format names the fields."""
    lines: list[dict[str, object]] = []
    for ago in reversed(range(_DAYS_OF_LOG)):
        day = LAST_DAY - timedelta(days=ago)
        for agent, path, count in _EDGE:
            for number in range(count):
                at = datetime.combine(day, time(6 + number, 12, 40), tzinfo=UTC)
                lines.append(
                    {
                        "start_time": at.isoformat().replace("+00:00", ".000Z"),
                        "method": "POST",
                        "authority": "ml.example.com",
                        "path": path,
                        "response_code": 200,
                        "user_agent": agent,
                        "downstream_remote_address": "203.0.113.7:41022",
                    }
                )
    return lines
