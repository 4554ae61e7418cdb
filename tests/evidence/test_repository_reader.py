"""Reading repositories, also hostile ones, through git."""

import os
import stat
import zlib
from datetime import date
from pathlib import Path

import pytest

from generator.evidence import repository_reader
from generator.evidence.records import SkipReason
from generator.evidence.repositories import FoundRepository, find_repositories
from generator.evidence.repository_reader import TreeFile, open_repository
from generator.git import GitError
from tests.evidence.checkouts import commit_files, git, make_checkout, read_all


def describe(root: Path, ref: str = "HEAD") -> tuple[tuple[str, date], tuple[str, str]]:
    (found,) = find_repositories([root])
    with open_repository(found) as repository:
        return repository.resolve_commit(ref), repository.read_remote()


def read_error(root: Path, ref: str = "HEAD") -> str:
    with pytest.raises(GitError) as raised, open_repository(FoundRepository(root, "app")) as repository:
        list(repository.list_files(repository.resolve_commit(ref)[0]))
    return str(raised.value)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    files = {"web/client.py": "url = 'ryl'\n", "deploy/values.yaml": "model: ryl\n"}
    return make_checkout(tmp_path / "app", files, "git@git.example.com:shop/app.git")


def test_a_repository_has_a_commit_with_a_day_and_the_name_of_its_remote(app: Path) -> None:
    commit = commit_files(app, {"new": "1"}, "2026-03-04")
    remote = ("shop/app", "https://git.example.com/shop/app")
    assert describe(app) == ((commit, date(2026, 3, 4)), remote)
    assert describe(app, "HEAD~1")[0] == (git(app, "rev-parse", "HEAD~1"), date(2026, 1, 1))


def test_origin_is_preferred_and_a_repository_without_a_remote_has_no_name(app: Path, tmp_path: Path) -> None:
    git(app, "remote", "add", "a-fork", "https://git.example.com/asha/app")
    assert describe(app)[1][0] == "shop/app"
    git(app, "remote", "remove", "origin")
    assert describe(app)[1][0] == "asha/app"
    assert describe(make_checkout(tmp_path / "other", {"a": "1"}))[1] == ("", "")


@pytest.mark.parametrize("packed", [False, True])
def test_checkout_mirror_and_linked_worktree_give_the_same_files(app: Path, tmp_path: Path, packed: bool) -> None:
    git(app, "tag", "-a", "-m", "first", "v1")
    commit_files(app, {"web/client.py": "url = 'tpfy'\n"})
    if packed:
        git(app, "gc", "-q")
    git(tmp_path, "clone", "-q", "--mirror", "app", "mirror.git")
    git(app, "worktree", "add", "-q", "../linked", "v1")
    new = {b"deploy/values.yaml": b"model: ryl\n", b"web/client.py": b"url = 'tpfy'\n"}
    old = {**new, b"web/client.py": b"url = 'ryl'\n"}
    assert read_all(app) == read_all(tmp_path / "mirror.git") == new
    assert read_all(tmp_path / "linked") == read_all(app, "v1") == read_all(tmp_path / "mirror.git", "v1") == old


def test_the_commit_is_read_and_not_the_files_that_were_changed_after_it(app: Path) -> None:
    committed = read_all(app)
    (app / "web/client.py").write_text("url = 'something else'\n")
    (app / "deploy/values.yaml").unlink()
    (app / "untracked.py").write_text("ryl")
    assert read_all(app) == committed


def test_a_pipe_or_a_link_in_the_place_of_a_file_is_not_opened(app: Path, tmp_path: Path) -> None:
    committed = read_all(app)
    (app / "web/client.py").unlink()
    os.mkfifo(app / "web/client.py")
    (app / "deploy/values.yaml").unlink()
    (tmp_path / "secret").write_text("model: ryl\n")
    (app / "deploy/values.yaml").symlink_to(tmp_path / "secret")
    assert read_all(app) == committed


def test_a_mirror_of_sha256_is_read(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    git(app, "init", "-q", "-b", "main", "--object-format=sha256")
    commit_files(app, {"a.py": "ryl"})
    git(tmp_path, "clone", "-q", "--mirror", "app", "mirror.git")
    assert read_all(app) == read_all(tmp_path / "mirror.git") == {b"a.py": b"ryl"}


def test_links_and_submodules_are_named(app: Path, tmp_path: Path) -> None:
    make_checkout(tmp_path / "library", {"a": "1"})
    git(app, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "library"), "library")
    (app / "link").symlink_to("/etc/passwd")
    git(app, "add", "-A")
    git(app, "commit", "-q", "-m", "links")
    read = read_all(app)
    assert (read[b"link"], read[b"library"]) == (SkipReason.SYMBOLIC_LINK, SkipReason.SUBMODULE)


