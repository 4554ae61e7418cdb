"""`modelbook scan --here` in the repository of a consumer: only what the change adds, and one download."""

import gzip
import json
import socket
from pathlib import Path

import jsonschema
import pytest

from tests.books import open_book, write_book
from tests.cli.running import Ran, run
from tests.cli.test_check import SARIF
from tests.cli.test_scan import CARDS, MKDOCS
from tests.evidence.checkouts import commit_files, git, make_checkout
from tests.evidence.live_server import Authority, Received, Script, reply, serve

OLD = {"src/old.py": 'HOST = "http://scorer.internal"\n', "README.md": "home\n"}
NEW = {
    "src/ranking.py": 'MODEL = "dish-ranker"\nURL = "https://dishes.example.com/v1/models/dish-ranker:predict"\n',
    "redirects/x.conf": "server scorer.internal;\n",
    "tests/test_a.py": 'x = "dish-ranker"\n',
}
BASE_VARIABLES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "BITBUCKET_PR_DESTINATION_BRANCH",
                  "SYSTEM_PULLREQUEST_TARGETBRANCH", "CHANGE_TARGET")  # fmt: skip


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BASE_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """The published catalog.json of the book."""
    project = open_book(write_book(tmp_path / "book", CARDS, MKDOCS))
    (tmp_path / "catalog.json").write_bytes(project.render_catalog().join())
    return tmp_path / "catalog.json"


@pytest.fixture
def consumer(tmp_path: Path) -> Path:
    """A clone whose branch adds files to the branch of its remote."""
    upstream = make_checkout(tmp_path / "upstream", OLD)
    git(tmp_path, "clone", "-q", str(upstream), str(tmp_path / "consumer"))
    git(tmp_path / "consumer", "remote", "set-url", "origin", "git@git.example.com:food/feed.git")
    git(tmp_path / "consumer", "checkout", "-q", "-b", "change")
    commit_files(tmp_path / "consumer", NEW)
    return tmp_path / "consumer"


def scan(consumer: Path, catalog: Path | str, *arguments: str) -> Ran:
    return run("scan", "--here", "-C", consumer, "--book", catalog, *arguments)


def list_findings(ran: Ran) -> list[tuple[str, str, int]]:
    return [(one["code"], one["file"], one["line"]) for one in json.loads(ran.out)["findings"]]


def test_new_uses_are_reported_at_their_lines_and_do_not_fail(consumer: Path, catalog: Path):
    ran = scan(consumer, catalog)
    fix = "add `- {model: dish-ranker, why: …}` under `uses:` in cards/systems/feed.yml of the book"
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "src/ranking.py:1:10 warning MB701 system:home-feed uses model:dish-ranker, but no card declares it\n"
        f"  fix: {fix}\n"
        "\n"
        "src/ranking.py:2:8 warning MB701 system:home-feed uses model:dish-ranker, but no card declares it\n"
        f"  fix: {fix}\n"
        "\n"
        "src/ranking.py:2:8 info MB704 the address of model:dish-ranker is in code\n"
        "  fix: read the address from the configuration\n"
        "\n"
        "2 warnings, 1 info\n"
    )
    assert not (consumer / "evidence").exists()


def test_a_new_retired_string_fails_and_an_old_one_does_not(consumer: Path, catalog: Path):
    commit_files(consumer, {"src/old.py": None, "src/moved.py": OLD["src/old.py"]})
    assert scan(consumer, catalog).code == 0
    commit_files(consumer, {"values.yaml": "host: scorer.internal\n"})
    ran = scan(consumer, catalog)
    assert ran.code == 1
    assert "values.yaml:1:7 error MB703 'scorer.internal' is retired by migration:to-kserve" in ran.out


