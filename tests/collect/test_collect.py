"""`modelbook collect` over real git repositories on this disk."""

import json
import shutil
from pathlib import Path

import pytest

from generator.load.collected import parse_lock
from tests.cli.running import run
from tests.collect.books import RYL, TEAM, collect, make_book, make_web, read_collected
from tests.evidence.checkouts import commit_files, git, make_checkout


@pytest.fixture
def web(tmp_path: Path) -> Path:
    return make_web(tmp_path)


@pytest.fixture
def book(tmp_path: Path, web: Path) -> Path:
    return make_book(tmp_path / "book", "- ../web\n")


def test_cards_are_written_below_their_repository_and_the_lock_has_the_commit(book: Path, web: Path):
    ran = collect(book)
    commit = git(web, "rev-parse", "HEAD")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"web  added at {commit[:7]}  1 file new\n1 repository: 1 added\n"
    assert read_collected(book) == {"web/modelbook/ryl.yml": RYL}
    (entry,) = parse_lock((book / "collect.lock").read_bytes()).repositories
    assert (entry.name, entry.repository, entry.commit, entry.committed_on) == ("web", "../web", commit, "2026-01-01")
    assert entry.files == {"modelbook/ryl.yml": git(web, "rev-parse", "HEAD:modelbook/ryl.yml")}
    assert entry.cards == {"model:ryl": "modelbook/ryl.yml"}


def test_check_reads_collected_cards_and_nothing_of_the_repositories(book: Path, web: Path):
    collect(book)
    shutil.rmtree(web)
    assert run("show", "ryl", "-C", book).out.startswith("Ryl  (model:ryl)\n")


def test_contract_files_come_with_the_card_that_refers_to_them_and_nothing_else(tmp_path: Path):
    contract = "openapi: ../api/all.yml, request: {$ref: 'in.json#/a'}, examples: [{request: {$ref: one.json}}]"
    card = f"{RYL}contract: {{{contract}}}\n"
    files = {
        "modelbook/ryl.yml": card,
        "modelbook/in.json": '{"a": {"$ref": "../shared/b%20c.json#/x"}}',
        "modelbook/one.json": "{}",
        "shared/b c.json": "{}",
        "api/all.yml": "openapi: 3.0.0\npaths: {/x: {$ref: paths/x.yaml}, /up: {$ref: ../../../etc/passwd.yml}}\n",
        "api/paths/x.yaml": "{}",
        "api/other.yml": "{}",
        "modelbook/mkdocs.yml": "site_name: Other\n",
        "modelbook/README.md": "How to edit\n",
        "modelbook/.hidden/x.yml": RYL,
        "modelbook/templates/model.md.j2": "{{ 1 }}",
        "modelbook.yaml": TEAM,
    }
    make_checkout(tmp_path / "web", files)
    book = make_book(tmp_path / "book", "- ../web\n")
    assert collect(book).code == 0
    assert sorted(read_collected(book)) == [
        "web/api/all.yml",
        "web/api/paths/x.yaml",
        "web/modelbook.yaml",
        "web/modelbook/in.json",
        "web/modelbook/one.json",
        "web/modelbook/ryl.yml",
        "web/shared/b c.json",
    ]
    assert [
        one for one in run("check", "-C", book, "--format", "json").data["findings"] if one["code"] == "MB015"
    ] == []


def test_new_knows_the_cards_of_files_that_are_missing_in_a_clone(book: Path):
    collect(book)
    shutil.rmtree(book / "cards/collected")
    ran = run("new", "model", "RYL", "-C", book)
    assert (ran.code, ran.err) == (
        2, "modelbook: duplicate id: model:ryl is defined at modelbook/ryl.yml in web\n",
    )  # fmt: skip


def test_a_change_is_one_line_and_a_removed_card_stays_in_the_lock_as_a_former_one(book: Path, web: Path):
    collect(book)
    before = git(web, "rev-parse", "HEAD")
    after = commit_files(
        web, {"modelbook/ryl.yml": None, "modelbook/tpfy.yml": RYL.replace("ryl", "tpfy")}, "2026-02-02"
    )
    ran = collect(book)
    assert ran.out.splitlines()[0] == f"web  {before[:7]} → {after[:7]}  1 file new, 1 removed"
    assert sorted(read_collected(book)) == ["web/modelbook/tpfy.yml"]
    (former,) = parse_lock((book / "collect.lock").read_bytes()).former
    assert (former.card, former.name, former.path) == ("model:ryl", "web", "modelbook/ryl.yml")
    assert (former.commit, former.committed_on) == (before, "2026-01-01")
    commit_files(web, {"modelbook/ryl.yml": RYL})
    collect(book)
    assert parse_lock((book / "collect.lock").read_bytes()).former == ()


