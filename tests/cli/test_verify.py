"""`modelbook verify` against a real HTTPS server: the table, the file, the exit status, and what is refused."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from generator.evidence import live
from tests.books import MKDOCS, TEAM, write_book
from tests.cli.running import Ran, run
from tests.evidence.live_server import Authority, ModelServer, Received, Script, reply, serve

SECRET = "t0ken-that-nobody-may-see"
ANSWERED = "value-of-the-answer"
PATIENT = MKDOCS.replace("2026-11-20", "2026-11-20, verify: {timeout_seconds: 240}")
GOOD = reply(b'{"risk": 0.5}')
CARD = """
kind: model
id: fraud
name: Fraud
summary: Finds fraud.
lifecycle: experimental
serving: online
owners: [t]
endpoints:
  staging: https://localhost:{port}/fraud
  production: https://localhost:{port}/live/fraud
contract:
  safe: true
  headers: {{Authorization: Bearer $MODEL_TOKEN}}
  request: {{type: object}}
  response: {{type: object, required: [risk], properties: {{risk: {{type: number}}}}}}
  examples: [{{request: {{id: customer-0042}}, response: {{risk: 0.1}}}}]
"""
ETA = """
kind: model
id: eta
name: Delivery time
summary: Predicts times.
lifecycle: experimental
serving: online
owners: [t]
endpoints: {{staging: "https://localhost:{port}/eta/{{id}}"}}
contract: {{openapi: eta.openapi.json, operation: predict}}
"""
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "ETA", "version": "1"},
    "paths": {
        "/eta/{id}": {
            "get": {
                "operationId": "predict",
                "requestBody": {"content": {"application/json": {"schema": {}, "example": {"id": "o-1"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Minutes"}}}}
                },
            }
        }
    },
    "components": {"schemas": {"Minutes": {"type": "object", "required": ["minutes"]}}},
}
OFFLINE = """
kind: model
id: churn
name: Churn
summary: Predicts churn.
lifecycle: experimental
serving: offline
owners: [t]
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"), "authority")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    monkeypatch.setenv("MODEL_TOKEN", SECRET)


class LiveBook:
    """A book whose models are served on this machine."""

    def __init__(self, root: Path, server: ModelServer) -> None:
        self.root, self.server = root, server

    def write(self, mkdocs: str = PATIENT, **cards: str) -> None:
        named = {
            "teams.yml": TEAM,
            **{f"{name}.yml": text.format(port=self.server.port) for name, text in cards.items()},
        }
        write_book(self.root, named, mkdocs)
        (self.root / "cards" / "eta.openapi.json").write_text(json.dumps(OPENAPI))

    def verify(self, *arguments: str) -> Ran:
        """Run the command, and check that nothing that was sent is printed or stored."""
        ran = run("verify", "-C", self.root, *arguments)
        stored = "".join(path.read_text("utf-8") for path in self.root.glob("evidence/*"))
        for secret in (SECRET, ANSWERED):
            assert secret not in ran.out + ran.err + stored
        return ran

    @property
    def records(self) -> list[dict[str, Any]]:
        file = self.root / "evidence" / "verify.jsonl"
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


Start = Callable[[Script], Any]


@pytest.fixture
def start(tmp_path: Path, authority: Authority) -> Start:
    """Return a function that serves a script and yields a book with three models."""

    @contextmanager
    def run_server(script: Script) -> Iterator[LiveBook]:
        with serve(script, authority.issue()) as server:
            book = LiveBook(tmp_path / "book", server)
            book.write(fraud=CARD, churn=OFFLINE)
            yield book

    return run_server


def test_a_right_answer_is_shown_and_stored(start: Start):
    with start(GOOD) as book:
        ran = book.verify()
    assert (ran.code, ran.err) == (0, "")
    first, row, _, skipped, churn, _, last = ran.out.rstrip("\n").split("\n")
    assert first == "Endpoints in staging: 1"
    assert row.split()[:3] == ["model:fraud", "valid", "200"]
    assert (skipped, churn) == ("Skipped: 1", "  model:churn: it is served offline")
    assert last == "1 endpoint verified: 1 valid; 1 skipped; wrote evidence/verify.jsonl"
    (record,) = book.records
    assert isinstance(record.pop("milliseconds"), int)
    assert record == {
        "row": "verification", "ref": "model:fraud", "environment": "staging", "day": "2026-11-20",
        "valid_on": "2026-11-20", "status": 200, "shape": "valid",
        "instance": "", "problem": "",
    }  # fmt: skip
    assert book.server.received[0].headers["authorization"] == f"Bearer {SECRET}"
    assert "MB72" not in run("check", "-C", book.root).out


