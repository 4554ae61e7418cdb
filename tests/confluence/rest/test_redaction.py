"""Redaction of credentials that a server quotes in any encoding."""

import base64
import html
import io
import json
import re
import string
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any
from urllib.parse import quote, unquote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from generator.confluence.rest import Wiki, connect, read_credentials
from generator.confluence.rest.redaction import MARK, PIECE, redact_text
from generator.confluence.wiki import Flavour, TitleTaken, WikiProblem

TOKEN = "ATATT3xFfGF0abc=8A1B2C/xx+y&z"
USER = "asha@example.com"
ENTITIES = {"=": "&equals;", "/": "&sol;", "+": "&plus;", "&": "&amp;", "<": "&lt;", '"': "&quot;", "_": "&lowbar;"}

WRITINGS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "json": lambda text: json.dumps(text)[1:-1],
    "json, signs as numbers": lambda text: re.sub(r"[^0-9A-Za-z]", lambda found: f"\\u{ord(found[0]):04x}", text),
    "json, all as numbers": lambda text: "".join(f"\\u{ord(each):04X}" for each in text),
    "json, slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "percent": lambda text: quote(text, safe=""),
    "percent, in small letters": lambda text: "".join(f"%{ord(each):02x}" for each in text),
    "html": html.escape,
    "html, decimal": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "html, hexadecimal": lambda text: re.sub(r"[^0-9A-Za-z]", lambda found: f"&#x{ord(found[0]):X};", text),
    "html, named": lambda text: "".join(ENTITIES.get(each, each) for each in text),
}
FORMS: Mapping[str, Callable[[str, str], str]] = {
    "token": lambda _, token: token,
    "bearer": lambda _, token: f"Authorization: Bearer {token}",
    "pair": lambda user, token: f"{user}:{token}",
    "basic": lambda user, token: base64.b64encode(f"{user}:{token}".encode()).decode(),
    "basic, for addresses": lambda user, token: (
        base64.urlsafe_b64encode(f"{user}:{token}".encode()).decode().rstrip("=")
    ),
    "cut off": lambda _, token: token[: len(token) // 2 + 4],
}
TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60)