def test_code_hosts_get_annotations_at_the_lines(consumer: Path, catalog: Path):
    assert scan(consumer, catalog, "--format", "github").out.startswith(
        "::warning file=src/ranking.py,line=1,col=10,title=MB701 use-not-documented::system:home-feed uses"
    )
    sarif = json.loads(scan(consumer, catalog, "--format", "sarif").out)
    jsonschema.Draft4Validator(SARIF).validate(sarif)
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("src/ranking.py", 1)
    lines = [json.loads(line) for line in scan(consumer, catalog, "--format", "jsonl").out.splitlines()]
    assert [(one["repo"], one["file"], one["line"], one["kind"]) for one in lines] == [
        ("food/feed", "src/ranking.py", 1, "id"), ("food/feed", "src/ranking.py", 2, "url"),
    ]  # fmt: skip


def test_staged_files_are_compared_before_a_commit(consumer: Path, catalog: Path):
    assert list_findings(scan(consumer, catalog, "--staged", "--format", "json")) == []
    (consumer / "values.yaml").write_text("host: scorer.internal\n", "utf-8")
    assert list_findings(scan(consumer, catalog, "--staged", "--format", "json")) == []
    git(consumer, "add", "values.yaml")
    ran = scan(consumer, catalog, "--staged", "--format", "json")
    assert list_findings(ran) == [("MB703", "values.yaml", 1)]
    assert ran.code == 1


def test_the_first_commit_of_a_repository_can_be_checked(tmp_path: Path, catalog: Path):
    root = tmp_path / "new"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "values.yaml").write_text("host: scorer.internal\n", "utf-8")
    git(root, "add", "-A")
    ran = scan(root, catalog, "--staged", "--format", "json")
    assert list_findings(ran) == [("MB703", "values.yaml", 1)]


@pytest.mark.parametrize(("variable", "value"), [
    ("GITHUB_BASE_REF", "stable"), ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/stable"),
    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", ""),
])  # fmt: skip
def test_the_base_is_that_of_the_ci_system(
    consumer: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
):
    """The branch `stable` has the first part of the change already."""
    git(consumer, "update-ref", "refs/remotes/origin/stable", "HEAD")
    monkeypatch.setenv(variable, value or git(consumer, "rev-parse", "HEAD"))
    commit_files(consumer, {"values.yaml": "host: scorer.internal\n"})
    assert list_findings(scan(consumer, catalog, "--format", "json")) == [("MB703", "values.yaml", 1)]
    everything = scan(consumer, catalog, "--format", "json", "--base", "origin/main")
    assert len(list_findings(everything)) == 4


def test_a_branch_without_a_common_commit_is_not_compared(consumer: Path, catalog: Path):
    git(consumer, "checkout", "-q", "--orphan", "other")
    commit_files(consumer, {})
    ran = scan(consumer, catalog, "--base", "origin/main")
    assert (ran.code, ran.out) == (2, "")
    assert "clone the whole history" in ran.err


