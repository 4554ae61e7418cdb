"""Changes of a site in place: the files are first written beside it, then a journal lists the moves to make.

A command that finds the journal of a process that has ended makes the moves that are left.
"""

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

Files = Mapping[str, bytes | None]
"""The files of a site with their new contents; None for one to remove."""

JOURNAL = "journal"
"""The name of the journal in a workspace."""
_FILES = "patch"
"""The folder of the new files in a workspace."""


def stage_files(site: Path, workspace: Path, files: Files) -> None:
    """Write the new files of a site to the workspace, then the journal: now the change can only be completed."""
    for path, content in files.items():
        file = workspace / _FILES / path
        if content is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    moved, removed = ([path for path, text in files.items() if (text is None) == is_gone] for is_gone in (False, True))
    part = workspace / f"{JOURNAL}.part"
    part.write_text(json.dumps({"site": _identify(site), "moved": moved, "removed": removed}), encoding="utf-8")
    part.replace(workspace / JOURNAL)


def finish_journal(site: Path, workspace: Path) -> None:
    """Make the moves of a journal that are left, and delete it; do nothing without one.

    Do nothing either if another build has replaced the site since.
    """
    journal = workspace / JOURNAL
    try:
        order = json.loads(journal.read_text(encoding="utf-8"))
        moved, removed = _check_paths(order["moved"]), _check_paths(order["removed"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    if order["site"] == _identify(site):
        for path in moved:
            with contextlib.suppress(FileNotFoundError):  # moved already
                _move(workspace / _FILES / path, site / path)
        for path in removed:
            (site / path).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # a folder with other files stays
                for folder in list((site / path).parents)[: path.count("/")]:
                    folder.rmdir()
    journal.unlink()


def _identify(site: Path) -> list[int] | None:
    """Return what tells a folder from another one at the same path; nobody else can write a journal with it."""
    with contextlib.suppress(OSError):
        status = site.stat()
        return [status.st_dev, status.st_ino]
    return None


def _check_paths(paths: Iterable[str]) -> list[str]:
    """Return the paths of a journal if all are below the site."""
    checked = list(paths)
    for path in map(PurePosixPath, checked):
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(str(path))
    return checked


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except FileNotFoundError:
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
