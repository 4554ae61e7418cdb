"""The requests that verify endpoints: what is sent, and every reason for which nothing is sent."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from urllib3.util import parse_url

from generator.errors import UserError
from generator.evidence.live_requests import (
    LiveRequest,
    SkippedEndpoint,
    is_production,
    list_production_addresses,
    plan_requests,
    read_variables,
)
from generator.schema import Model
from generator.settings import VerifySettings

CARD: dict[str, Any] = {
    "id": "fraud", "name": "Fraud", "summary": "Finds fraud.", "lifecycle": "production", "serving": "online",
    "endpoints": {"production": "https://ml.example.com/fraud", "staging": "https://ml-staging.example.com/fraud"},
    "contract": {
        "safe": True,
        "headers": {"Authorization": "Bearer $TOKEN"},
        "response": {"type": "object"},
        "examples": [{"request": {"id": "c-42", "price": "$5.00", "html": "<p>5</p>", "text": "wait …"}}],
    },
}  # fmt: skip


def build_model(**changes: Any) -> Model:
    contract = {**CARD["contract"], **changes.pop("contract", {})}
    return Model.model_validate({**CARD, "contract": contract, **changes})


def plan(*models: Model, environment: str = "staging", **settings: Any) -> list[LiveRequest | SkippedEndpoint]:
    production = list_production_addresses(models)
    return list(plan_requests(models, environment, VerifySettings.model_validate(settings), production))


def plan_one(model: Model, **options: Any) -> LiveRequest:
    (request,) = plan(model, **options)
    assert isinstance(request, LiveRequest), request
    return request


def find_reason(model: Model, **options: Any) -> str:
    (skipped,) = plan(model, **options)
    assert isinstance(skipped, SkippedEndpoint), skipped
    return skipped.reason


def test_the_first_example_is_sent_as_json_with_the_headers_of_the_contract():
    request = plan_one(build_model())
    assert (request.method, request.url) == ("POST", "https://ml-staging.example.com/fraud")
    assert dict(request.headers) == {
        "Accept": "application/json",
        "Authorization": "Bearer $TOKEN",
        "Content-Type": "application/json",
        "User-Agent": "modelbook-verify",
    }
    assert '"c-42"' in str(request.body)


def test_a_get_sends_the_fields_in_the_path_and_the_query_without_being_called_safe():
    contract = {"method": "GET", "safe": False, "examples": [{"request": {"id": "c 42", "city": "Pune"}}]}
    request = plan_one(build_model(contract=contract, endpoints={"staging": "https://a.example.com/v1/{id}"}))
    assert (request.method, request.url) == ("GET", "https://a.example.com/v1/c%2042?city=Pune")
    assert request.body is None


def test_parameters_of_the_contract_fill_in_the_address_but_not_its_host():
    contract = {"parameters": {"city": "Navi Mumbai", "host": "evil"}}
    request = plan_one(build_model(contract=contract, endpoints={"staging": "https://a.example.com/v1/{city}"}))
    assert request.url.startswith("https://a.example.com/v1/Navi%20Mumbai")
    model = build_model(contract=contract, endpoints={"staging": "https://{host}.example.com/v1"})
    assert find_reason(model) == "its address has a placeholder"
    model = build_model(contract={"parameters": {"city": "<city>"}})
    assert find_reason(model) == "its parameters have a placeholder at /city"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lifecycle": "retired"}, "it is retired"),
        ({"serving": "offline"}, "it is served offline"),
        ({"serving": "embedded"}, "it runs in the process of its consumers"),
        ({"endpoints": {"production": "https://a.example.com"}}, "it has no staging endpoint"),
        ({"contract": {"examples": []}}, "its contract has no example"),
        ({"contract": {"examples": [{"response": {}}]}}, "its first example has no request"),
        ({"contract": {"response": None}}, "its contract has no response"),
        ({"contract": {"response": {"type": "objekt"}}}, "the response in its contract is not a valid JSON Schema"),
        ({"endpoints": {"staging": "grpc://a.example.com:8001"}},
         "grpc endpoints are not verified, only https and http"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_verified_has_a_reason(changes: dict[str, Any], reason: str):
    assert find_reason(build_model(**changes)) == reason


def test_a_model_without_a_contract_has_a_reason():
    assert find_reason(Model.model_validate({**CARD, "contract": None})) == "it has no contract"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_method_with_side_effects_is_sent_only_if_the_contract_calls_it_safe(method: str):
    assert plan_one(build_model(contract={"method": method, "safe": True})).method == method
    reason = f"{method} may have side effects: add `safe: true` to its contract if it has none"
    assert find_reason(build_model(contract={"method": method, "safe": False})) == reason


def test_a_method_of_an_openapi_file_that_the_schema_does_not_know_is_not_sent():
    model = build_model()
    assert model.contract is not None
    contract = model.contract.model_copy(update={"method": "TRACE"})
    assert find_reason(model.model_copy(update={"contract": contract})) == "TRACE requests are not sent"


@pytest.mark.parametrize(
    "value",
    ["<id>", "c-<id>", "for <customer id>, please", "$CITY", "${CITY}", "in $CITY", "$X", "…", "c-…", "...",
     "To be written: the id", "TODO", "████"],
)  # fmt: skip
def test_an_example_with_a_placeholder_is_not_sent(value: str):
    for request, place in (({"a": [value]}, " at /a/0"), (value, ""), ({value: 1}, "")):
        model = build_model(contract={"examples": [{"request": request}]})
        assert find_reason(model) == f"its first example has a placeholder{place}"


@pytest.mark.parametrize(
    "url",
    ["https://$HOST/x", "https://a.example.com/$ID", "https://a.example.com/x?key=${KEY}",
     "https://a.example.com/{unknown}", "https://{city}.example.com/x", "https://{id}.example.com/x", "https://a.example.com/…"],
)  # fmt: skip
def test_an_address_with_a_placeholder_is_not_called(url: str):
    assert find_reason(build_model(endpoints={"staging": url})) == "its address has a placeholder"


@pytest.mark.parametrize("url", ["https://a.example.com/?key=████", "https://[████]/", "https://a.example.com:████/"])
def test_an_address_with_a_redacted_secret_is_not_called(url: str):
    model = build_model().model_copy(update={"endpoints": {"staging": url, "production": f"{url}live"}})
    assert find_reason(model) == "its address contains a secret: send it in a header"


@pytest.mark.parametrize(
    "url", ["https://me:x@a.example.com/", "https://a.example.com\\@evil.example.com/", "https://bücher.example.com/"]
)
def test_an_address_that_clients_may_read_differently_is_not_called(url: str):
    assert find_reason(build_model(endpoints={"staging": url})).startswith("its address is not valid: ")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Host", "evil.example.com", "the header Host is not sent: it could change the host or the method"),
        ("X-HTTP-Method-Override", "DELETE",
         "the header X-HTTP-Method-Override is not sent: it could change the host or the method"),
        ("Transfer-Encoding", "chunked",
         "the header Transfer-Encoding is not sent: it could change the host or the method"),
        ("X-Token", "<token>", "the header X-Token has a placeholder"),
        ("X-Token", "To be written", "the header X-Token has a placeholder"),
        ("X-Token", "$(cat token)", "the header X-Token has a placeholder"),
        ("X-Token", "abc…", "the header X-Token has a placeholder"),
        ("X-Api-Key", "Zk3x81mQp0vR7tYw", "the header X-Api-Key contains a secret: write a variable such as $TOKEN"),
        ("X-Token", "████", "the header X-Token contains a secret: write a variable such as $TOKEN"),
        ("X-City", "Pune\r\nX-Other: 1", "the header X-City has characters outside ASCII, or a line break"),
        ("X City", "Pune", "a header of its contract has an invalid name"),
        ("X-Token", "$CONFLUENCE_TOKEN",
         "$CONFLUENCE_TOKEN is not for endpoints: use another variable, or name it in `verify.headers` of mkdocs.yml"),
        ("X-Token", "${GITHUB_TOKEN}",
         "$GITHUB_TOKEN is not for endpoints: use another variable, or name it in `verify.headers` of mkdocs.yml"),
    ],
)  # fmt: skip
def test_a_header_that_is_unfinished_or_dangerous_is_not_sent(name: str, value: str, reason: str):
    assert find_reason(build_model(contract={"headers": {name: value}})) == reason


def test_headers_of_the_settings_are_added_unless_the_contract_has_them():
    request = plan_one(
        build_model(),
        headers={"authorization": "Bearer $OTHER", "X-Caller": "modelbook"},
        environments={"staging": {"X-Key": "$GITHUB_TOKEN"}, "production": {"X-Key": "$PRODUCTION"}},
    )
    headers = dict(request.headers)
    assert headers["Authorization"] == "Bearer $TOKEN"
    assert (headers["X-Caller"], headers["X-Key"]) == ("modelbook", "$GITHUB_TOKEN")
    assert "authorization" not in headers


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer $TOKEN"}, {"X-City": "$CITY"}, {"Cookie": "a=b"}, {"X-Api-Key": "example"}]
)
def test_no_credentials_are_sent_without_encryption(headers: dict[str, str]):
    model = build_model(contract={"headers": headers}, endpoints={"staging": "http://a.example.com/x"})
    (name,) = headers
    assert find_reason(model) == f"the header {name} would be sent without encryption: use https"
    bare = build_model(contract={"headers": {}}, endpoints={"staging": "http://a.example.com/x"})
    assert plan_one(bare).url == "http://a.example.com/x"
    assert "without encryption" in find_reason(bare, headers=headers)


def test_only_hosts_of_the_settings_are_called():
    hosts = ["*.example.com"]
    assert plan_one(build_model(), hosts=hosts).ref == build_model().ref
    model = build_model(endpoints={"staging": "https://example.com.evil.org/x"})
    assert find_reason(model, hosts=hosts) == "its host example.com.evil.org is not in `verify.hosts`"


def test_an_address_that_users_reach_is_not_called_as_another_environment():
    copied = build_model(id="copy", endpoints={"staging": "https://ML.example.com:443/fraud/"})
    found = plan(build_model(), copied)
    assert [type(one) for one in found] == [LiveRequest, SkippedEndpoint]
    assert "its address is also the production endpoint of model:fraud" in str(found[1])


def test_each_instance_is_verified_with_its_own_endpoint():
    instances = [
        {"id": "fraud-in", "endpoints": {"staging": "https://in.example.com/fraud"}},
        {"id": "fraud-de", "endpoints": {"production": "https://de.example.com/fraud"}},
    ]
    found = plan(build_model(instances=instances, endpoints={}))
    assert [(one.instance, one.url) for one in found if isinstance(one, LiveRequest)] == [
        ("fraud-in", "https://in.example.com/fraud")
    ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("production", True), ("prod", True), ("PROD-eu", True), ("eu_live", True), ("staging", False),
     ("products", False), ("non-production", False), ("pre-prod", False), ("preprod", False), ("delivery", False)],
)  # fmt: skip
def test_production_is_told_by_its_name(environment: str, expected: bool):
    assert is_production(environment) == expected


def test_variables_are_read_from_the_environment():
    request = plan_one(build_model())
    assert read_variables([request], {"TOKEN": " abc \n", "OTHER": "x"}) == {"TOKEN": "abc"}
    for environ in ({}, {"TOKEN": ""}, {"TOKEN": "  "}):
        with pytest.raises(UserError, match="TOKEN is not set: model:fraud needs it for the header Authorization"):
            read_variables([request], environ)


@pytest.mark.parametrize("value", ["hunter2\nX-Other: 1", "hünter2", "hunter2\x00"])
def test_a_value_that_is_no_header_is_refused_without_being_shown(value: str):
    with pytest.raises(UserError) as raised:
        read_variables([plan_one(build_model())], {"TOKEN": value})
    assert "nter2" not in str(raised.value)


MARKS = ["{id}", "@", "\\", "[::1]", "a.example.com", ":99", "#", "?a=b", "/..", "%"]


@given(
    url=st.lists(st.text(max_size=8) | st.sampled_from(MARKS), min_size=1, max_size=5).map("".join),
    start=st.sampled_from(["https://", "http://", "HTTPS://", "https://b.example.com/", "https://b.example.com"]),
    headers=st.dictionaries(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=12), max_size=2),
    request=st.recursive(st.none() | st.text(max_size=6) | st.floats() | st.booleans(),
                         lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner)),
    method=st.sampled_from(["GET", "POST"]),
)  # fmt: skip
def test_a_request_goes_only_to_the_host_that_the_card_names(url, start, headers, request, method):
    contract = {"headers": headers, "method": method, "examples": [{"request": request}]}
    try:
        model = build_model(contract=contract, endpoints={"staging": f"{start}{url}"})
    except ValidationError:
        return
    for one in plan(model):
        if isinstance(one, LiveRequest):
            sent = requests.Request(one.method, one.url, dict(one.headers), data=one.body).prepare()
            assert sent.url is not None
            host = parse_url(sent.url).host or ""
            assert host.strip("[]") == urlsplit(model.endpoints["staging"]).hostname
            assert {"host", "content-length", "transfer-encoding"}.isdisjoint(name.lower() for name, _ in one.headers)
        else:
            assert one.reason
