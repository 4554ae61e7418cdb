"""Access logs of Envoy, nginx and Apache are counted as Python's json reads them, whatever is between the lines."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.evidence.traffic.access_logs import EnvoyLog, create_combined_log, create_envoy_text_log
from generator.evidence.traffic.calls import ReadState
from tests.evidence.traffic.book import edges, read_all, reconcile


def envoy(**fields: object) -> str:
    """A line with the fields of Istio's default format."""
    defaults = {
        "start_time": "2026-11-18T10:02:03.456Z", "method": "POST", "protocol": "HTTP/1.1", "response_code": 200,
        "authority": "ml.example.com", "path": "/v1/models/ryl:predict", "user_agent": "home-feed-http/1.2",
        "upstream_cluster": "outbound|80||ml.example.com", "downstream_remote_address": "10.4.3.2:41854",
        "x_forwarded_for": "10.4.3.2", "request_id": "8a2c", "requested_server_name": None, "bytes_sent": 120,
    }  # fmt: skip
    return json.dumps({**defaults, **fields}) + "\n"


def nginx(
    path: str = "/v1/models/ryl:predict", agent: str = "home-feed-http/1.2", status: int = 200, host: str = ""
) -> str:
    start = f"{host} " if host else ""
    return f'{start}10.4.3.2 - - [18/Nov/2026:10:02:03 +0530] "POST {path} HTTP/1.1" {status} 120 "-" "{agent}"\n'


def load_balancer(path: str = "/v1/models/ryl:predict", status: str = "200") -> str:
    """A line of an Application Load Balancer."""
    return (
        "https 2026-11-18T10:02:03.456789Z app/ml/50dc 10.0.1.2:48160 10.0.0.66:9000 0.000 0.002 0.000 "
        f'{status} 200 5 257 "POST https://ml.example.com:443{path} HTTP/2.0" "home-feed-http/1.2" ECDHE TLSv1.2 '
        'arn:aws:elasticloadbalancing:target "Root=1-58" "ml.example.com" "-" 1 2026-11-18T10:02:03.4Z "forward"\n'
    )


def test_the_calls_of_a_load_balancer_are_counted():
    text = load_balancer() + load_balancer("/v1/models/ryl:predict?key=s3cret", "503") + load_balancer(status="-")
    _, (source,), (call,) = reconcile(text + "h2 unfinished\n")
    assert (source.source, source.requests, source.bad_lines, str(source.first_on)) == ("alb", 3, 1, "2026-11-18")
    assert (call.system, call.ref, call.requests, call.errors) == ("system:home-feed", "model:ryl", 3, 2)
    assert call.name == "ml.example.com/v1/models/ryl:predict"


@pytest.mark.parametrize("status", ["²", "5" * 5_000, "-503", "5xx"])
def test_a_status_that_is_no_number_is_no_error(status: str):
    _, (source,), (call,) = reconcile(envoy(response_code=status))
    assert (source.requests, source.bad_lines, call.errors) == (1, 0, 0)


def test_envoy_calls_are_counted_with_their_days_and_errors():
    text = envoy() + envoy(start_time="2026-11-19T00:00:00Z") + envoy(response_code=503) + envoy(response_code=0)
    _, (source,), (call,) = reconcile(text)
    assert (source.source, source.requests, source.bad_lines) == ("envoy", 4, 0)
    assert (call.system, call.ref, call.name) == (
        "system:home-feed",
        "model:ryl",
        "ml.example.com/v1/models/ryl:predict",
    )
    assert (call.requests, call.errors, str(call.first_on), str(call.last_on)) == (4, 2, "2026-11-18", "2026-11-19")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/ryl:predict",
        "/v1/models/ryl%3Apredict",
        "/v1/models/ryl%3apredict/",
        "/v1/models/ryl:predict?trace=1&token=s3cret",
        "/v1/models/ryl/infer",
        "/v2/models/ryl_v2/versions/3/infer",
        "/v1/models/RYL:predict",
        "http://ml.example.com/v1/models/ryl:predict",
    ],
)
def test_a_path_reaches_its_model_however_it_is_written(path: str):
    assert edges(envoy(path=path)) == {("system:home-feed", "model:ryl"): 1}
    assert edges(nginx(path)) == {("system:home-feed", "model:ryl"): 1}


