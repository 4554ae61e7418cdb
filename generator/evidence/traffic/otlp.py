"""Traces of OpenTelemetry as JSON lines, as the collector's file exporter writes them.

Encoding: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
Attributes: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ and, for language models,
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from generator.evidence.traffic.calls import CallCounts, RawCall, ReadState, clean_value, decode_lines, is_error_status

_MOST_WAITING = 400_000
"""The number of spans that wait for their other half; about 200 MB."""
_SERVER, _CLIENT = 2, 3
_NANOSECONDS_A_DAY = 86_400 * 10**9
_EPOCH = date(1970, 1, 1).toordinal()
_MOST_DAYS = 200 * 365
_ERROR = 2
_NO_CALL = ("db.system", "db.system.name", "messaging.system")
"""The attributes of client spans that ask a database or a queue."""


class _Value(msgspec.Struct, frozen=True):
    text: str | None = msgspec.field(name="stringValue", default=None)
    number: int | str | None = msgspec.field(name="intValue", default=None)


class _Attribute(msgspec.Struct, frozen=True):
    key: str
    value: _Value = _Value()


class _Status(msgspec.Struct, frozen=True):
    code: int | str = 0


class _OtlpSpan(msgspec.Struct, frozen=True):
    trace: str = msgspec.field(name="traceId", default="")
    id: str = msgspec.field(name="spanId", default="")
    parent: str = msgspec.field(name="parentSpanId", default="")
    kind: int | str = 0
    start: int | str = msgspec.field(name="startTimeUnixNano", default=0)
    attributes: list[_Attribute] = []
    status: _Status = _Status()


class _Scope(msgspec.Struct, frozen=True):
    spans: list[_OtlpSpan] = []


class _Resource(msgspec.Struct, frozen=True):
    attributes: list[_Attribute] = []


class _ResourceSpans(msgspec.Struct, frozen=True):
    resource: _Resource = _Resource()
    scopes: list[_Scope] = msgspec.field(name="scopeSpans", default_factory=list)


class _Traces(msgspec.Struct, frozen=True):
    resources: list[_ResourceSpans] = msgspec.field(name="resourceSpans")


class _Half(NamedTuple):
    """One side of a call, until the other side is known."""

    service: str
    call: RawCall
    is_error: bool


class Traces:
    """A parser of traces, which pairs the client span of each call with its server span."""

    def __init__(self, state: ReadState, most_waiting: int = _MOST_WAITING) -> None:
        self._state, self._most_waiting = state, most_waiting
        self._decoder = msgspec.json.Decoder(_Traces)
        self._clients: dict[tuple[str, str], _Half] = {}
        """The client spans without a server span yet, by trace and id."""
        self._servers: dict[tuple[str, str], _Half] = {}
        """The server spans without a client span yet, by trace and parent."""

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls of which both sides are known."""
        counts = CallCounts()
        for _, batch in decode_lines(self._decoder, block, first_line, self._state.bad, "no batch of spans"):
            for resource in batch.resources:
                service = clean_value(_read_attributes(resource.resource.attributes).get("service.name"))
                for span in (span for scope in resource.scopes for span in scope.spans):
                    self._pair(counts, service, span)
        if len(self._clients) + len(self._servers) > self._most_waiting:
            self._give_up_oldest(counts)
        return counts

    def finish(self) -> CallCounts:
        """Return the calls of which one side was not recorded."""
        counts = CallCounts()
        for half in self._clients.values():
            _count(counts, half, None)
        for half in self._servers.values():
            _count(counts, None, half)
        return counts

    def _pair(self, counts: CallCounts, service: str, span: _OtlpSpan) -> None:
        attributes = _read_attributes(span.attributes)
        status = _get_first(attributes, "http.response.status_code", "http.status_code")
        is_error = span.status.code in {_ERROR, "STATUS_CODE_ERROR"} or is_error_status(status)
        half = _Half(service, _build_call(attributes, span), is_error)
        if span.kind in {_CLIENT, "SPAN_KIND_CLIENT"}:
            if any(key in attributes for key in _NO_CALL):
                return
            key = (span.trace, span.id)
            server = self._servers.pop(key, None)
            if server is None and span.id:
                self._clients[key] = half
            else:
                _count(counts, half, server)
        elif span.kind in {_SERVER, "SPAN_KIND_SERVER"}:
            key = (span.trace, span.parent)
            client = self._clients.pop(key, None)
            if client is not None:
                _count(counts, client, half)
            elif not span.parent:
                _count(counts, None, half)
            else:
                # Several servers may have one parent, as after a retry in a proxy: one of them is paired.
                previous = self._servers.get(key)
                if previous is not None:
                    _count(counts, None, previous)
                self._servers[key] = half

    def _give_up_oldest(self, counts: CallCounts) -> None:
        """Count the older half of the waiting client spans alone. Their server spans would be counted twice."""
        for key in list(self._clients)[: len(self._clients) // 2]:
            _count(counts, self._clients.pop(key), None)
        for key in list(self._servers)[: len(self._servers) // 2]:
            del self._servers[key]
            self._state.undecided["spans whose other half is far away in the file"] += 1


def _read_attributes(attributes: Sequence[_Attribute]) -> Mapping[str, str]:
    return {
        one.key: one.value.text if one.value.text is not None else str(one.value.number)
        for one in attributes
        if one.value.text is not None or one.value.number is not None
    }


def _get_first(attributes: Mapping[str, str], *keys: str) -> str:
    for key in keys:
        if value := clean_value(attributes.get(key)):
            return value
    return ""


def _build_call(attributes: Mapping[str, str], span: _OtlpSpan) -> RawCall:
    """Build the call that a span describes: the current names of attributes before the deprecated ones."""
    host, path = _split(_get_first(attributes, "url.full", "http.url"))
    if not host:
        host = _get_first(attributes, "server.address", "http.host", "net.peer.name", "net.host.name")
        port = _get_first(attributes, "server.port", "net.peer.port", "net.host.port")
        host = f"{host}:{port}" if host and port and ":" not in host else host
    return RawCall(
        _format_day(int(span.start) // _NANOSECONDS_A_DAY if str(span.start).isdecimal() else -1),
        user_agent=_get_first(attributes, "user_agent.original", "http.user_agent"),
        host=host,
        path=path or _get_first(attributes, "url.path", "http.target", "http.route").partition("?")[0],
        target=_get_first(attributes, "gen_ai.request.model", "service.peer.name", "peer.service"),
    )


@lru_cache
def _format_day(days: int) -> str:
    """Return the day that is some days after 1970; an empty text for no day that anyone recorded."""
    return date.fromordinal(_EPOCH + days).isoformat() if 0 < days < _MOST_DAYS else ""


@lru_cache(10_000)
def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.netloc.rpartition("@")[2], parts.path


def _count(counts: CallCounts, client: _Half | None, server: _Half | None) -> None:
    """Count a call by the names on its two sides: the client knows the host, the server its own name."""
    sides = [half.call for half in (client, server) if half is not None]
    call = RawCall(
        next((one.day for one in sides if one.day), ""),
        service=client.service if client is not None else "",
        # A server without a client span may be called by an uninstrumented program, which its user agent names.
        user_agent=sides[-1].user_agent if client is None else "",
        host=next((one.host for one in sides if one.host), ""),
        path=next((one.path for one in sides if one.path), ""),
        target=server.service if server is not None and server.service else sides[0].target,
    )
    counts.add(call, 1, is_error=any(half.is_error for half in (client, server) if half is not None))
