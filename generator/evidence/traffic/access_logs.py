"""Access logs: of Envoy as JSON, and of nginx and Apache in the combined format.

Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
Istio's names of the fields: https://istio.io/latest/docs/tasks/observability/logs/access-log/
nginx: https://nginx.org/en/docs/http/ngx_http_log_module.html
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from generator.evidence.traffic.calls import UNREADABLE, Call, CallCounts, ReadState, clean_value, is_error_status

_MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"
_IP = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,8}(?:\.\d{1,3}){0,3}|unix:)"  # bounded parts
"""An IP address, or the socket of a local client."""
_QUOTED = rb"[^\"\\\n]*(?:\\[^\n][^\"\\\n]*)*"
_COMBINED = re.compile(
    rb"^(?:\[pod/[^\]\n]*\] |\d{4}-\d\d-\d\dT\S+ std(?:out|err) [FP] )?"  # kubectl logs --prefix, or the CRI
    rb"(?:(?!" + _IP + rb" )([^\s\[]+) )?"  # the virtual host
    rb"[^\s\[]+ [^\[\n]*"  # the client and the user
    rb"\[(\d\d)/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/(\d{4})[^\]\n]*\] "
    rb"\"(?:[^\s\"\\]* )?([^\s\"\\?]*(?:\\[^\n][^\s\"\\?]*)*)" + _QUOTED + rb"\" (\d{3}) \S+"
    rb"(?: \"" + _QUOTED + rb"\" \"(" + _QUOTED + rb")\")?[^\n]*$",
    re.MULTILINE,
)
_MOST_KEPT = 50_000
"""The number of different lines that are kept before their calls are returned."""
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
        self._lines: defaultdict[tuple[str | int | None, ...], int] = defaultdict(int)
        """The number of lines with the same values, so that each is examined once."""

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in the blocks so far once they are many."""
        try:
            lines = iter(self._decoder.decode_lines(block))
        except UNREADABLE:
            lines = self._decode_each(block, first_line)
        counts = self._lines
        for line in lines:
            start, path = line.start_time, line.path
            if path is not None and "?" in path:
                path = path[: path.index("?")]
            key = (
                start and start[:10],
                line.response_code,
                line.upstream_cluster,
                line.downstream_peer_uri_san,
                line.user_agent,
                line.authority,
                path,
                line.header_authority,
                line.header_path,
            )
            counts[key] += 1
        return self.finish() if len(counts) > _MOST_KEPT else CallCounts()

    def finish(self) -> CallCounts:
        """Return the calls that were not returned yet."""
        found = CallCounts()
        for (day, code, cluster, account, agent, host, path, header_host, header_path), number in self._lines.items():
            kind, _, service = str(cluster or "").rpartition("|")
            call = Call(
                str(day or ""),
                "destination" if kind.startswith("inbound|") else "source",
                account=clean_value(str(account or "")),
                user_agent=clean_value(str(agent or "")),
                host=str(host or header_host or ""),
                path=str(path or header_path or "").partition("?")[0],
                target="" if kind.startswith("inbound|") else service,
            )
            found.add(call, number, is_error=_is_error_code(code))
        self._lines.clear()
        return found

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
            except UNREADABLE:
                self._state.bad.add(number, "invalid JSON")
                continue
            yield line


def _is_error_code(code: int | str | None) -> bool:
    if isinstance(code, str):
        return code.isdigit() and is_error_status(int(code))
    return code is None or is_error_status(code)


class CombinedLog:
    """A parser of the combined format, with a virtual host before it or further fields after it."""

    def __init__(self, state: ReadState) -> None:
        self._state = state
        self._lines: Counter[tuple[bytes, ...]] = Counter()
        """The number of lines with the same values, so that each is examined once."""

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in the blocks so far once they are many."""
        matches = _COMBINED.findall(block)
        self._lines.update(matches)
        lines = block.split(b"\n")
        if len(matches) != len(lines) - lines.count(b""):
            for number, text in enumerate(lines, first_line):
                if text.strip() and not _COMBINED.match(text):
                    self._state.bad.add(number, _NO_LINE)
        return self.finish() if len(self._lines) > _MOST_KEPT else CallCounts()

    def finish(self) -> CallCounts:
        """Return the calls that were not returned yet."""
        found = CallCounts()
        for (host, day, month, year, path, status, agent), number in self._lines.items():
            call = Call(
                f"{year.decode()}-{_MONTHS.index(month) // 3 + 1:02}-{day.decode()}",
                user_agent=clean_value(agent.decode(errors="replace")),
                host=host.decode(errors="replace"),
                path=path.decode(errors="replace"),
            )
            found.add(call, number, is_error=is_error_status(int(status)))
        self._lines.clear()
        return found
