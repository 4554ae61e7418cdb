"""`modelbook check --book` in the repository of a model."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.cli.running import Ran, run
from tests.cli.test_check import SARIF
from tests.collected_books import RYL, WEB, render_published
from tests.evidence.checkouts import commit_files, git, make_checkout
from tests.evidence.live_server import Authority, reply, serve

BROKEN = RYL.replace("owners: [ranking]", "owners: [rankin]").replace("scores", "score").lstrip()


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """The published catalog.json of the book."""
    (tmp_path / "catalog.json").write_bytes(render_published(tmp_path / "book"))
    return tmp_path / "catalog.json"


@pytest.fixture
def ranking(tmp_path: Path) -> Path:
    """A checkout of shop/ranking, whose cards the book has."""
    remote = "git@git.example.com:shop/ranking.git"
    return make_checkout(tmp_path / "ranking", {"modelbook/ryl.yml": RYL.lstrip(), "src/app.py": "pass\n"}, remote)


def check(root: Path, book: Path | str, *arguments: str | Path) -> Ran:
    return run("check", "-C", root, "--book", book, *arguments)


def test_unchanged_cards_have_no_findings(ranking: Path, catalog: Path):
    ran = check(ranking, catalog)
    assert (ran.code, ran.out, ran.err) == (0, "no findings\n", "")


def test_changes_are_checked_before_they_are_committed(ranking: Path, catalog: Path):
    (ranking / "modelbook/ryl.yml").write_text(BROKEN, "utf-8")
    ran = check(ranking, catalog)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("modelbook/ryl.yml:1:1 error MB310 ")
    assert "7 | owners: [rankin]" in ran.out
    assert ran.out.endswith("2 errors\n")
    commit_files(ranking, {})
    assert check(ranking, catalog).out == ran.out
    assert git(ranking, "status", "--porcelain") == ""


def test_every_format_names_files_of_the_repository(ranking: Path, catalog: Path):
    (ranking / "modelbook/ryl.yml").write_text(BROKEN, "utf-8")
    listed = json.loads(check(ranking, catalog, "--format", "json").out)["findings"]
    assert [(one["code"], one["file"], one["line"]) for one in listed] == [
        ("MB310", "modelbook/ryl.yml", 1), ("MB101", "modelbook/ryl.yml", 7),
    ]  # fmt: skip
    sarif = json.loads(check(ranking, catalog, "--format", "sarif").out)
    jsonschema.Draft4Validator(SARIF).validate(sarif)
    places = [one["locations"][0]["physicalLocation"] for one in sarif["runs"][0]["results"]]
    assert {one["artifactLocation"]["uri"] for one in places} == {"modelbook/ryl.yml"}
    assert (
        "::error file=modelbook/ryl.yml,line=7,col=10,title=MB101" in check(ranking, catalog, "--format", "github").out
    )
    suites = ElementTree.fromstring(check(ranking, catalog, "--format", "junit").out)
    assert [suite.get("name") for suite in suites] == ["modelbook/ryl.yml"]


def test_known_findings_are_not_reported_again(ranking: Path, catalog: Path, tmp_path: Path):
    (ranking / "modelbook/ryl.yml").write_text(BROKEN, "utf-8")
    known = tmp_path / "known.json"
    assert check(ranking, catalog, "--write-baseline", known).code == 0
    ran = check(ranking, catalog, "--baseline", known)
    assert (ran.code, ran.out) == (0, "no findings\n2 known findings, not reported\n")
    (ranking / "modelbook/ryl.yml").write_text(BROKEN.replace("serving: online", "serving: onlin"), "utf-8")
    assert "MB013" in check(ranking, catalog, "--baseline", known).out


def test_the_severity_that_fails_can_be_chosen(ranking: Path, catalog: Path):
    text = RYL.replace("review_by: 2027-03-02", "review_by: 2026-11-01").lstrip()
    (ranking / "modelbook/ryl.yml").write_text(text, "utf-8")
    assert check(ranking, catalog).code == 0
    assert check(ranking, catalog, "--fail-on", "warning").code == 1
    assert check(ranking, catalog, "--fail-on", "warning", "--today", "2026-10-01").code == 0


def test_cards_elsewhere_and_a_subfolder_are_found(tmp_path: Path, catalog: Path):
    files = {"services/ranking/cards.yml": BROKEN, "services/ranking/modelbook.yml": RYL.lstrip(), "README.md": "x\n"}
    root = make_checkout(tmp_path / "mono", files)
    ran = check(root, catalog, "--cards", "services/ranking/cards.yml", "--repository", "shop/ranking")
    assert "services/ranking/cards.yml:7:10 error MB101" in ran.out
    ran = check(root / "services/ranking", catalog, "--repository", "shop/ranking")
    assert (ran.code, ran.out) == (0, "no findings\n")


def test_a_notice_names_a_repository_of_which_the_book_has_no_card(tmp_path: Path, catalog: Path):
    root = make_checkout(
        tmp_path / "search", {"modelbook.yml": WEB.replace("id: web\nname: Web", "id: search\nname: Search").lstrip()}
    )
    ran = check(root, catalog)
    assert (ran.code, ran.out) == (0, "no findings\n")
    assert ran.err == (
        "no card of the book is from the repository 'search': its cards count as new; --repository sets another name\n"
    )


def test_removing_all_cards_reports_what_still_refers_to_them(ranking: Path, catalog: Path):
    (ranking / "modelbook/ryl.yml").unlink()
    ran = check(ranking, catalog)
    assert ran.code == 1
    assert ran.out.startswith("modelbook/ryl.yml:1:1 error MB")
    assert "shop/web" in ran.out


def test_contract_files_are_read_from_the_disk(ranking: Path, catalog: Path):
    card = RYL.replace("  response: {type: object, properties: {scores: {type: array, items: {type: number}}}}\n",
                       "  response: {$ref: ../api/response.json}\n").lstrip()  # fmt: skip
    (ranking / "api").mkdir()
    (ranking / "api/response.json").write_text('{"type": "object", "properties": {"scores": {"type": "array"}}}')
    (ranking / "modelbook/ryl.yml").write_text(card, "utf-8")
    assert check(ranking, catalog).code == 0
    (ranking / "api/response.json").write_text('{"type": "object", "properties": {"score": {"type": "array"}}}')
    assert "MB310" in check(ranking, catalog).out
    (ranking / "api/response.json").unlink()
    assert "modelbook/ryl.yml:13:20 error MB015" in check(ranking, catalog).out


def test_files_that_are_not_collected_are_named(ranking: Path, catalog: Path):
    (ranking / "modelbook/other.yml").symlink_to("../../../../etc/passwd")
    os.mkfifo(ranking / "modelbook/pipe.yml")
    ran = check(ranking, catalog)
    assert (ran.code, ran.out) == (0, "no findings\n")
    assert ran.err == "warning: modelbook/other.yml is not collected: a symbolic link\n"


def test_a_link_in_the_place_of_the_cards_is_not_followed(ranking: Path, catalog: Path):
    (ranking / "modelbook.yml").symlink_to("/etc/hostname")
    ran = check(ranking, catalog)
    assert (ran.code, ran.out) == (0, "no findings\n")
    assert ran.err == "warning: modelbook.yml is not collected: a symbolic link\n"


def test_new_cards_are_found_from_any_folder_of_the_repository(ranking: Path, catalog: Path):
    (ranking / "modelbook/new.yml").write_text("kind: team\nid: new\nname: New\nlead: nobody\n")
    assert "modelbook/new.yml:4:7 error MB101" in check(ranking, catalog).out
    assert check(ranking / "modelbook", catalog).out == check(ranking, catalog).out
    assert check(ranking / "src", catalog).out == check(ranking, catalog).out


def test_a_contract_below_a_link_is_not_read(ranking: Path, catalog: Path, tmp_path: Path):
    """As in a commit, where a link has no files below it."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/request.json").write_text('{"type": "object"}')
    (ranking / "modelbook/api").symlink_to(tmp_path / "elsewhere")
    card = RYL.replace("  request: {type: object, properties: {user: {type: string}}}\n",
                       "  request: {$ref: api/request.json}\n").lstrip()  # fmt: skip
    (ranking / "modelbook/ryl.yml").write_text(card, "utf-8")
    assert "modelbook/ryl.yml:12:19 error MB015" in check(ranking, catalog).out