def test_a_commit_without_a_change_of_the_cards_leaves_the_lock_as_it_is(book: Path, web: Path):
    collect(book)
    lock = (book / "collect.lock").read_bytes()
    commit_files(web, {"src/app.py": "x = 1\n"})
    assert collect(book).out == "1 repository: 1 unchanged\n"
    assert (book / "collect.lock").read_bytes() == lock


def test_locked_collects_the_commits_of_the_lock_into_an_empty_folder(book: Path, web: Path):
    collect(book)
    lock = (book / "collect.lock").read_bytes()
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    shutil.rmtree(book / "cards")
    ran = collect(book, "--locked")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "1 repository: 1 restored")
    assert read_collected(book) == {"web/modelbook/ryl.yml": RYL}
    assert (book / "collect.lock").read_bytes() == lock


def test_locked_refuses_a_lock_that_does_not_fit_the_list(book: Path):
    collect(book)
    (book / "collect.yml").write_text("- {repository: ../web, ref: main}\n", "utf-8")
    ran = collect(book, "--locked")
    assert ran.code == 2
    assert "collect.lock does not fit the list of repositories: web differs; run `modelbook collect`" in ran.err


def test_check_writes_nothing_and_fails_if_something_would_change(book: Path, web: Path):
    assert collect(book, "--check").code == 1
    assert not (book / "cards").exists()
    assert not (book / "collect.lock").exists()
    collect(book)
    assert collect(book, "--check").code == 0
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    assert collect(book, "--check").code == 1
    assert read_collected(book) == {"web/modelbook/ryl.yml": RYL}


def test_a_repository_that_cannot_be_read_keeps_its_cards_and_others_are_collected(
    tmp_path: Path, book: Path, web: Path
):
    make_checkout(tmp_path / "ml", {"modelbook.yml": "kind: team\nid: ml\nname: ML\n"})
    (book / "collect.yml").write_text("- ../web\n- ../ml\n", "utf-8")
    collect(book)
    shutil.move(web, tmp_path / "away")
    commit_files(tmp_path / "ml", {"modelbook.yml": "kind: team\nid: ml\nname: Learning\n"})
    ran = collect(book)
    assert ran.code == 1
    assert "web  not collected: there is no folder '../web'; its former cards stay\n" in ran.out
    assert "2 repositories: 1 changed, 1 not collected\n" in ran.out
    assert read_collected(book)["web/modelbook/ryl.yml"] == RYL
    assert "Learning" in read_collected(book)["ml/modelbook.yml"]


def test_a_repository_that_left_the_list_is_removed_with_its_cards(book: Path):
    collect(book)
    (book / "collect.yml").write_text("[]\n", "utf-8")
    ran = collect(book)
    assert ran.out.splitlines() == ["web  removed  1 file removed", "1 repository: 1 removed"]
    assert not (book / "cards/collected/web").exists()
    lock = parse_lock((book / "collect.lock").read_bytes())
    assert (lock.repositories, [one.card for one in lock.former]) == ((), ["model:ryl"])


def test_update_collects_only_the_named_repository(tmp_path: Path, book: Path, web: Path):
    ml = make_checkout(tmp_path / "ml", {"modelbook.yml": "kind: team\nid: ml\nname: ML\n"})
    (book / "collect.yml").write_text("- ../web\n- ../ml\n", "utf-8")
    collect(book)
    commit_files(ml, {"modelbook.yml": "kind: team\nid: ml\nname: Learning\n"})
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    assert collect(book, "--update", "ml").out.splitlines()[-1] == "1 repository: 1 changed"
    assert read_collected(book)["web/modelbook/ryl.yml"] == RYL
    assert collect(book, "--update", "wep").err == "modelbook: no repository 'wep' in the list: did you mean 'web'?\n"


def test_an_edited_file_is_kept_and_named_until_force_replaces_it(book: Path, web: Path):
    collect(book)
    file = book / "cards/collected/web/modelbook/ryl.yml"
    file.write_text("kind: model\n", "utf-8")
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    ran = collect(book)
    assert ran.code == 1
    assert "web  not collected: modelbook/ryl.yml was edited in the book: edit it in the repository" in ran.out
    assert file.read_text("utf-8") == "kind: model\n"
    assert collect(book, "--force").code == 0
    assert file.read_text("utf-8") == RYL + "tags: [a]\n"