def test_an_answer_that_breaks_the_contract_is_a_finding_here_and_in_check(start: Start):
    with start(reply(f'{{"risk": "{ANSWERED}"}}'.encode())) as book:
        ran = book.verify("fraud")
    assert ran.code == 1
    message = (
        "the staging endpoint of model:fraud broke its contract on 2026-11-20: "
        "response.risk: invalid value: expected number"
    )
    assert f"cards/fraud.yml:15:3 error MB721 {message}" in ran.out
    assert "then run `modelbook verify fraud --env staging`" in ran.out
    assert ran.out.rstrip().endswith("1 endpoint verified: 1 invalid; 0 skipped; wrote evidence/verify.jsonl")
    checked = run("check", "-C", book.root)
    assert (checked.code, message in checked.out) == (1, True)
    with start(GOOD) as book:
        assert book.verify().code == 0
    assert run("check", "-C", book.root).code == 0


def test_a_refusal_is_a_warning_and_a_card_may_accept_it(start: Start):
    script = reply(f'{{"error": "{SECRET} {ANSWERED}"}}'.encode(), f"401 {SECRET}")
    with start(script) as book:
        assert book.verify().code == 0
        ran = book.verify("--fail-on", "warning")
        assert ran.code == 1
        assert "warning MB722 the staging endpoint of model:fraud refused the example" in ran.out
        book.write(fraud=CARD + "x-allow: {{MB722: the token of this job is being renewed}}\n")
        assert "1 suppressed by x-allow" in book.verify().out
        accepted = book.verify("--fail-on", "warning", "--json")
    assert accepted.code == 0
    assert [one["code"] for one in accepted.data["suppressed"]] == ["MB722"]
    assert accepted.data["verified"][0]["problem"] == "status 401: the credentials are missing or refused"


def test_a_contract_of_an_openapi_file_is_verified(start: Start):
    with start(reply(b'{"seconds": 5}')) as book:
        book.write(eta=ETA)
        ran = book.verify("eta")
    assert ran.code == 1
    assert "response: missing field 'minutes'" in ran.out
    assert [(one.method, one.path) for one in book.server.received] == [("GET", "/eta/o-1")]


