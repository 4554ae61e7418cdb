"""`modelbook check --book URL`: the cards of a repository, checked with the other cards of the published book."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from generator.checks.baseline import OLD_FORMAT, Comparison
from generator.checks.locations import FieldLocator
from generator.cli.console import print_line
from generator.cli.published_book import read_book
from generator.cli.reports import CheckResult
from generator.collect.card_files import CardFiles, read_card_files
from generator.collect.file_names import find_name_problem
from generator.collect.sources import USUAL_PATHS
from generator.collect.working_tree import WorkingTree
from generator.errors import UserError
from generator.evidence.repositories import FoundRepository, find_repositories
from generator.evidence.repository_reader import open_repository
from generator.git import GitError
from generator.history.git import find_checkout, read_head
from generator.merged_book import RepositoryCards, RepositoryCheck, check_repository, list_published
from generator.project import compare_with_file


def check_with_book(
    folder: Path, book: str, paths: Sequence[Path], name: str | None, today: date | None
) -> RepositoryCheck:
    """Check the cards of the repository around a folder with those of the published book.

    `book` is its address, or its catalog.json. `paths` are the files and folders of the cards; by default modelbook.yml
    and modelbook/ in the folder and at the top of the repository, and the files of the published cards. `name` is that
    of the repository in the book; by default that of its remote. `today` replaces the day of the book.

    Raises:
        UserError: The book or the cards cannot be read.

    """
    if not folder.is_dir():
        raise UserError(f"no folder {str(folder)!r}: expected a checkout with cards")
    published = read_book(book)
    root, commit = folder.resolve(), ""
    with suppress(GitError):
        root = find_checkout(folder).resolve()
        commit = read_head(root)
    found = next(iter(find_repositories([root])), FoundRepository(root, root.name))
    remote, url = "", ""
    with suppress(GitError), open_repository(found) as repository:
        remote, url = repository.read_remote()
    name, url = name or remote or found.label, "" if name else url
    chosen = [_locate(root, path if path.is_absolute() else folder / path) for path in paths]
    here = [_locate(root, folder / path) for path in USUAL_PATHS]
    usual = [*dict.fromkeys((*here, *USUAL_PATHS))]  # a book collects those at the top
    named = (node.source.path for node in list_published(published, name, url) if node.source is not None)
    known = [path for path in named if not find_name_problem(path)]
    for path in chosen:
        if not (root / path).exists() and path not in known:
            raise UserError(f"no file or folder {path!r} in {root.name}: --cards names the cards of this repository")
    files = _read_files(root, chosen or [path for path in {*usual, *known} if (root / path).exists()] or usual)
    # A published file that is missing was removed or moved, wherever it was.
    replaced = (*chosen, *(path for path in known if chosen and not (root / path).exists()))
    cards = RepositoryCards(name, url, commit, replaced, files.contents, files.cards)
    result = check_repository(cards, published, today)
    if not files.contents and not result.replaced:
        places = ", ".join(chosen) or "modelbook.yml or modelbook/"
        message = f"no cards in {places}: write modelbook.yml, or name their place with --cards"
        raise UserError(message)
    if not result.replaced:
        hint = "its cards count as new; --repository sets another name"
        print_line(f"no card of the book is from the repository {name!r}: {hint}", err=True)
    return result


def _locate(root: Path, path: Path) -> str:
    """Return the path of cards in their repository."""
    place = path.parent.resolve() / path.name  # a link itself is not followed: it is skipped with the reason
    place = place.resolve() if path.name in {"", ".."} else place
    if not place.is_relative_to(root):
        raise UserError(f"{path} is outside of the repository {root.name}: expected a file or a folder in it")
    return place.relative_to(root).as_posix()


def _read_files(root: Path, paths: Sequence[str]) -> CardFiles:
    """Read the cards on this disk, with the contract files that they refer to."""
    try:
        files = read_card_files(WorkingTree(root), "", sorted(paths))
    except GitError as error:
        raise UserError(f"the cards of {root.name} cannot be read: {error}") from None
    for path, reason in files.skipped.items():
        print_line(f"warning: {path} is not collected: {reason}", err=True)
    return files


def select_new(checked: RepositoryCheck, baseline: Path | None) -> CheckResult:
    """Return the findings that a file of known ones does not have."""
    compared = Comparison([*checked.findings], [], [])
    if baseline is not None:
        compared = compare_with_file(checked.findings, baseline, FieldLocator(checked.texts))
    if compared.is_old_format:
        print_line(OLD_FORMAT, err=True)
    known, gone = len(compared.known), len(compared.fixed)
    return CheckResult(tuple(compared.new), checked.texts, checked.suppressed, known, gone)
