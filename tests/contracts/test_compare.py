"""The comparison of a curl command with its endpoint and contract."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.compare import ContractCall, compare_curl
from generator.contracts.curl import Curl
from generator.contracts.data import Data, Schema
from generator.contracts.render import build_sample
from tests.contracts.curls import parse_curl
from tests.contracts.test_validation import schema_like
from tests.limits import limit_cpu_time

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
CONTRACT = ContractCall("POST", REQUEST, (("X-Team", "ds"),))
GOOD = f"curl {PRODUCTION} -H 'X-Team: ds' --json '{{\"customer_id\": \"c-42\"}}'"


def said(text: str, endpoints: dict[str, str] | None = None, contract: ContractCall = ContractCall()) -> list[str]:  # noqa: B008 (frozen)
    return [each.message for each in compare_curl(parse_curl(text), endpoints or {}, contract)]


def body(text: str) -> list[str]:
    curl = Curl("POST", PRODUCTION, (("Content-Type", "application/json"),), text)
    return [each.message for each in compare_curl(curl, {}, ContractCall("POST", REQUEST))]


def test_a_matching_curl_has_no_disagreements():
    assert compare_curl(parse_curl(GOOD), ENDPOINTS, CONTRACT) == []


def test_an_address_is_compared_with_the_closest_endpoint():
    (disagreement,) = compare_curl(
        parse_curl("curl http://ml-stg.example.com/v2/models/ryl:predict"), ENDPOINTS, ContractCall()
    )
    assert disagreement.message == "uses http and calls the path /v2/models/ryl:predict, unlike the staging endpoint"
    assert disagreement.hint == f"call {ENDPOINTS['staging']}, or correct `endpoints`"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", "sends GET: expected POST"),
        ("-X post", "sends post: methods are case-sensitive"),
        ("-X $METHOD", None),
        ("-d x", None),
    ],
)
def test_methods_are_compared(options, expected):
    assert said(f"curl {PRODUCTION} {options}", contract=ContractCall("POST")) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-H 'x-team: ds'", []),
        ("-H 'X-Team: $TEAM'", []),
        ("-H 'X-Team: eng'", ["sends the header X-Team: eng: expected ds"]),
        ("", ["lacks the header X-Team"]),
    ],
)
def test_headers_are_compared(options, expected):
    assert said(f"curl {PRODUCTION} {options}", contract=ContractCall(headers=(("X-Team", "ds"),))) == expected


@pytest.mark.parametrize(
    ("sent", "agrees"),
    [
        ("Bearer abc", True),
        ("Bearer $OTHER", True),
        ("$AUTHORIZATION", True),
        ("Basic $CREDENTIALS", False),
        ("abc", False),
    ],
)
def test_headers_with_variables_on_both_sides_are_compared(sent, agrees):
    contract = ContractCall(headers=(("Authorization", "Bearer $TOKEN"),))
    assert (said(f"curl {PRODUCTION} -H 'Authorization: {sent}'", contract=contract) == []) is agrees


def test_a_user_is_an_authorization_header():
    contract = ContractCall(headers=(("Authorization", "Bearer $TOKEN"),))
    assert said(f"curl -u a:$B {PRODUCTION}", contract=contract) == []
    assert said("curl 'https://a:$B@ml.example.com/v1'", contract=contract) == []
    assert said("curl 'https://ml.example.com/v1/@all'", contract=contract) == ["lacks the header Authorization"]


def test_the_hint_of_a_missing_header_can_be_pasted():
    (disagreement,) = compare_curl(
        parse_curl(f"curl {PRODUCTION}"), {}, ContractCall(headers=(("Authorization", "Bearer $TOKEN"),))
    )
    assert disagreement.hint == 'add --header "Authorization: Bearer $TOKEN", or correct `contract.headers`'


@pytest.mark.parametrize("name", ["X-Api-Key", "Authorization", "Cookie: sid=", "PRIVATE-TOKEN"])
def test_values_of_a_secret_header_are_redacted(name):
    name, _, start = name.partition(": ")
    ours, theirs = f"{start}Qorvex77key5", f"{start}Brumal88hdr6"
    (disagreement,) = compare_curl(
        parse_curl(f"curl {PRODUCTION} -H '{name}: {theirs}'"), {}, ContractCall(headers=((name, ours),))
    )
    shown = f"sends the header {name}: {start}████: expected {start}████"
    assert disagreement.message == shown
    assert disagreement.hint == f"write --header '{name}: {start}████', or correct `contract.headers`"


def test_a_plain_word_in_a_key_header_is_redacted():
    contract = ContractCall(headers=(("X-Api-Key", "kangaroo"),))
    (disagreement,) = compare_curl(parse_curl(f"curl {PRODUCTION} -H 'X-Api-Key: wallaby'"), {}, contract)
    assert disagreement.message == "sends the header X-Api-Key: ████: expected ████"


def test_json_sent_as_a_form_is_reported():
    text = f'curl {PRODUCTION} -d \'{{"customer_id": "c-1"}}\''
    (disagreement,) = compare_curl(parse_curl(text), {}, ContractCall("POST", REQUEST))
    assert disagreement.message == "sends JSON as application/x-www-form-urlencoded, the default of curl"
    assert disagreement.hint == "add --header 'Content-Type: application/json'"


@pytest.mark.parametrize("kind", ["application/vnd.x+json; charset=utf-8", "text/plain", "$KIND"])
def test_an_explicit_content_type_is_accepted(kind):
    text = f"curl {PRODUCTION} -d '{{\"customer_id\": \"c-1\"}}' -H 'Content-Type: {kind}'"
    assert said(text, contract=ContractCall("POST", REQUEST)) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-H 'Content-Type: application/json'", []),
        ("-H 'Content-Type: application/json; charset=utf-8'", []),
        (
            "-H 'Content-Type: text/plain'",
            ["sends the header Content-Type: text/plain: expected application/json"],
        ),
        ("", ["lacks the header Content-Type"]),
    ],
)
def test_a_content_type_other_than_in_the_contract_is_reported(options, expected):
    contract = ContractCall("POST", REQUEST, (("Content-Type", "application/json"),))
    assert said(f'curl {PRODUCTION} -d \'{{"customer_id": "c-1"}}\' {options}', contract=contract) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('{"customer_id": "c-1", "limit": 3}', []),
        ('{"customer_id": "42"}', [' at /customer_id: invalid value "42": expected a match of ^c-']),
        ('{"customer_id": "c-1", "limit": "3"}', [' at /limit: invalid value "3": expected integer']),
        ('{"customer_id": "c-1", "items": ["a", 1]}', [" at /items/1: invalid value 1: expected string"]),
        ('{"customer": "c-1"}', [": unexpected field 'customer'", ": missing field 'customer_id'"]),
        ('{"customer_id": "$ID"}', []),
        ('{"customer_id": "c-1", "limit": $LIMIT}', []),
        ('{"customer_id": "$ID", "limit": $LIMIT, "items": ["$A", $B]}', []),
        ('{"customer_id": "c-1", "limit": "$LIMIT"}', [' at /limit: invalid value "$LIMIT": expected integer']),
        ('{"$KEY": "c-1"}', []),
        ("[$A]", [': invalid value ["$A"]: expected object']),
        ("$PAYLOAD", []),
        ("{$PAYLOAD: }", []),
    ],
)
def test_bodies_are_compared_with_the_schema(payload, expected):
    found = body(payload)
    assert len(found) == len(expected), found
    for message, start in zip(found, expected, strict=True):
        assert message.startswith(f"sends an invalid body{start}")


def test_a_body_with_invalid_json_is_reported():
    assert body("{customer_id: c-1}") == ["sends a body that is not JSON"]


@pytest.mark.parametrize(
    "schema", [{"$ref": "#/nowhere"}, {"type": "object", "properties": {"customer_id": {"$ref": "elsewhere.yml"}}}]
)
def test_an_invalid_schema_is_not_reported_for_the_curl(schema):
    curl = Curl("POST", PRODUCTION, (("Content-Type", "application/json"),), '{"customer_id": 1}')
    assert compare_curl(curl, {}, ContractCall("POST", schema)) == []


@pytest.mark.parametrize(
    ("headers", "agrees"),
    [
        ((), False),
        ((("Content-Type", "application/json"),), False),
        ((("content-type", "multipart/form-data"),), True),
        ((("Content-Type", "$KIND"),), True),
    ],
)
def test_a_form_is_reported_if_the_contract_describes_json(headers, agrees):
    text = f"curl {PRODUCTION} -F customer_id=c-1"
    found = compare_curl(parse_curl(text), {}, ContractCall("POST", REQUEST, headers))
    forms = [each for each in found if each.message == "sends a multipart form: expected JSON"]
    assert (forms == []) is agrees
    assert all(text[each.find_offset(text) :].startswith("customer_id=c-1") for each in forms)


@pytest.mark.parametrize(
    "image",
    [{"type": "string", "format": "binary"}, {"contentMediaType": "image/png"}, {"items": {"format": "binary"}}],
)
def test_a_form_that_uploads_a_file_is_accepted(image):
    schema: Schema = {"type": "object", "properties": {"image": image, "city": {"type": "string"}}}
    assert said(f"curl {PRODUCTION} -F image=@cat.png", contract=ContractCall("POST", schema)) == []


def test_the_content_of_a_file_is_not_checked():
    for options in ("--json @request.json", "-d @request.json", "-T request.json -X POST"):
        assert said(f"curl {PRODUCTION} {options}", contract=ContractCall("POST", REQUEST)) == []


def test_a_missing_body_is_reported():
    (disagreement,) = compare_curl(parse_curl(f"curl -X POST {PRODUCTION}"), {}, ContractCall("POST", REQUEST))
    assert disagreement.message == "sends no body: expected one"
    assert disagreement.hint == "add --json '{\"customer_id\": …}'"
    assert said(f"curl -X POST {PRODUCTION}", contract=ContractCall("POST", {})) == []
    assert said(f"curl {PRODUCTION}", contract=ContractCall("POST", REQUEST)) == [
        "sends GET: expected POST",
        "sends no body: expected one",
    ]


class TestWithoutABody:
    contract = ContractCall("GET", REQUEST)

    @pytest.mark.parametrize(
        ("curl", "endpoint"),
        [
            ("curl -G https://h/v1 -d customer_id=c-1 -d limit=3", "https://h/v1"),
            ("curl 'https://h/v1?customer_id='", "https://h/v1"),
            ("curl 'https://h/v1?$QUERY'", "https://h/v1"),
            ("curl 'https://h/v1?limit=3&$QUERY'", "https://h/v1"),
            ("curl '$ML_URL'", "https://h/v1"),
            ("curl https://h/v1/c-1", "https://h/v1/{customer_id}"),
            ("curl https://h/v1/$CUSTOMER", "https://h/v1/{customer_id}"),
            ("curl https://h/v1/c-1?mode=fast", "https://h/v1/{customer_id}?mode=fast"),
            ("curl https://h/v1/c-1", None),
            ("curl https://h/v1 -G -d @fields.txt", "https://h/v1"),
        ],
    )
    def test_fields_are_found_in_the_query_or_the_path(self, curl, endpoint):
        assert said(curl, {"production": endpoint} if endpoint else {}, self.contract) == []

    @pytest.mark.parametrize(
        ("curl", "endpoint"),
        [
            ("curl https://h/v1", "https://h/v1"),
            ("curl https://h/v1?limit=3", "https://h/v1"),
            ("curl 'https://h/v1?limit=$LIMIT'", "https://h/v1"),
            ("curl https://h/v1/mysuru", "https://h/v1/{city}"),
            ("curl https://h/v1?limit=3", None),
        ],
    )
    def test_a_missing_field_is_reported(self, curl, endpoint):
        (disagreement,) = compare_curl(parse_curl(curl), {"production": endpoint} if endpoint else {}, self.contract)
        assert disagreement.message == "lacks 'customer_id' in its query"
        assert disagreement.hint == "add --get --data-urlencode 'customer_id=…'"

    def test_required_fields_need_no_description(self):
        contract = ContractCall("GET", {"required": ["city", "drop"]})
        assert said("curl https://h/v1?city=mysuru", contract=contract) == ["lacks 'drop' in its query"]

    def test_required_fields_are_found_in_nested_schemas(self):
        schema: Schema = {"$ref": "#/$defs/place", "$defs": {"place": {"allOf": [{"required": ["city"]}]}}}
        assert said("curl https://h/v1?limit=3", contract=ContractCall("GET", schema)) == ["lacks 'city' in its query"]

    def test_an_unexpected_field_is_reported(self):
        (disagreement,) = compare_curl(parse_curl("curl 'https://h/v1?customer_id=c-1&limt=3'"), {}, self.contract)
        assert disagreement.message == "sends 'limt', which the request schema does not define"
        assert disagreement.hint == "did you mean 'limit'?"
        open_to_more = ContractCall("GET", {"required": ["customer_id"], "properties": {"limit": {"type": "integer"}}})
        assert said("curl 'https://h/v1?customer_id=c-1&limt=3'", contract=open_to_more) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "column"),
    [
        ("predict", "rank", 1, 22),
        ("POST", "PUT", 1, 16),
        ("X-Team: ds", "x-team: eng", 2, 13),
        ("--header 'X-Team: ds'", "--silent", 1, 1),
        ('"limit": 3', '"limit": "3"', 6, 5),
        ('["a", "b"]', '["a", 7]', 7, 5),
        ('"customer_id"', '"customer"', 4, 9),
        ('"a", "b"]', '"a",', 4, 9),
    ],
)
def test_each_disagreement_has_its_line_and_column(old, new, line, column):
    text = """\
