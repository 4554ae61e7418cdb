"""Builds that are killed, concurrent, or out of disk space leave a complete site."""

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
from tests.sites import run_mkdocs, run_modelbook, start_modelbook

KILLS = 12
"""60 with --all."""
SITEMAPS = {"sitemap.xml", "sitemap.xml.gz"}
"""Files that contain the time of the build."""


def card(summary: str) -> str:
    return MODEL.lstrip().replace("Ranks restaurants.", summary)


def read_site(site: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(site)): b"" if path.name in SITEMAPS else path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


def find_damage(site: Path, complete_sites: list[dict[str, bytes]]) -> list[str]:
    """Return the files that differ from the most similar complete site."""
    found = read_site(site)
    return min(
        (
            sorted(name for name in found.keys() | complete.keys() if found.get(name) != complete.get(name))
            for complete in complete_sites
        ),
        key=len,
    )


def list_processes(session: int) -> list[str]:
    """Return the names of the running processes of a session."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, fields = status.read_text("utf-8").rsplit(")", 1)
            if int(fields.split()[3]) == session and fields.split()[0] != "Z":
                found.append(name)
    return found


def expect_no_process(session: int) -> None:
    """Wait until the kernel has ended the killed processes; an orphan would run for seconds."""
    deadline = time.monotonic() + 20
    while left := list_processes(session):
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    root = write_book(tmp_path_factory.mktemp("book"), {"ryl.yml": card("Old."), "t.yml": TEAM})
    assert run_modelbook("build", cwd=root).returncode == 0
    return root


def test_a_build_killed_at_any_moment_leaves_a_complete_site(book, pytestconfig):
    moments = random.Random(int(os.environ[SEED]))
    site = book / "site"
    (site / ".gitignore").write_text("*\n", "utf-8")
    complete_sites = [read_site(site)]
    (book / "cards/ryl.yml").write_text(card("New."), "utf-8")
    started = time.monotonic()
    assert run_modelbook("build", cwd=book).returncode == 0
    duration = time.monotonic() - started
    complete_sites.append(read_site(site))
    assert complete_sites[0] != complete_sites[1]
    for number in range(60 if pytestconfig.getoption("--all") else KILLS):
        (book / "cards/ryl.yml").write_text(card("New." if number % 2 else "Old."), "utf-8")
        kind = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL][number % 3]
        process = start_modelbook("build", *["--force"] * (number % 2), cwd=book)  # the others may patch the site
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0, duration))
        process.send_signal(kind)
        process.wait()
        expect_no_process(process.pid)
        if kind is not signal.SIGKILL:
            assert not find_damage(site, complete_sites), (number, kind)
        recover_site(site)  # as the next build, serve or publish does first
        assert not find_damage(site, complete_sites), (number, kind)
        assert not (book / ".modelbook").exists()


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_signal_while_pages_are_written_ends_the_child_too(book, kind):
    recover_site(book / "site")  # an earlier kill has left a workspace, in which pages are written already
    before = read_site(book / "site")
    (book / "cards/ryl.yml").write_text(card(f"{kind.name}."), "utf-8")
    process = start_modelbook("build", "--force", cwd=book)
    deadline = time.monotonic() + 120
    while not list(book.glob(".modelbook/build/site/*/new/models/*.html")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(kind)
    assert process.wait() == {signal.SIGTERM: 143, signal.SIGKILL: -9, signal.SIGINT: 130}[kind]
    expect_no_process(process.pid)
    assert read_site(book / "site") == before


LIMIT = 32 << 20
"""Bytes; above the memory that Graphviz maps, which the kernel counts as a file."""


def limit_file_size() -> None:
    """Simulate a full disk: a write beyond the limit fails."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def test_a_full_disk_keeps_the_site_and_is_reported_in_one_line(book):
    before = read_site(book / "site")
    (book / "cards/ryl.yml").write_text(card("Too much."), "utf-8")
    large = book / "docs/large.bin"
    with large.open("wb") as file:
        file.truncate(LIMIT + 1)
    command = [sys.executable, "-m", "generator", "build", "--quiet"]
    done = subprocess.run(command, cwd=book, capture_output=True, text=True, check=False, preexec_fn=limit_file_size)
    large.unlink()
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["ERROR   -  the site cannot be written: File too large"]
    assert "Traceback" not in done.stdout
    assert read_site(book / "site") == before


