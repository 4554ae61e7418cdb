"""The parser of curl commands, with examples from real documentation."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts import curl_options
from generator.contracts.curl import Curl
from generator.contracts.curl_options import CurlError
from tests.contracts.curls import parse_curl
from tests.limits import limit_cpu_time

URL = "https://ml.example.com/v1/models/ryl:predict"
JSON = (("Content-Type", "application/json"), ("Accept", "application/json"))


@pytest.mark.parametrize(
    "text",
    [
        f"curl -X PUT {URL}",
        f"curl -XPUT {URL}",
        f"curl --request PUT {URL}",
        f"curl {URL} -sSXPUT",
        f"curl -sSLk -X 'PUT' --url {URL}",
        f"curl --max-time 3 --retry 2 -o out.json --compressed -i {URL} -X PUT | jq .",
        f"$ TOKEN=abc curl {URL} \\\n  --request PUT  # and so on",
        f"export A=b\ncurl -x http://proxy:8080 -w '%{{http_code}}' -X PUT \"{URL}\" > out 2>&1",
        f"/usr/bin/curl -X PUT {URL}; echo done",
        f"curl --no-progress-meter -XPUT --connect-ti 3 -- {URL}",
    ],
)
def test_different_spellings_are_parsed_as_one_request(text):
    assert parse_curl(text) == Curl("PUT", URL)


@pytest.mark.parametrize(
    "text",
    [
        f"RESP=$(curl -X PUT {URL})",
        f'RESP="$(curl -X PUT "{URL}")" && echo "$RESP"',
        f"echo `curl -X PUT {URL}`",
        f"jq . <(curl -X PUT {URL})",
        f"kubectl exec ryl-0 -- curl -X PUT {URL}",
        f"kubectl -n ml exec -it deploy/ryl -c app -- sh -c 'curl -X PUT {URL}'",
        f"docker run --rm curlimages/curl -X PUT {URL}",
        f"docker exec box apk add curl; docker exec box curl -X PUT {URL}",
        f"aws-vault exec ml -- curl -X PUT {URL}",
        f"ssh bastion curl -X PUT {URL}",
        f"""ssh bastion "bash -c 'curl -X PUT {URL}'" """,
        f"timeout -k 5 10 curl -X PUT {URL}",
        f"if curl -X PUT {URL}; then echo up; fi",
        f"TOKEN=$(curl https://sso.example.com/token)\ncurl -X PUT {URL}",
        f"echo $(date) $(jq -r .x <<< $(curl -X PUT {URL}))",
    ],
)
def test_a_curl_inside_another_command_is_parsed(text):
    assert parse_curl(text) == Curl("PUT", URL)


@pytest.mark.parametrize("text", ["echo curl http://x", "apt-get install curl", "man -- bash curl", "docker pull curl"])
def test_the_word_curl_as_an_argument_is_not_a_command(text):
    with pytest.raises(CurlError, match="no curl command found"):
        parse_curl(text)


def test_an_error_inside_another_command_has_its_offset():
    text = f"echo x; RESP=$(echo a; curl -X PUT {URL} -H)"
    with pytest.raises(CurlError, match="-H needs a value") as caught:
        parse_curl(text)
    assert text[caught.value.offset :].startswith("-H)")


def test_a_package_named_curl_is_not_a_command():
    assert parse_curl(f"sudo apt-get install curl\ncurl -X PUT {URL}") == Curl("PUT", URL)


@pytest.mark.parametrize("unit", ["$(", "$(curl ", "`curl ", "bash -c 'curl ", "-- curl ", "bash curl "])
def test_nested_commands_are_parsed_quickly(unit):
    with limit_cpu_time():
        outcome_of(unit * 10_000 + ")" * 10_000)


def test_an_option_with_an_equals_sign_is_parsed_and_reported():
    assert parse_curl(f"curl --request=PUT {URL}") == Curl("PUT", URL, options_unknown=("--request=PUT",))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", Curl("GET", URL)),
        ("-I", Curl("HEAD", URL)),
        ("-d a=1 -d b=2", Curl("POST", URL, body="a=1&b=2")),
        ("--data-raw @literal", Curl("POST", URL, body="@literal")),
        ("-d ''", Curl("POST", URL, body="")),
        ("-d @request.json", Curl("POST", URL, body_file="request.json")),
        ("--data-binary @- < f.json", Curl("POST", URL, body_file="-")),
        ("-T model.bin", Curl("PUT", URL, body_file="model.bin")),
        ("-X DELETE", Curl("DELETE", URL)),
        ("-X post", Curl("post", URL)),
        ("--json '{\"a\":1}'", Curl("POST", URL, JSON, '{"a":1}')),
        ("--json '{\"a\":' --json '1}'", Curl("POST", URL, JSON, '{"a":1}')),
        ("--json 1 -H 'accept: x/y'", Curl("POST", URL, (JSON[0], ("accept", "x/y")), "1")),
        ("-G -d q=1 --data-urlencode 'c=a b&$X'", Curl("GET", URL + "?q=1&c=a+b%26$X")),
        ("--url-query a=1", Curl("GET", URL + "?a=1")),
        ("-F img=@cat.png -F 'k=a b'", Curl("POST", URL, form=(("img", "@cat.png"), ("k", "a b")))),
        ("--proto-default https", Curl("GET", URL)),
        ("-u ds:$PASS", Curl("GET", URL, user="ds:$PASS")),
        ("-b 's=$S' -A me", Curl("GET", URL, (("User-Agent", "me"), ("Cookie", "s=$S")))),
        ("-e http://r -b jar.txt", Curl("GET", URL, (("Referer", "http://r"),))),
        ("--oauth2-bearer ${T}", Curl("GET", URL, (("Authorization", "Bearer ${T}"),))),
        ("-H 'X-Empty;' -H 'Accept:' -H no", Curl("GET", URL, (("X-Empty", ""),), options_unknown=("header no",))),
        ("--frobnicate 3 -s", Curl("GET", URL, options_unknown=("--frobnicate", "3"))),
        ("--next -X PUT http://other", Curl("GET", URL)),
        ("http://second", Curl("GET", URL)),
        ("--data-urlencode =a/b --data-urlencode name@file", Curl("POST", URL, body="a%2Fb", body_file="file")),
    ],
)  # fmt: skip
def test_options_are_parsed(options, expected):
    assert parse_curl(f"curl {URL} {options}") == expected


def test_an_address_without_a_scheme_gets_the_default_scheme():
    assert parse_curl("curl --proto-default https h/v1?a=1").url == "https://h/v1?a=1"
    assert parse_curl("curl --proto-default https $HOST/v1").url == "$HOST/v1"
    assert parse_curl("curl h/v1").url == "h/v1"


def test_a_url_query_is_added_before_the_fragment():
    assert parse_curl("curl -G 'http://h/p?a=1#top' -d b=2").url == "http://h/p?a=1&b=2#top"


def test_a_here_document_is_the_body():
    text = f'curl {URL} -H "Content-Type: application/json" --data-binary @- <<EOF\n{{\n "city": "$CITY"\n}}\nEOF\n'
    assert parse_curl(text).body == '{\n "city": "$CITY"\n}\n'
    assert parse_curl(text.replace("--data-binary", "-d")).body == '{ "city": "$CITY"}'


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "no curl", 0),
        ("wget http://x", "no curl", 0),
        ("ls; curl -s", "no URL", 4),
        ("curl http://x -H", "-H needs a value", 14),
        ("curl http://x -d '{", "not closed", 17),
    ],
)
def test_an_invalid_command_is_reported_with_its_offset(text, message, offset):
    with pytest.raises(CurlError, match=message) as caught:
        parse_curl(text)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("options", "content_type"),
    [
        ("-d x", "application/x-www-form-urlencoded"),
        ("-d x -H 'content-type: Application/JSON; charset=utf-8'", "application/json"),
        ("-F a=b", "multipart/form-data"),
        ("", None),
    ],
)
def test_the_content_type_is_the_one_that_curl_sends(options, content_type):
    assert parse_curl(f"curl {URL} {options}").content_type == content_type


FRAGMENTS = [
    "curl ",
    "-d",
    "-X",
    "--json",
    "--",
    "-",
    " ",
    "'",
    '"',
    "\\\n",
    "^\n",
    "@",
    "http://x",
    "|",
    "<<E\n",
    "-sXH",
]


def outcome_of(text: str) -> Curl | CurlError:
    try:
        return parse_curl(text)
    except CurlError as error:
        return error


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=12).map("".join) | st.text())
def test_any_text_gives_a_request_or_a_curl_error(text):
    outcome = outcome_of(text)
    if isinstance(outcome, CurlError):
        assert 0 <= outcome.offset <= len(text)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is the judge here")
def test_the_option_table_agrees_with_the_curl_installed():
    manual = subprocess.run(["curl", "--help", "all"], capture_output=True, check=True, text=True).stdout
    seen = re.findall(r"^ *(?:-(\S), +)?--(\S+) *(<|\[protocol)?", manual, re.MULTILINE)
    for letter, name, value in seen:
        assert name in (curl_options.WITH_VALUE if value else curl_options.WITHOUT_VALUE), name
        assert not letter or curl_options.LETTERS[letter] in {name, "include"}  # 8.10 shows it as `--show-headers`
    assert len(seen) > 150
