"""Metrics are counted as Prometheus' own parser counts them, without the faults that real dumps have."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.traffic.calls import ReadState
from generator.evidence.traffic.prometheus import MetricsText, QueryAnswer
from tests.evidence.traffic.book import edges, read_all, reconcile

ISTIO = (
    'istio_requests_total{{reporter="{reporter}",source_workload="{workload}",source_workload_namespace="{namespace}",'
    'source_canonical_service="{service}",source_principal="{principal}",destination_service="{host}",'
    'destination_service_name="{name}",response_code="{code}"}} {value}\n'
)


def istio(value: object = 10, **labels: str) -> str:
    defaults = {"reporter": "source", "workload": "home-feed", "namespace": "feed", "service": "home-feed"}
    more = {"principal": "unknown", "host": "fraud.example.com", "name": "fraud", "code": "200"}
    return ISTIO.format(**{**defaults, **more, **labels}, value=value)


def test_requests_and_errors_are_counted_by_caller_and_target():
    text = "# TYPE istio_requests_total counter\n" + istio(90) + istio(7, code="503") + istio(3, code="0")
    _, (source,), (call,) = reconcile(text)
    assert (source.source, source.requests, source.bad_lines, source.window) == ("metrics", 100, 0, "")
    assert (call.ref, call.system, call.name) == ("model:fraud", "system:home-feed", "fraud.example.com")
    assert (call.requests, call.errors) == (100, 10)


def test_calls_that_both_sides_report_are_counted_once():
    assert edges(istio(40) + istio(38, reporter="destination")) == {("system:home-feed", "model:fraud"): 40}


def test_a_destination_that_does_not_know_its_callers_counts_only_the_remainder():
    unknown = {"workload": "unknown", "namespace": "unknown", "service": "unknown", "reporter": "destination"}
    assert edges(istio(40) + istio(40, **unknown)) == {("system:home-feed", "model:fraud"): 40}
    assert edges(istio(40) + istio(65, **unknown)) == {
        ("system:home-feed", "model:fraud"): 40,
        ("", "model:fraud"): 25,
    }


def test_a_caller_without_a_sidecar_is_known_to_the_destination_only():
    text = (
        istio(40) + istio(40, reporter="destination") + istio(5, reporter="destination", workload="search", service="")
    )
    assert edges(text) == {("system:home-feed", "model:fraud"): 40, ("system:search", "model:fraud"): 5}


@pytest.mark.parametrize("value", ["NaN", "+Inf", "0", "0.0", "-1"])
def test_a_value_that_is_no_number_of_calls_is_no_call(value: str):
    assert edges(istio(value) + istio(3, workload="search", service="search")) == {("system:search", "model:fraud"): 3}


def test_values_that_no_counter_reaches_are_no_error():
    found = edges(istio("1e308") + istio("1.5e308"))
    assert found == {("system:home-feed", "model:fraud"): 10**15}


def test_the_value_of_an_exemplar_is_not_the_counter():
    line = istio(7).rstrip("\n") + ' # {trace_id="abc"} 900 1700000000.0\n'
    assert edges(line) == {("system:home-feed", "model:fraud"): 7}


def test_unknown_callers_are_not_names():
    _, _, (call,) = reconcile(istio(4, workload="unknown", namespace="unknown", service="unknown"))
    assert (call.caller, call.system) == ("", "")


def test_the_default_service_account_is_no_caller():
    principal = "spiffe://cluster.local/ns/batch/sa/default"
    _, _, (call,) = reconcile(istio(4, workload="unknown", namespace="unknown", service="unknown", principal=principal))
    assert (call.caller, call.system) == ("", "")


def test_a_service_account_of_the_book_is_a_caller():
    known = {"workload": "unknown", "namespace": "unknown", "service": "unknown"}
    assert edges(istio(4, **known, principal="cluster.local/ns/feed/sa/feed-sa")) == {
        ("system:home-feed", "model:fraud"): 4
    }
    assert edges(istio(4, **known, principal="spiffe://cluster.local/ns/shop/sa/default")) == {
        ("system:checkout", "model:fraud"): 4
    }


def test_a_shared_gateway_is_said_and_not_guessed():
    _, (source,), calls = reconcile(istio(50, host="ml.example.com", name="ml.example.com"))
    assert calls == []
    assert source.undecided == {"a host of several cards, and no path": 50}
    assert source.requests == 50


def test_a_service_in_the_cluster_has_the_name_of_its_model():
    host = "ryl-predictor-default.ml.svc.cluster.local"
    assert edges(istio(6, host=host, name="ryl-predictor-default")) == {("system:home-feed", "model:ryl"): 6}


def test_metrics_without_ports_reach_a_retired_host_with_one():
    _, _, (call,) = reconcile(istio(6, host="scorer-vm.internal", name="scorer-vm.internal"))
    assert (call.ref, call.name) == ("migration:to-kserve", "scorer-vm.internal:8080")


def test_grpc_errors_count_as_errors():
    line = istio(6).replace('response_code="200"', 'response_code="200",grpc_response_status="14"')
    assert reconcile(line)[2][0].errors == 6


def test_the_service_graph_counts_failed_requests_once():
    text = (
        "# HELP traces_service_graph_request_total Total count of requests\n"
        'traces_service_graph_request_total{client="home-feed",server="fraud",connection_type=""} 100\n'
        'servicegraph_traces_service_graph_request_total{client="search",server="fraud.example.com"} 20\n'
        'traces_service_graph_request_failed_total{client="home-feed",server="fraud",connection_type=""} 4\n'
        'traces_service_graph_request_total{client="home-feed",server="orders",connection_type="messaging_system"} 9\n'
        'traces_service_graph_request_server_seconds_count{client="home-feed",server="fraud"} 100\n'
    )
    _, (source,), calls = reconcile(text)
    assert [(call.system, call.ref, call.requests, call.errors) for call in calls] == [
        ("system:home-feed", "model:fraud", 100, 4),
        ("system:search", "model:fraud", 20, 0),
    ]
    assert source.undecided == {"queues and databases in the service graph": 9}


def test_bad_lines_are_counted_with_their_numbers_and_never_fatal():
    text = istio(1) + "<html>502 Bad Gateway</html>\n" + istio(2) + "istio_requests_total{\n" + "\n# a remark\n"
    read, (source,), _ = reconcile(text)
    assert source.bad_lines == 2
    assert read.bad.first == [(2, "no metric"), (4, "no metric")]
    assert edges(text) == {("system:home-feed", "model:fraud"): 3}


def test_timestamps_give_the_day_in_seconds_and_milliseconds():
    for stamp in ("1795132800", "1795132800000"):
        _, (source,), _ = reconcile(istio(f"5 {stamp}"))
        assert (str(source.last_on), source.first_on) == ("2026-11-20", None)


LABELS = st.dictionaries(
    st.sampled_from(["reporter", "source_workload", "destination_service", "client", "server", "other"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12),
    max_size=4,
)
NAMES = st.sampled_from(["istio_requests_total", "traces_service_graph_request_total", "http_requests_total", "up"])
VALUES = st.one_of(st.integers(0, 10**9).map(float), st.floats(0, 1e12), st.just(float("nan")))


@given(st.lists(st.tuples(NAMES, LABELS, VALUES), max_size=8))
def test_a_dump_has_the_samples_that_the_parser_of_prometheus_finds(samples):
    parser = pytest.importorskip("prometheus_client.parser")

    def write_label(key: str, value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f'{key}="{escaped}"'

    text = "".join(
        f"{name}{{{','.join(write_label(*label) for label in labels.items())}}} {value!r}\n"
        for name, labels, value in samples
    )
    expected = 0.0
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            is_graph = sample.name == "traces_service_graph_request_total"
            if (sample.name == "istio_requests_total" or is_graph) and sample.value > 0:
                expected += sample.value
    state = ReadState()
    counts = read_all(MetricsText(state), text.encode())
    assert sum(counts.requests.values()) == pytest.approx(expected)
    assert state.bad.count == 0


@given(st.binary(max_size=400))
def test_any_bytes_are_read_as_metrics_without_an_error(data: bytes):
    read_all(MetricsText(ReadState()), data)
    read_all(QueryAnswer(ReadState()), data)


def answer(*series: Mapping[str, object], kind: str = "vector", **more: object) -> str:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": series}, **more})


def vector(value: object, **metric: str) -> dict[str, object]:
    return {"metric": metric, "value": [1795132800.123, str(value)]}


CALL = {"source_workload": "home-feed", "source_workload_namespace": "feed", "destination_service": "fraud.example.com"}


def test_an_answer_has_the_window_of_its_query():
    text = answer(
        vector(99.6, **CALL, response_code="200", modelbook_window="30d"), vector(0.2, **CALL, response_code="500")
    )
    _, (source,), (call,) = reconcile(text)
    assert (source.source, source.window) == ("prometheus", "30d")
    assert (str(source.first_on), str(source.last_on)) == ("2026-10-21", "2026-11-20")
    assert (call.requests, call.errors, call.window) == (100, 1, "30d")


def test_a_label_that_is_no_window_is_not_kept():
    _, (source,), _ = reconcile(answer(vector(5, **CALL, modelbook_window="s3cret")))
    assert (source.window, source.first_on) == ("", None)


def test_a_rate_below_one_came_from_a_call():
    assert edges(answer(vector(0.3, **CALL))) == {("system:home-feed", "model:fraud"): 1}


def test_an_answer_may_be_printed_on_many_lines():
    text = json.dumps(json.loads(answer(vector(12, **CALL))), indent=2)
    assert edges(text) == {("system:home-feed", "model:fraud"): 12}


def test_an_answer_of_the_service_graph_is_told_by_its_labels():
    graph = {"client": "home-feed", "server": "fraud"}
    _, _, (call,) = reconcile(answer(vector(50, **graph), vector(5, **graph, failed="true")))
    assert (call.system, call.ref, call.requests, call.errors) == ("system:home-feed", "model:fraud", 50, 5)


def test_a_range_of_a_counter_is_its_increase_across_restarts():
    values = [[1795046400, "100"], [1795089600, "160"], [1795132800, "30"], [1795132860, "NaN"]]
    series = {"metric": {"__name__": "istio_requests_total", **CALL}, "values": values}
    assert edges(answer(series, kind="matrix")) == {("system:home-feed", "model:fraud"): 90}


def test_a_range_of_an_expression_is_a_bad_line():
    read, (source,), calls = reconcile(answer({"metric": CALL, "values": [[1795132800, "9"]]}, kind="matrix"))
    assert (calls, source.bad_lines) == ([], 1)
    assert "expected an instant query" in read.bad.first[0][1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"status":"error","errorType":"bad_data","error":"secret=1"}', "an error of Prometheus: bad_data"),
        ('{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}', "of type 'scalar'"),
        ('{"status":"success","data":{"resultType":"vector","result":[{"metric":{}', "invalid JSON"),
        (
            '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":1}}]}}',
            "no answer of Prometheus",
        ),
    ],
)
def test_an_answer_that_has_no_counts_is_explained(text: str, reason: str):
    read, (source,), calls = reconcile(text)
    assert (calls, source.bad_lines) == ([], 1)
    assert reason in read.bad.first[0][1]
    assert "secret" not in read.bad.first[0][1]


def test_a_series_of_another_metric_is_a_bad_line():
    read, _, calls = reconcile(answer(vector(3, job="node")))
    assert calls == []
    assert read.bad.first == [(1, "a series without the labels of Istio or of a service graph")]
