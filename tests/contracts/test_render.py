"""The rendered curl command, which can be pasted and parses to its request."""

import json
import shutil
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.contracts.curl import Curl, read_call
from generator.contracts.curl_effects import find_side_effects
from generator.contracts.data import Data
from generator.contracts.render import build_sample, render_curl, render_payload
from tests.contracts.curls import parse_curl

URL = "https://ml.example.com/v1/models/ryl:predict"
HOSTILE: Data = {
    "name": 'O\'Brien said "hi" $HOME `id` \\ !x',
    "city": "मैसूरु 東京\n2",
    "bell": "\a",
    "n": [1.5, None, True],
}

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
word = st.text("abzAZ09-_$'\"\\!{}[]é ", min_size=1).map(str.strip).filter(bool)
headers = st.lists(st.tuples(st.from_regex(r"[A-Za-z][A-Za-z-]{0,9}", fullmatch=True), text.map(str.strip)), max_size=3)
curls = st.builds(
    Curl,
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    word.map("https://h/".__add__),
    headers.map(tuple),
    st.none() | text,
    user=st.none() | text,
)


def test_golden():
    made = build_sample(URL, {"customer_id": "c-42", "city": "mysuru"}, headers=(("Authorization", "Bearer $TOKEN"),))
    assert render_curl(made) == (
        "curl --request POST https://ml.example.com/v1/models/ryl:predict \\\n"
        "  --header 'Content-Type: application/json' \\\n"
        '  --header "Authorization: Bearer $TOKEN" \\\n'
        "  --data '{\n"
        '  "customer_id": "c-42",\n'
        '  "city": "mysuru"\n'
        "}'"
    )


@settings(max_examples=200, deadline=None)
@given(curls)
def test_a_rendered_curl_parses_to_its_request(curl):
    assert parse_curl(render_curl(curl)) == curl


@settings(max_examples=200, deadline=None)
@given(curls)
def test_a_rendered_curl_has_no_side_effects(curl):
    made = render_curl(curl)
    found = [each.message for each in find_side_effects(made, read_call(made))]
    of_values = (
        "contains the control character U+",
        "names another host",
        "ends a line of the request within",
    )  # those of the example, shown as they are
    assert [message for message in found if not message.startswith(of_values)] == []


@pytest.mark.parametrize(
    "curl",
    [
        Curl("POST", URL, body_file="a b.json"),
        Curl("POST", URL, form=(("image", "@it's.png"), ("note", "$X!"))),
        Curl("GET", URL, (("X-Empty", ""), ("Accept", "*/*")), user="ds:$PASS"),
        Curl("POST", URL, body="@not-a-file"),
        Curl("POST", "$BASE/v1/{city}?a[0]=1", body=render_payload(HOSTILE)),
        Curl("GET", URL, (("A", '$X "q" \\ !'), ("B", "${X}y$Z"), ("C", "a'$X'b"))),
    ],
)
def test_every_field_of_a_rendered_curl_is_parsed(curl):
    assert parse_curl(render_curl(curl)) == curl


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is the judge here")
def test_bash_passes_the_payload_unchanged_and_expands_only_placeholders():
    made = build_sample(URL, HOSTILE, headers=(("Authorization", "Bearer $TOKEN"), ("X-Odd", "$TOKEN's \"!`id`")))
    script = "curl() { printf '%s\\0' \"$@\"; }\n" + render_curl(made)
    shown = subprocess.run(
        ["bash", "-c", script], capture_output=True, check=True, env={"TOKEN": "t0p", "LC_ALL": "C.UTF-8"}
    )
    arguments = shown.stdout.decode().split("\0")
    assert json.loads(arguments[arguments.index("--data") + 1]) == HOSTILE
    assert "Authorization: Bearer t0p" in arguments
    assert "X-Odd: t0p's \"!`id`" in arguments
    assert URL in arguments


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is the judge here")
def test_curl_accepts_a_rendered_command():
    made = replace(build_sample("http://127.0.0.1:1/v1/{city}/[x]", HOSTILE), user="a:b")
    shown = subprocess.run(["bash", "-c", render_curl(made)], capture_output=True, check=False, text=True)
    assert shown.returncode == 7, shown.stderr  # refused by the closed port, not by the reading of the options


def test_path_parameters_are_filled_from_the_payload():
    made = build_sample("https://h/v1/{city}/x/{unknown}", {"city": "new delhi/1", "n": 2})
    assert made.url == "https://h/v1/new%20delhi%2F1/x/{unknown}"
    assert json.loads(made.body or "") == {"city": "new delhi/1", "n": 2}


def test_a_method_without_a_body_sends_the_payload_in_the_query():
    made = build_sample(
        "https://h/v1/{city}?k=1#f", {"city": "x", "q": "a b", "tags": [1, 2], "on": True, "no": None}, "GET"
    )
    assert (made.method, made.body, urlsplit(made.url).path) == ("GET", None, "/v1/x")
    assert parse_qs(urlsplit(made.url).query) == {"k": ["1"], "q": ["a b"], "tags": ["1", "2"], "on": ["true"]}


def test_an_explicit_content_type_is_kept_and_no_payload_has_none():
    assert build_sample(URL, [1], headers=(("content-type", "x/y"),)).headers == (("content-type", "x/y"),)
    assert build_sample(URL, None) == Curl("POST", URL)


def test_control_characters_are_escaped():
    shown = render_curl(Curl("POST", URL, body="\x1b[31m\x00\r"))
    assert not any(ord(character) < 32 and character != "\n" for character in shown)


def test_json_is_readable_and_always_utf8():
    assert render_payload({"a": "é"}) == '{\n  "a": "é"\n}'
    assert json.loads(render_payload("\ud800").encode()) == "\ud800"