def test_another_model_on_a_shared_host_is_not_the_first():
    text = envoy(path="/v1/models/eta:predict") + envoy(path="/v1/models/ryl-v3:predict") + envoy(path="/healthz")
    _, (source,), (call,) = reconcile(text)
    assert call.ref == "model:eta"
    assert source.undecided == {"other paths of hosts of the book": 2}


def test_grpc_on_a_shared_host_is_said_and_not_guessed():
    _, (source,), calls = reconcile(envoy(path="/inference.GRPCInferenceService/ModelInfer"))
    assert calls == []
    assert source.undecided == {"gRPC on a host of several cards: the name of the model is in the body": 1}


def test_grpc_on_the_host_of_one_model_reaches_it():
    text = envoy(authority="fraud.example.com", path="/inference.GRPCInferenceService/ModelInfer")
    assert edges(text) == {("system:home-feed", "model:fraud"): 1}


def test_a_host_is_found_in_upper_case_with_its_port_and_in_the_cluster_of_the_proxy():
    assert edges(envoy(authority="FRAUD.example.com:443", path="/")) == {("system:home-feed", "model:fraud"): 1}
    assert edges(envoy(authority="fraud-pune.example.com:8443", path="/score")) == {
        ("system:home-feed", "model:fraud"): 1
    }
    text = envoy(authority="10.0.0.7", path="/", upstream_cluster="outbound|80||eta-predictor.ml.svc.cluster.local")
    assert edges(text) == {("system:home-feed", "model:eta"): 1}


def test_a_retired_host_is_reported_beside_the_model_with_its_port_only():
    text = envoy(authority="scorer-vm.internal:8080", path="/v1/models/ryl:predict")
    assert edges(text) == {("system:home-feed", "migration:to-kserve"): 1, ("system:home-feed", "model:ryl"): 1}
    assert edges(envoy(authority="scorer-vm.internal", path="/x")) == {}
    assert edges(envoy(authority="scorer-vm.internal:9090", path="/x")) == {}


@pytest.mark.parametrize("path", ["/v1/models/delivery-time:predict", "/legacy/rank", "/legacy/rank/7?x=1"])
def test_a_retired_path_is_found_on_any_host(path: str):
    _, _, calls = reconcile(envoy(authority="gateway.internal", path=path))
    assert [call.ref for call in calls] == ["migration:to-kserve"]


def test_a_path_that_only_begins_like_a_retired_one_is_another():
    assert edges(envoy(authority="gateway.internal", path="/legacy/ranking")) == {}
    assert edges(envoy(authority="gateway.internal", path="/v1/models/delivery-time:predictor")) == {}


def test_prefixes_of_log_collectors_before_json_are_left_out():
    text = (
        "[pod/home-feed-5d9c7b8f4-x2x7k/istio-proxy] " + envoy()
        + "2026-11-18T10:02:03.4Z stdout F " + envoy()
        + envoy()
        + "2026-11-18T10:02:03Z\tinfo\txdsproxy\tconnected to upstream\n"
        + '{"level":"info"\n'
    )  # fmt: skip
    read, (source,), (call,) = reconcile(text)
    assert (call.requests, source.bad_lines) == (3, 2)
    assert read.bad.first == [(4, "no line of the format"), (5, "invalid JSON")]


def test_calls_in_the_logs_of_both_proxies_are_counted_once():
    text = envoy() * 5 + envoy(upstream_cluster="inbound|8080||") * 5
    assert edges(text) == {("system:home-feed", "model:ryl"): 5}


def test_only_the_remote_proxy_has_a_log():
    assert edges(envoy(upstream_cluster="inbound|8080||") * 5) == {("system:home-feed", "model:ryl"): 5}


def test_a_certificate_names_the_caller():
    san = "spiffe://cluster.local/ns/feed/sa/feed-sa"
    assert edges(envoy(user_agent="Go-http-client/1.1", downstream_peer_uri_san=san)) == {
        ("system:home-feed", "model:ryl"): 1
    }


