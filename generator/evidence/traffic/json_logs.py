"""Access logs as JSON lines of other proxies: nginx, Traefik, Caddy, Kong, and the load balancers of Google and Azure.

Those of Envoy have other names if Envoy Gateway writes them, and are parts of a line if a collector has read them.
HAProxy has no format of its own: its configuration gives the fields any names.

Traefik: https://doc.traefik.io/traefik/observe/logs-and-access-logs/
Caddy: https://caddyserver.com/docs/logging
Kong: https://developer.konghq.com/plugins/file-log/
Envoy Gateway: https://gateway.envoyproxy.io/docs/tasks/observability/proxy-accesslog/
Google: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest
Azure: https://learn.microsoft.com/azure/application-gateway/monitor-application-gateway-reference
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from generator.evidence.traffic.access_logs import (
    build_envoy_call,
    parse_log_day,
    parse_text_line,
    split_url,
)
from generator.evidence.traffic.calls import (
    UNREADABLE,
    CallCounts,
    RawCall,
    ReadState,
    clean_value,
    decode_lines,
    is_error_status,
)

_HOSTS = ("http_host", "request_host", "requesthost", "authority", ":authority", "host", "server_name", "vhost")
PATHS = (
    "x_envoy_origin_path", "x_envoy_original_path", "request_uri", "requestpath", "requesturl", "requesturi", "uri",
    "path", ":path", "url", "request", "http_request",
)  # fmt: skip
STATUSES = ("status", "downstreamstatus", "httpstatus", "status_code", "response_status", "response_code")
_AGENTS = ("http_user_agent", "user_agent", "request_user_agent", "useragent")
_DAYS = (
    "time_iso8601",
    "startutc",
    "start_time",
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "started_at",
    "time_local",
    "msec",
)
_CALLERS = ("consumer.username",)
_CLUSTERS = ("upstream_cluster",)
_ACCOUNTS = ("downstream_peer_uri_san",)
LINES = ("log", "message", "textpayload")
"""The fields in which Docker, Fluent Bit and Google Cloud have the line of a program."""
WRAPPERS = (*LINES, "jsonpayload", "log_processed")
"""The keys under which a collector has the fields of a line that it has read."""
_PARTS = ("request", "response", "headers", "header", "httprequest", "properties", *WRAPPERS)
"""The keys whose values describe the request too."""
_STATUS = re.compile(r"(\d{3}|0)(?:\.0)?", re.ASCII)
"""A status as a number or a text; 0 if the client left before the answer."""
_DECODER = msgspec.json.Decoder()
_MOST_KEPT = 50_000
_MILLISECONDS = 10**11
"""A larger time is in milliseconds."""


class JsonLog:
    """A parser of JSON lines, whose fields have the names that their proxy or its configuration gives them.

    A collector may have written the line of the proxy, in JSON or in text, as a field of its own.
    """

    def __init__(self, state: ReadState) -> None:
        self._state = state
        self._calls: Counter[tuple[RawCall, bool]] = Counter()
        """The numbers of equal calls that ended in an error, or did not."""

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in the blocks so far once they are many."""
        for number, line in decode_lines(_DECODER, block, first_line, self._state.bad, "invalid JSON"):
            found = _read_line(line)
            if found is None:
                self._state.bad.add(number, "no path and status of a request")
            else:
                self._calls[found] += 1
        return self.finish() if len(self._calls) > _MOST_KEPT else CallCounts()

    def finish(self) -> CallCounts:
        """Return the calls that were not returned yet."""
        found = CallCounts()
        for (call, is_error), number in self._calls.items():
            found.add(call, number, is_error=is_error)
        self._calls.clear()
        return found


def _read_line(line: object) -> tuple[RawCall, bool] | None:
    """Return the call of a line, and whether it ended in an error; None if the line has none."""
    values = dict(_iterate_fields(line))
    host, path, status, agent, day, caller, cluster, account, wrapped = (
        next((value for name in names if (value := clean_value(values.get(name)))), "")
        for names in (_HOSTS, PATHS, STATUSES, _AGENTS, _DAYS, _CALLERS, _CLUSTERS, _ACCOUNTS, LINES)
    )
    if path and (code := _STATUS.fullmatch(status)):
        words = path.split()  # POST /path HTTP/1.1
        named, path = split_url((words[1] if len(words) == 3 else path).partition("?")[0])
        day, host = _parse_day(day), host or named
        call = build_envoy_call(day, cluster, agent, host, path) if cluster else RawCall(day, host=host, path=path)
        return call._replace(service=caller, account=account, user_agent=agent), is_error_status(code[1])
    found = None
    if wrapped.startswith("{"):
        with suppress(*UNREADABLE):
            inner = _DECODER.decode(wrapped)
            found = _read_line({key: value for key, value in inner.items() if key.lower() not in LINES})
    elif wrapped:
        found = parse_text_line(wrapped)
    if found is None or found[0].day:
        return found
    return found[0]._replace(day=_parse_day(day)), found[1]


def _iterate_fields(line: object, depth: int = 3) -> Iterator[tuple[str, str]]:
    """Yield the fields of a request with their names in lower case, those of inner parts first."""
    fields: Mapping[str, Any] = line if isinstance(line, dict) else {}
    for key, value in fields.items():
        if depth and isinstance(value, dict) and key.lower() in _PARTS:
            yield from _iterate_fields(value, depth - 1)
        elif isinstance(value, dict) and key.lower() == "consumer":  # elsewhere, `username` names a user
            yield "consumer.username", str(value.get("username") or "")
    for key, value in fields.items():
        first = value[0] if isinstance(value, list) and value else value  # headers of Caddy have several values
        if isinstance(first, str | int | float):
            yield key.lower().replace("-", "_"), str(first)


def _parse_day(value: str) -> str:
    """Return the day of an ISO time, of the time of a combined log, or of seconds or milliseconds since 1970."""
    if day := parse_log_day(value):
        return day
    with suppress(ValueError, OverflowError, OSError):
        seconds = float(value)
        return datetime.fromtimestamp(seconds / (1000 if seconds > _MILLISECONDS else 1), UTC).date().isoformat()
    return value[:10] if value[4:5] == value[7:8] == "-" else ""
