"""A book as it is at a git revision, read without a checkout: no hook and no filter of the repository runs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.history.events import History
from generator.history.git import list_files_at, open_blob_reader
from generator.history.read import read_history
from generator.load.configuration import FILE as CONFIGURATION
from generator.load.configuration import read_configuration
from generator.project import Project, open_project, replace_settings

_LARGEST = 64 * 2**20
"""The size of the largest file in git that can be a card, in bytes."""


@contextmanager
def open_commit(project: Project, commit: str, history: History | None = None) -> Iterator[Project]:
    """Open the book of a project as it is at a commit; its files are in a temporary folder until the end.

    The day is that of the project, configuration and templates are those of the commit.

    Args:
        project: The book as it is now.
        commit: The id of the commit.
        history: The history up to the commit, instead of reading it from git.

    Raises:
        UserError: The commit has no book, or one that cannot be read.
        GitError: Git fails.

    """
    with tempfile.TemporaryDirectory(prefix="modelbook-") as name:
        folder = Path(name)
        _write_files(project.root, commit, folder, CONFIGURATION)
        configuration, _ = read_configuration(folder)
        settings = configuration.settings
        _write_files(project.root, commit, folder, settings.cards, settings.templates)
        configuration = replace_settings(configuration, as_of=project.today)
        history = read_history(project.root, settings.cards, commit) if history is None else history
        yield open_project(folder, configuration=configuration, history=history)


def _write_files(root: Path, commit: str, folder: Path, *paths: str) -> None:
    """Write the files of a commit below some paths of the book to a folder, byte for byte."""
    with open_blob_reader(root, _LARGEST) as read_blob:
        for name, blob in list_files_at(root, commit, *paths):
            content = read_blob(blob)
            if content is not None:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
