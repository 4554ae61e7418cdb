"""Comparison of the files in cards/collected/ with the lock file."""

from collections.abc import Collection, Iterator, Set
from pathlib import Path

from generator.findings import Finding, Position
from generator.grouping import group_pairs
from generator.load.collected import COLLECTED_FOLDER, LOCK_FILE, CardOrigin, CollectLock, is_blob
from generator.load.files import SIZE_LIMIT, Folder, list_visible_files
from generator.load.rules import CHANGED_FILE
from generator.load.unread import UnreadCard
from generator.names import format_count

_COLLECT_AGAIN = "run `modelbook collect --locked`"


def check_collected_files(folder: Folder, lock: CollectLock) -> tuple[list[Finding], list[UnreadCard]]:
    """Return a finding for each file that differs from the lock file, and the cards that are missing with it.

    The files of a repository that are all missing are one finding.
    """
    if not lock.repositories:  # the folder may be one of the author's own
        return [], []
    found = {folder.name(path): path for path in list_visible_files(folder.root / COLLECTED_FOLDER)}
    origins = {folder.name(folder.root / path): origin for path, origin in lock.origins.items()}
    missing = origins.keys() - found.keys()
    findings = list(_report_missing(folder, lock, missing))
    unread = list(_list_missing_cards(lock, {(origins[name].repository.name, origins[name].path) for name in missing}))
    for name, path in found.items():
        origin = origins.get(name)
        if origin is None:
            message = f"this file is not in {LOCK_FILE}: expected only files that `modelbook collect` wrote"
            hint = f"move it out of {COLLECTED_FOLDER}/, or remove it"
            findings.append(CHANGED_FILE.at(Position(name), message, hint))
        elif problem := _find_difference(path, origin):
            hint = f"change it in {origin.repository.name}, then discard this edit with `modelbook collect --force`"
            findings.append(CHANGED_FILE.at(Position(name), problem, hint))
    return findings, unread


def _report_missing(folder: Folder, lock: CollectLock, missing: Set[str]) -> Iterator[Finding]:
    for repository in lock.repositories if missing else ():
        base = folder.root / COLLECTED_FOLDER / repository.name
        names = {folder.name(base / path): path for path in repository.files}
        lost = sorted(names.keys() & missing)
        if lost and len(lost) == len(names):
            files = f"the {format_count(len(lost), 'file')} of {repository.name}"
            message = f"{files} {'is' if len(lost) == 1 else 'are'} not in {folder.name(base)}/"
            yield CHANGED_FILE.at(Position(LOCK_FILE), message, _COLLECT_AGAIN)
        else:
            for name in lost:
                message = f"missing file: {LOCK_FILE} lists {names[name]} of {repository.name}"
                yield CHANGED_FILE.at(Position(name), message, _COLLECT_AGAIN)


def _list_missing_cards(lock: CollectLock, missing: Collection[tuple[str, str]]) -> Iterator[UnreadCard]:
    """List the cards of missing files, as far as the lock file names them; else one that can be any card."""
    place, by_name = Position(LOCK_FILE), group_pairs(missing)
    for repository in lock.repositories if missing else ():
        lost = by_name.get(repository.name, ())
        cards = [card.partition(":") for card, path in repository.cards.items() if path in lost]
        yield from (UnreadCard(place, frozenset({name}), frozenset({kind})) for kind, _, name in cards)
        if lost and not repository.cards:
            yield UnreadCard(place)


def _find_difference(path: Path, origin: CardOrigin) -> str:
    """Return the difference between a file and the blob that was collected; empty if they are the same."""
    repository = origin.repository
    blob = repository.files[origin.path]
    source = f"{origin} at commit {repository.short_commit}"
    if path.is_symlink():
        return f"this file is a link: expected the file {source}"
    if not path.is_file():  # to read a pipe has no end
        return f"this is not a regular file: expected the file {source}"
    try:
        content = path.read_bytes() if path.stat().st_size <= 2 * SIZE_LIMIT else b""
    except OSError as error:
        return f"this file cannot be read: {error.strerror}"
    if is_blob(content, blob):
        return ""
    if is_blob(content.replace(b"\r\n", b"\n"), blob):
        return f"other line endings than those of {source}: expected `cards/collected/** -text` in .gitattributes"
    return f"this file differs from {source}"
