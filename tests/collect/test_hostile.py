"""Repositories that try to run a program, to read or write another file, or to fill the disk."""

import os
import zlib
from pathlib import Path

import pytest

from generator.collect import card_files
from generator.evidence import repository_reader
from generator.load.collected import parse_lock
from tests.cli.running import run
from tests.collect.books import RYL, TEAM, collect, make_book, make_web, read_collected
from tests.evidence.checkouts import commit_files, git, make_checkout, make_tree


@pytest.fixture
def web(tmp_path: Path) -> Path:
    return make_web(tmp_path)


@pytest.fixture
def book(tmp_path: Path, web: Path) -> Path:
    return make_book(tmp_path / "book", "- ../web\n")


def read_skipped(book: Path) -> dict[str, str]:
    (entry,) = parse_lock((book / "collect.lock").read_bytes()).repositories
    return entry.skipped


def test_nothing_that_a_repository_configures_is_run(tmp_path: Path, book: Path, web: Path):
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\ncat\n")
    program.chmod(0o700)
    commit_files(web, {".gitattributes": "*.yml filter=evil diff=evil\n"})
    settings = {
        "core.fsmonitor": program, "core.sshCommand": program, "core.pager": program, "filter.evil.smudge": program,
        "filter.evil.process": program, "diff.evil.textconv": program, "core.hooksPath": tmp_path,
        "credential.helper": program, "core.alternateRefsCommand": program, "gpg.program": program,
        "log.showSignature": "true", "uploadpack.packObjectsHook": program, "include.path": tmp_path / "more",
        "remote.origin.url": f"ext::{program}", "remote.origin.promisor": "true", "extensions.partialClone": "origin",
    }  # fmt: skip
    for key, value in settings.items():
        git(web, "config", key, str(value))
    for name in ("post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change"):
        (tmp_path / name).symlink_to(program)
    assert collect(book).code == 0
    assert read_collected(book) == {"web/modelbook/ryl.yml": RYL}
    assert not (tmp_path / "was-run").exists()


def test_links_and_submodules_are_skipped_and_named(tmp_path: Path, book: Path, web: Path):
    (tmp_path / "secret.yml").write_text("password: hunter22\n")
    (web / "modelbook/link.yml").symlink_to(tmp_path / "secret.yml")
    (web / "modelbook/folder").symlink_to(tmp_path)
    git(web, "update-index", "--add", "--cacheinfo", f"160000,{git(web, 'rev-parse', 'HEAD')},modelbook/sub")
    git(web, "add", "modelbook/link.yml", "modelbook/folder")
    git(web, "commit", "-q", "-m", "links")
    ran = collect(book)
    assert ran.code == 0
    assert read_skipped(book) == {
        "modelbook/folder": "a symbolic link",
        "modelbook/link.yml": "a symbolic link",
        "modelbook/sub": "a submodule",
    }
    assert "web  skipped: modelbook/link.yml (a symbolic link)\n" in ran.out
    assert list(read_collected(book)) == ["web/modelbook/ryl.yml"]
    assert "skipped: modelbook/link.yml" in collect(book).out  # named each time


def test_the_folder_of_the_cards_can_be_no_link(tmp_path: Path, book: Path, web: Path):
    commit_files(web, {"modelbook/ryl.yml": None, "other/x.yml": TEAM})
    (web / "modelbook").rmdir()
    (web / "modelbook").symlink_to("other")
    git(web, "add", "modelbook")
    git(web, "commit", "-q", "-m", "link")
    assert collect(book).code == 0
    assert (read_collected(book), read_skipped(book)) == ({}, {"modelbook": "a symbolic link"})


def commit_names(web: Path, names: list[str | bytes]) -> None:
    """Commit cards under modelbook/ with names that git itself would refuse to add."""
    blob = git(web, "rev-parse", "HEAD:modelbook/ryl.yml")
    inner = make_tree(web, [("100644", name, blob) for name in names])
    commit = git(web, "commit-tree", make_tree(web, [("40000", "modelbook", inner)]), "-m", "names")
    git(web, "update-ref", "refs/heads/main", commit)