class Quoting(BaseAdapter):
    """A transport with the same error for every request."""

    def __init__(self, body: str, headers: Mapping[str, str], status: int = 400) -> None:
        super().__init__()
        self.answer = body.encode(), dict(headers), status

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body, headers, status = self.answer
        raw = HTTPResponse(io.BytesIO(body), headers=headers, status=status, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Do nothing, because no connection is open."""


def connect_wiki(adapter: Quoting, flavour: Flavour, token: str) -> Wiki:
    user = USER if flavour is Flavour.CLOUD else ""
    environ = {"CONFLUENCE_URL": "https://wiki.example.com", "CONFLUENCE_USER": user, "CONFLUENCE_TOKEN": token}
    return connect(read_credentials(environ, flavour), adapter=adapter)


def read_error_message(flavour: Flavour, words: str, token: str, shape: str) -> str:
    """Return the message of an error whose body contains the words in one of the known formats."""
    data = {"errors": [{"title": "no", "detail": words}]} if shape == "errors" else {"message": words}
    as_json = json.dumps(data)
    body, content_type = {
        "errors": (as_json, "application/json"),
        "message": (as_json.replace("=", "\\u003d").replace("/", "\\/"), "application/json;charset=UTF-8"),
        "cut json": (as_json[:-1], "application/json"),
        "json as text": (as_json, "text/plain"),
        "text": (words, "text/plain"),
    }[shape]
    with pytest.raises(WikiProblem) as raised:
        connect_wiki(Quoting(body, {"Content-Type": content_type}), flavour, token).account()
    return raised.value.message


def decode_text(text: str, depth: int = 2) -> set[str]:
    """Return all decoded forms of a text, without the code under test."""
    backslashes = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text)
    found = {text, backslashes, re.sub(r"\\(\W)", r"\1", backslashes), unquote(text), html.unescape(text)}
    return found if depth == 1 else {each for one in found for each in decode_text(one, depth - 1)}


def contains_secret(text: str, secret: str) -> bool:
    pieces = {secret[at : at + PIECE] for at in range(len(secret) - PIECE + 1)}
    return any(piece in reading for reading in decode_text(text) for piece in pieces)


def list_secrets(flavour: Flavour, token: str) -> tuple[str, ...]:
    user = USER if flavour is Flavour.CLOUD else ""
    return token, FORMS["basic"](user, token), FORMS["basic, for addresses"](user, token)


SHAPES = st.sampled_from(["errors", "message", "cut json", "json as text", "text"])


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from([*Flavour]),
    TOKENS,
    st.sampled_from([*FORMS]),
    st.sampled_from([*WRITINGS]),
    SHAPES,
    st.integers(0, 640),
)
def test_no_part_of_a_secret_is_shown_in_any_encoding(
    flavour: Flavour, token: str, form: str, writing: str, shape: str, before: int
) -> None:
    """Check each position of the secret, also across the end of the shown text."""
    user = USER if flavour is Flavour.CLOUD else ""
    quoted = WRITINGS[writing](FORMS[form](user, token))
    said = read_error_message(flavour, f"{'. ' * (before // 2)}{quoted} is bad", token, shape)
    assert not any(contains_secret(said, secret) for secret in list_secrets(flavour, token))


def test_nested_encodings_are_redacted(flavour: Flavour) -> None:
    for inner, outer in product(WRITINGS, WRITINGS):
        quoted = WRITINGS[outer](WRITINGS[inner](TOKEN))
        said = read_error_message(flavour, f"The token {quoted} is bad", TOKEN, "text")
        assert MARK in said, (inner, outer)
        assert not any(contains_secret(said, secret) for secret in list_secrets(flavour, TOKEN)), (inner, outer)


@pytest.mark.parametrize("form", ["token", "basic", "basic, for addresses"])
def test_the_text_around_a_secret_is_kept(flavour: Flavour, form: str) -> None:
    user = USER if flavour is Flavour.CLOUD else ""
    words = f"Für <{FORMS[form](user, TOKEN)}> gilt: 100% nein & \\o/ → {TOKEN} &c."
    shown = read_error_message(flavour, words, TOKEN, "message")
    assert re.fullmatch(rf"Für <{MARK}=*> gilt: 100% nein & \\o/ → {MARK} &c\.", shown), shown


def test_a_text_with_a_secret_in_escapes_is_replaced_completely(flavour: Flavour) -> None:
    assert read_error_message(flavour, f"The token {quote(TOKEN, safe='')} is bad", TOKEN, "text") == MARK


def test_the_host_of_a_redirect_is_redacted(flavour: Flavour) -> None:
    """Check the lowercase form of the secret too, because host names are lowercased."""
    token = "SecretTokenOfMine"
    adapter = Quoting("", {"Location": f"https://{token}.example.org/"}, 302)
    with pytest.raises(WikiProblem, match=f"to {MARK}") as raised:
        connect_wiki(adapter, flavour, token).account()
    assert token.lower() not in str(raised.value).lower()


def test_a_token_that_is_a_word_of_the_server_changes_no_exception() -> None:
    """Check that the exception depends on the original text and not on the redacted one."""
    words = {"errors": [{"title": "A page with this title already exists: choose another title"}]}
    wiki = connect_wiki(Quoting(json.dumps(words), {"Content-Type": "application/json"}), Flavour.CLOUD, "exists:")
    with pytest.raises(TitleTaken) as raised:
        wiki.account()
    assert "exists:" not in raised.value.message


@settings(max_examples=100, deadline=None)
@given(st.text(string.ascii_letters + "\\u0041%&#;x=/ éİ", max_size=60))
def test_text_without_a_secret_is_unchanged(words: str) -> None:
    assert redact_text(words, ("0123456789",)) == words


def test_a_long_text_with_escapes_keeps_all_but_the_secret() -> None:
    dump = "%255C%26amp%3B" * 1_400
    assert redact_text(f"{dump}{TOKEN}{dump}", (TOKEN,)) == f"{dump}{MARK}{dump}"