def test_errors_in_cards_and_templates_keep_the_site_with_either_command(book, tmp_path):
    before = read_site(book / "site")
    template = book / "templates/pages/model.md.j2"
    template.parent.mkdir(parents=True)
    try:
        (book / "cards/ryl.yml").write_text(card("X.") + "colour: red\n", "utf-8")
        for run in (run_modelbook, run_mkdocs):
            assert run("build", cwd=book).returncode == 1
            assert read_site(book / "site") == before
        (book / "cards/ryl.yml").write_text(card("X."), "utf-8")
        for text in ("{% if %}\n", "{{ nothing }}\n"):
            template.write_text(text, "utf-8")
            for run in (run_modelbook, run_mkdocs):
                assert run("build", cwd=book).returncode == 1
                assert read_site(book / "site") == before
    finally:
        template.unlink()


def test_a_warning_with_strict_keeps_the_site(book):
    before = read_site(book / "site")
    guide = book / "docs/guide.md"
    guide.write_text("# Guide\n\n[nowhere](missing.md)\n", "utf-8")
    try:
        done = run_modelbook("build", "--strict", cwd=book)
        assert (done.returncode, "nothing was built: --strict counts warnings as errors\n" in done.stderr) == (1, True)
        assert read_site(book / "site") == before
    finally:
        guide.unlink()


def test_two_concurrent_builds_give_one_complete_site(book):
    (book / "cards/ryl.yml").write_text(card("Both."), "utf-8")
    builds = [start_modelbook("build", cwd=book) for _ in range(2)]
    assert [build.wait(timeout=300) for build in builds] == [0, 0]
    (book / "site/.gitignore").unlink(missing_ok=True)  # written by another test
    assert run_modelbook("build", "--site-dir", "alone", cwd=book).returncode == 0
    assert read_site(book / "site") == read_site(book / "alone")
    assert not (book / ".modelbook").exists()


def test_the_site_is_written_to_an_inherited_site_dir(tmp_path):
    root = write_book(tmp_path / "book", {"ryl.yml": MODEL, "t.yml": TEAM})
    (root / "base.yml").write_text("site_dir: ../public\n", "utf-8")
    (root / "mkdocs.yml").write_text("INHERIT: base.yml\n" + (root / "mkdocs.yml").read_text("utf-8"), "utf-8")
    done = run_modelbook("build", cwd=root)
    assert done.returncode == 0, done.stderr
    assert "open ../public/index.html" in done.stdout
    assert (tmp_path / "public/models/ryl.html").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book", "public"]
    assert not (root / "site").exists()


@pytest.mark.parametrize("folder", ["cards", "cards/site", "."])
def test_a_site_never_replaces_the_cards(tmp_path, folder):
    root = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM})
    for run in (run_modelbook, run_mkdocs):
        done = run("build", "--site-dir", folder, cwd=root)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        assert (root / "cards/ryl.yml").is_file()


def test_a_card_that_is_a_link_or_a_pipe_is_not_read_for_its_excerpt(tmp_path):
    book = write_book(tmp_path / "book", {"ryl.yml": card("Old."), "t.yml": TEAM})
    (tmp_path / "private").write_text("kangaroo\n", "utf-8")
    (book / "cards" / "out.yml").symlink_to(tmp_path / "private")
    (book / "cards" / "endless.yml").symlink_to("/dev/zero")
    os.mkfifo(book / "cards" / "pipe.yml")
    done = run_modelbook("build", cwd=book)
    assert done.returncode == 1
    for line in ("out.yml:1:1 error MB006", "endless.yml:1:1 error MB006", "pipe.yml:1:1 error MB017"):
        assert line in done.stdout
    assert "kangaroo" not in done.stdout + done.stderr