def test_names_that_some_systems_do_not_allow_are_skipped_and_named(book: Path, web: Path):
    names: list[str | bytes] = [
        "..", b"\xff.yml", "a\nb.yml", "a\x1b[31m.yml", "b:c.yml", "back\\slash.yml", "con.yml", "dot.", "nul",
        "q?.yml", "\u202egnp.yml", "x" * 210 + ".yml",
    ]  # fmt: skip
    commit_names(web, sorted(names, key=lambda name: name.encode() if isinstance(name, str) else name))
    ran = collect(book)
    assert (ran.code, read_collected(book)) == (0, {})
    assert len(read_skipped(book)) == len(names) - 3  # the names without `.yml` are no cards
    assert read_skipped(book)["modelbook/\\xff.yml"] == "its name is not UTF-8"
    assert all(character == "\n" or character.isprintable() for character in ran.out)


def test_a_path_that_is_too_long_for_a_system_is_skipped_and_named(book: Path, web: Path):
    tree = git(web, "rev-parse", "HEAD:modelbook")
    for _ in range(60):
        tree = make_tree(web, [("40000", "x" * 100, tree)])
    commit = git(web, "commit-tree", make_tree(web, [("40000", "modelbook", tree)]), "-m", "deep")
    git(web, "update-ref", "refs/heads/main", commit)
    assert collect(book).code == 0
    assert list(read_skipped(book).values()) == ["it has over 1,000 bytes"]


@pytest.mark.parametrize("names", [["a.yml", "A.yml"], ["é.yml", "e\u0301.yml"]])
def test_of_two_names_that_differ_only_in_case_the_first_is_taken(book: Path, web: Path, names: list[str]):
    names.sort()
    commit_names(web, list(names))
    collect(book)
    assert list(read_collected(book)) == [f"web/modelbook/{names[0]}"]
    assert read_skipped(book) == {
        f"modelbook/{names[1]}": f"its name differs from that of modelbook/{names[0]} only in case"
    }


def test_folders_that_differ_only_in_case_are_not_mixed(book: Path, web: Path):
    commit_files(web, {"modelbook/A/x.yml": TEAM, "modelbook/a/y.yml": TEAM})
    collect(book)
    assert sorted(read_collected(book)) == ["web/modelbook/A/x.yml", "web/modelbook/ryl.yml"]
    assert list(read_skipped(book)) == ["modelbook/a/y.yml"]


def test_a_git_folder_in_a_tree_is_hidden(book: Path, web: Path):
    blob = git(web, "rev-parse", "HEAD:modelbook/ryl.yml")
    inner = make_tree(web, [("100644", "hooks.yml", blob)])
    tree = make_tree(web, [("40000", ".git", inner), ("100644", "ryl.yml", blob)])
    commit = git(web, "commit-tree", make_tree(web, [("40000", "modelbook", tree)]), "-m", "x")
    git(web, "update-ref", "refs/heads/main", commit)
    collect(book)
    assert list(read_collected(book)) == ["web/modelbook/ryl.yml"]


def test_a_contract_outside_of_the_repository_or_in_a_hidden_file_is_not_taken(tmp_path: Path, book: Path, web: Path):
    (tmp_path / "outside.json").write_text("{}")
    references = [
        "../../outside.json",
        "/etc/hosts.json",
        "../.env.json",
        "../../../../../../etc/x.yml",
        "../.",
        "~/x.yml",
    ]
    for number, reference in enumerate(references):
        commit_files(
            web, {f"modelbook/{number}.yml": f"{RYL}contract: {{openapi: '{reference}'}}\n", ".env.json": "{}"}
        )
    assert collect(book).code == 0
    assert all(name.endswith(".yml") for name in read_collected(book))
    assert len(read_collected(book)) == len(references) + 1


def test_a_large_card_and_a_card_in_large_file_storage_are_skipped(book: Path, web: Path):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"
    commit_files(web, {"modelbook/large.yml": "x" * 1_000_001, "modelbook/lfs.yml": pointer, "modelbook/y.yml": TEAM})
    collect(book)
    assert read_skipped(book) == {"modelbook/large.yml": "larger than 1 MB", "modelbook/lfs.yml": "a Git LFS pointer"}
    assert len(read_collected(book)) == 2


