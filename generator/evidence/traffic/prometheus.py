"""Metrics of Istio and of OpenTelemetry's service graph: as text, or as a recorded answer of Prometheus' API.

Istio: https://istio.io/latest/docs/reference/config/metrics/
Service graph: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/connector/servicegraphconnector
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

import msgspec

from generator.evidence.traffic.calls import (
    UNREADABLE,
    WINDOW,
    CallCounts,
    JsonDocument,
    RawCall,
    ReadState,
    clean_value,
    is_error_status,
)

WINDOW_LABEL = "modelbook_window"
"""The label that `modelbook reconcile --query` adds, because an answer does not contain its query."""
_SAMPLE = re.compile(
    rb"^[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)"
    rb"(?:[ \t]*\{([^\"}\n]*(?:\"[^\"\\\n]*(?:\\[^\n][^\"\\\n]*)*\"[^\"}\n]*)*)\})?"
    rb"[ \t]+([^\s#]+)(?:[ \t]+(-?[0-9.eE+]+))?[ \t]*(?:#[^\n]*)?\r?$",  # after # : an exemplar of OpenMetrics
    re.MULTILINE,
)
_LABEL = re.compile(rb"([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*\"([^\"\\]*(?:\\.[^\"\\]*)*)\"")
_NO_WORD = re.compile(r"[^a-z_]|(?<=.{30}).")
_ESCAPE = re.compile(r"\\(.)")
_ISTIO = "istio_requests_total"
_GRAPH = re.compile(r"(?:[a-zA-Z0-9_:]+_)?traces_service_graph_request_(failed_)?total\Z")
"""With the namespace that the collector's exporter may put before it."""
_NO_CALL = {"messaging_system", "database"}
"""The types of connections in a service graph that are not calls of a service."""
_CALL_LABELS = {"destination_service", "destination_service_name", "destination_workload", "server"}
_READ_LABELS = frozenset(
    b"reporter source_workload source_workload_namespace source_canonical_service source_app source_principal"
    b" destination_service destination_service_name destination_canonical_service destination_workload destination_app"
    b" response_code grpc_response_status client server connection_type failed".split()
)
"""The labels that describe calls; a metric of Istio has as many others."""
_MILLISECONDS = 100_000_000_000
"""Timestamps above it are in milliseconds, as in the text format of Prometheus; in seconds it is the year 5138."""


