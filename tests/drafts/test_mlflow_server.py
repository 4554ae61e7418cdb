"""Servers that redirect, refuse, send unexpected data or never stop sending, over real sockets."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from generator.drafts.mlflow import import_mlflow, open_registry
from generator.drafts.mlflow_registry import ModelVersion, RegisteredModel
from generator.errors import UserError

Answer = Callable[[BaseHTTPRequestHandler], tuple[int, dict[str, str], bytes]]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Nothing: nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/prefix/"
        finally:
            server.shutdown()
            thread.join()


def as_json(data: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(data).encode()


def test_a_redirect_is_not_followed():
    asked: list[str] = []

    def elsewhere(request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        asked.append(request.path)
        return as_json({})

    with serving(elsewhere) as target, serving(lambda _: (302, {"Location": target}, b"")) as address:
        registry = open_registry(address, {"MLFLOW_TRACKING_TOKEN": "secret"})
        with registry as opened, pytest.raises(UserError, match="redirects are not followed"):
            import_mlflow(opened, {})
    assert asked == []


@pytest.mark.parametrize(
    ("access", "sent"),
    [
        ({"MLFLOW_TRACKING_TOKEN": "t0k"}, "Bearer t0k"),
        ({"MLFLOW_TRACKING_USERNAME": "asha", "MLFLOW_TRACKING_PASSWORD": "pw"}, "Basic YXNoYTpwdw=="),
        (None, None),
    ],
)
def test_credentials_are_sent_to_the_server(access: dict[str, str] | None, sent: str | None):
    seen: list[tuple[str, str | None]] = []

    def answer(request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        seen.append((request.path.partition("?")[0], request.headers["Authorization"]))
        return as_json({})

    with serving(answer) as address, open_registry(address, access) as registry:
        assert list(registry.list_models()) == []
    assert seen == [("/prefix/api/2.0/mlflow/registered-models/search", sent)]


def test_a_password_in_an_address_is_refused():
    registry = open_registry("https://asha:secret@ml.example.com")
    with pytest.raises(UserError, match="the address has a password"):
        registry.__enter__()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((401, {}, b""), "MLFLOW_TRACKING_TOKEN"),
        ((200, {}, b"<html>"), "is this the address of a tracking server"),
        ((200, {}, b"[" * 100_000), "is this the address of a tracking server"),
        ((404, {}, b'{"message": "no such\\nthing"}'), "no such thing"),
        ((200, {}, b" " * 20_000_001), "more than 20,000,000 bytes"),
    ],
    ids=["refused", "html", "nested", "error", "endless"],
)
def test_unexpected_responses_are_reported(answer: tuple[int, dict[str, str], bytes], told: str):
    with serving(lambda _: answer) as address, open_registry(address) as registry, pytest.raises(UserError, match=told):
        list(registry.list_models())


def test_an_unreachable_server_is_reported():
    with open_registry("http://127.0.0.1:9") as registry, pytest.raises(UserError, match="cannot reach"):
        list(registry.list_models())


def test_all_pages_are_read_and_a_repeated_page_token_ends_the_list():
    def answer(request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        number = 2 if "page_token=x" in request.path else 1
        return as_json({"registered_models": [{"name": f"m{number}"}], "next_page_token": "x"})

    with serving(answer) as address, open_registry(address) as registry:
        assert [model.name for model in registry.list_models()] == ["m1", "m2"]


def test_the_serving_version_has_an_alias_a_stage_or_is_the_newest():
    versions = tuple(
        ModelVersion("ryl", number, stage) for number, stage in ((1, "Production"), (2, "None"), (3, "Staging"))
    )
    for aliases, expected in (
        ({}, (1, "stage Production")),
        ({"Champion": 2}, (2, "alias champion")),
        ({"prod": 3, "champion": 9}, (3, "alias prod")),
    ):
        version, word = RegisteredModel("ryl", aliases=aliases, versions=versions).serving_version
        assert version is not None
        assert (version.number, word) == expected
    newest = RegisteredModel("ryl", versions=versions[1:]).serving_version
    assert newest == (versions[2], "")
    assert RegisteredModel("ryl").serving_version == (None, "")


def test_fields_of_an_unexpected_type_are_ignored():
    odd = {
        "registered_models": [{"name": 7, "aliases": 1, "tags": ["x"], "latest_versions": [{"version": "x"}, None]}, 3]
    }
    with serving(lambda _: as_json(odd)) as address, open_registry(address) as registry:
        assert [(model.name, len(model.versions)) for model in registry.list_models()] == [("7", 1)]
