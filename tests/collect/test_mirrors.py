"""Collecting from servers: git over https and ssh, with a real server and a real client."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.collect import mirrors
from generator.git import GitError, contact_server
from generator.load.collected import parse_lock
from tests.collect.books import RYL, collect, make_book, read_collected
from tests.collect.git_server import GitServer, serve_repositories
from tests.evidence.checkouts import commit_files, git, make_checkout, make_tree
from tests.evidence.live_server import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "company")


@pytest.fixture
def server(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    monkeypatch.setenv("GIT_SSL_CAINFO", str(authority.certificate))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "served").mkdir()
    with serve_repositories(tmp_path / "served", authority) as running:
        yield running


def publish(checkout: Path, name: str = "shop/web.git") -> Path:
    """Push all of a checkout to a repository of the server."""
    target = checkout.parent / "served" / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        kind = git(checkout, "rev-parse", "--show-object-format")
        git(checkout, "init", "-q", "--bare", "-b", "main", f"--object-format={kind}", str(target))
        git(target, "config", "uploadpack.allowFilter", "true")
    git(checkout, "push", "-q", "--mirror", "--force", str(target))
    return target


@pytest.fixture
def web(tmp_path: Path, server: GitServer) -> Path:
    checkout = make_checkout(tmp_path / "web", {"modelbook/ryl.yml": RYL, "src/app.py": "pass\n"})
    publish(checkout)
    return checkout


@pytest.fixture
def book(tmp_path: Path, server: GitServer, web: Path) -> Path:
    return make_book(tmp_path / "book", f"- {server.get_address('shop/web')}.git\n")


def test_a_repository_is_fetched_once_and_asked_for_its_commit_later(book: Path, web: Path, server: GitServer):
    assert collect(book).out.splitlines()[-1] == "1 repository: 1 added"
    entry = parse_lock((book / "collect.lock").read_bytes()).by_name["shop/web"]
    assert (entry.commit, entry.url) == (git(web, "rev-parse", "HEAD"), server.get_address("shop/web"))
    assert read_collected(book) == {"shop/web/modelbook/ryl.yml": RYL}
    assert server.requests == ["ls-refs", "fetch", "fetch"]
    assert collect(book).out == "1 repository: 1 unchanged\n"
    assert server.requests == ["ls-refs", "fetch", "fetch", "ls-refs"]
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    publish(web)
    assert collect(book).code == 0
    assert read_collected(book) == {"shop/web/modelbook/ryl.yml": RYL + "tags: [a]\n"}


def test_a_branch_and_an_annotated_tag_of_a_server(tmp_path: Path, server: GitServer, web: Path):
    git(web, "tag", "-a", "v1", "-m", "first")
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    git(web, "branch", "next")
    commit_files(web, {"modelbook/ryl.yml": None})
    publish(web)
    address = server.get_address("shop/web")
    names = {"tag": "v1", "branch": "next", "gone": "none"}
    book = make_book(
        tmp_path / "book",
        "".join(f"- {{repository: '{address}', ref: {ref}, name: {name}}}\n" for name, ref in names.items()),
    )
    assert "gone  not collected: it has no branch or tag 'none'\n" in collect(book).out
    assert read_collected(book) == {"tag/modelbook/ryl.yml": RYL, "branch/modelbook/ryl.yml": RYL + "tags: [a]\n"}


def test_locked_fetches_an_older_commit_by_its_id(tmp_path: Path, book: Path, web: Path, server: GitServer):
    collect(book)
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    publish(web)
    shutil.rmtree(book / "cards")
    shutil.rmtree(tmp_path / "cache")
    assert collect(book, "--locked").code == 0
    assert read_collected(book) == {"shop/web/modelbook/ryl.yml": RYL}
    assert "ls-refs" not in server.requests[2:]


@pytest.mark.parametrize("is_same", [True, False])
def test_locked_takes_the_last_commit_with_the_same_files_if_the_server_has_lost_the_one_in_the_lock(
    tmp_path: Path, book: Path, web: Path, is_same: bool
):
    collect(book)
    git(web, "commit", "-q", "--amend", "-m", "other words")
    if not is_same:
        commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    shutil.rmtree(tmp_path / "served/shop")
    publish(web)
    shutil.rmtree(book / "cards")
    shutil.rmtree(tmp_path / "cache")
    ran = collect(book, "--locked")
    if is_same:
        assert (ran.code, read_collected(book)) == (0, {"shop/web/modelbook/ryl.yml": RYL})
    else:
        assert ran.code == 1
        assert "not collected: its files are not those of collect.lock: run `modelbook collect`" in ran.out


def test_only_the_contents_of_cards_are_sent_by_the_server(tmp_path: Path, book: Path, web: Path):
    data = random.Random(1).randbytes(300_000)
    files: dict[str, str | bytes] = {f"data/{number}.bin": data[number:] for number in range(9)}
    commit_files(web, {**files, "modelbook/large.yml": "x" * 1_000_001, "modelbook/x.md": "---\nkind: team\n---\n"})
    publish(web)
    ran = collect(book)
    assert "skipped: modelbook/large.yml (larger than 1 MB)\n" in ran.out
    assert sorted(read_collected(book)) == ["shop/web/modelbook/ryl.yml", "shop/web/modelbook/x.md"]
    cached = sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*") if file.is_file())
    assert cached < len(data)


def test_a_huge_card_does_not_fill_the_disk(book: Path, web: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mirrors, "_LARGEST_FILES", 100_000)
    commit_files(web, {"modelbook/large.yml": random.Random(1).randbytes(3_000_000)})
    publish(web)
    assert "shop/web  not collected: it is too large, or the server sends damaged objects\n" in collect(book).out


def test_a_server_that_knows_no_filter_sends_all(tmp_path: Path, book: Path, web: Path):
    git(tmp_path / "served/shop/web.git", "config", "uploadpack.allowFilter", "false")
    commit_files(web, {"modelbook/large.yml": "x" * 2_000_000})
    publish(web)
    assert "skipped: modelbook/large.yml (larger than 1 MB)\n" in collect(book).out
    assert list(read_collected(book)) == ["shop/web/modelbook/ryl.yml"]


def test_a_repository_with_sha_256(tmp_path: Path, server: GitServer):
    checkout = tmp_path / "new"
    git(tmp_path, "init", "-q", "-b", "main", "--object-format=sha256", str(checkout))
    commit_files(checkout, {"modelbook.yml": RYL})
    publish(checkout, "new.git")
    book = make_book(tmp_path / "book", f"- {server.get_address('new')}\n- {{repository: ../new, name: local}}\n")
    assert collect(book).code == 0
    assert read_collected(book) == {"new/modelbook.yml": RYL, "local/modelbook.yml": RYL}
    assert "2 unchanged" in collect(book).out


def test_a_server_that_wants_a_password_is_refused_without_a_prompt_and_gets_it_from_a_helper(
    tmp_path: Path, book: Path, server: GitServer
):
    server.password = "hunter22"
    ran = collect(book)
    assert "not collected: the server refuses access: set a credential helper of git, or an ssh key\n" in ran.out
    helper = "!f() { echo username=asha; echo password=hunter22; }; f"
    git(tmp_path, "config", "--file", str(tmp_path / ".gitconfig"), "credential.helper", helper)
    assert collect(book).code == 0
    assert b"hunter22" not in (book / "collect.lock").read_bytes()


@pytest.mark.parametrize("target", ["http://localhost:1", "file:///tmp", "git://localhost"])
def test_a_redirect_to_another_protocol_is_not_followed(book: Path, server: GitServer, target: str):
    server.redirect = target
    ran = collect(book)
    assert ran.code == 1
    assert "shop/web  not collected: " in ran.out
    assert server.requests == []


def test_an_address_that_the_settings_of_the_user_send_to_another_protocol_is_refused(tmp_path: Path, book: Path):
    settings = f'[url "file://{tmp_path}/served/"]\n\tinsteadOf = https://localhost'
    (tmp_path / ".gitconfig").write_text(settings, "utf-8")
    assert "not collected: its address leads to another protocol than https and ssh\n" in collect(book).out


def test_a_password_in_the_settings_of_the_user_is_not_printed(tmp_path: Path, book: Path, server: GitServer):
    settings = (
        f'[url "https://asha:hunter22@localhost:{server.port}/none/"]\n\tinsteadOf = https://localhost:{server.port}/'
    )
    (tmp_path / ".gitconfig").write_text(settings, "utf-8")
    ran = collect(book)
    assert "not collected: the server has no such repository, or hides it from this account\n" in ran.out
    assert "hunter22" not in ran.out + ran.err


def test_a_server_with_an_unknown_certificate_is_refused(book: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GIT_SSL_CAINFO")
    assert "not collected: the certificate of its host is not trusted" in collect(book).out


def test_a_server_that_does_not_answer_ends_after_a_time(
    book: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch
):
    server.is_silent = True
    monkeypatch.setattr(mirrors, "SECONDS", 1.0)
    assert "shop/web  not collected: no answer within 1 seconds\n" in collect(book).out


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the memory of another process")
def test_a_server_with_branches_without_end_does_not_fill_the_memory(
    book: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch
):
    server.endless = b"a" * 40 + b" refs/heads/main\n"
    monkeypatch.setattr(mirrors, "_LISTING_MEMORY", 100_000_000)
    assert "shop/web  not collected: it is too large, or the server sends damaged objects\n" in collect(book).out


def test_output_of_git_without_end_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("generator.git.LARGEST_OUTPUT", 1000)
    settings = '[alias]\n\tflood = "!while true; do echo messages >&2; done"\n'
    (tmp_path / "settings").write_text(settings, "utf-8")
    with pytest.raises(GitError, match="messages without end"):
        contact_server(tmp_path, "flood", seconds=60, environment={"GIT_CONFIG_GLOBAL": str(tmp_path / "settings")})


def test_a_process_that_ssh_leaves_in_the_background_does_not_delay_the_run(
    tmp_path: Path, web: Path, monkeypatch: pytest.MonkeyPatch
):
    """As with ControlPersist; it has the output for messages of git."""
    script = tmp_path / "ssh"
    script.write_text('#!/bin/sh\nsleep 600 &\necho $! >> "$(dirname "$0")/left"\nshift\nexec sh -c "$1"\n')
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    monkeypatch.setenv("GIT_SSH_VARIANT", "simple")
    monkeypatch.setattr(mirrors, "SECONDS", 60.0)
    book = make_book(tmp_path / "by-ssh", f"- ssh://git.example.com{tmp_path}/served/shop/web.git\n")
    try:
        assert collect(book).code == 0
    finally:
        for line in (tmp_path / "left").read_text().split():
            os.kill(int(line), signal.SIGKILL)


def test_a_damaged_cache_is_replaced(tmp_path: Path, book: Path, web: Path, server: GitServer):
    collect(book)
    (mirror,) = (tmp_path / "cache/collect").glob("*.git")
    (mirror / "shallow.lock").touch()  # left by a run that was killed
    commit_files(web, {"modelbook/ryl.yml": RYL + "tags: [a]\n"})
    publish(web)
    assert collect(book).code == 0
    (mirror,) = (tmp_path / "cache/collect").glob("*.git")
    for pack in (mirror / "objects/pack").iterdir():
        pack.chmod(0o600)
        pack.write_bytes(b"")
    assert collect(book, "--force").code == 1
    assert collect(book, "--force").code == 0


def test_the_cache_obeys_no_repository_around_it(tmp_path: Path, book: Path, server: GitServer):
    git(tmp_path, "init", "-q", "cache")
    git(tmp_path / "cache", "config", f"url.https://localhost:{server.port}/none/.insteadOf", "https://localhost")
    assert collect(book).code == 0


def test_many_fetches_do_not_fill_the_cache(tmp_path: Path, book: Path, web: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mirrors, "_MOST_PACKS", 2)
    for number in range(4):
        commit_files(web, {"modelbook/ryl.yml": RYL + f"tags: [n{number}]\n"})
        publish(web)
        assert collect(book).code == 0
    assert len(list((tmp_path / "cache").rglob("*.pack"))) <= 2


def test_malformed_objects_of_a_server_are_refused(tmp_path: Path, book: Path, web: Path):
    blob = git(web, "rev-parse", "HEAD:modelbook/ryl.yml")
    inner = make_tree(web, [("100644", "x.yml", blob)])
    commit = git(web, "commit-tree", make_tree(web, [("40000", "..", inner)]), "-m", "hostile")
    git(web, "update-ref", "refs/heads/main", commit)
    publish(web)
    ran = collect(book)
    assert "shop/web  not collected: it has malformed objects\n" in ran.out


@pytest.mark.parametrize("protocol", [0, 2])
def test_a_repository_over_ssh(
    tmp_path: Path, web: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch, protocol: int
):
    """A script takes the place of the connection: it runs the command for the server on this machine."""
    script = tmp_path / "ssh.sh"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nfor last; do :; done\ncd {tmp_path}/served && eval "$last"\n'
    )
    script.chmod(0o700)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    monkeypatch.setenv("GIT_SSH_VARIANT", "simple")
    (tmp_path / ".gitconfig").write_text(f"[protocol]\n\tversion = {protocol}\n", "utf-8")
    book = make_book(tmp_path / "book", "- git@git.example.com:shop/web.git\n")
    assert collect(book).code == 0
    entry = parse_lock((book / "collect.lock").read_bytes()).by_name["shop/web"]
    assert entry.url == "https://git.example.com/shop/web"
    assert read_collected(book) == {"shop/web/modelbook/ryl.yml": RYL}
    assert (tmp_path / "calls").read_text().startswith("git@git.example.com git-upload-pack 'shop/web.git'\n")


def test_a_server_that_gives_no_single_files_sends_all_small_ones(
    tmp_path: Path, book: Path, web: Path, monkeypatch: pytest.MonkeyPatch
):
    def contact(root: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        if "fetch.negotiationAlgorithm=noop" in words:
            message = b"error: Server does not allow request for unadvertised object 1234"
            return subprocess.CompletedProcess(words, 128, b"", message)
        return contact_server(root, *words, **options)

    monkeypatch.setattr(mirrors, "contact_server", contact)
    commit_files(web, {"model.bin": random.Random(1).randbytes(3_000_000)})
    publish(web)
    assert collect(book).code == 0
    assert read_collected(book) == {"shop/web/modelbook/ryl.yml": RYL}
    assert sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*") if file.is_file()) < 500_000
