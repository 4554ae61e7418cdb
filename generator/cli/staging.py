"""Replacement of a built site in one step: a build writes to a staging folder, and two renames swap the folders.

The staging folders are in `.modelbook/build/SITE/` next to the site, on the same file system. Each build has its own
workspace there:

    lock    locked while the build is alive; the lock ends with the process, however it ends
    new/    the site that is being built
    old-N/  the site that was there, between the two renames and until it is deleted

If both `new/` and an `old-N/` exist, the swap was interrupted: `new/` is complete and takes its place.

A build that changes only some files of the site moves them into place instead:

    patch/   the files that replace others, complete before there is a journal
    journal  the moves; if they were interrupted, the next command makes those that are left
"""

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from generator.errors import UserError
from generator.incremental.patch import JOURNAL, Files, finish_journal, stage_files
from generator.load.configuration_file import find_site_dir
from generator.processes import acquire_lock, exit_on_sigterm
from generator.values import FrozenValue

_ATTEMPTS = 20
"""Another build can delete an empty folder, or put its site in place, between two steps of this one."""
_MOVING_TIME = 10
"""The most seconds to wait until another build has moved its files into place."""


def read_site_dir(root: Path) -> str:
    """Return the folder for the site that mkdocs.yml names; the default if mkdocs.yml cannot be read."""
    found = find_site_dir(root)
    if found is not None:
        return found
    from generator.load.configuration import read_configuration  # noqa: PLC0415 - the settings take 0.2 s to import

    with contextlib.suppress(UserError):
        return read_configuration(root)[0].site_dir
    return "site"


class StagedSite(FrozenValue):
    """A folder in which to build a site, and the way to put it in place."""

    site: Path
    """The folder to replace, symbolic links resolved: a link to it stays as it is."""
    workspace: Path

    @property
    def folder(self) -> Path:
        """The folder that the build writes to; empty at first."""
        return self.workspace / "new"

    def replace_site(self) -> None:
        """Swap the staged folder with the site; hidden entries of the site stay, as in a build by MkDocs.

        Raises UserError if the site cannot be replaced; then it is unchanged.
        """
        if self.site.exists() and not self.site.is_dir():
            raise UserError(f"{self.site} is not a folder: remove the file, or choose another --site-dir")
        is_site = any((self.site / name).is_file() for name in ("index.html", "404.html"))
        if self.site.is_dir() and not is_site and any(not one.name.startswith(".") for one in self.site.iterdir()):
            # Such as a home folder given by mistake.
            raise UserError(f"{self.site} has files but no index.html: expected a built site or an empty folder")
        recover_site(self.site)  # waits for a build that moves files into the site
        with contextlib.suppress(OSError):
            shutil.copymode(self.site, self.folder)
        try:
            self._swap()
        except OSError as error:
            message = f"{self.site} cannot be replaced: {error.strerror or error}"
            if os.path.ismount(self.site):
                message = f"{self.site} is a mount point: choose a folder inside it with --site-dir"
            raise UserError(message) from None
        finally:
            _finish_swap(self.site, self.workspace)

    def patch_site(self, files: Files, is_current: Callable[[], bool] = lambda: True) -> bool:
        """Replace some files of the site, and remove others; each file is complete at any moment.

        Return False, and change nothing, if another build is alive, or has ended since the files were made: then
        `is_current` returns False. If the disk fails, the site needs a whole build.
        """
        try:
            stage_files(self.site, self.workspace, files)
            # A build that starts now sees the journal when it wants to replace the site, and waits.
            if any(other != self.workspace for other in self.workspace.parent.iterdir()) or not is_current():
                (self.workspace / JOURNAL).unlink()
                return False
        except OSError:
            return False
        try:
            finish_journal(self.site, self.workspace)
        except OSError:
            return False
        finally:  # after an interrupt too
            with contextlib.suppress(OSError):
                finish_journal(self.site, self.workspace)
        return True

    def _swap(self) -> None:
        for attempt in range(_ATTEMPTS):
            old = self.workspace / f"old-{attempt}"
            with contextlib.suppress(FileNotFoundError):
                self.site.replace(old)
                _move_hidden(old, self.folder)
            try:
                self.folder.replace(self.site)
            except OSError:
                if attempt == _ATTEMPTS - 1 or not self.site.exists():  # another build has put its site there
                    raise
            else:
                return