curl --request POST 'URL' \\
  --header 'X-Team: ds' \\
  --header 'Content-Type: application/json' \\
  -d   '{
    "customer_id": "c-42",
    "limit": 3,
    "items": ["a", "b"]
  }'""".replace("URL", PRODUCTION)
    assert compare_curl(parse_curl(text), ENDPOINTS, CONTRACT) == []
    changed = text.replace(old, new)
    first = compare_curl(parse_curl(changed), ENDPOINTS, CONTRACT)[0]
    before = changed[: first.find_offset(changed)].split("\n")
    assert (len(before), len(before[-1]) + 1) == (line, column), first


def test_an_escaped_word_is_reported_at_the_start_of_the_text():
    escaped = f'curl {PRODUCTION} -H "X-Team: ds" --json "{{\\"customer_id\\": 42}}"'
    (disagreement,) = compare_curl(parse_curl(escaped), ENDPOINTS, CONTRACT)
    assert disagreement.message.endswith("/customer_id: invalid value 42: expected string")
    assert disagreement.find_offset(escaped) == 0


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["POST", "PUT", "GET"]), st.from_regex(r"c-[0-9]{1,3}", fullmatch=True), st.integers())
def test_a_rendered_curl_matches_its_contract(method, customer, limit):
    payload: Data = {"customer_id": customer, "limit": limit}
    made = build_sample(PRODUCTION, payload, method, (("X-Team", "ds"),))
    assert compare_curl(made, ENDPOINTS, ContractCall(method, REQUEST, (("X-Team", "ds"),))) == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.none() | st.text(max_size=20), schema_like)
def test_any_curl_and_contract_can_be_compared(url, endpoint, sent, schema):
    curl = Curl("POST", url, body=sent)
    contract = ContractCall("GET", schema if isinstance(schema, dict) else True)
    for each in compare_curl(curl, {"production": endpoint}, contract):
        assert each.message


@pytest.mark.parametrize(
    "text",
    ["${" * 50_000, "$(" * 50_000, '\\"' * 50_000, "`\n" * 50_000, "<a" * 50_000, '"' + "[" * 50_000, "{$A:" * 50_000],
)
def test_hostile_bodies_are_compared_quickly(text):
    with limit_cpu_time():
        compare_curl(Curl("POST", PRODUCTION, body=text), {}, ContractCall("POST", REQUEST))
