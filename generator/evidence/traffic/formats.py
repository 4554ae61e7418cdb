"""Formats of traffic, which are detected from the content of a source."""

import re
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from generator.evidence.traffic.access_logs import (
    EnvoyLog,
    create_combined_log,
    create_envoy_text_log,
    create_load_balancer_log,
)
from generator.evidence.traffic.calls import Parser, ReadState
from generator.evidence.traffic.json_logs import LINES, PATHS, STATUSES, WRAPPERS, JsonLog
from generator.evidence.traffic.litellm import SpendLogs
from generator.evidence.traffic.otlp import Traces
from generator.evidence.traffic.prometheus import MetricsText, QueryAnswer
from generator.values import FrozenValue

_LINES = 100
"""The number of lines that show the format; lines of another program may be among them."""
_LONGEST = 1 << 16
"""The number of bytes of a line that show the format."""


class TrafficFormat(StrEnum):
    """A format of traffic."""

    METRICS = "metrics"
    """The text format of Prometheus."""
    PROMETHEUS = "prometheus"
    """A recorded answer of Prometheus' API."""
    OTLP = "otlp"
    ENVOY = "envoy"
    """The access log of Envoy as JSON lines."""
    ENVOY_TEXT = "envoy-text"
    """The access log of Envoy and Istio by default."""
    COMBINED = "combined"
    """The access log of nginx or Apache."""
    ALB = "alb"
    """The access log of an Application Load Balancer of AWS."""
    LITELLM = "litellm"
    JSON = "json"
    """The access log of another proxy as JSON lines."""


class _Signature(FrozenValue):
    """The signs of a format, and its parser."""

    pattern: re.Pattern[bytes]
    parser: Callable[[ReadState], Parser]


def _has_key(*names: str) -> str:
    """Return a pattern for a text with a key of JSON; in a string of JSON its quotes would be escaped."""
    return rf'(?=.*?(?<!\\)"(?:{"|".join(names)})"\s*:)'


def _has_wrapped_key(*names: str) -> str:
    """Return a pattern for a text with a key of JSON in a string of JSON."""
    return rf'(?=.*?\\"(?:{"|".join(names)})\\"\s*:)'


def _list_keys(*names: str) -> tuple[str, ...]:
    """Return patterns for keys that are written with `_` or `-`."""
    return tuple(name.replace("_", "[-_]") for name in names)


def _compile(*patterns: str) -> re.Pattern[bytes]:
    return re.compile("".join(patterns).encode(), re.DOTALL)


_SIGNATURES = {
    TrafficFormat.METRICS: _Signature(
        _compile(r"\s*(?:# (?:HELP|TYPE|UNIT|EOF)\b|[a-zA-Z_:][\w:]*\{[^}]*\} ?[-+.\w]+)"), MetricsText
    ),
    TrafficFormat.COMBINED: _Signature(
        _compile(r'.{0,400}?\[\d\d/[A-Z][a-z]{2}/\d{4}:[^\]]*\] "(?:[^"\\]|\\.)*" \d{3} '), create_combined_log
    ),
    TrafficFormat.ENVOY_TEXT: _Signature(
        _compile(r'.{0,400}?\[\d{4}-\d\d-\d\dT[^\]]*\] "[^"]*" \d{1,3} .*"'), create_envoy_text_log
    ),
    TrafficFormat.ALB: _Signature(
        _compile(r"(?:https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT\S+ app/"), create_load_balancer_log
    ),
    TrafficFormat.OTLP: _Signature(_compile(_has_key("resourceSpans")), Traces),
    TrafficFormat.PROMETHEUS: _Signature(_compile(_has_key("resultType", "errorType")), QueryAnswer),
    TrafficFormat.LITELLM: _Signature(
        _compile(_has_key("startTime"), _has_key("model", "model_group", "call_type")), SpendLogs
    ),
    TrafficFormat.ENVOY: _Signature(
        _compile(
            rf'(?!.*?"(?:x-envoy-origin-path"|(?i:{"|".join(WRAPPERS)})"\s*:\s*\{{))',  # not these fields, or not here
            _has_key("response_code", "upstream_cluster"),
            _has_key(":?authority", ":?path"),
        ),
        EnvoyLog,
    ),
    TrafficFormat.JSON: _Signature(
        _compile(
            r"(?i:[^\n{]{0,400}\{(?=[^\n]*\Z)(?:",
            _has_key(*_list_keys(*STATUSES)),
            _has_key(*_list_keys(*PATHS)),
            rf'|(?=.*?"(?:{"|".join(LINES)})"\s*:\s*")(?:(?=.*?HTTP/\d)|',
            _has_wrapped_key(*_list_keys(*STATUSES)),
            _has_wrapped_key(*_list_keys(*PATHS)),
            ")))",
        ),
        JsonLog,
    ),
}


def detect_format(head: bytes) -> TrafficFormat | None:
    """Return the format of most of the first lines of a source; None if it has none of them."""
    lines = [line[:_LONGEST] for line in head.split(b"\n", _LINES)[:_LINES]]
    votes = Counter(found for line in lines if (found := _match(line)) is not None)
    if votes:
        return votes.most_common(1)[0][0]
    return _match(head[:_LONGEST])  # a document on many lines


def _match(text: bytes) -> TrafficFormat | None:
    return next((name for name, signature in _SIGNATURES.items() if signature.pattern.match(text)), None)


def create_parser(name: TrafficFormat, state: ReadState) -> Parser:
    """Return a parser of a format."""
    return _SIGNATURES[name].parser(state)