def test_a_missing_variable_is_an_error_before_anything_is_sent(start: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MODEL_TOKEN")
    with start(GOOD) as book:
        book.write(eta=ETA, fraud=CARD)
        ran = book.verify()
        assert book.server.received == []
    assert ran.code == 2
    said = "MODEL_TOKEN is not set: model:fraud needs it for the header Authorization; nothing was sent"
    assert ran.err == f"modelbook: {said}\n"
    assert book.records == []


def test_production_is_verified_only_with_consent(start: Start):
    with start(GOOD) as book:
        refused = book.verify("--env", "production")
        assert (refused.code, book.server.received) == (2, [])
        assert "production is verified only with --yes" in refused.err
        assert book.verify("--env", "production", "--yes").code == 0
        assert [one.path for one in book.server.received] == ["/live/fraud"]
        assert book.verify("--yes").code == 0
    assert [one["environment"] for one in book.records] == ["production", "staging"]


def test_an_example_that_is_not_safe_is_not_sent(start: Start):
    with start(GOOD) as book:
        book.write(fraud=CARD.replace("  safe: true\n", ""), churn=OFFLINE)
        named = book.verify("fraud")
        everything = book.verify()
        assert book.server.received == []
    assert named.code == 2
    assert "model:fraud cannot be verified: POST may have side effects: add `safe: true`" in named.err
    assert everything.code == 0
    assert everything.out.rstrip().endswith("Nothing was verified: 2 skipped, no file was written")
    assert book.records == []


def test_a_dry_run_lists_requests_and_sends_none(start: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MODEL_TOKEN")
    with start(GOOD) as book:
        ran = book.verify("--dry-run", "--env", "production")
        data = book.verify("--dry-run", "--json").data
        assert book.server.received == []
    address = f"https://localhost:{book.server.port}"
    assert f"  model:fraud: POST {address}/live/fraud with $MODEL_TOKEN" in ran.out
    assert data["requests"] == [
        {
            "ref": "model:fraud",
            "instance": "",
            "method": "POST",
            "url": f"{address}/fraud",
            "variables": ["MODEL_TOKEN"],
        }
    ]
    assert data["skipped"] == [{"ref": "model:churn", "instance": "", "reason": "it is served offline"}]


def test_one_instance_can_be_named(start: Start):
    instances = (
        "instances:\n"
        "  - {{id: fraud-in, endpoints: {{staging: 'https://localhost:{port}/in'}}}}\n"
        "  - {{id: fraud-de, endpoints: {{staging: 'https://localhost:{port}/de'}}}}\n"
    )
    with start(GOOD) as book:
        book.write(fraud=CARD + instances)
        assert book.verify("fraud-in").code == 0
        assert [one.path for one in book.server.received] == ["/in"]
        assert book.verify("fraud").code == 0
    assert [one.get("instance", "") for one in book.records] == ["", "fraud-de", "fraud-in"]


def test_answers_of_other_models_are_kept(start: Start):
    with start(reply(b'{"risk": 1, "minutes": 2}')) as book:
        book.write(eta=ETA, fraud=CARD)
        assert book.verify("eta").code == 0
        assert book.verify("fraud").code == 0
        assert [one["ref"] for one in book.records] == ["model:eta", "model:fraud"]
        book.write(fraud=CARD)
        (book.root / "cards" / "eta.yml").unlink()
        assert book.verify().code == 0
    assert [one["ref"] for one in book.records] == ["model:fraud"]


def test_an_interrupted_run_keeps_the_answers_so_far(start: Start, monkeypatch: pytest.MonkeyPatch):
    with start(reply(b'{"risk": 1, "minutes": 2}')) as book:
        book.write(eta=ETA, fraud=CARD)
        first = live.verify_hosts

        def stop_after_one(*arguments: Any) -> Any:
            with closing(first(*arguments)) as results:
                yield next(results)
            raise KeyboardInterrupt

        monkeypatch.setattr("generator.cli.verify.verify_hosts", stop_after_one)
        ran = book.verify()
    assert ran.code == 130
    assert "stopped after 1 of 2 endpoints" in ran.err
    assert [one["ref"] for one in book.records] == ["model:eta"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--env", "stagign"], "no model has a stagign endpoint: did you mean 'staging'?"),
        (["nope"], "no model matches 'nope'"),
        (["churn"], "model:churn cannot be verified: it is served offline"),
        (["team:t"], "team:t is not a model"),
    ],
)
def test_invalid_options_are_a_usage_error(start: Start, arguments: list[str], said: str):
    with start(GOOD) as book:
        ran = book.verify(*arguments)
        assert book.server.received == []
    assert ran.code == 2
    assert said in ran.err


def test_missing_certificates_are_an_error_before_anything_is_sent(start: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with start(GOOD) as book:
        ran = book.verify()
        assert book.server.received == []
    assert ran.code == 2
    assert "REQUESTS_CA_BUNDLE names no readable file of certificates" in ran.err


def test_the_time_of_the_settings_is_the_limit(start: Start):
    def silence(connection: socket.socket, _: Received) -> None:
        while connection.recv(4096):
            pass

    with start(silence) as book:
        book.write(MKDOCS.replace("2026-11-20", "2026-11-20, verify: {timeout_seconds: 0.3}"), fraud=CARD)
        ran = book.verify("--fail-on", "warning")
    assert ran.code == 1
    assert "did not answer the example on 2026-11-20: no complete answer within 0.3 seconds" in ran.out


def test_the_file_is_not_written_through_a_link_out_of_the_book(start: Start, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    with start(GOOD) as book:
        (book.root / "evidence").symlink_to(tmp_path / "outside")
        ran = book.verify()
    assert ran.code == 2
    assert "leads out of the book" in ran.err
    assert list((tmp_path / "outside").iterdir()) == []