def test_names_of_files_can_have_any_byte(app: Path) -> None:
    names = [
        b"line\nbreak.py",
        b"tab\there",
        b"caf\xe9.py",
        "naïve→.py".encode(),
        b"-rf",
        b":(glob)*",
        b'quote".py',
        b" ",
    ]
    for name in names:
        (app / os.fsdecode(name)).write_bytes(b"ryl " + name)
    git(app, "add", "-A")
    git(app, "commit", "-q", "-m", "names")
    mirror = app.parent / "mirror.git"
    git(app.parent, "clone", "-q", "--mirror", "app", "mirror.git")
    for root in (app, mirror):
        read = read_all(root)
        assert {name: read[name] for name in names} == {name: b"ryl " + name for name in names}


def test_a_file_above_the_limit_is_not_read(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_files(app, {"big.json": b"x" * 5000, "fits.json": b"x" * 100})
    monkeypatch.setattr(repository_reader, "LARGEST_FILE", 1000)
    read = read_all(app)
    assert (read[b"big.json"], read[b"fits.json"]) == (SkipReason.TOO_LARGE, b"x" * 100)


def test_a_blob_of_two_gigabytes_is_not_read(app: Path) -> None:
    content = zlib.compress(b"blob 2147483648\0" + b"x" * 1000)
    stored = app / ".git/objects/ab/cdef0123456789abcdef0123456789abcdef01"
    stored.parent.mkdir(exist_ok=True)
    stored.write_bytes(content)
    small = git(app, "rev-parse", "HEAD:web/client.py")
    entries = f"100644 blob ab{stored.name}\tmodel.bin\n100644 blob {small}\tz.py\n"
    tree = git(app, "mktree", "--missing", given=entries.encode())
    git(app, "update-ref", "refs/heads/main", git(app, "commit-tree", "-m", "big", tree))
    assert read_all(app) == {b"model.bin": SkipReason.TOO_LARGE, b"z.py": b"url = 'ryl'\n"}


def test_a_hundred_thousand_files_are_read(app: Path, pytestconfig: pytest.Config) -> None:
    """Read twenty thousand without --all, more than git answers at once."""
    number = 100_000 if pytestconfig.getoption("--all") else 20_000
    blob = git(app, "rev-parse", "HEAD:web/client.py")
    tree = git(app, "mktree", given="".join(f"100644 blob {blob}\t{i:06}.py\n" for i in range(number)).encode())
    git(app, "update-ref", "refs/heads/main", git(app, "commit-tree", "-m", "many", tree))
    read = read_all(app)
    assert len(read) == number
    assert set(read.values()) == {b"url = 'ryl'\n"}


def test_an_object_that_a_partial_clone_lacks_is_named_and_not_fetched(app: Path, tmp_path: Path) -> None:
    git(app, "config", "uploadpack.allowFilter", "true")
    address = app.as_uri()
    git(tmp_path, "clone", "-q", "--mirror", "--filter=blob:none", address, "partial.git")
    read = read_all(tmp_path / "partial.git")
    assert set(read.values()) == {SkipReason.MISSING}
    git(tmp_path, "clone", "-q", "--mirror", "--filter=tree:0", address, "treeless.git")
    assert (
        read_error(tmp_path / "treeless.git") == "its commit or a folder of it is missing or damaged (a partial clone?)"
    )


def test_a_damaged_object_is_named_and_the_ones_after_it_are_read(app: Path) -> None:
    commit_files(app, {f"file-{number}": f"content {number}" for number in range(5)})
    blob = git(app, "rev-parse", "HEAD:file-2")
    damaged = app / ".git/objects" / blob[:2] / blob[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:12])
    for number in range(5):
        (app / f"file-{number}").unlink()
    read = read_all(app)
    assert read[b"file-2"] in {SkipReason.DAMAGED, SkipReason.MISSING}
    assert [read[f"file-{number}".encode()] for number in (0, 1, 3, 4)] == [
        f"content {number}".encode() for number in (0, 1, 3, 4)
    ]