def test_a_log_that_names_only_addresses_has_unknown_callers():
    text = envoy(user_agent="python-requests/2.31.0") + envoy(user_agent=None) + envoy(user_agent="curl/8.1")
    _, _, (call,) = reconcile(text)
    assert (call.caller, call.system, call.requests) == ("", "", 3)


def test_health_checks_are_no_calls():
    _, (source,), calls = reconcile(envoy(user_agent="kube-probe/1.30", path="/v1/models/ryl") * 3)
    assert calls == []
    assert source.undecided == {"health checks and monitoring": 3}


def test_other_names_of_the_fields_are_read():
    line = {
        ":authority": "ml.example.com",
        ":path": "/v1/models/ryl:predict",
        "response_code": "404",
        "user_agent": "x",
    }
    _, _, (call,) = reconcile(json.dumps(line) + "\n")
    assert (call.ref, call.requests, call.errors) == ("model:ryl", 1, 1)


def test_nothing_of_a_request_but_names_of_the_book_is_recorded():
    text = envoy(path="/v1/models/ryl:predict?key=s3cret", user_agent="app/1 (asha@example.com)") + envoy(
        authority="user:s3cret@fraud.example.com", path="/customers/c-42"
    )
    _, sources, calls = reconcile(text)
    assert len(calls) == 2
    for word in ("s3cret", "asha", "c-42", "10.4.3.2", "8a2c"):
        assert word not in f"{sources} {calls}"


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "authority": st.sampled_from(["ml.example.com", "other.example.com", None]),
        "path": st.one_of(st.none(), st.text(max_size=15)),
        "user_agent": st.one_of(st.none(), st.text(max_size=15)),
        "response_code": st.sampled_from([200, 0, 404, 500, "503", None]),
        "start_time": st.sampled_from(["2026-11-18T00:00:00Z", "-", None]),
        "headers": st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    },
)
NOISE = st.sampled_from(["", "{", "not json", "[1]", '{"path": 7}', "\x00"])


@given(st.lists(st.one_of(FIELDS, NOISE), max_size=8), st.booleans())
def test_envoy_lines_are_those_that_json_reads(lines, ascii_only):
    expected = Counter[tuple[str, str, str]]()
    failed = 0  # also the lines that tell no request
    texts: list[str] = []
    for line in lines:
        if isinstance(line, str):
            texts.append(line)
            failed += bool(line.strip())
            continue
        texts.append(json.dumps(line, ensure_ascii=ascii_only))
        path = (line.get("path") or "").partition("?")[0]
        if not any(line.get(key) for key in ("authority", "response_code")) and not path:
            failed += 1
            continue
        expected[line.get("authority") or "", path, line.get("user_agent") or ""] += 1
    state = ReadState()
    counts = read_all(EnvoyLog(state), "\n".join(texts).encode())
    found = Counter[tuple[str, str, str]]()
    for call, number in counts.requests.items():
        found[call.host, call.path, call.user_agent] += int(number)
    assert found == expected
    assert state.bad.count == failed


@given(st.binary(max_size=300))
def test_any_bytes_are_read_as_a_log_without_an_error(data: bytes):
    read_all(EnvoyLog(ReadState()), data)
    read_all(create_envoy_text_log(ReadState()), data)
    read_all(create_combined_log(ReadState()), data)


def test_nginx_calls_are_counted():
    _, (source,), (call,) = reconcile(nginx() * 3 + nginx(status=500) + nginx().replace("18/Nov", "20/Nov"))
    assert (source.source, source.requests) == ("combined", 5)
    assert (call.system, call.ref, call.requests, call.errors) == ("system:home-feed", "model:ryl", 5, 1)
    assert (str(call.first_on), str(call.last_on)) == ("2026-11-18", "2026-11-20")


def test_a_virtual_host_before_the_address_is_the_host():
    assert edges(nginx("/anything", host="fraud.example.com:443")) == {("system:home-feed", "model:fraud"): 1}
    assert edges(nginx("/anything")) == {}


@pytest.mark.parametrize("address", ["10.4.3.2", "2001:db8::1", "::1", "unix:"])
def test_an_address_is_no_virtual_host(address: str):
    assert edges(nginx().replace("10.4.3.2", address)) == {("system:home-feed", "model:ryl"): 1}


