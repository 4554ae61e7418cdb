"""`modelbook reconcile` reads traffic of any format, writes counts, and reports callers as `check` does."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from tests.books import write_book
from tests.cli.running import Ran, run
from tests.evidence.traffic.test_access_logs import envoy, nginx
from tests.evidence.traffic.test_prometheus import CALL, answer, istio, vector

CARDS = {
    "models.yml": """
        kind: model
        id: ryl
        name: RYL
        summary: Ranks restaurants.
        lifecycle: experimental
        serving: online
        owners: [t]
        endpoints: {production: "https://ml.example.com/v1/models/ryl:predict"}
        ---
        kind: model
        id: fraud
        name: Fraud
        summary: Scores payments.
        lifecycle: experimental
        serving: online
        owners: [t]
        endpoints: {production: "https://fraud.example.com/score"}
        """,
    "systems.yml": """
        kind: system
        id: home-feed
        name: Home feed
        type: service
        owners: [t]
        seen_as: {user_agents: [home-feed-http]}
        uses: [{model: fraud, why: Payments in the feed}]
        """,
    "people.yml": """
        {kind: team, id: t, name: Team, lead: p, channel: "#t"}
        ---
        {kind: person, id: p, name: Person, team: t}
        """,
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book", CARDS)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def reconcile(book: Path, *arguments: str | Path) -> Ran:
    return run("reconcile", "-C", book, *arguments)


def test_a_caller_without_a_declaration_is_reported_and_the_counts_are_written(book: Path, tmp_path: Path):
    ran = reconcile(book, write(tmp_path / "access.log", envoy() * 7 + "noise\n"))
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[:6] == [
        "envoy: 7 requests on 2026-11-18",
        "  1 caller of 1 target in the book",
        "",
        "Not read",
        f"  {tmp_path / 'access.log'}: 1 bad line, the first: line 8 (no line of the format)",
        "",
    ]
    message = "system:home-feed calls model:ryl, but no card declares it: 7 requests up to 2026-11-18"
    assert f"cards/systems.yml:7:7 warning MB711 {message}" in ran.out
    assert "fix: add `- {model: ryl, why: …}` under `uses:`" in ran.out
    assert ran.err == "wrote evidence/traffic.jsonl\n"
    written = (book / "evidence/traffic.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["row"] for line in written] == ["call", "source"]


def test_check_reports_the_same_from_the_written_file(book: Path, tmp_path: Path):
    reported = json.loads(reconcile(book, write(tmp_path / "a.log", envoy()), "--format", "json").out)["findings"]
    checked = run("check", "-C", book, "--format", "json").data["findings"]
    assert [one for one in checked if one["code"].startswith("MB71")] == reported != []


def test_hosts_that_no_card_names_are_shown_and_neither_written_nor_evidence(book: Path, tmp_path: Path):
    hosts = "".join(
        envoy(path="/else", upstream_cluster="-", authority=f"h{number}.example.com") * number for number in range(1, 8)
    )
    ran = reconcile(book, write(tmp_path / "a.log", hosts))
    assert ran.out.splitlines() == [
        "envoy: 28 requests on 2026-11-18",
        "  0 callers of 0 targets in the book",
        "  not decided: 28 requests, hosts and services that no card names",
        "",
        "No card has these names: add yours under `endpoints:` or `aliases:`",
        *(f"  h{number}.example.com: {number} requests" for number in range(7, 2, -1)),
        "  and 2 more",
        "",
        "no findings",
    ]
    assert "h7" not in (book / "evidence/traffic.jsonl").read_text("utf-8")
    assert "traffic not looked at" in run("show", "-C", book, "fraud").out
    seen = reconcile(book, write(tmp_path / "b.log", hosts + envoy()))
    assert "MB712 system:home-feed declares a use of model:fraud, but no call was seen in envoy" in seen.out


def test_no_password_and_no_key_in_the_place_of_a_host_is_shown(book: Path, tmp_path: Path):
    hosts = ("bob:s3cr3t@api.other.com", "bob:pa", "x.com?api_key=s3cr3t", "api.other.com:443", "x.com#s3cr3t", "a b")
    text = "".join(envoy(path="/else", upstream_cluster="-", authority=host) for host in hosts)
    ran = reconcile(book, write(tmp_path / "a.log", text))
    assert "  api.other.com: 2 requests\n  x.com: 1 request\n\n" in ran.out
    assert not any(word in ran.out for word in ("bob", "s3cr3t", "a b"))


def test_a_log_without_hosts_is_told(book: Path, tmp_path: Path):
    ran = reconcile(book, write(tmp_path / "access.log", nginx(path="/else")))
    assert "  not decided: 1 request, paths that no card has, in a source without hosts\n" in ran.out
    assert "No card has these names" not in ran.out


def test_dry_run_writes_nothing(book: Path, tmp_path: Path):
    ran = reconcile(book, write(tmp_path / "a.log", envoy()), "--dry-run")
    assert "MB711" in ran.out
    assert ran.err == ""
    assert not (book / "evidence").exists()


def test_the_exit_status_follows_the_lowest_severity_that_fails(book: Path, tmp_path: Path):
    log = write(tmp_path / "a.log", envoy())
    assert reconcile(book, log).code == 0
    assert reconcile(book, log, "--fail-on", "warning").code == 1


def test_accepted_findings_are_not_reported(book: Path, tmp_path: Path):
    card = book / "cards/systems.yml"
    card.write_text(
        card.read_text("utf-8") + "x-allow: {MB711: A test of the new carousel, MB712: A rare use}\n", "utf-8"
    )
    ran = reconcile(book, write(tmp_path / "a.log", envoy()), "--fail-on", "info")
    assert ran.code == 0
    assert "2 suppressed by x-allow" in ran.out


def test_files_of_one_format_are_added_up_and_replace_the_earlier_ones(book: Path, tmp_path: Path):
    first = write(tmp_path / "a.log", envoy() * 2)
    second = write(tmp_path / "a.log.1.gz", gzip.compress((envoy() * 3).encode()))
    mesh = write(tmp_path / "mesh.json", answer(vector(5, **CALL, modelbook_window="30d")))
    assert reconcile(book, first, second, mesh).code == 0

    def counts() -> dict[str, int]:
        rows = map(json.loads, (book / "evidence/traffic.jsonl").read_text("utf-8").splitlines())
        return {row["source"]: row["requests"] for row in rows if row["row"] == "call"}

    assert counts() == {"envoy": 5, "prometheus": 5}
    reconcile(book, first)
    assert counts() == {"envoy": 2, "prometheus": 5}
    reconcile(book, second, "--source", "gateway")
    assert counts() == {"envoy": 2, "prometheus": 5, "gateway": 3}


def test_the_same_traffic_gives_the_same_bytes(book: Path, tmp_path: Path):
    log = write(tmp_path / "a.log", envoy() * 2 + envoy(user_agent="growth/1") + envoy(authority="fraud.example.com"))
    reconcile(book, log)
    first = (book / "evidence/traffic.jsonl").read_bytes()
    reconcile(book, log, log)
    assert (book / "evidence/traffic.jsonl").read_bytes() == first


def test_the_standard_input_is_read(book: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(nginx().encode() * 4))))
    ran = reconcile(book, "-", "--format", "json")
    assert ran.data["files"][0] == {
        "name": "standard input", "format": "combined", "bad_lines": 0, "first_bad_lines": [], "problem": "",
    }  # fmt: skip
    assert [(one["ref"], one["requests"]) for one in ran.data["calls"]] == [("model:ryl", 4)]


def test_annotations_are_for_github(book: Path, tmp_path: Path):
    ran = reconcile(book, write(tmp_path / "a.log", envoy()), "--format", "github")
    assert "::warning file=cards/systems.yml,line=7,col=7,title=MB711 caller-not-documented::" in ran.out


def test_the_report_may_be_a_file(book: Path, tmp_path: Path):
    ran = reconcile(book, write(tmp_path / "a.log", envoy()), "-o", tmp_path / "report.txt")
    assert ran.out == ""
    assert "MB711" in (tmp_path / "report.txt").read_text("utf-8")


def test_a_file_that_is_no_traffic_is_named_and_the_others_are_read(book: Path, tmp_path: Path):
    log, other = write(tmp_path / "a.log", envoy()), write(tmp_path / "notes.txt", "hello\n")
    ran = reconcile(book, other, write(tmp_path / "empty.log", ""), log)
    assert ran.code == 0
    assert f"  {other}: no traffic: expected metrics of Istio" in ran.out
    assert f"  {tmp_path / 'empty.log'}: it is empty" in ran.out
    ran = reconcile(book, other)
    assert (ran.code, ran.out) == (2, "")
    assert f"{other} has an unknown format: expected metrics of Istio" in ran.err


def test_compressed_data_that_end_early_are_counted_to_their_end(book: Path, tmp_path: Path):
    data = gzip.compress("".join(envoy(duration=number) for number in range(5_000)).encode())
    log = write(tmp_path / "a.log.gz", data[: len(data) // 2])
    ran = reconcile(book, log)
    assert ran.code == 0
    assert f"  {log}: the compressed data end early" in ran.out
    assert "bad line" in ran.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "no FILE is given: name recorded traffic, or print the query for it with --query"),
        (("missing.log",), "missing.log cannot be read: No such file or directory"),
        (("--window", "30", "--query"), "invalid window '30': expected a number of hours, days or weeks, as 30d"),
    ],
)
def test_wrong_use_is_explained(book: Path, arguments: tuple[str, ...], error: str):
    ran = reconcile(book, *arguments)
    assert ran.code == 2
    assert error in ran.err


def test_a_link_out_of_the_book_is_not_written_through(book: Path, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (book / "evidence").symlink_to(tmp_path / "outside")
    ran = reconcile(book, write(tmp_path / "a.log", envoy()))
    assert ran.code == 2
    assert list((tmp_path / "outside").iterdir()) == []


def test_the_query_asks_for_the_hosts_and_services_of_the_book(book: Path):
    ran = reconcile(book, "--query", "--window", "7d")
    assert ran.code == 0
    assert 'istio_requests_total{destination_service=~"fraud[.]example[.]com|ml[.]example[.]com|(' in ran.out
    assert "(fraud|home-feed|ryl)(-[^.]+)?([.].+)?" in ran.out
    assert ran.out.count("[7d]") == 3
    assert '"modelbook_window", "7d", "", ""' in ran.out
    for opening, closing in ("()", "{}", "[]"):
        assert ran.out.count(opening) == ran.out.count(closing)


def test_an_answer_to_another_query_has_the_window_that_the_user_gives(book: Path, tmp_path: Path):
    file = write(tmp_path / "mesh.json", answer(vector(5, **CALL)))
    (source,) = reconcile(book, file, "--window", "2w", "--format", "json").data["sources"]
    assert (source["window"], source["first_on"], source["last_on"]) == ("2w", "2026-11-06", "2026-11-20")


def test_nothing_of_a_request_but_names_is_printed_or_written(book: Path, tmp_path: Path):
    lines = (
        envoy(path="/v1/models/ryl:predict?token=s3cret", user_agent="agent-7/1 (asha@example.com)")
        + "s3cret in a bad line\n"
        + nginx("/customers/c-42?password=s3cret")
    )
    log, dump = write(tmp_path / "a.log", lines), write(tmp_path / "m.txt", istio(5) + "s3cret\n")
    everything = ""
    for form in ("text", "json", "github"):
        ran = reconcile(book, log, dump, "--format", form)
        everything += ran.out + ran.err
    everything += (book / "evidence/traffic.jsonl").read_text("utf-8")
    assert "agent-7" in everything
    for word in ("s3cret", "asha", "c-42", "10.4.3.2", "password", "token"):
        assert word not in everything


def test_control_characters_of_a_source_reach_no_terminal(book: Path, tmp_path: Path):
    ran = reconcile(book, write(tmp_path / "a.log", envoy(user_agent="\x1b[31mred/1", authority="fraud.example.com")))
    assert "\x1b" not in ran.out