def test_nothing_of_a_hostile_configuration_is_obeyed(app: Path, tmp_path: Path) -> None:
    committed = read_all(app)
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "attributes").write_text("* filter=trap diff=trap text eol=crlf working-tree-encoding=UTF-16\n")
    for key, value in {
        "core.fsmonitor": str(trap), "core.hooksPath": str(tmp_path), "core.sshCommand": str(trap),
        "core.attributesFile": str(tmp_path / "attributes"), "core.worktree": "/", "core.pager": str(trap),
        "filter.trap.smudge": str(trap), "filter.trap.clean": str(trap), "diff.trap.textconv": str(trap),
        "core.alternateRefsCommand": str(trap), "log.showSignature": "true", "gpg.program": str(trap),
        "include.path": str(app / ".git/config"),
    }.items():  # fmt: skip
        git(app, "config", key, value)
    (app / ".gitattributes").write_text("* filter=trap diff=trap text eol=crlf\n")
    with (app / ".git/config").open("a") as config:
        config.write("[broken\n")
    for root in (app, app / ".git"):
        with open_repository(FoundRepository(root, "app")) as repository:
            commit, _ = repository.resolve_commit("HEAD")
            files = list(repository.list_files(commit))
            assert {file.path: content for file, content in repository.read_files(files)} == committed
            repository.read_remote()
    assert not (tmp_path / "sprung").exists()


def test_a_replacement_of_an_object_is_not_obeyed(app: Path) -> None:
    first = git(app, "rev-parse", "HEAD:web/client.py")
    other = git(app, "hash-object", "-w", "--stdin", given=b"replaced")
    git(app, "replace", first, other)
    (app / "web/client.py").unlink()
    assert read_all(app)[b"web/client.py"] == b"url = 'ryl'\n"


def test_a_tree_whose_names_lead_out_of_the_checkout_reads_only_objects(app: Path, tmp_path: Path) -> None:
    blob = git(app, "hash-object", "-w", "--stdin", given=b"inside")
    (tmp_path / "secret").write_text("inside")
    with open_repository(find_repositories([app])[0]) as repository:
        file = TreeFile(b"../secret", b"100644", blob)
        assert list(repository.read_files([file])) == [(file, b"inside")]


def test_an_empty_repository_and_an_unknown_commit_are_named(app: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    assert read_error(empty) == "it has no such commit"
    assert read_error(app, "no-such-branch") == "it has no such commit"
    assert read_error(app, "--output=x") == "it has no such commit"
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    git(nothing, "init", "-q", "-b", "main")
    commit_files(nothing, {})
    assert read_all(nothing) == {}


def test_a_folder_that_only_looks_like_a_repository_is_named(app: Path, tmp_path: Path) -> None:
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake/.git").write_text("gitdir: /nowhere")
    assert read_error(tmp_path / "fake") == "it is not a git repository"
    (tmp_path / "fake/.git").write_text("something")
    assert read_error(tmp_path / "fake") == "it is not a git repository"
    (tmp_path / "fake/.git").write_bytes(b"gitdir: a\0b")
    assert read_error(tmp_path / "fake") == "its .git is not a small text file"
    (app / ".git/HEAD").unlink()
    os.mkfifo(app / ".git/HEAD")
    assert read_error(app) == "its HEAD is not a small text file"


def test_a_tree_that_contains_itself_many_times_is_refused(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = git(app, "hash-object", "-w", "--stdin", given=b"boom")
    tree = git(app, "mktree", given="".join(f"100644 blob {blob}\tf{i}\n" for i in range(10)).encode())
    for _ in range(11):
        tree = git(app, "mktree", given="".join(f"040000 tree {tree}\td{i}\n" for i in range(10)).encode())
    git(app, "update-ref", "refs/heads/main", git(app, "commit-tree", "-m", "bomb", tree))
    monkeypatch.setattr(repository_reader, "MOST_FILES", 1000)
    assert read_error(app) == "it has more than 1000 files"


def test_a_listing_that_never_prints_a_file_ends(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = git(app, "mktree", given=b"")
    for _ in range(12):
        tree = git(app, "mktree", given="".join(f"040000 tree {tree}\td{i}\n" for i in range(10)).encode())
    git(app, "update-ref", "refs/heads/main", git(app, "commit-tree", "-m", "bomb", tree))
    monkeypatch.setattr(repository_reader, "_LONGEST_LISTING", 0.2)
    assert "missing or damaged" in read_error(app)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files to others")
def test_a_repository_of_another_account_is_read(app: Path) -> None:
    committed = read_all(app)
    for path in (app, *app.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    assert read_all(app) == committed


def test_objects_that_a_clone_shares_are_read(app: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", "--shared", "app", "shared.git")
    assert read_all(tmp_path / "shared.git") == read_all(app)
    alternates = tmp_path / "shared.git/objects/info/alternates"
    alternates.unlink()
    os.mkfifo(alternates)
    assert read_error(tmp_path / "shared.git") == "its alternates is not a small text file"
