"""Builds that are stopped, out of disk space or concurrent, as real processes: the site is always complete."""

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.cli.staging import recover_site
from tests.books import MODEL, TEAM, write_book
from tests.conftest import SEED
from tests.sites import modelbook

BUILD = [sys.executable, "-m", "generator", "build"]
KILLS = 20
SITEMAPS = {"sitemap.xml", "sitemap.xml.gz"}
"""Carry the time of the build."""


def modelbook_build(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return modelbook("build", *arguments, cwd=cwd)


def mkdocs_build(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def card(summary: str) -> str:
    return MODEL.lstrip().replace("Ranks restaurants.", summary)


def snapshot(site: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(site)): b"" if path.name in SITEMAPS else path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


def find_damage(site: Path, wholes: list[dict[str, bytes]]) -> list[str]:
    """The files that differ from the most similar whole site; none if the site is whole."""
    found = snapshot(site)
    return min(
        (
            sorted(name for name in found.keys() | whole.keys() if found.get(name) != whole.get(name))
            for whole in wholes
        ),
        key=len,
    )


def processes_of(session: int) -> list[str]:
    """The living processes that a command has started, and itself."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, fields = status.read_text("utf-8").rsplit(")", 1)
            if int(fields.split()[3]) == session and fields.split()[0] != "Z":
                found.append(name)
    return found


def expect_no_process(session: int) -> None:
    """Wait for the kernel to end what was killed; an orphan would go on for seconds and write."""
    deadline = time.monotonic() + 20
    while left := processes_of(session):
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    root = write_book(tmp_path_factory.mktemp("book"), {"ryl.yml": card("Old."), "t.yml": TEAM})
    assert modelbook("build", cwd=root).returncode == 0
    return root


def test_a_build_killed_at_any_moment_leaves_a_whole_site(book):
    moments = random.Random(int(os.environ[SEED]))
    site = book / "site"
    (site / ".gitignore").write_text("*\n", "utf-8")
    wholes = [snapshot(site)]
    (book / "cards/ryl.yml").write_text(card("New."), "utf-8")
    started = time.monotonic()
    assert modelbook("build", cwd=book).returncode == 0
    duration = time.monotonic() - started
    wholes.append(snapshot(site))
    assert wholes[0] != wholes[1]
    for number in range(KILLS):
        (book / "cards/ryl.yml").write_text(card("New." if number % 2 else "Old."), "utf-8")
        kind = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL][number % 3]
        with subprocess.Popen(
            BUILD, cwd=book, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(0, duration))
            process.send_signal(kind)
        expect_no_process(process.pid)
        if kind is not signal.SIGKILL:
            assert not find_damage(site, wholes), (number, kind)
        recover_site(site)  # as the next build, serve or publish does first
        assert not find_damage(site, wholes), (number, kind)
        assert not (book / ".modelbook").exists()


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_signal_while_pages_are_written_ends_the_child_too(book, kind):
    recover_site(book / "site")  # an earlier kill has left a workspace, in which pages are written already
    before = snapshot(book / "site")
    (book / "cards/ryl.yml").write_text(card(f"{kind.name}."), "utf-8")
    with subprocess.Popen(
        BUILD, cwd=book, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 120
        while not list(book.glob(".modelbook/build/site/*/new/models/*.html")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(kind)
    assert process.returncode == {signal.SIGTERM: 143, signal.SIGKILL: -9, signal.SIGINT: 130}[kind]
    expect_no_process(process.pid)
    assert snapshot(book / "site") == before


LIMIT = 32 << 20
"""Bytes; above the memory that Graphviz maps, which the kernel counts as a file."""


def limit_file_size() -> None:
    """Stand in for a full disk: a write beyond the limit fails."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def test_a_full_disk_keeps_the_site_and_is_reported_in_one_line(book):
    before = snapshot(book / "site")
    (book / "cards/ryl.yml").write_text(card("Too much."), "utf-8")
    large = book / "docs/large.bin"
    with large.open("wb") as file:
        file.truncate(LIMIT + 1)
    done = subprocess.run(BUILD, cwd=book, capture_output=True, text=True, check=False, preexec_fn=limit_file_size)
    large.unlink()
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["ERROR   -  the site cannot be written: File too large"]
    assert "Traceback" not in done.stdout
    assert snapshot(book / "site") == before


def test_errors_in_cards_and_templates_keep_the_site_with_either_command(book, tmp_path):
    before = snapshot(book / "site")
    template = book / "templates/pages/model.md.j2"
    template.parent.mkdir(parents=True)
    try:
        (book / "cards/ryl.yml").write_text(card("X.") + "colour: red\n", "utf-8")
        for build in (modelbook_build, mkdocs_build):
            assert build(cwd=book).returncode == 1
            assert snapshot(book / "site") == before
        (book / "cards/ryl.yml").write_text(card("X."), "utf-8")
        for text in ("{% if %}\n", "{{ nothing }}\n"):
            template.write_text(text, "utf-8")
            for build in (modelbook_build, mkdocs_build):
                assert build(cwd=book).returncode == 1
                assert snapshot(book / "site") == before
    finally:
        template.unlink()


def test_a_warning_with_strict_keeps_the_site(book):
    before = snapshot(book / "site")
    guide = book / "docs/guide.md"
    guide.write_text("# Guide\n\n[nowhere](missing.md)\n", "utf-8")
    try:
        assert modelbook("build", "--strict", cwd=book).returncode == 1
        assert snapshot(book / "site") == before
    finally:
        guide.unlink()


def test_two_concurrent_builds_give_one_complete_site(book):
    (book / "cards/ryl.yml").write_text(card("Both."), "utf-8")
    builds = [subprocess.Popen(BUILD, cwd=book, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [build.wait(timeout=300) for build in builds] == [0, 0]
    (book / "site/.gitignore").unlink(missing_ok=True)  # of another test
    assert modelbook("build", "--site-dir", "alone", cwd=book).returncode == 0
    assert snapshot(book / "site") == snapshot(book / "alone")
    assert not (book / ".modelbook").exists()


def test_the_site_is_written_to_an_inherited_site_dir(tmp_path):
    root = write_book(tmp_path / "book", {"ryl.yml": MODEL, "t.yml": TEAM})
    (root / "base.yml").write_text("site_dir: ../public\n", "utf-8")
    (root / "mkdocs.yml").write_text("INHERIT: base.yml\n" + (root / "mkdocs.yml").read_text("utf-8"), "utf-8")
    done = modelbook("build", cwd=root)
    assert done.returncode == 0, done.stderr
    assert "open ../public/index.html" in done.stdout
    assert (tmp_path / "public/models/ryl.html").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book", "public"]
    assert not (root / "site").exists()


@pytest.mark.parametrize("folder", ["cards", "cards/site", "."])
def test_a_site_never_replaces_the_cards(tmp_path, folder):
    root = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM})
    for build in (modelbook_build, mkdocs_build):
        done = build("--site-dir", folder, cwd=root)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        assert (root / "cards/ryl.yml").is_file()


def test_a_card_that_is_a_link_or_a_pipe_is_not_read_for_its_excerpt(tmp_path):
    book = write_book(tmp_path / "book", {"ryl.yml": card("Old."), "t.yml": TEAM})
    (tmp_path / "private").write_text("kangaroo\n", "utf-8")
    (book / "cards" / "out.yml").symlink_to(tmp_path / "private")
    (book / "cards" / "endless.yml").symlink_to("/dev/zero")
    os.mkfifo(book / "cards" / "pipe.yml")
    done = modelbook("build", cwd=book)
    assert done.returncode == 1
    for line in ("out.yml:1:1 error MB006", "endless.yml:1:1 error MB006", "pipe.yml:1:1 error MB017"):
        assert line in done.stdout
    assert "kangaroo" not in done.stdout + done.stderr