@pytest.mark.parametrize("path", ["/etc/hosts.yml", "../../outside", "", "a/" * 3000, "linked/secret.yml"])
def test_a_catalog_leads_to_no_file_outside_of_the_repository(ranking: Path, catalog: Path, tmp_path: Path, path: str):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.yml").write_text("kind: team\nid: secret\nname: Secret\n")
    (ranking / "linked").symlink_to(tmp_path / "outside")
    data = json.loads(catalog.read_bytes())
    source = {"name": "shop/ranking", "path": path}
    data["nodes"].append({"ref": "team:secret", "card": {"kind": "team", "id": "secret"}, "source": source})
    catalog.write_text(json.dumps(data))
    ran = check(ranking, catalog)
    assert "secret" not in ran.out
    assert ran.code == 0


def test_a_folder_without_git_can_be_checked(tmp_path: Path, catalog: Path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/modelbook.yml").write_text(BROKEN, "utf-8")
    ran = check(tmp_path / "copy", catalog, "--repository", "shop/ranking")
    assert "modelbook.yml:7:10 error MB101" in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--book", "gone.json"), "gone.json cannot be read"),
        (("--book", "http://models.example.com"), "begins with https://"),
        (("--book", "https://me:word@models.example.com"), "begins with https://"),
        (("--book", "{catalog}", "--changed-since", "main"), "--changed-since is for the repository of a book"),
        (("--book", "{catalog}", "--cards", "../elsewhere.yml"), "is outside of the repository"),
        (("--book", "{catalog}", "--cards", "gone.yml"), "no file or folder"),
        (("--book", "{catalog}", "--write-baseline"), "--write-baseline needs a file with --book"),
        (("--cards", "modelbook"), "--cards and --repository need --book"),
    ],
)
def test_invalid_options_are_a_usage_error(ranking: Path, catalog: Path, arguments: tuple[str, ...], words: str):
    ran = run("check", "-C", ranking, *(argument.format(catalog=catalog) for argument in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "word@" not in ran.err


def test_a_repository_without_cards_is_a_usage_error(tmp_path: Path, catalog: Path):
    ran = check(make_checkout(tmp_path / "empty", {"README.md": "x\n"}), catalog)
    assert (ran.code, "no cards in modelbook.yml or modelbook/: write" in ran.err) == (2, True)


def test_the_book_is_downloaded_over_https(
    ranking: Path, catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "tls").mkdir()
    authority = Authority(tmp_path / "tls", "authority")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    with serve(reply(catalog.read_bytes()), authority.issue()) as server:
        ran = check(ranking, f"https://localhost:{server.port}/book/")
    assert (ran.code, ran.out) == (0, "no findings\n")
    assert [(one.method, one.path, one.body) for one in server.received] == [("GET", "/book/catalog.json", b"")]