def test_an_object_that_claims_two_gigabytes_is_not_read(book: Path, web: Path):
    blob = git(web, "rev-parse", "HEAD:modelbook/ryl.yml")
    object_file = web / ".git/objects" / blob[:2] / blob[2:]
    object_file.chmod(0o600)
    object_file.write_bytes(zlib.compress(b"blob 2147483648\0" + b"x" * 1000))
    (web / "modelbook/ryl.yml").unlink()
    collect(book)
    assert read_skipped(book) == {"modelbook/ryl.yml": "larger than 1 MB"}


def test_an_object_with_another_content_than_its_id_is_not_taken(book: Path, web: Path):
    blob = git(web, "rev-parse", "HEAD:modelbook/ryl.yml")
    object_file = web / ".git/objects" / blob[:2] / blob[2:]
    object_file.chmod(0o600)
    object_file.write_bytes(zlib.compress(b"blob 5\0kind:"))
    (web / "modelbook/ryl.yml").unlink()
    collect(book)
    assert (read_collected(book), list(read_skipped(book))) == ({}, ["modelbook/ryl.yml"])


@pytest.mark.parametrize(("limit", "value"), [("MOST_FILES", 2), ("LARGEST_REPOSITORY", 200)])
def test_a_repository_with_too_many_cards_is_not_collected(
    book: Path, web: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
):
    monkeypatch.setattr(card_files, limit, value)
    commit_files(web, {f"modelbook/{number}.yml": RYL for number in range(3)})
    ran = collect(book)
    assert ran.code == 1
    assert "web  not collected: it" in ran.out
    assert read_collected(book) == {}


def test_contracts_that_refer_to_each_other_without_end_are_read_once(book: Path, web: Path):
    ring = {f"api/{number}.json": f'{{"$ref": "{(number + 1) % 30}.json"}}' for number in range(30)}
    commit_files(web, {**ring, "modelbook/ryl.yml": f"{RYL}contract: {{request: {{$ref: ../api/0.json}}}}\n"})
    collect(book)
    assert len(read_collected(book)) == 31


def test_a_broken_card_is_taken_so_that_check_explains_it(book: Path, web: Path):
    files: dict[str, str | bytes] = {
        "modelbook/a.yml": "kind: [\n",
        "modelbook/b.yml": b"\xff\xfe",
        "modelbook/c.md": "no card\n",
    }
    commit_files(web, files)
    assert collect(book).code == 0
    assert (book / "cards/collected/web/modelbook/b.yml").read_bytes() == b"\xff\xfe"
    assert (book / "cards/collected/web/modelbook/a.yml").read_text() == "kind: [\n"


def test_a_thousand_links_do_not_fill_the_lock(book: Path, web: Path):
    blob = git(web, "hash-object", "-w", "--stdin", given=b"x")
    inner = make_tree(web, [("120000", f"{number:04}", blob) for number in range(1000)])
    commit = git(web, "commit-tree", make_tree(web, [("40000", "modelbook", inner)]), "-m", "x")
    git(web, "update-ref", "refs/heads/main", commit)
    collect(book)
    assert len(read_skipped(book)) == 101
    assert read_skipped(book)["…"] == "900 more files"