def test_a_client_with_a_name_instead_of_an_address_is_no_host_of_the_book():
    assert edges(nginx("/score").replace("10.4.3.2", "client7.internal")) == {}


def test_quotes_in_requests_and_user_agents_are_escaped():
    apache = nginx(agent=r"home-feed-http/1.2 \"beta\" build")
    hexadecimal = nginx(path=r"/v1/models/ryl:predict?q=\x22x\x22")
    read, (source,), (call,) = reconcile(apache + hexadecimal)
    assert (call.system, call.requests, source.bad_lines, read.bad.count) == ("system:home-feed", 2, 0, 0)


def test_fields_after_the_combined_format_are_left_out():
    line = nginx().rstrip("\n") + ' "203.0.113.9, 10.0.0.1" 0.123 upstream=10.2.3.4:8080\n'
    assert edges(line) == {("system:home-feed", "model:ryl"): 1}


def test_the_common_format_has_no_callers():
    line = nginx().split(' "-" "')[0] + "\n"
    _, _, (call,) = reconcile(line)
    assert (call.caller, call.ref) == ("", "model:ryl")


def test_bad_lines_of_nginx_are_counted():
    handshake = '10.4.3.2 - - [18/Nov/2026:10:02:03 +0530] "\\x16\\x03\\x01" 400 150 "-" "-"\n'
    text = (
        nginx() + "2026/11/18 10:02:03 [error] 7#7: *1 connect() failed\n" + handshake + nginx().replace("Nov", "Foo")
    )
    read, (source,), _ = reconcile(text)
    assert source.bad_lines == 2
    assert read.bad.first == [(2, "no line of the format"), (4, "no line of the format")]


AGENTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
PATHS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs")), max_size=20)


@given(st.lists(st.tuples(PATHS, AGENTS, st.integers(200, 599)), max_size=6))
def test_combined_lines_are_read_as_they_were_written(lines):
    def escape(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"')

    text = "".join(nginx("/" + escape(path), escape(agent), status) for path, agent, status in lines)
    state = ReadState()
    counts = read_all(create_combined_log(state), text.encode())
    assert sum(counts.requests.values()) == len(lines)
    assert sum(counts.errors.values()) == sum(status >= 400 for _, _, status in lines)
    assert state.bad.count == 0


def istio_text(path: str = "/v1/models/ryl:predict", cluster: str = "outbound|80||ml.example.com") -> str:
    """A line of Istio's default format."""
    return (
        f'[2026-11-18T10:02:03.409Z] "POST {path} HTTP/1.1" 200 - via_upstream - "-" 0 135 4 4 "-"'
        ' "home-feed-http/1.2"'
        f' "84961386-6d84-929d-98bd-c5aee93b5c88" "ml.example.com" "10.44.1.27:80" {cluster} 10.44.1.23:37652'
        " 10.0.45.184:8000 10.44.1.23:46520 - default\n"
    )


def test_the_text_that_istio_writes_by_default_is_read():
    failed = istio_text().replace(' 200 - via_upstream - "-"', ' 503 UF upstream_reset - "delayed connect error: 111"')
    text = istio_text() * 3 + failed + istio_text("/v1/models/eta%3Apredict?q=1") + "connected\n"
    _, (source,), calls = reconcile(text)
    assert (source.source, source.requests, source.bad_lines) == ("envoy-text", 5, 1)
    assert [(one.system, one.ref, one.requests, one.errors, str(one.last_on)) for one in calls] == [
        ("system:home-feed", "model:eta", 1, 0, "2026-11-18"),
        ("system:home-feed", "model:ryl", 4, 1, "2026-11-18"),
    ]


def test_the_text_that_envoy_writes_by_default_is_read():
    line = (
        '[2026-11-18T10:02:03.409Z] "POST /v1/models/ryl:predict HTTP/2" 200 - 154 0 226 100 "10.0.35.28"'
        ' "home-feed-http/1.2" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "ml.example.com" "tcp://10.0.2.1:80"\n'
    )
    assert edges(line) == {("system:home-feed", "model:ryl"): 1}


def test_the_text_of_both_proxies_is_counted_once():
    assert edges(istio_text() * 2 + istio_text(cluster="inbound|8080||") * 2) == {("system:home-feed", "model:ryl"): 2}
