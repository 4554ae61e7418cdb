"""A curl against the endpoint and the contract that it is meant for."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.compare import Aspect, Called, compare
from generator.contracts.curl import Curl, parse
from generator.contracts.data import Data, Schema
from generator.contracts.render import sample
from tests.contracts.test_examples import schema_like

PRODUCTION = "https://ml.example.com/v1/models/ryl:predict"
ENDPOINTS = {"production": PRODUCTION, "staging": "https://ml-stg.example.com/v1/models/ryl:predict"}
REQUEST: Schema = {
    "type": "object",
    "required": ["customer_id"],
    "properties": {
        "customer_id": {"type": "string", "pattern": "^c-[0-9]+$"},
        "limit": {"type": "integer"},
        "items": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": False,
}
CONTRACT = Called("POST", REQUEST, (("X-Team", "ds"),))
GOOD = f"curl {PRODUCTION} -H 'X-Team: ds' --json '{{\"customer_id\": \"c-42\"}}'"


def said(text: str, endpoints: dict[str, str] | None = None, contract: Called = Called()) -> list[str]:  # noqa: B008 (frozen)
    return [each.message for each in compare(parse(text), endpoints or {}, contract)]


def body(text: str) -> list[tuple[str, str]]:
    curl = Curl("POST", PRODUCTION, (("Content-Type", "application/json"),), text)
    return [(each.pointer, each.message) for each in compare(curl, {}, Called("POST", REQUEST))]


def test_a_curl_that_agrees():
    assert compare(parse(GOOD), ENDPOINTS, CONTRACT) == []


@pytest.mark.parametrize(
    "url",
    [
        PRODUCTION,
        "https://ML.example.com:443/v1/models/ryl:predict",
        "https://ml-stg.example.com/v1/models/ryl:predict?verbose=1",
        "ml.example.com/v1/models/ryl:predict/",
        "'$BASE/v1/models/ryl:predict'",
        "'$ML_URL'",
        "'https://$HOST/v1/models/ryl:predict'",
        "'https://${HOST}:443/v1/models/$MODEL:predict'",
        "'https://ml.example.com/v1/models/<model>:predict'",
        '"$(cat endpoint.txt)"',
    ],
)
def test_addresses_that_agree(url):
    assert said(f"curl {url}", ENDPOINTS) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://ml.example.com/v1/models/ryl:predict", "uses http, unlike the production endpoint"),
        (
            "https://ml-stg.example.com/v2/models/ryl:predict",
            "calls the path /v2/models/ryl:predict, unlike the staging",
        ),
        ("https://old.example.com/v1/models/ryl:predict", "calls the host old.example.com, unlike the production"),
        ("https://ml.example.com:8443/v1/models/ryl:predict", "calls the port 8443, unlike the production"),
        ("https://ml.example.com/v1/models/ryl", "calls the path /v1/models/ryl, unlike"),
        ("'$BASE/v2/models/ryl:predict'", "calls $BASE/v2/models/ryl:predict, unlike"),
        ("'https://[bad'", "which is no address"),
    ],
)
def test_addresses_that_do_not(url, expected):
    (message,) = said(f"curl {url}", ENDPOINTS)
    assert expected in message


def test_path_parameters_and_the_query_of_an_endpoint():
    endpoint = {"production": "https://h/v1/{city}/eta-{kind}:get?mode=fast"}
    assert said("curl 'https://h/v1/mysuru/eta-bike:get?mode=fast&x=1'", endpoint) == []
    assert said("curl 'https://h/v1/$CITY/$WHAT?mode=$MODE'", endpoint) == []
    assert said("curl 'https://h/v1/{city}/eta-{kind}:get?mode=fast'", endpoint) == []
    assert said("curl 'https://h/v1/a/b/eta-x:get?mode=fast'", endpoint) != []
    assert said("curl 'https://h/v1//eta-x:get?mode=fast'", endpoint) != []
    assert said("curl 'https://h/v1/a/eta-x:get'", endpoint) == [
        "lacks mode=fast in the query, unlike the production endpoint"
    ]
    assert said("curl 'https://h/v1/a/eta-x:get?mode=slow'", endpoint) == [
        "has mode=slow in the query, unlike the production endpoint"
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", "sends GET, the contract says POST"),
        ("-X post", "sends the method post; methods are told apart by case"),
        ("-X $METHOD", None),
        ("-d x", None),
    ],
)
def test_methods(options, expected):
    assert said(f"curl {PRODUCTION} {options}", contract=Called("POST")) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-H 'x-team: ds'", []),
        ("-H 'X-Team: $TEAM'", []),
        ("-H 'X-Team: eng'", ["sends X-Team: eng, the contract says ds"]),
        ("", ["lacks the header X-Team"]),
    ],
)
def test_headers(options, expected):
    assert said(f"curl {PRODUCTION} {options}", contract=Called(headers=(("X-Team", "ds"),))) == expected


def test_a_user_is_an_authorization():
    contract = Called(headers=(("Authorization", "Bearer $TOKEN"),))
    assert said(f"curl -u a:$B {PRODUCTION}", contract=contract) == []
    assert said(f"curl {PRODUCTION}", contract=contract) == ["lacks the header Authorization"]


def test_json_that_curl_sends_as_a_form():
    text = f'curl {PRODUCTION} -d \'{{"customer_id": "c-1"}}\''
    (disagreement,) = compare(parse(text), {}, Called("POST", REQUEST))
    assert disagreement.aspect is Aspect.HEADER
    assert disagreement.message == "sends JSON as application/x-www-form-urlencoded"
    assert "--header 'Content-Type: application/json'" in disagreement.hint
    assert (
        said(text + " -H 'Content-Type: application/vnd.x+json; charset=utf-8'", contract=Called("POST", REQUEST)) == []
    )


@pytest.mark.parametrize(
    ("payload", "pointers"),
    [
        ('{"customer_id": "c-1", "limit": 3}', []),
        ('{"customer_id": "42"}', ["/customer_id"]),
        ('{"customer_id": "c-1", "limit": "3"}', ["/limit"]),
        ('{"customer_id": "c-1", "items": ["a", 1]}', ["/items/1"]),
        ('{"customer": "c-1"}', ["", ""]),
        ('{"customer_id": "$ID"}', []),
        ('{"customer_id": "c-1", "limit": $LIMIT}', []),
        ('{"customer_id": "$ID", "limit": $LIMIT, "items": ["$A", $B]}', []),
        ('{"customer_id": "c-1", "limit": "$LIMIT"}', ["/limit"]),
        ("$PAYLOAD", []),
        ("{customer_id: c-1}", [""]),
    ],
)
def test_bodies(payload, pointers):
    assert [pointer for pointer, _ in body(payload)] == pointers


def test_what_cannot_be_checked_says_so():
    (disagreement,) = compare(parse(f"curl {PRODUCTION} --json @request.json"), {}, Called("POST", REQUEST))
    assert disagreement.message == "the body is read from 'request.json' and cannot be checked"
    assert not disagreement.is_certain
    (unclear,) = compare(Curl("POST", PRODUCTION, body="{$A: }"), {}, Called("POST", REQUEST))
    assert not unclear.is_certain


def test_a_body_that_is_missing():
    assert said(f"curl -X POST {PRODUCTION}", contract=Called("POST", REQUEST)) == [
        "sends no body, the contract asks for one"
    ]
    assert said(f"curl -X POST {PRODUCTION}", contract=Called("POST", {})) == []


def test_without_a_body_the_query_carries_the_fields():
    contract = Called("GET", REQUEST)
    assert said("curl -G https://h/v1 -d customer_id=c-1 -d limit=3", contract=contract) == []
    assert said("curl 'https://h/v1?$QUERY'", contract=contract) == []
    assert said("curl https://h/v1/$CUSTOMER", contract=contract) == []
    assert said("curl 'https://h/v1?limt=3'", contract=contract) == [
        "lacks customer_id in the query",
        "sends limt, which the contract does not know",
    ]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["POST", "PUT", "GET"]), st.from_regex(r"c-[0-9]{1,3}", fullmatch=True), st.integers())
def test_what_we_render_ourselves_agrees(method, customer, limit):
    payload: Data = {"customer_id": customer, "limit": limit}
    made = sample(PRODUCTION, payload, method, (("X-Team", "ds"),))
    assert compare(made, ENDPOINTS, Called(method, REQUEST, (("X-Team", "ds"),))) == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.none() | st.text(max_size=20), schema_like)
def test_no_curl_and_no_contract_bring_it_down(url, endpoint, sent, schema):
    curl = Curl("POST", url, body=sent)
    contract = Called("GET", schema if isinstance(schema, dict) else True)
    for each in compare(curl, {"production": endpoint}, contract):
        assert each.message


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://h/" + "$A" * 5_000, "https://h/" + "a" * 50_000),
        ("https://h/" + "a" * 50_000, "https://h/" + "{a}" * 5_000 + "b"),
        ("https://h/?" + "a&" * 50_000, "https://h/?" + "b&" * 50_000),
        ("$A" + "/$B" * 20_000, "https://h" + "/b" * 20_000 + "c"),
    ],
)
def test_hostile_addresses_cost_little(url, endpoint):
    start = time.process_time()
    compare(Curl("GET", url), {"production": endpoint}, Called("GET"))
    assert time.process_time() - start < 2, "backtracking would take years"
