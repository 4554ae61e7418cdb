"""Drafts to files: never over a file that is there, never beside a card of the same id, never out of the folder."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from generator.drafts.values import DraftFile, Drafts
from generator.errors import UserError
from generator.names import Ref


@dataclass(frozen=True, order=True, slots=True)
class Skipped:
    """A file that was not written, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the drafts; both sorted by path."""

    written: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def write_drafts(drafts: Drafts, folder: Path, taken: Iterable[Ref] = ()) -> Written:
    """Write the drafts that the cards folder has room for; `taken` are the cards that it already holds.

    A card whose contract file would be another one stays out, and so does a contract file that no written card needs.
    Written twice, the second time changes nothing.
    """
    reasons = _refusals(drafts, folder, frozenset((ref.kind, ref.id.lower()) for ref in taken))
    wanted = [file for file in drafts.files if file.path not in reasons]
    for file in wanted:
        _write(folder / file.path, file.text)
    skipped = [Skipped(path, reason) for path, reason in reasons.items()]
    return Written(tuple(sorted(file.path for file in wanted)), tuple(sorted(skipped)))


def _refusals(drafts: Drafts, folder: Path, taken: frozenset[tuple[str, str]]) -> dict[str, str]:
    """Why files are not written, by their paths."""
    reasons = {file.path: reason for file in drafts.files if (reason := _refusal(file, folder, taken))}
    foreign = {path for path in reasons if not _holds(folder, drafts, path)}
    for file in drafts.files:
        missing = next((path for path in file.needs if path in foreign), None)
        if missing is not None:
            reasons.setdefault(file.path, f"its contract would be {missing}, and another file stands there")
    needed = {path for file in drafts.files if file.path not in reasons for path in file.needs}
    for file in drafts.files:
        if file.ref is None and file.path not in needed:
            reasons.setdefault(file.path, "no card that is written refers to it")
    return reasons


def _refusal(file: DraftFile, folder: Path, taken: frozenset[tuple[str, str]]) -> str | None:
    if file.ref is not None and (file.ref.kind, file.ref.id.lower()) in taken:
        return f"there is already a card {file.ref}"
    return "there is already such a file" if os.path.lexists(_inside(folder, file.path)) else None


def _inside(folder: Path, path: str) -> Path:
    """The place of a file; raises UserError where a link in the folder would lead it elsewhere."""
    steps = PurePosixPath(path)
    place = folder / steps
    if steps.is_absolute() or ".." in steps.parts or not place.parent.resolve().is_relative_to(folder.resolve()):
        message = f"{path} would be written outside of the cards folder; remove the link that leads there"
        raise UserError(message)
    return place


def _holds(folder: Path, drafts: Drafts, path: str) -> bool:
    """Whether the very text of a draft stands in the folder already."""
    text = next(file.text for file in drafts.files if file.path == path)
    try:
        return (folder / path).read_bytes() == text.encode()
    except OSError:
        return False


def _write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("x", encoding="utf-8", newline="") as file:
        file.write(text)
