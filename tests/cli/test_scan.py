"""`modelbook scan` over real git repositories: what it finds, writes, prints and adds to cards."""

import json
from pathlib import Path

import jsonschema
import pytest

from generator.evidence.files import read_evidence
from generator.evidence.records import CodeUse
from tests.books import write_book
from tests.cli.running import Ran, run
from tests.cli.test_check import SARIF
from tests.evidence.checkouts import commit_files, git, make_checkout

MKDOCS = "site_name: Book\nplugins:\n  - modelbook: {as_of: 2026-11-20, functions: {}}\n"
TEAM = "kind: team\nid: food-team\nname: Food\nlead: asha\nchannel: '#food'\n---\n{kind: person, id: asha, name: A}\n"
CARDS = {
    "models/ranker.yml": """
        kind: model
        id: dish-ranker
        name: Dish ranker
        summary: Ranks dishes.
        owners: food-team
        lifecycle: experimental
        serving: online
        endpoints: {production: "https://dishes.example.com/v1/models/dish-ranker:predict"}
        repo: git@git.example.com:ml/models.git
        paths: [dishes/]
        """,
    "systems/feed.yml": """
        kind: system
        id: home-feed # the home page
        name: Home feed
        type: service
        owners: food-team
        repo: https://git.example.com/food/feed
        """,
    "teams.yml": TEAM,
    "move.yml": """
        kind: migration
        id: to-kserve
        name: To KServe
        owners: food-team
        status: done
        moves: [model:dish-ranker]
        waves: [{traffic: 100, done_on: 2026-10-01}]
        retires:
          - text: scorer.internal
            except: [{at: "food/feed:redirects/", why: The redirect stays}]
        """,
}
FEED = {
    "src/ranking.py": 'MODEL = "dish-ranker"\n# dish-ranker is slow\n',
    "values.yaml": "url: https://dishes.example.com/v1/models/dish-ranker:predict\n",
    "redirects/old.conf": "server scorer.internal;\n",
    "README.md": "It calls dish-ranker.\n",
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book", CARDS, MKDOCS)


@pytest.fixture
def mirrors(tmp_path: Path) -> Path:
    """Two repositories: a checkout with uses, and a bare mirror of the model's own code."""
    make_checkout(tmp_path / "mirrors/feed", FEED, "git@git.example.com:food/feed.git", "2026-11-10")
    own = make_checkout(
        tmp_path / "own", {"dishes/train.py": 'name = "dish-ranker"\n'}, "https://git.example.com/ml/models"
    )
    git(tmp_path, "clone", "-q", "--mirror", str(own), str(tmp_path / "mirrors/models.git"))
    git(tmp_path / "mirrors/models.git", "remote", "set-url", "origin", "https://git.example.com/ml/models")
    return tmp_path / "mirrors"


def scan(book: Path, *arguments: str | Path) -> Ran:
    return run("scan", "-C", book, *arguments, "--jobs", "1", "--no-cache")


def read_uses(book: Path) -> set[tuple[str, str, str, int]]:
    evidence, findings = read_evidence(book / "evidence", book)
    assert findings == []
    return {(one.ref, one.system, one.cls.value, one.count) for one in evidence.code if isinstance(one, CodeUse)}


def test_uses_are_written_as_evidence_and_reported_by_what_to_do(book: Path, mirrors: Path):
    ran = scan(book, mirrors)
    assert ran.code == 0
    assert ran.err == "wrote evidence/code.jsonl\n"
    assert "\n".join(ran.out.split("\n")[:6]) == (
        "\n"
        "Document these uses\n"
        "  cards/systems/feed.yml:1:1 warning MB701 code of system:home-feed uses model:dish-ranker, "
        "but no card declares it\n"
        "      food/feed:src/ranking.py:1:10\n"
        "      food/feed:values.yaml:1:6\n"
        "      fix: add `- {model: dish-ranker, why: …}` under `uses:`, or run `modelbook scan --fix`"
    )  # fmt: skip
    assert "2 repositories, 5 files, 6 places\n" in ran.out
    assert read_uses(book) == {
        ("model:dish-ranker", "system:home-feed", "code", 1),
        ("model:dish-ranker", "system:home-feed", "comment", 1),
        ("model:dish-ranker", "system:home-feed", "config", 1),
        ("model:dish-ranker", "system:home-feed", "docs", 1),
        ("model:dish-ranker", "model:dish-ranker", "code", 1),
        ("migration:to-kserve", "system:home-feed", "config", 1),
    }
    assert "slow" not in (book / "evidence/code.jsonl").read_text("utf-8")


def test_check_reports_the_same_findings_from_the_committed_file(book: Path, mirrors: Path):
    found = json.loads(scan(book, mirrors, "--format", "json").out)["findings"]
    checked = run("check", "-C", book, "--format", "json").data["findings"]
    keys = ("code", "file", "line", "message", "hint", "card")
    expected = [{key: one[key] for key in keys} for one in found]
    assert [{key: one[key] for key in keys} for one in checked if one["code"].startswith("MB70")] == expected
    assert [one["code"] for one in expected] == ["MB701"]


def test_a_retired_string_of_a_finished_migration_fails(book: Path, mirrors: Path):
    assert (scan(book, mirrors).code, run("check", "-C", book).code) == (0, 0)
    commit_files(mirrors / "feed", {"src/client.py": 'HOST = "http://scorer.internal:80"\n'}, "2026-11-11")
    ran = scan(book, mirrors)
    assert ran.code == 1
    remove = ran.out[ran.out.index("Remove these names") :]
    assert "error MB703 'scorer.internal' is retired, but still in code or configuration\n" in remove
    assert "      food/feed:src/client.py:1:16\n" in remove
    assert "redirects" not in remove
    assert run("check", "-C", book).code == 1


def test_an_accepted_finding_is_not_reported_but_written(book: Path, mirrors: Path):
    card = book / "cards/systems/feed.yml"
    card.write_text(card.read_text("utf-8") + "x-allow: {MB701: the test of next week}\n", "utf-8")
    ran = scan(book, mirrors)
    assert "MB701" not in ran.out
    assert "1 suppressed by x-allow" in ran.out
    assert ("model:dish-ranker", "system:home-feed", "code", 1) in read_uses(book)


def test_fix_adds_the_uses_and_keeps_the_layout_of_the_card(book: Path, mirrors: Path):
    before = (book / "cards/systems/feed.yml").read_text("utf-8")
    ran = scan(book, mirrors, "--fix")
    after = (book / "cards/systems/feed.yml").read_text("utf-8")
    added = 'uses:\n  - {model: dish-ranker, why: "To be written: what it uses the model for"}\n'
    assert after == before + added
    assert ran.err == "changed cards/systems/feed.yml\nwrote evidence/code.jsonl\n"
    assert "MB701" not in ran.out
    codes = [one["code"] for one in run("check", "-C", book, "--format", "json").data["findings"]]
    assert "MB419" in codes
    assert "MB701" not in codes


def test_a_dry_run_writes_nothing(book: Path, mirrors: Path):
    before = (book / "cards/systems/feed.yml").read_text("utf-8")
    ran = scan(book, mirrors, "--fix", "--dry-run")
    assert ran.err == "would change cards/systems/feed.yml\n"
    assert (book / "cards/systems/feed.yml").read_text("utf-8") == before
    assert not (book / "evidence").exists()


def test_json_lines_have_each_place_once(book: Path, mirrors: Path):
    lines = [json.loads(line) for line in scan(book, mirrors, "--format", "jsonl").out.splitlines()]
    assert lines[0] == {
        "ref": "model:dish-ranker", "kind": "id", "repo": "food/feed", "file": "README.md", "line": 1, "column": 10,
        "match": "dish-ranker", "class": "docs",
    }  # fmt: skip
    assert [(one["file"], one["ref"], one["class"]) for one in lines[1:]] == [
        ("redirects/old.conf", "migration:to-kserve", "config"),
        ("src/ranking.py", "model:dish-ranker", "code"),
        ("src/ranking.py", "model:dish-ranker", "comment"),
        ("values.yaml", "model:dish-ranker", "config"),
        ("dishes/train.py", "model:dish-ranker", "code"),
    ]


def test_reports_for_code_hosts_are_at_the_cards(book: Path, mirrors: Path):
    github = scan(book, mirrors, "--format", "github").out
    assert github.startswith("::warning file=cards/systems/feed.yml,line=1,col=1,title=MB701 use-not-documented::")
    sarif = json.loads(scan(book, mirrors, "--format", "sarif").out)
    jsonschema.Draft4Validator(SARIF).validate(sarif)
    assert [one["ruleId"] for one in sarif["runs"][0]["results"]] == ["MB701"]


def test_a_second_scan_of_one_repository_keeps_the_records_of_the_others(book: Path, mirrors: Path):
    scan(book, mirrors)
    whole = (book / "evidence/code.jsonl").read_bytes()
    scan(book, mirrors / "feed")
    assert (book / "evidence/code.jsonl").read_bytes() == whole
    scan(book, mirrors / "feed", "--all")
    assert ("model:dish-ranker", "model:dish-ranker", "code", 1) not in read_uses(book)


def test_processes_and_the_cache_change_nothing(book: Path, mirrors: Path, tmp_path: Path):
    scan(book, mirrors)
    cold = (book / "evidence/code.jsonl").read_bytes()
    for _ in range(2):
        (book / "evidence/code.jsonl").unlink()
        run("scan", "-C", book, mirrors, "--jobs", "2", "--cache", tmp_path / "cache")
        assert (book / "evidence/code.jsonl").read_bytes() == cold


def test_the_book_does_not_use_its_own_models(tmp_path: Path):
    files = {
        "docs/index.md": "dish-ranker\n",
        "templates/pages/x.py": 'x = "dish-ranker"\n',
        "run.py": 'x = "dish-ranker"\n',
    }
    root = make_checkout(tmp_path / "book", files, "git@git.example.com:food/book.git")
    book = write_book(root, CARDS, MKDOCS)
    commit_files(root, {})
    ran = scan(book)
    assert "food/book:run.py:1:6" in ran.out
    assert "food/book:templates" not in ran.out
    assert "food/book:cards" not in ran.out


def test_the_setting_repositories_names_the_folders(book: Path, mirrors: Path):
    (book / "mkdocs.yml").write_text(
        MKDOCS.replace("functions: {}", "functions: {}, repositories: [../mirrors]"), "utf-8"
    )
    assert "2 repositories" in scan(book).out


def test_a_repository_without_a_commit_is_named_and_its_records_stay(book: Path, mirrors: Path):
    scan(book, mirrors)
    head = mirrors / "models.git/HEAD"
    head.write_text("ref: refs/heads/gone\n", "utf-8")
    ran = scan(book, mirrors, "--all")
    assert "Could not be scanned\n" in ran.out
    assert ran.out.count("it has no such commit") == 1
    assert ("model:dish-ranker", "model:dish-ranker", "code", 1) in read_uses(book)


def test_a_missing_repository_of_several_systems_is_reported_once(book: Path, mirrors: Path):
    card = "kind: system\nid: {}\nname: {}\ntype: service\nowners: food-team\nrepo: food/shop\npaths: [{}/]\n"
    for number in range(1, 9):
        name = f"shop-part-{number}"
        (book / f"cards/systems/{name}.yml").write_text(card.format(name, name, name), "utf-8")
    lines = scan(book, mirrors).out.split("\n")
    start = lines.index("Could not be scanned") + 1
    assert lines[start : start + 4] == [
        "  info MB707 the code of 8 systems was not scanned: no repository food/shop",
        "      " + ", ".join(f"system:shop-part-{number}" for number in range(1, 7)) + " and 2 more",
        "      fix: add a checkout or a mirror of it to the folders of `modelbook scan`",
        "",
    ]


def test_a_revision_that_no_repository_has_is_a_usage_error(book: Path, mirrors: Path):
    scan(book, mirrors)
    before = (book / "evidence/code.jsonl").read_bytes()
    ran = scan(book, mirrors, "--ref", "gone", "--all")
    assert (ran.code, ran.out) == (2, "")
    assert "no repository can be read, such as feed: it has no such commit" in ran.err
    assert (book / "evidence/code.jsonl").read_bytes() == before


@pytest.mark.parametrize(("argument", "words"), [("gone", "no folder"), (".", "no repository in")])
def test_a_folder_without_repositories_is_a_usage_error(book: Path, tmp_path: Path, argument: str, words: str):
    (tmp_path / "empty").mkdir()
    ran = scan(book, tmp_path / "empty" / argument)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert not (book / "evidence").exists()


def test_names_of_files_cannot_control_the_terminal_or_ci(book: Path, mirrors: Path):
    hostile = {"a\n::error::x/\x1b[31m\u202e.py": 'MODEL = "dish-ranker"\n'}
    commit_files(mirrors / "feed", hostile, "2026-11-11")
    for form in ("text", "json", "jsonl", "github", "sarif"):
        ran = scan(book, mirrors, "--format", form)
        assert ran.code == 0
        assert not {"\x1b", "\u202e"} & set(ran.out)
        assert not [line for line in ran.out.splitlines() if line.startswith("::error")]
    assert read_uses(book)
    assert run("check", "-C", book).code == 0


def test_a_file_whose_name_looks_like_a_secret_is_redacted_and_its_use_is_fixed(book: Path, mirrors: Path):
    secret = "ghp_" + "0123456789abcdefABCDEF0123456789abcd"
    commit_files(mirrors / "feed", {f"src/{secret}.py": 'MODEL = "dish-ranker"\n'}, "2026-11-11")
    for form in ("text", "json", "github", "sarif"):
        assert secret not in scan(book, mirrors, "--format", form).out
    scan(book, mirrors, "--fix")
    assert "model: dish-ranker" in (book / "cards/systems/feed.yml").read_text("utf-8")