def test_a_pipe_in_a_git_folder_does_not_block(book: Path, web: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(repository_reader, "_LONGEST_LOOK_UP", 0.5)
    (web / ".git/refs/heads/main").unlink()
    os.mkfifo(web / ".git/refs/heads/main")
    assert "web  not collected: git has not answered within 0.5 seconds\n" in collect(book).out


@pytest.mark.parametrize("link", ["cards/collected", "cards/collected/web", "cards/collected/web/modelbook"])
def test_links_in_the_folder_of_the_book_are_not_followed(tmp_path: Path, book: Path, web: Path, link: str):
    outside = tmp_path / "outside"
    (outside / "modelbook").mkdir(parents=True)
    (outside / "modelbook/ryl.yml").write_text("mine")
    (book / link).parent.mkdir(parents=True)
    (book / link).symlink_to(outside)
    ran = collect(book, "--force")
    assert ran.code == 2
    assert "is a link" in ran.err or "is from no repository" in ran.err
    assert (outside / "modelbook/ryl.yml").read_text() == "mine"


@pytest.mark.parametrize(
    ("staged", "link"),
    [
        ("%2E%2E%2F%2E%2E%2Fvictim", ""), ("%2E%2E%2F%2E%2E%2Fvictim.removed", ""), ("%2Emodelbook.removed", ""),
        ("web%2Fvictim.removed", "cards/collected/web"), ("victim", "cards/collected/.modelbook/new"),
        ("victim.removed", "cards/collected/.modelbook/old"),
    ],
)  # fmt: skip
def test_a_commit_of_the_book_with_a_decided_change_reaches_no_other_folder(
    book: Path, web: Path, staged: str, link: str
):
    """The folder `.modelbook` is ours and ignored, but a pull request can contain it."""
    (book / "victim").mkdir()
    (book / "victim/notes.txt").write_text("mine")
    own = book / "cards/collected/.modelbook"
    own.mkdir(parents=True)
    (own / "next.lock").write_text('{"collect": 1}')
    if link:
        (book / link).symlink_to(book)
    if not link.endswith("new"):
        (own / "new" / staged).mkdir(parents=True)
        (own / "new" / staged / "notes.txt").write_text("theirs")
    ran = collect(book)
    assert (book / "victim/notes.txt").read_text() == "mine"
    assert ran.code == (2 if link else 0)
    assert (book / "mkdocs.yml").is_file()


def test_a_pipe_and_a_huge_file_in_the_place_of_collected_files_are_not_read(book: Path, web: Path):
    commit_files(web, {"modelbook/ryl.yml": RYL, "modelbook/tips.yml": RYL.replace("ryl", "tips")})
    collect(book)
    folder = book / "cards/collected/web/modelbook"
    (folder / "ryl.yml").unlink()
    os.mkfifo(folder / "ryl.yml")
    with (folder / "tips.yml").open("wb") as huge:
        huge.truncate(1 << 40)
    assert "modelbook/ryl.yml, modelbook/tips.yml was edited in the book" in collect(book).out
    assert "this is not a regular file" in run("check", "-C", book).out
    assert collect(book, "--force").code == 0
    assert read_collected(book)["web/modelbook/ryl.yml"] == RYL


def test_a_cards_folder_outside_of_the_book_is_not_written(tmp_path: Path, book: Path):
    (tmp_path / "outside").mkdir()
    (book / "cards").symlink_to(tmp_path / "outside")
    ran = collect(book)
    assert (ran.code, ran.err) == (
        2, "modelbook: the cards folder 'cards' is outside of the book: move it next to mkdocs.yml\n",
    )  # fmt: skip
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_tag_of_a_file_is_no_version_of_a_repository(tmp_path: Path, web: Path):
    git(web, "tag", "v1", git(web, "rev-parse", "HEAD:modelbook/ryl.yml"))
    ran = collect(make_book(tmp_path / "other", "- {repository: ../web, ref: v1}\n"))
    assert "web  not collected: its tag is not of a commit, but of a file or a folder\n" in ran.out


def test_alternate_object_stores_of_a_local_clone_are_read(tmp_path: Path, web: Path):
    git(tmp_path, "clone", "-q", "--bare", "--reference", str(web), str(web), "mirror.git")
    book = make_book(tmp_path / "book", "- ../mirror.git\n")
    assert collect(book).code == 0
    assert read_collected(book) == {"mirror/modelbook/ryl.yml": RYL}


def test_a_lock_file_that_leads_out_of_the_folder_is_refused(tmp_path: Path, book: Path):
    collect(book)
    lock = (book / "collect.lock").read_text()
    for wrong in (
        lock.replace('"modelbook/ryl.yml": "', '"../../x.yml": "'),
        lock.replace('"name": "web"', '"name": ".."'),
    ):
        (book / "collect.lock").write_text(wrong)
        ran = collect(book)
        assert ran.code == 2
        assert "collect.lock names the path" in ran.err


def test_a_repository_without_cards_is_named(tmp_path: Path):
    make_checkout(tmp_path / "web", {"src/app.py": "pass\n"})
    book = make_book(tmp_path / "book", "- ../web\n")
    ran = collect(book)
    assert ran.code == 0
    assert "web  no cards in modelbook.yml or modelbook/ at " in ran.out