def test_an_edit_that_the_repository_has_too_is_no_conflict(book: Path, web: Path):
    collect(book)
    text = RYL + "tags: [a]\n"
    (book / "cards/collected/web/modelbook/ryl.yml").write_text(text, "utf-8")
    commit_files(web, {"modelbook/ryl.yml": text})
    assert collect(book).code == 0
    assert collect(book, "--check").code == 0


@pytest.mark.parametrize("option", ["", "--force", "--check"])
def test_a_file_of_no_repository_stops_the_run_before_anything_is_written(book: Path, web: Path, option: str):
    collect(book)
    lock = (book / "collect.lock").read_bytes()
    own = book / "cards/collected/web/modelbook/own.yml"
    own.write_text("mine", "utf-8")
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    ran = collect(book, *filter(None, [option]))
    assert ran.code == 2
    assert "cards/collected/web/modelbook/own.yml is from no repository of collect.lock: move it" in ran.err
    assert own.read_text("utf-8") == "mine"
    assert (book / "collect.lock").read_bytes() == lock


def test_hidden_files_next_to_collected_cards_stay(book: Path, web: Path):
    collect(book)
    (book / "cards/collected/web/.gitattributes").write_text("* text\n", "utf-8")
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    collect(book)
    assert (book / "cards/collected/web/.gitattributes").read_text("utf-8") == "* text\n"


def test_files_of_another_branch_of_the_book_are_not_taken_for_edits(book: Path, web: Path):
    """`cards/collected/` may be ignored by git, and then stays when the branch and its lock file change."""
    collect(book)
    old_lock = (book / "collect.lock").read_bytes()
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n", "modelbook/new.yml": RYL.replace("ryl", "new")})
    collect(book)
    (book / "collect.lock").write_bytes(old_lock)
    assert collect(book, "--locked").code == 0
    assert read_collected(book) == {"web/modelbook/ryl.yml": RYL}


def test_a_new_branch_with_the_same_cards_is_reported_as_such(book: Path, web: Path):
    collect(book)
    git(web, "branch", "next")
    (book / "collect.yml").write_text("- {repository: ../web, ref: next}\n", "utf-8")
    commit = git(web, "rev-parse", "HEAD")[:7]
    ran = collect(book)
    assert ran.out == f"web  new address, branch or paths at {commit}  no card changed\n1 repository: 1 changed\n"


def test_the_report_as_json(book: Path, web: Path):
    ran = collect(book, "--format", "json")
    commit = git(web, "rev-parse", "HEAD")
    assert json.loads(ran.out) == {
        "version": 1,
        "repositories": [
            {
                "name": "web",
                "status": "added",
                "repository": "../web",
                "before": "",
                "commit": commit,
                "files": {"added": ["modelbook/ryl.yml"], "changed": [], "removed": []},
                "skipped": {},
                "reason": "",
            }
        ],
        "counts": {"added": 1, "changed": 0, "restored": 0, "removed": 0, "failed": 0, "unchanged": 0},
    }


def test_a_branch_a_tag_and_a_path_of_a_repository(tmp_path: Path, web: Path):
    git(web, "tag", "-a", "v1", "-m", "first")
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n", "docs/cards/x.yml": RYL.replace("ryl", "x")})
    git(web, "branch", "next")
    git(web, "checkout", "-q", "-b", "work")
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [work]\n"})
    git(web, "pack-refs", "--all")
    sources = (
        "- {repository: ../web, ref: v1, name: tag}\n- {repository: ../web, ref: next, name: branch}\n"
        "- {repository: ../web, name: head}\n- {repository: ../web, name: path, path: docs/cards}\n"
        "- {repository: ../web, ref: none, name: none}\n"
    )
    book = make_book(tmp_path / "book", sources)
    ran = collect(book)
    assert "none  not collected: it has no branch or tag 'none'\n" in ran.out
    assert read_collected(book) == {
        "tag/modelbook/ryl.yml": RYL,
        "branch/modelbook/ryl.yml": RYL + "tags: [a]\n",
        "head/modelbook/ryl.yml": RYL + "tags: [work]\n",
        "path/docs/cards/x.yml": RYL.replace("ryl", "x"),
    }
    assert "4 unchanged" in collect(book).out


def test_a_folder_of_checkouts_and_mirrors(tmp_path: Path, web: Path):
    git(tmp_path, "clone", "-q", "--mirror", str(web), str(tmp_path / "mirrors/shop/web.git"))
    make_checkout(tmp_path / "mirrors/ml", {"modelbook.yml": "kind: team\nid: ml\nname: ML\n"})
    book = make_book(tmp_path / "book", "- folder: ../mirrors\n")
    assert collect(book).code == 0
    assert sorted(read_collected(book)) == ["ml/modelbook.yml", "shop/web/modelbook/ryl.yml"]
