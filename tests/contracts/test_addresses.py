"""The comparison of an address with the endpoints of a model."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.addresses import (
    VARIABLE,
    EndpointAddress,
    can_match,
    can_produce,
    find_nearest_endpoint,
)
from tests.limits import limit_cpu_time

PRODUCTION = "https://ml.example.com/v1/models/ryl:predict"
ENDPOINTS = {"production": PRODUCTION, "staging": "https://ml-stg.example.com/v1/models/ryl:predict"}


def differences(url: str, endpoint: str) -> list[str]:
    found = find_nearest_endpoint(url, {"production": endpoint})
    assert found is not None
    return list(found.differences)


def test_no_differences_are_found_without_endpoints():
    assert find_nearest_endpoint(PRODUCTION, {}) is None


@pytest.mark.parametrize(
    "url",
    [
        PRODUCTION,
        "https://ML.example.com:443/v1/models/ryl:predict",
        "https://ml-stg.example.com/v1/models/ryl:predict?verbose=1",
        "https://asha:$PASSWORD@ml.example.com/v1/models/ryl:predict#top",
        "https://ml.example.com/v1/models/ryl:predict/",
        "https://ml.example.com/v1/models/ryl%3Apredict",
        "https://ml.example.com/v1/models/%72yl%3apredict",
        "$BASE/v1/models/ryl%3Apredict",
        "$BASE/v1/models/ryl:predict",
        "${BASE%/}/v1/models/ryl:predict",
        "${BASE:?set it}/models/ryl:predict",
        "$ML_URL",
        "$MODEL_URL:predict",
        "$HOST:443/v1/models/ryl:predict",
        "$SCHEME://ml.example.com/v1/models/ryl:predict",
        "https://$HOST/v1/models/ryl:predict",
        "https://$HOST/$REST",
        "https://ml.$DOMAIN/v1/models/ryl:predict",
        "https://${HOST}:443/v1/models/$MODEL:predict",
        "https://ml.example.com/v1/models/<model>:predict",
        "$(cat conf/endpoint.txt)",
        "`cat endpoint`/v1/models/ryl:predict",
    ],
)
def test_an_address_matches_its_endpoint(url):
    found = find_nearest_endpoint(url, ENDPOINTS)
    assert found is not None
    assert found.differences == ()


@pytest.mark.parametrize(
    ("url", "environment", "expected"),
    [
        ("http://ml.example.com/v1/models/ryl:predict", "production", ["uses http"]),
        (
            "https://ml-stg.example.com/v2/models/ryl:predict",
            "staging",
            ["calls the path /v2/models/ryl:predict"],
        ),
        ("ml.example.com/v1/models/ryl:predict", "production", ["uses http"]),
        ("ml.$DOMAIN/v1/models/ryl:predict", "production", ["uses http"]),
        ("https://ml.example.com/v1/models%2Fryl:predict", "production", ["calls the path /v1/models%2Fryl:predict"]),
        ("https://ml%2Eexample.com/v1/models/ryl:predict", "production", ["calls the host ml%2Eexample.com"]),
        ("https://old.example.com/v1/models/ryl:predict", "production", ["calls the host old.example.com"]),
        ("https://ml.$DOMAIN.org/v1/models/ryl:predict", "production", ["calls the host ml.$DOMAIN.org"]),
        ("https://ml.example.com:8443/v1/models/ryl:predict", "production", ["calls the port 8443"]),
        ("https://ml.example.com/v1/models/ryl", "production", ["calls the path /v1/models/ryl"]),
        ("https://ml.example.com", "production", ["calls the path /"]),
        ("https://ml.example.com/v1/models/$MODEL:rank", "production", ["calls the path /v1/models/$MODEL:rank"]),
        ("$BASE/v2/models/ryl:predict", "production", ["calls $BASE/v2/models/ryl:predict"]),
        ("${BASE%/}/v2/models/ryl:predict", "production", ["calls ${…}/v2/models/ryl:predict"]),
        ("https://[bad", "production", ["calls the invalid address 'https://[bad'"]),
    ],
)
def test_differences_between_address_and_endpoint_are_described(url, environment, expected):
    found = find_nearest_endpoint(url, ENDPOINTS)
    assert found is not None
    assert (found.environment, list(found.differences)) == (environment, expected)


def test_an_address_without_a_scheme_uses_http():
    assert differences("ml.internal:8080/v1", "http://ml.internal:8080/v1") == []
    assert differences("https://h/v1/r%C3%A9sum%c3%a9", "https://h/v1/r%c3%a9sum%C3%A9") == []


def test_path_parameters_are_matched():
    endpoint = "https://h/v1/{city}/eta-{kind}:get"
    for url in (
        "https://h/v1/mysuru/eta-bike:get",
        "https://h/v1/$CITY/$WHAT",
        "https://h/v1/$CITY/eta-$KIND:get",
        "$BASE/v1/mysuru/eta-bike:get",
        "$BASE/mysuru/eta-bike:get",
        endpoint,
    ):
        assert differences(url, endpoint) == [], url
    for url in (
        "https://h/v1/a/b/eta-x:get",
        "https://h/v1//eta-x:get",
        "https://h/v1/a/$KIND:set",
        "$BASE/v2/mysuru/eta-bike:get",
    ):
        assert len(differences(url, endpoint)) == 1, url
    assert find_nearest_endpoint("https://h", {"production": endpoint}).path_parameters == {"city", "kind"}  # type: ignore[union-attr] # there is an endpoint


def test_the_query_of_an_endpoint_is_compared():
    endpoint = "https://h/v1/eta?mode=fast"
    for query in ("mode=fast", "x=1&mode=fast", "mode=$MODE", "$QUERY"):
        assert differences(f"https://h/v1/eta?{query}", endpoint) == []
        assert differences(f"$BASE/eta?{query}", endpoint) == []
    assert differences("$ETA_URL", endpoint) == []
    assert differences("https://h/v1/eta", endpoint) == ["lacks mode=fast in the query"]
    assert differences("$BASE/v1/eta", endpoint) == ["lacks mode=fast in the query"]
    assert differences("https://h/v1/eta?mode=slow", endpoint) == ["has mode=slow in the query"]


def test_a_secret_in_a_query_is_not_shown():
    endpoint = "https://h/v1/eta?api_key=Qorvex%2077"
    assert differences("https://h/v1/eta?api_key=Brumal%2088", endpoint) == ["has api_key=████ in the query"]
    assert differences("https://h/v1/eta", endpoint) == ["lacks api_key=████ in the query"]


def test_an_invalid_endpoint_is_not_reported_for_the_curl():
    assert differences("https://h/v1", "https://[bad") == []


def test_user_and_password_are_detected():
    assert EndpointAddress.parse("https://a:b@h/x").has_user
    assert EndpointAddress.parse("a@h/x").has_user
    assert not EndpointAddress.parse("https://h/@x?a@b").has_user


_word = st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True)


@settings(max_examples=150, deadline=None)
@given(st.lists(_word, max_size=5), st.data())
def test_any_part_may_be_a_variable(steps, data):
    endpoint = "/".join(["https://ml.example.com", *steps])
    start = data.draw(st.integers(0, len(endpoint) - 1))
    end = data.draw(st.integers(start + 1, len(endpoint)))
    assert differences(f"{endpoint[:start]}${{X}}{endpoint[end:]}", endpoint) == []


@settings(max_examples=150, deadline=None)
@given(st.lists(_word, min_size=1, max_size=5), st.data())
def test_a_different_path_segment_is_found(steps, data):
    index = data.draw(st.integers(0, len(steps) - 1))
    other = [*steps[:index], steps[index] + "x", *steps[index + 1 :]]
    endpoint = "/".join(["https://ml.example.com", *steps])
    assert differences("/".join(["https://ml.example.com", *other]), endpoint) == [f"calls the path /{'/'.join(other)}"]


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://h/" + "$A" * 5_000, "https://h/" + "a" * 50_000),
        ("https://h/" + "a" * 50_000, "https://h/" + "{a}" * 5_000 + "b"),
        ("https://h/?" + "a&" * 50_000, "https://h/?" + "b&" * 50_000),
        ("$A" + "/$B" * 20_000, "https://h" + "/b" * 20_000 + "c"),
        ("${" * 50_000, "https://h/" + "{" * 50_000),
        ("$(" * 50_000 + "/", "https://h/"),
        ("<a " * 50_000, "https://h/<" + "a " * 50_000),
        ("$A" + ":1" * 50_000, "https://h" + ":1" * 50_000),
    ],
)
def test_hostile_addresses_are_compared_quickly(url, endpoint):
    with limit_cpu_time():  # backtracking would take years
        find_nearest_endpoint(url, {"production": endpoint})


STAR = re.compile(r"\*")
glob = st.text("ab*", max_size=6)


@settings(max_examples=300, deadline=None)
@given(glob, st.text("ab", max_size=8))
def test_a_pattern_matches_like_its_regular_expression(pattern, text):
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert can_produce(pattern, text, STAR) == (re.fullmatch(expression, text) is not None)


@settings(max_examples=300, deadline=None)
@given(glob, glob)
def test_patterns_overlap_if_a_text_matches_both(one, other):
    first, second = one.split("*"), other.split("*")
    longest = [max((each[index] for each in (first, second)), key=len) for index in (0, -1)]
    middles = [*first[1:-1], *second[1:-1]]
    witness = "".join([longest[0], *middles, longest[1]])
    if can_match(one, other, STAR):
        have_gaps = len(first) > 1 and len(second) > 1
        assert not have_gaps or (can_produce(one, witness, STAR) and can_produce(other, witness, STAR))
    else:
        texts = (witness, one, other)
        assert not any(can_produce(one, text, STAR) and can_produce(other, text, STAR) for text in texts)
    assert can_match(one, other, STAR) == can_match(other, one, STAR)


@pytest.mark.parametrize("text", ["$A", "${A}", "${A:-b}", "$(cat x)", "<your token>", "`cat x`", "$1"])
def test_variables_are_recognized(text):
    assert VARIABLE.fullmatch(text)


@pytest.mark.parametrize("text", ["$", "{city}", "$ A", "<>", "a<b", "``a"])
def test_text_without_variables_is_recognized(text):
    assert not VARIABLE.fullmatch(text)