def test_code_of_no_card_is_reported_with_its_repository(consumer: Path, catalog: Path):
    git(consumer, "remote", "set-url", "origin", "https://git.example.com/food/tools")
    ran = scan(consumer, catalog)
    assert "MB701 this code uses model:dish-ranker, but no card has the code of food/tools" in ran.out
    assert "redirects/x.conf:1:8 error MB703" in ran.out  # its exception is for food/feed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--book", "gone.json"), "gone.json cannot be read"),
        (("--book", "http://models.example.com"), "begins with https://"),
        (("--book", "https://me:word@models.example.com"), "begins with https://"),
        (("--book", "file:///etc/passwd"), "begins with https://"),
        ((), "--here needs --book"),
        (("--book", "x", "--fix"), "--here needs --book, and takes no DIR, --fix or --all"),
    ],
)
def test_other_books_are_usage_errors(consumer: Path, arguments: tuple[str, ...], words: str):
    ran = run("scan", "--here", "-C", consumer, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_other_options_need_here_and_a_repository(consumer: Path, catalog: Path, tmp_path: Path):
    assert "need --here" in run("scan", "-C", consumer, "--staged").err
    ran = run("scan", "--here", "-C", tmp_path, "--book", catalog)
    assert (ran.code, "no git repository around" in ran.err) == (2, True)
    assert "unknown git revision 'gone'" in scan(consumer, catalog, "--base", "gone").err


def test_the_published_book_is_the_only_download(consumer: Path, catalog: Path, authority: Authority):
    content = catalog.read_bytes()
    for path, expected in (("/book", "/book/catalog.json"), ("/x/catalog.json?v=1", "/x/catalog.json?v=1")):
        with serve(reply(content), authority.issue()) as server:
            ran = scan(consumer, f"https://localhost:{server.port}{path}", "--format", "json")
        assert (ran.code, len(list_findings(ran))) == (0, 3)
        assert [(one.method, one.path, one.body) for one in server.received] == [("GET", expected, b"")]
        assert not {"cookie", "authorization"} & server.received[0].headers.keys()


def test_a_retired_string_leads_to_the_owner_and_the_page_of_its_migration(
    consumer: Path, catalog: Path, authority: Authority
):
    commit_files(consumer, {"values.yaml": "host: scorer.internal\n"})
    content = json.loads(catalog.read_bytes())
    (node,) = (one for one in content["nodes"] if one["kind"] == "migration")
    node["page"] = "migrations/to-kserve.html"
    with serve(reply(json.dumps(content).encode()), authority.issue()) as server:
        site = f"https://localhost:{server.port}/book/"
        ran = scan(consumer, site)
    assert f"  fix: use its replacement, or ask team:food-team: {site}migrations/to-kserve.html\n" in ran.out
    assert "  fix: use its replacement, or ask team:food-team\n" in scan(consumer, catalog).out


def test_a_deployment_uses_no_model_that_it_configures(consumer: Path, catalog: Path):
    content = json.loads(catalog.read_bytes())
    (node,) = (one for one in content["nodes"] if one["ref"] == "system:home-feed")
    node["card"]["type"] = "deployment"
    catalog.write_text(json.dumps(content), "utf-8")
    commit_files(consumer, {"values.yaml": "host: scorer.internal\n"})
    assert list_findings(scan(consumer, catalog, "--format", "json")) == [("MB703", "values.yaml", 1)]


def test_a_redirect_on_the_same_host_is_followed(consumer: Path, catalog: Path, authority: Authority):
    content = catalog.read_bytes()

    def script(connection: socket.socket, received: Received) -> None:
        moved = reply(b"", "302 Found", {"Location": "/new/catalog.json"})
        (reply(content) if received.path.startswith("/new") else moved)(connection, received)

    with serve(script, authority.issue()) as server:
        assert scan(consumer, server.url.replace("/predict", "")).code == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(b"", "404 Not Found"), "status 404"),
        (reply(b"<html>sign in</html>"), "is not a catalog.json of a book"),
        (reply(b"", "302 Found", {"Location": "https://127.0.0.1:1/catalog.json"}), "a redirect to another host"),
        (reply(b"", "302 Found", {"Location": "http://localhost/catalog.json"}), "to another scheme is not followed"),
        (reply(b"{}", length=100), "closed before the answer was complete"),
    ],
)
def test_another_answer_is_a_usage_error(consumer: Path, authority: Authority, answer: Script, words: str):
    expect_usage_error(consumer, authority, answer, words)


def test_an_answer_that_is_too_long_when_it_is_decompressed_is_a_usage_error(consumer: Path, authority: Authority):
    answer = reply(gzip.compress(b" " * 100_000_001), headers={"Content-Encoding": "gzip"})
    expect_usage_error(consumer, authority, answer, "more than 100,000,000 bytes")


def expect_usage_error(consumer: Path, authority: Authority, answer: Script, words: str) -> None:
    with serve(answer, authority.issue()) as server:
        ran = scan(consumer, f"https://localhost:{server.port}/")
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_a_certificate_of_an_unknown_authority_is_refused(consumer: Path, authority: Authority, tmp_path: Path):
    (tmp_path / "other").mkdir()
    with serve(reply(b"{}"), Authority(tmp_path / "other", "other").issue()) as server:
        ran = scan(consumer, f"https://localhost:{server.port}/")
    assert (ran.code, server.received) == (2, [])
    assert "its certificate is not trusted" in ran.err
