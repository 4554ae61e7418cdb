"""What a change adds: the findings of the cards as they were at a revision, to hold today's against."""

import tempfile
from pathlib import Path

from generator.errors import UserError
from generator.findings import Finding
from generator.history.git import GitError, find_merge_base, list_files_at, open_blob_reader
from generator.history.read import read_history
from generator.load.configuration import FILE, read_configuration
from generator.project import Project, open_project, replace_settings

_LARGEST = 64 * 2**20
"""Bytes of one file; what is larger is no card, and is left out."""


def findings_before(project: Project, revision: str) -> list[Finding]:
    """The findings that the book had where the checked-out line left a revision; none where there was no book yet.

    Checked for the same day, with the configuration and the templates of then, so that whatever the change brings
    about counts as its own: a finding in a file that it does not touch as well. Raises UserError where git knows no
    such revision, or there is no git.
    """
    try:
        commit = find_merge_base(project.root, revision)
        if commit is None:
            message = f"git knows no revision {revision!r}; fetch it first, as with: git fetch --unshallow origin"
            raise UserError(message)
        with tempfile.TemporaryDirectory(prefix="modelbook-") as folder:
            return _findings_at(project, commit, Path(folder))
    except GitError as error:
        message = f"--changed-since needs git: {error}"
        raise UserError(message) from None


def _findings_at(project: Project, commit: str, folder: Path) -> list[Finding]:
    _materialise(project.root, commit, folder, FILE)
    try:
        configuration, _ = read_configuration(folder)
        settings = configuration.settings
        _materialise(project.root, commit, folder, settings.cards, settings.templates)
        history = read_history(project.root, settings.cards, commit)
        configuration = replace_settings(configuration, as_of=project.today)
        before = open_project(folder, configuration=configuration, history=history)
    except UserError:
        return []
    return [*before.findings, *before.check_templates()]


def _materialise(root: Path, commit: str, folder: Path, *paths: str) -> None:
    """Write the files that a commit holds below some paths of the book into a folder, as they are in git."""
    with open_blob_reader(root, _LARGEST) as read_blob:
        for name, blob in list_files_at(root, commit, *paths):
            content = read_blob(blob)
            if content is not None:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