@contextlib.contextmanager
def stage_site(site: Path) -> Iterator[StagedSite]:
    """Create a workspace next to the site and delete it at the end; first clean up after builds that were killed."""
    exit_on_sigterm()
    site = site.resolve()
    recover_site(site)
    workspace, lock = _create_workspace(_get_workspaces_folder(site))
    try:
        staged = StagedSite(site, workspace)
        staged.folder.mkdir()
        yield staged
    finally:
        lock.close()
        _delete_workspace(workspace)


def recover_site(site: Path) -> None:
    """Finish the swap of a build that was killed, and delete the workspaces of builds that are not alive."""
    site = site.resolve()
    folder = _get_workspaces_folder(site)
    if _is_reached_by_link(folder):
        return
    with contextlib.suppress(OSError):  # not there, or not writable: this command can do nothing about it
        for workspace in sorted(folder.iterdir()):
            if workspace.is_symlink() or not workspace.is_dir():
                workspace.unlink()
                continue
            lock = acquire_lock(workspace / "lock")
            if lock is None:
                continue
            with contextlib.closing(lock):
                _finish_swap(site, workspace)
                finish_journal(site, workspace)
            shutil.rmtree(workspace, ignore_errors=True)
    _delete_if_empty(folder)
    deadline = time.monotonic() + _MOVING_TIME
    while any(folder.glob(f"*/{JOURNAL}")) and time.monotonic() < deadline:
        time.sleep(0.01)


def _get_workspaces_folder(site: Path) -> Path:
    return site.parent / ".modelbook" / "build" / site.name


def _is_reached_by_link(folder: Path) -> bool:
    """Return whether a parent folder of the workspaces is a link: its target can contain other files."""
    return any(path.is_symlink() for path in (folder, *list(folder.parents)[:2]))


def _create_workspace(folder: Path) -> tuple[Path, sqlite3.Connection]:
    """Create and lock a workspace; another build may take an unlocked one for stale, then make another."""
    if _is_reached_by_link(folder):
        raise UserError(f"{folder} is reached by a link: remove the link")
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError):
            folder.mkdir(parents=True, exist_ok=True)
            workspace = Path(tempfile.mkdtemp(dir=folder))
            lock = acquire_lock(workspace / "lock")
            if lock is not None and (workspace / "lock").exists():
                return workspace, lock
            if lock is not None:
                lock.close()
            _delete_workspace(workspace)
    raise UserError(f"{folder} cannot be written: check permissions and free space")


def _finish_swap(site: Path, workspace: Path) -> None:
    """Complete an interrupted swap, or undo it if it cannot be completed; do nothing after a complete one."""
    new = workspace / "new"
    olds = sorted(old for old in workspace.glob("old-*") if not old.is_symlink())
    if not new.is_dir() or new.is_symlink() or not olds:
        return
    target = site if site.exists() else new
    for old in olds:
        _move_hidden(old, target)
    if target is site:  # another build has put its site there meanwhile
        _move_hidden(new, site)
        return
    try:
        new.replace(site)
    except OSError:
        _move_hidden(new, olds[-1])
        olds[-1].replace(site)


def _move_hidden(source: Path, target: Path) -> None:
    """Move the hidden entries of a folder, such as `.gitignore`; what the target has already stays."""
    for entry in source.iterdir():
        if entry.name.startswith("."):
            _move_missing(entry, target / entry.name)


def _move_missing(source: Path, target: Path) -> None:
    if not os.path.lexists(target):
        source.replace(target)
    elif source.is_dir() and target.is_dir() and not source.is_symlink() and not target.is_symlink():
        for entry in source.iterdir():
            _move_missing(entry, target / entry.name)


def _delete_workspace(workspace: Path) -> None:
    shutil.rmtree(workspace, ignore_errors=True)
    _delete_if_empty(workspace.parent)


def _delete_if_empty(folder: Path) -> None:
    """Delete the folder of the workspaces, then `build/` and `.modelbook/`, as long as they are empty."""
    with contextlib.suppress(OSError):
        for empty in (folder, *list(folder.parents)[:2]):
            with contextlib.suppress(FileNotFoundError):  # a killed build has deleted it
                empty.rmdir()
