"""The format of a source is detected from its content, not from its name."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.traffic.calls import ReadState
from generator.evidence.traffic.formats import TrafficFormat, create_parser, detect_format
from tests.evidence.traffic.book import read_all
from tests.evidence.traffic.test_access_logs import envoy, istio_text, load_balancer, nginx
from tests.evidence.traffic.test_json_logs import PROXIES
from tests.evidence.traffic.test_litellm import lines, row
from tests.evidence.traffic.test_otlp import CLIENT, batch, span
from tests.evidence.traffic.test_prometheus import CALL, answer, istio, vector

SAMPLES = {
    TrafficFormat.METRICS: istio(3),
    TrafficFormat.PROMETHEUS: answer(vector(3, **CALL)),
    TrafficFormat.OTLP: batch("search", span(CLIENT, "a")),
    TrafficFormat.ENVOY: envoy(),
    TrafficFormat.ENVOY_TEXT: istio_text(),
    TrafficFormat.COMBINED: nginx(),
    TrafficFormat.LITELLM: lines(row()),
    TrafficFormat.ALB: load_balancer(),
    TrafficFormat.JSON: json.dumps(PROXIES["nginx"]) + "\n",
}


@pytest.mark.parametrize("name", TrafficFormat)
@pytest.mark.parametrize("noise", ["", "\n\n", "2026-11-18T10:00:00Z info starting\n", "{}\n", "# a remark\n"])
def test_each_format_is_told_also_after_other_lines(name: TrafficFormat, noise: str):
    assert detect_format((noise + SAMPLES[name] * 2).encode()) is name


def test_documents_on_many_lines_are_told():
    assert (
        detect_format(json.dumps(json.loads(answer(vector(3, **CALL))), indent=2).encode()) is TrafficFormat.PROMETHEUS
    )
    assert detect_format(json.dumps([row()], indent=2).encode()) is TrafficFormat.LITELLM


@pytest.mark.parametrize(
    "line", [json.dumps(PROXIES["nginx"]), json.dumps(PROXIES["azure"]), nginx(), istio_text(), load_balancer()]
)
def test_the_lines_of_a_collector_are_told(line: str):
    line = line.replace("-http/", "/")  # only the protocol of a line of text shows a request
    assert detect_format(json.dumps({"log": line, "time": "2026-11-18T10:00:00Z"}).encode()) is TrafficFormat.JSON


def test_the_first_part_of_a_long_line_is_enough():
    line = batch("search", *[span(CLIENT, f"a{number}") for number in range(2_000)])
    assert detect_format(line[:300_000].encode()) is TrafficFormat.OTLP


def test_keys_in_the_text_of_a_request_tell_nothing():
    line = envoy(path='/x?q={"resourceSpans":[],"resultType":"vector","startTime":1,"model":"a"}')
    assert detect_format(line.encode()) is TrafficFormat.ENVOY


@pytest.mark.parametrize(
    "text", ["", "hello\n", "kind: model\nid: ryl\n", "{}", "[]", '{"resourceLogs":[]}', "a,b,c\n1,2,3\n"]
)
def test_other_content_is_no_traffic(text: str):
    assert detect_format(text.encode()) is None


@given(st.binary(max_size=500))
def test_any_bytes_have_a_format_or_none(data: bytes):
    detect_format(data)


def test_hostile_lines_are_told_in_linear_time():
    for piece in (
        b'"startTime',
        b'[01/Nov/2026:] "',
        b'"\\',
        b"a{",
        b'"path"',
        b'{"log":"',
        b'{"log":"HTTP/',
        b'{"log":"\\"status\\":',
    ):
        detect_format(piece * 100_000)
        detect_format((piece * 1_000 + b"\n") * 100)
        start = time.process_time()
        detect_format(b"{" * 400 + piece * 8_000)
        assert time.process_time() - start < 3


PIECES = (
    b"[01/Nov/2026:", b'"\\', b"a ", b'a{b="', b'{"', b"1.2 ", b"[pod/", b"::", b'a" "', b'a="b",', b"[", b'" 200 1 "',
    b'10.0.0.1 - - [01/Nov/2026:1] "GET /', b"\\x", b'{"a":[', b'{"resourceSpans":[',
)  # fmt: skip


@pytest.mark.parametrize("name", TrafficFormat)
def test_hostile_lines_are_read_in_linear_time_and_counted(name: TrafficFormat):
    for piece in PIECES:
        state = ReadState()
        read_all(create_parser(name, state), piece * 50_000)
        read_all(create_parser(name, state), (piece * 1_000 + b"\n") * 50)
        assert state.bad.count
