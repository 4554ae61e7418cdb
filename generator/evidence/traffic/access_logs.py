"""Access logs: of Envoy as JSON or text, of nginx and Apache in the combined format, and of AWS' load balancers.

Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
Istio's names of the fields: https://istio.io/latest/docs/tasks/observability/logs/access-log/
nginx: https://nginx.org/en/docs/http/ngx_http_log_module.html
AWS: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from generator.evidence.traffic.calls import UNREADABLE, CallCounts, RawCall, ReadState, clean_value, is_error_status

Line = tuple[bytes, ...]
"""The values of a line that describe its call."""
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_IP = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]{0,4}(?::[\da-fA-F]{0,4}){2,8}(?:\.\d{1,3}){0,3}|unix:)"  # bounded parts
"""An IP address, or the socket of a local client."""
_QUOTED = rb"[^\"\\\n]*(?:\\[^\n][^\"\\\n]*)*"
_PREFIX = rb"^(?:\[pod/[^\]\n]*\] |\d{4}-\d\d-\d\dT\S+ std(?:out|err) [FP] )?"
"""What `kubectl logs --prefix` or a container runtime writes before a line."""
_REQUEST = rb"\"(?:[^\s\"\\]* )?([^\s\"\\?]*(?:\\[^\n][^\s\"\\?]*)*)" + _QUOTED + rb"\" (\d{1,3}) "
"""The method, the path without its query, the protocol and the status."""
_COMBINED = re.compile(
    _PREFIX + rb"(?:(?!" + _IP + rb" )([^\s\[]+) )?"  # the virtual host
    rb"[^\s\[]+ [^\[\n]*"  # the client and the user
    rb"\[(\d\d/(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\d{4})[^\]\n]*\] "
    + _REQUEST + rb"\S+(?: \"" + _QUOTED + rb"\" \"(" + _QUOTED + rb")\")?[^\n]*$",
    re.MULTILINE,
)  # fmt: skip
_ENVOY_TEXT = re.compile(
    _PREFIX + rb"\[(\d{4}-\d\d-\d\d)T[^\]\n]*\] " + _REQUEST
    + rb"[^\"\n]*(?:\"[^\"\n]*\" [^\"\n]* )?"  # Istio also writes the reason of a failure
    rb"\"[^\"\n]*\" \"([^\"\n]*)\" \"[^\"\n]*\" \"([^\"\n]*)\" \"[^\"\n]*\"(?: (\S+))?[^\n]*$",
    re.MULTILINE,
)  # fmt: skip
_LOAD_BALANCER = re.compile(
    rb"^(?:https?|h2|grpcs|wss?) (\d{4}-\d\d-\d\d)T\S+ \S+ \S+ \S+ \S+ \S+ \S+ (\d{1,3}|-) \S+ \S+ \S+ "
    rb"\"\S+ ([^\s\"?]+)" + _QUOTED + rb"\" \"(" + _QUOTED + rb")\"[^\n]*$",
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
    timestamp: str | None = msgspec.field(name="@timestamp", default=None)
    """The start in the format of Contour."""
    user_agent: str | None = None
    upstream_cluster: str | None = None
    downstream_peer_uri_san: str | None = None


class EnvoyLog:
    """A parser of Envoy's access log as JSON lines, with or without the prefixes of a log collector."""

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
            start, path = line.start_time or line.timestamp, line.path
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
            if not (code or host or path or header_host or header_path):
                self._state.bad.count += number  # a line of the proxy's own log
                continue
            called = str(path or header_path or "").partition("?")[0]
            call = build_envoy_call(
                str(day or ""), str(cluster or ""), str(agent or ""), str(host or header_host or ""), called
            )._replace(account=clean_value(str(account or "")))
            found.add(call, number, is_error=code is None or is_error_status(code))
        self._lines.clear()
        return found

    def _decode_each(self, block: bytes, first_line: int) -> Iterator[_EnvoyLine]:
        """Decode line by line, without the text before the JSON of a line."""
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


