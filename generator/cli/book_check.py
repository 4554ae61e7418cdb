"""`modelbook check --book`: the cards of a repository, checked with the other cards of the published book."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from generator.checks.baseline import OLD_FORMAT, Comparison
from generator.checks.locations import FieldLocator
from generator.cli.console import print_line
from generator.cli.published_book import read_book
from generator.cli.reports import CheckResult
from generator.collect.card_files import read_card_files
from generator.collect.sources import USUAL_PATHS
from generator.collect.working_tree import WorkingTree
from generator.errors import UserError
from generator.evidence.repositories import FoundRepository, find_repositories
from generator.evidence.repository_reader import open_repository
from generator.git import GitError
from generator.history.git import find_checkout, read_head
from generator.merged_book import RepositoryCards, RepositoryCheck, check_repository
from generator.project import compare_with_file


def check_with_book(
    folder: Path, book: str, paths: Sequence[Path], name: str | None, today: date | None
) -> RepositoryCheck:
    """Check the cards of the repository around a folder with those of the published book.

    Args:
        folder: The folder of the repository, or one in it.
        book: The address of the book, or its catalog.json.
        paths: The files and folders of the cards; by default modelbook.yml and modelbook/ in the folder.
        name: The name of the repository in the book; by default that of its remote.
        today: The day to check for, instead of that of the book.

    Raises:
        UserError: The book or the cards cannot be read.

    """
    if not folder.is_dir():
        message = f"no folder {str(folder)!r}: expected a checkout with cards"
        raise UserError(message)
    root = folder.resolve()
    with suppress(GitError):
        root = find_checkout(folder).resolve()
    own = _read_repository(root, _locate_cards(root, folder, paths), name)
    result = check_repository(own, read_book(book), today)
    if not own.contents and not result.replaced:
        message = (
            f"no cards in {' and '.join(own.paths)}: write modelbook.yml, or name their file or folder with --cards"
        )
        raise UserError(message)
    if not result.replaced:
        hint = "its cards count as new; --repository sets another name"
        print_line(f"no card of the book is from the repository {own.name!r}: {hint}", err=True)
    return result


def _locate_cards(root: Path, folder: Path, paths: Sequence[Path]) -> list[str]:
    """Return the paths of the cards in the repository."""
    usual = [folder / path for path in USUAL_PATHS]
    found = [folder / path for path in paths] or [path for path in usual if path.exists()] or usual
    for path in found:
        if not path.resolve().is_relative_to(root):
            message = f"{path} is outside of the repository {root.name}: expected a file or a folder in it"
            raise UserError(message)
        if paths and not path.exists():
            message = f"no file or folder {str(path)!r}: --cards names the cards of this repository"
            raise UserError(message)
    return [os.path.relpath(path.resolve(), root).replace(os.sep, "/") for path in found]


def _read_repository(root: Path, paths: Sequence[str], name: str | None) -> RepositoryCards:
    found = next(iter(find_repositories([root])), FoundRepository(root, root.name))
    remote, url, commit = "", "", ""
    with suppress(GitError), open_repository(found) as repository:
        remote, url = repository.read_remote()
        commit = read_head(root)
    try:
        files = read_card_files(WorkingTree(root), "", paths)
    except GitError as error:
        message = f"the cards of {root.name} cannot be read: {error}"
        raise UserError(message) from None
    for path, reason in files.skipped.items():
        print_line(f"warning: {path} is not collected: {reason}", err=True)
    return RepositoryCards(
        name or remote or found.label, "" if name else url, commit, tuple(paths), files.contents, files.cards
    )


def select_new(checked: RepositoryCheck, baseline: Path | None) -> CheckResult:
    """Return the findings that a file of known ones does not have."""
    compared = Comparison([*checked.findings], [], [])
    if baseline is not None:
        compared = compare_with_file(checked.findings, baseline, FieldLocator(checked.texts))
    if compared.is_old_format:
        print_line(OLD_FORMAT, err=True)
    known, gone = len(compared.known), len(compared.fixed)
    return CheckResult(tuple(compared.new), checked.texts, checked.suppressed, known, gone)
