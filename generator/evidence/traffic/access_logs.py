"""Access logs: of Envoy as JSON, and of nginx and Apache in the combined format.

Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
Istio's names of the fields: https://istio.io/latest/docs/tasks/observability/logs/access-log/
nginx: https://nginx.org/en/docs/http/ngx_http_log_module.html
"""

import re
from collections.abc import Iterator

import msgspec

from generator.evidence.traffic.calls import Call, CallCounts, ReadState, is_error_status

_MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"
_COMBINED = re.compile(
    rb"^(?:\[pod/[^\]\n]*\] |\d{4}-\d\d-\d\dT\S+ std(?:out|err) [FP] )?"  # kubectl logs --prefix, or the CRI
    rb"([^\s\[]+) ([^\[\n]*)"  # the address, or the virtual host with the address after it; the user
    rb"\[(\d\d)/([A-Z][a-z]{2})/(\d{4})[^\]\n]*\] "
    rb"\"([^\"\\\n]*(?:\\.[^\"\\\n]*)*)\" (\d{3}) \S+"
    rb"(?: \"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\" \"([^\"\\\n]*(?:\\.[^\"\\\n]*)*)\")?[^\n]*$",
    re.MULTILINE,
)
_ADDRESS = re.compile(rb"[\d.]+|[\da-fA-F:.]*:[\da-fA-F:.]*|unix:")
"""An IP address, or the socket of a local client."""
_NO_LINE = "no line of the format"


class _EnvoyLine(msgspec.Struct, frozen=True):
    """The fields of a request; other fields, such as headers, are not even decoded."""

    authority: str | None = None
    header_authority: str | None = msgspec.field(name=":authority", default=None)
    path: str | None = None
    header_path: str | None = msgspec.field(name=":path", default=None)
    response_code: int | str | None = None
    start_time: str | None = None
    user_agent: str | None = None
    upstream_cluster: str | None = None
    downstream_peer_uri_san: str | None = None


class EnvoyLog:
    """A parser of Envoy's access log as JSON lines, perhaps with the prefixes of a log collector."""

    def __init__(self, state: ReadState) -> None:
        self._state = state
        self._decoder = msgspec.json.Decoder(_EnvoyLine)

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in a block."""
        counts = CallCounts()
        requests, errors = counts.requests, counts.errors
        try:
            lines = iter(self._decoder.decode_lines(block))
        except (msgspec.DecodeError, UnicodeDecodeError):
            lines = self._decode_each(block, first_line)
        for line in lines:
            code = line.response_code
            path = line.path or line.header_path or ""
            cluster = line.upstream_cluster or ""
            if cluster.startswith("outbound|"):
                reporter, target = "source", cluster.rpartition("|")[2]
            elif cluster.startswith("inbound|"):
                reporter, target = "destination", ""
            else:
                reporter, target = "source", cluster
            call = Call(
                (line.start_time or "")[:10],
                reporter,
                "",
                "",
                line.downstream_peer_uri_san or "",
                line.user_agent or "",
                line.authority or line.header_authority or "",
                path.partition("?")[0],
                target,
            )
            requests[call] += 1
            if code != 200 and _is_error_code(code):
                errors[call] += 1
        return counts

    def _decode_each(self, block: bytes, first_line: int) -> Iterator[_EnvoyLine]:
        """Decode line by line, without what stands before the JSON of a line."""
        for number, text in enumerate(block.split(b"\n"), first_line):
            start = text.find(b"{")
            if start < 0:
                if text.strip():
                    self._state.bad.add(number, _NO_LINE)
                continue
            try:
                line = self._decoder.decode(text[start:])
            except (msgspec.DecodeError, UnicodeDecodeError):
                self._state.bad.add(number, "invalid JSON")
                continue
            yield line

    def finish(self) -> CallCounts:
        """Return no calls: none needs the whole source."""
        return CallCounts()


def _is_error_code(code: int | str | None) -> bool:
    if isinstance(code, str):
        return code.isdigit() and is_error_status(int(code))
    return code is None or is_error_status(code)


class CombinedLog:
    """A parser of the combined format, with a virtual host before it or further fields after it."""

    def __init__(self, state: ReadState) -> None:
        self._state = state

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in a block."""
        counts = CallCounts()
        number = 0
        for match in _COMBINED.finditer(block):
            number += 1
            first, user, day, month, year, request, status, agent = match.groups()
            place = _MONTHS.find(month)
            if place % 3:  # also -1: it is no name of a month
                self._state.bad.add(first_line + block.count(b"\n", 0, match.start()), _NO_LINE)
                continue
            # "-" is the identity, which nginx never knows; before it is the address of the client.
            has_host = not _ADDRESS.fullmatch(first) or bool(_ADDRESS.fullmatch(user.partition(b" ")[0]))
            host = first.decode(errors="replace") if has_host else ""
            _, _, target = request.partition(b" ")
            path = target.partition(b" ")[0].partition(b"?")[0]
            call = Call(
                f"{year.decode()}-{place // 3 + 1:02}-{day.decode()}",
                user_agent=(agent or b"").decode(errors="replace"),
                host=host,
                path=path.decode(errors="replace"),
            )
            counts.requests[call] += 1
            if status != b"200" and is_error_status(int(status)):
                counts.errors[call] += 1
        if number != sum(1 for line in block.split(b"\n") if line.strip()):
            for line_number, text in enumerate(block.split(b"\n"), first_line):
                if text.strip() and not _COMBINED.match(text):
                    self._state.bad.add(line_number, _NO_LINE)
        return counts

    def finish(self) -> CallCounts:
        """Return no calls: none needs the whole source."""
        return CallCounts()