class TextLog:
    """A parser of an access log whose lines have a pattern."""

    def __init__(self, state: ReadState, pattern: re.Pattern[bytes], build: Callable[..., tuple[RawCall, int]]) -> None:
        """Keep the pattern of a line.

        The pattern has a group for each value that tells the call. `build` returns the call of these values, as texts,
        and the status of its answer.
        """
        self._state, self._pattern, self._build = state, pattern, build
        self._lines: Counter[Line] = Counter()
        """The number of lines with the same values, so that each is examined once."""

    def parse(self, block: bytes, first_line: int) -> CallCounts:
        """Return the calls in the blocks so far once they are many."""
        matches = self._pattern.findall(block)
        self._lines.update(matches)
        lines = block.split(b"\n")
        if len(matches) != len(lines) - lines.count(b""):
            for number, text in enumerate(lines, first_line):
                if text.strip() and not self._pattern.match(text):
                    self._state.bad.add(number, _NO_LINE)
        return self.finish() if len(self._lines) > _MOST_KEPT else CallCounts()

    def finish(self) -> CallCounts:
        """Return the calls that were not returned yet."""
        found = CallCounts()
        for values, number in self._lines.items():
            call, status = self._build(*(value.decode(errors="replace") for value in values))
            found.add(call, number, is_error=is_error_status(status))
        self._lines.clear()
        return found


def _build_combined_call(host: str, day: str, path: str, status: str, agent: str) -> tuple[RawCall, int]:
    return RawCall(parse_log_day(day), user_agent=clean_value(agent), host=host, path=path), int(status)


def parse_log_day(text: str) -> str:
    """Return the day of a time such as `18/Nov/2026:10:02:03 +0530`; empty if it is none.

    >>> parse_log_day("18/Nov/2026:10:02:03 +0530")
    '2026-11-18'
    """
    day, month, year = [*text[:11].split("/"), "", ""][:3]
    is_day = day.isdigit() and year.isdigit() and len(month) == 3 and month in _MONTHS
    return f"{year}-{_MONTHS.index(month) // 3 + 1:02}-{day}" if is_day else ""


def _build_load_balancer_call(day: str, status: str, url: str, agent: str) -> tuple[RawCall, int]:
    host, path = split_url(url)
    call = RawCall(day, user_agent=clean_value(agent), host=host, path=path)
    return call, int(status) if status.isdigit() else 0


def split_url(url: str) -> tuple[str, str]:
    """Return the host and the path of a URL; an empty host if it is only a path.

    >>> split_url("https://ml.example.com:443/score")
    ('ml.example.com:443', '/score')
    """
    scheme, _, rest = url.partition("://")
    if "/" in scheme or not rest:
        return "", url
    host, slash, path = rest.partition("/")
    return host, slash + path


def _build_envoy_text_call(
    day: str, path: str, status: str, agent: str, host: str, cluster: str
) -> tuple[RawCall, int]:
    return build_envoy_call(day, clean_value(cluster), agent, clean_value(host), path), int(status)


def parse_text_line(text: str) -> tuple[RawCall, bool] | None:
    """Return the call of a line of a format of text, and whether it ended in an error."""
    line = text.strip().encode()
    for pattern, build in (
        (_COMBINED, _build_combined_call),
        (_ENVOY_TEXT, _build_envoy_text_call),
        (_LOAD_BALANCER, _build_load_balancer_call),
    ):
        if (match := pattern.fullmatch(line)) is not None:
            call, status = build(*((value or b"").decode() for value in match.groups()))
            return call, is_error_status(status)
    return None


def build_envoy_call(day: str, cluster: str, user_agent: str, host: str, path: str) -> RawCall:
    """Build a call that Envoy has logged: `cluster` names the called service, and which of two proxies it is."""
    kind, _, service = cluster.rpartition("|")
    is_inbound = kind.startswith("inbound|")
    return RawCall(
        day,
        "destination" if is_inbound else "source",
        user_agent=clean_value(user_agent),
        host=host,
        path=path,
        target="" if is_inbound else service,
    )


create_combined_log = partial(TextLog, pattern=_COMBINED, build=_build_combined_call)
"""The parser of the combined format, with a virtual host before it or further fields after it."""
create_envoy_text_log = partial(TextLog, pattern=_ENVOY_TEXT, build=_build_envoy_text_call)
"""The parser of Envoy's default format, which is text, and of that of Istio, which has more fields."""
create_load_balancer_log = partial(TextLog, pattern=_LOAD_BALANCER, build=_build_load_balancer_call)
"""The parser of the access log of an Application Load Balancer of AWS."""