class MetricsText:
    """A parser of the text formats of Prometheus and OpenMetrics."""

    def __init__(self, state: ReadState) -> None:
        self._state = state
        state.is_cumulative = True

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in a block."""
        counts = CallCounts()
        number = 0
        for match in _SAMPLE.finditer(block):
            number += 1
            name = match[1].decode()
            if name == _ISTIO or (name.endswith("_total") and _GRAPH.match(name)):
                pairs = _LABEL.findall(match[2] or b"")
                labels = {key.decode(): _unescape(value) for key, value in pairs if key in _READ_LABELS}
                _count_sample(counts, self._state, name, labels, _parse_number(match[3]), _parse_day(match[4]))
        lines = block.split(b"\n")
        if number + sum(map(_is_blank, lines)) != len(lines):
            for line, text in enumerate(lines, first_line):
                if not _is_blank(text) and not _SAMPLE.fullmatch(text):
                    self._state.bad.add(line, "no metric")
        return counts

    def finish(self) -> CallCounts:
        """Return no calls: none needs the whole source."""
        return CallCounts()


def _is_blank(line: bytes) -> bool:
    text = line.lstrip()
    return not text or text.startswith(b"#")


def _unescape(value: bytes) -> str:
    text = value.decode(errors="replace")
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text) if "\\" in text else text


def _parse_number(text: bytes) -> float:
    """Return the value of a sample; NaN, which marks a series that ended, for anything else."""
    try:
        return math.nan if b"_" in text else float(text)
    except ValueError:
        return math.nan


def _parse_day(timestamp: bytes | float | None) -> str:
    if timestamp is None:
        return ""
    seconds = _parse_number(timestamp) if isinstance(timestamp, bytes) else timestamp
    if abs(seconds) > _MILLISECONDS:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _count_sample(
    counts: CallCounts, state: ReadState, name: str, labels: Mapping[str, str], value: float, day: str
) -> None:
    """Count the calls of a sample; an answer to an expression has no name, and its labels show the metric."""
    if not math.isfinite(value) or value <= 0:
        return
    graph = _GRAPH.match(name)
    if graph or (not name and {"client", "server"} <= labels.keys()):
        if labels.get("connection_type") in _NO_CALL:
            state.undecided["queues and databases in the service graph"] += value
            return
        server = clean_value(labels.get("server"))
        call = RawCall(day, service=clean_value(labels.get("client")), host=server, target=server)
        if (graph and graph[1]) or (not name and labels.get("failed") == "true"):
            counts.errors[call] += value
        else:
            counts.add(call, value, is_error=False)
    else:
        is_grpc_error = labels.get("grpc_response_status", "0") not in {"", "0"}
        is_error = is_grpc_error or is_error_status(labels.get("response_code", ""))
        counts.add(_build_istio_call(labels, day), value, is_error=is_error)


def _build_istio_call(labels: Mapping[str, str], day: str) -> RawCall:
    workload = clean_value(labels.get("source_workload"))
    namespace = clean_value(labels.get("source_workload_namespace"))
    services = ("destination_service_name", "destination_canonical_service", "destination_workload", "destination_app")
    return RawCall(
        day,
        labels.get("reporter") or "source",
        f"{namespace}/{workload}" if workload and namespace else workload,
        clean_value(labels.get("source_canonical_service")) or clean_value(labels.get("source_app")),
        clean_value(labels.get("source_principal")),
        host=clean_value(labels.get("destination_service")),
        target=next((name for label in services if (name := clean_value(labels.get(label)))), ""),
    )


class _Series(msgspec.Struct, frozen=True):
    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None
    values: tuple[tuple[float, str], ...] = ()


class _Result(msgspec.Struct, frozen=True):
    result_type: str = msgspec.field(name="resultType")
    result: msgspec.Raw


class _Answer(msgspec.Struct, frozen=True):
    status: str
    data: _Result | None = None
    error_type: str = msgspec.field(name="errorType", default="")


class QueryAnswer:
    """A parser of a recorded answer of Prometheus' API: https://prometheus.io/docs/prometheus/latest/querying/api/."""

    def __init__(self, state: ReadState) -> None:
        self._state = state
        state.is_cumulative = True
        self._document = JsonDocument(state)

    def parse(self, block: bytes, first_line: int) -> CallCounts:  # noqa: ARG002 - the method of the protocol
        """Keep the block: the answer is one document."""
        self._document.append(block)
        return CallCounts()

    def finish(self) -> CallCounts:
        """Return the calls in the answer."""
        counts = CallCounts()
        try:
            answer = msgspec.json.decode(self._document.join(), type=_Answer)
            series = self._list_series(answer)
        except UNREADABLE as error:
            is_invalid = isinstance(error, msgspec.ValidationError)  # whose first line has no text of the source
            why = str(error).partition("\n")[0] if is_invalid else "invalid JSON"
            self._state.bad.add(1, f"no answer of Prometheus: {why}")
            return counts
        for one in series:
            window = one.metric.get(WINDOW_LABEL, "")
            if WINDOW.fullmatch(window):
                self._state.window = window
            name = one.metric.get("__name__", "")
            if not _CALL_LABELS & one.metric.keys():
                self._state.bad.add(1, "a series without the labels of Istio or of a service graph")
                continue
            if one.value is not None:
                value, day = _parse_number(one.value[1].encode()), _parse_day(one.value[0])
            elif one.values and name:
                numbers = [number for _, text in one.values if math.isfinite(number := _parse_number(text.encode()))]
                # A counter starts at 0 again when its process does.
                value = sum((now - before if now >= before else now for before, now in pairwise(numbers)), 0.0)
                day = _parse_day(one.values[-1][0])
            else:
                self._state.bad.add(1, "a series of a range query: expected an instant query, as --query prints it")
                continue
            _count_sample(counts, self._state, name, one.metric, value, day)
        return counts

    def _list_series(self, answer: _Answer) -> list[_Series]:
        if answer.data is None or answer.status != "success":
            self._state.bad.add(1, f"an error of Prometheus: {_NO_WORD.sub('', answer.error_type or answer.status)}")
            return []
        if answer.data.result_type not in {"vector", "matrix"}:
            self._state.bad.add(
                1, f"an answer of type {_NO_WORD.sub('', answer.data.result_type)!r}: expected a vector"
            )
            return []
        return msgspec.json.decode(answer.data.result, type=list[_Series])
