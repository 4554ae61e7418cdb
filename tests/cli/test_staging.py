"""Replacing a built site: complete sites only, after any interruption, and nothing through a link."""

import contextlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli import staging
from generator.cli.staging import recover_site, stage_site
from generator.errors import UserError
from generator.incremental import patch
from generator.processes import acquire_lock


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def content(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def replace_site(site: Path, files: dict[str, str], before_the_swap: Callable[[], None] = lambda: None) -> None:
    with stage_site(site) as staged:
        write(staged.folder, files)
        before_the_swap()
        staged.replace_site()


class Stopped(BaseException):
    """The end of the process, at a step."""


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Stop before the given rename, and before all that follow it: a killed process takes no further step."""
    taken = 0
    original = Path.replace

    def replace(self: Path, target: Path) -> Path:
        nonlocal taken
        taken += 1
        if taken >= step:
            raise Stopped
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)


OLD = {"index.html": "old", "gone/page.html": "old", ".gitignore": "*", ".well-known/kept": "x", ".well-known/a": "old"}
NEW = {"index.html": "new", ".well-known/a": "new"}
SWAPPED = {**NEW, ".gitignore": "*", ".well-known/kept": "x"}


def test_a_new_site_replaces_the_old_one_and_leaves_no_other_files(tmp_path):
    site = write(tmp_path / "site", OLD)
    site.chmod(0o2750)
    replace_site(site, NEW)
    assert content(site) == SWAPPED
    assert site.stat().st_mode & 0o7777 == 0o2750
    assert names(tmp_path) == ["site"]


def test_the_first_site_replaces_nothing(tmp_path):
    replace_site(tmp_path / "below/site", NEW)
    assert content(tmp_path / "below/site") == NEW
    assert names(tmp_path / "below") == ["site"]


def test_a_staged_site_that_is_not_used_is_deleted(tmp_path):
    site = write(tmp_path / "site", OLD)
    with stage_site(site) as staged:
        write(staged.folder, NEW)
    assert content(tmp_path) == {f"site/{name}": text for name, text in OLD.items()}


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_kill_during_the_swap_is_repaired_by_the_next_command(tmp_path, step):
    """A kill closes the lock, and runs no `finally`: the workspace stays as it is."""
    site = write(tmp_path / "site", OLD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "_finish_swap", lambda *_: None)
        patch.setattr(staging, "_delete_workspace", lambda _: None)
        with pytest.raises(Stopped):
            replace_site(site, NEW, lambda: stop_at(patch, step))
    assert site.exists() is (step == 1)
    recover_site(site)
    assert content(tmp_path) == {f"site/{name}": text for name, text in (OLD if step == 1 else SWAPPED).items()}


@pytest.mark.parametrize("step", [2, 3, 4])
def test_an_interrupt_between_the_renames_still_completes_the_swap(tmp_path, step):
    site = write(tmp_path / "site", OLD)
    interrupts = pytest.MonkeyPatch()
    finish = staging._finish_swap

    def finish_undisturbed(*arguments: Path) -> None:
        interrupts.undo()
        finish(*arguments)

    def interrupt() -> None:
        interrupts.setattr(staging, "_finish_swap", finish_undisturbed)
        stop_at(interrupts, step)

    with pytest.raises(Stopped):
        replace_site(site, NEW, interrupt)
    assert content(tmp_path) == {f"site/{name}": text for name, text in SWAPPED.items()}


def test_a_site_that_cannot_be_replaced_is_unchanged(tmp_path, monkeypatch):
    site = write(tmp_path / "site", OLD)
    original = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise PermissionError(13, "Permission denied", str(self))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UserError, match="cannot be replaced: Permission denied"):
        replace_site(site, {"index.html": "new"})
    assert content(tmp_path) == {f"site/{name}": text for name, text in OLD.items()}


def test_a_live_build_keeps_its_workspace_and_a_dead_one_loses_it(tmp_path):
    site = write(tmp_path / "site", OLD)
    dead = write(tmp_path / ".modelbook/build/site/dead", {"new/index.html": "half", "lock": ""})
    with stage_site(site) as first:
        assert not dead.exists()
        write(first.folder, {"index.html": "first"})
        with stage_site(site) as second:
            recover_site(site)
            write(second.folder, {"index.html": "second"})
            second.replace_site()
        assert content(site)["index.html"] == "second"
        first.replace_site()
    assert content(site) == {"index.html": "first", ".gitignore": "*", ".well-known/kept": "x", ".well-known/a": "old"}
    assert names(tmp_path) == ["site"]


def test_hidden_files_survive_a_kill_while_another_build_puts_its_site_there(tmp_path):
    site = write(tmp_path / "site", {"index.html": "second"})
    write(
        tmp_path / ".modelbook/build/site/dead",
        {"lock": "", "old-0/.gitignore": "*", "old-0/index.html": "old", "new/.nojekyll": "", "new/index.html": "new"},
    )
    recover_site(site)
    assert content(tmp_path) == {"site/index.html": "second", "site/.gitignore": "*", "site/.nojekyll": ""}


def test_empty_folders_of_a_build_that_was_killed_at_its_start_are_deleted(tmp_path):
    site = write(tmp_path / "site", OLD)
    (tmp_path / ".modelbook/build/site").mkdir(parents=True)
    recover_site(site)
    assert names(tmp_path) == ["site"]


def test_another_build_between_the_two_renames_is_replaced_in_turn(tmp_path, monkeypatch):
    site = write(tmp_path / "site", OLD)
    original = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.name == "new" and not (tmp_path / "came").exists():
            write(site, {"index.html": "other"})
            (tmp_path / "came").touch()
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    replace_site(site, NEW)
    assert content(site) == SWAPPED


def test_a_link_to_the_site_stays_and_links_within_it_are_not_followed(tmp_path):
    outside = write(tmp_path / "outside", {"index.html": "precious", "a/index.html": "precious"})
    target = write(tmp_path / "real/public", {"index.html": "old"})
    (target / "assets").symlink_to(outside)
    (target / "page.html").symlink_to(outside / "index.html")
    os.link(outside / "a/index.html", target / "linked.html")
    (tmp_path / "site").symlink_to(target)
    replace_site(
        tmp_path / "site", {"index.html": "new", "assets/index.html": "new", "page.html": "n", "linked.html": "n"}
    )
    assert content(outside) == {"index.html": "precious", "a/index.html": "precious"}
    assert (tmp_path / "site").readlink() == target
    assert content(target) == {"index.html": "new", "assets/index.html": "new", "page.html": "n", "linked.html": "n"}
    assert names(tmp_path / "real") == ["public"]


def test_a_file_at_the_path_of_the_site_is_kept(tmp_path):
    (tmp_path / "site").write_text("mine", "utf-8")
    with pytest.raises(UserError, match="is not a folder"):
        replace_site(tmp_path / "site", NEW)
    assert content(tmp_path) == {"site": "mine"}


def test_recovery_works_without_workspaces_and_write_permission(tmp_path):
    recover_site(tmp_path / "nowhere/site")
    (tmp_path / ".modelbook").write_text("no folder", "utf-8")
    recover_site(tmp_path / "site")
    assert content(tmp_path) == {".modelbook": "no folder"}


@pytest.mark.parametrize("link", [".modelbook", ".modelbook/build", ".modelbook/build/site"])
def test_nothing_is_deleted_through_a_link_to_the_workspaces(tmp_path, link):
    files = {"site/work/keep": "x", "build/site/work/keep": "x", "work/keep": "x"}
    elsewhere = write(tmp_path / "elsewhere", files)
    site = write(tmp_path / "book" / "site", OLD)
    (tmp_path / "book" / link).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "book" / link).symlink_to(elsewhere)
    recover_site(site)
    with pytest.raises(UserError, match="is reached by a link: remove the link"):
        replace_site(site, NEW)
    assert content(elsewhere) == files
    assert content(site) == OLD


@pytest.mark.parametrize("left", [".modelbook", ".modelbook/build", ".modelbook/build/site"])
def test_folders_that_a_killed_build_has_left_empty_are_deleted(tmp_path, left):
    (tmp_path / left).mkdir(parents=True)
    recover_site(tmp_path / "site")
    assert names(tmp_path) == []


def test_a_workspace_that_is_a_link_is_removed_and_not_followed(tmp_path):
    files = {"new/index.html": "x", "old-0/.hidden": "x"}
    elsewhere = write(tmp_path / "elsewhere", files)
    workspaces = tmp_path / "book" / ".modelbook" / "build" / "site"
    workspaces.mkdir(parents=True)
    (workspaces / "work").symlink_to(elsewhere)
    (workspaces / "other").mkdir()
    (workspaces / "other" / "new").symlink_to(elsewhere / "new")
    (workspaces / "other" / "old-0").symlink_to(elsewhere / "old-0")
    recover_site(tmp_path / "book" / "site")
    assert content(elsewhere) == files
    assert names(tmp_path / "book") == []


def test_a_folder_with_other_files_is_never_replaced(tmp_path):
    home = write(tmp_path / "home", {"notes.txt": "mine", ".gitignore": "*"})
    with pytest.raises(UserError, match="expected a built site or an empty folder"):
        replace_site(home, NEW)
    assert content(home) == {"notes.txt": "mine", ".gitignore": "*"}


def test_an_empty_folder_with_hidden_files_is_replaced(tmp_path):
    site = write(tmp_path / "site", {".gitignore": "*"})
    replace_site(site, NEW)
    assert content(site) == {**NEW, ".gitignore": "*"}


CHANGED = {"index.html": "new", "new/page.html": "new"}
PATCHED = {**OLD, **CHANGED}
del PATCHED["gone/page.html"]


def patch_site(site: Path, before_the_moves: Callable[[], None] = lambda: None) -> bool:
    with stage_site(site) as staged:
        before_the_moves()
        return staged.patch_site({**{name: text.encode() for name, text in CHANGED.items()}, "gone/page.html": None})


def test_a_patch_replaces_and_removes_some_files_of_the_site(tmp_path):
    site = write(tmp_path / "site", OLD)
    inode = site.stat().st_ino
    assert patch_site(site)
    assert content(site) == PATCHED
    assert not (site / "gone").exists()
    assert (names(tmp_path), site.stat().st_ino) == (["site"], inode)


@pytest.mark.parametrize("step", range(1, 6))
def test_a_patch_is_made_wholly_or_not_at_all_by_a_build_that_is_killed(tmp_path, step):
    site = write(tmp_path / "site", OLD)
    with pytest.MonkeyPatch.context() as kill:
        kill.setattr(staging, "_delete_workspace", lambda _: None)
        with contextlib.suppress(Stopped):  # the last step is beyond the end
            patch_site(site, lambda: stop_at(kill, step))
    recover_site(site)
    assert content(site) == (OLD if step == 1 else PATCHED)
    assert names(tmp_path) == ["site"]


@pytest.mark.parametrize("step", range(2, 4))
def test_an_interrupt_between_the_moves_still_completes_the_patch(tmp_path, step):
    site = write(tmp_path / "site", OLD)
    interrupts = pytest.MonkeyPatch()
    finish, calls = patch.finish_journal, list[int]()

    def finish_undisturbed(*arguments: Path) -> None:
        calls.append(1)
        if len(calls) == 2:
            interrupts.undo()
        finish(*arguments)

    def interrupt() -> None:
        interrupts.setattr(staging, "finish_journal", finish_undisturbed)
        stop_at(interrupts, step)

    with pytest.raises(Stopped):
        patch_site(site, interrupt)
    assert content(site) == PATCHED
    assert names(tmp_path) == ["site"]


def test_a_patch_is_refused_while_another_build_is_alive(tmp_path):
    site = write(tmp_path / "site", OLD)
    with stage_site(site):
        assert not patch_site(site)
    assert content(site) == OLD


def test_a_patch_is_refused_if_the_disk_fails(tmp_path, monkeypatch):
    site = write(tmp_path / "site", OLD)
    for name in ("write_bytes", "replace"):
        with monkeypatch.context() as full:
            full.setattr(Path, name, lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
            assert not patch_site(site)
    assert content(site) == OLD


def test_a_build_waits_until_another_one_has_moved_its_files(tmp_path, monkeypatch):
    site = write(tmp_path / "site", OLD)
    with stage_site(site) as first:
        write(first.folder, {"index.html": "whole"})
        other = tmp_path / ".modelbook/build/site/other"
        journal = write(other, {"journal": "{}"}) / "journal"
        lock = acquire_lock(other / "lock")
        assert lock is not None
        seen: list[str] = []

        def end_moves() -> None:
            seen.append(content(site)["index.html"])
            journal.unlink()

        timer = threading.Timer(0.2, end_moves)
        timer.start()
        first.replace_site()
        timer.join()
        lock.close()
    assert (seen, content(site)["index.html"]) == (["old"], "whole")


@pytest.mark.parametrize("path", ["../outside", "/outside", "a/../../outside"])
def test_a_foreign_journal_changes_nothing(tmp_path, path):
    site = write(tmp_path / "site", OLD)
    own = [site.stat().st_dev, site.stat().st_ino]
    moved = str(tmp_path / "outside") if path.startswith("/") else path
    for place, target in ((own, moved), ([1, 2], "a")):
        journal = json.dumps({"site": place, "moved": [target], "removed": ["index.html"]})
        write(tmp_path / ".modelbook/build/site/dead", {"journal": journal, "patch/a": "new", "outside": "new"})
        recover_site(site)
        assert content(tmp_path) == {f"site/{name}": text for name, text in OLD.items()}
