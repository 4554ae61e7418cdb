"""The result of an import, and writing it to the cards folder without changing a file that exists."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from generator.errors import UserError
from generator.names import Ref
from generator.values import FrozenValue


class DraftFile(FrozenValue):
    """A file for the cards folder."""

    path: str
    """Relative to the cards folder, with forward slashes."""
    text: str
    ref: Ref | None = None
    """The card in the file; None for a contract file."""
    needs: tuple[str, ...] = ()
    """The paths of the other files that the card refers to."""


class Note(FrozenValue, order=True):
    """A part of the source that no card could take."""

    place: str
    """Its place in the source: a model, a line, a column."""
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ImportResult(FrozenValue):
    """What an import read, kept and left out."""

    files: tuple[DraftFile, ...] = ()
    """The drafts and the files that they refer to."""
    notes: tuple[Note, ...] = ()
    """The parts of the source that were left out."""
    interpretations: tuple[str, ...] = ()
    """How the source was read, as text: the field of each column of a spreadsheet."""


def merge_results(results: Iterable[ImportResult]) -> ImportResult:
    """Return several results as one: files sorted by path, notes in the order of the source without duplicates.

    Two resources of different types can have the same id: the second one gets a file with its type in the name.
    """
    several = list(results)
    files: dict[str, DraftFile] = {}
    refs: dict[str, Ref | None] = {}  # by path in lower case: many systems do not tell the case of a file name
    for file in (file for result in several for file in result.files):
        path = file.path
        if file.ref is not None and refs.setdefault(path.lower(), file.ref) != file.ref:
            stem, dot, ending = path.rpartition(".")
            path = f"{stem}.{file.ref.kind}{dot}{ending}"
        files[path] = replace(file, path=path)
    notes = dict.fromkeys(note for result in several for note in result.notes)
    interpretations = tuple(text for result in several for text in result.interpretations)
    return ImportResult(tuple(files[path] for path in sorted(files)), tuple(notes), interpretations)


def build_notes(place: str, messages: Iterable[str]) -> ImportResult:
    """Return a result of notes that have the same place."""
    return ImportResult(notes=tuple(Note(place, message) for message in messages))


class WriteReport(FrozenValue):
    """The paths of the written files, and the reasons of the skipped files by path; both sorted."""

    written: tuple[str, ...]
    skipped: Mapping[str, str]


def write_drafts(result: ImportResult, folder: Path, existing: Iterable[Ref] = ()) -> WriteReport:
    """Write the drafts that neither replace a file nor have the id of an existing card.

    A card is skipped if its contract file exists with other contents. A contract file is skipped if no written card
    needs it. Writing the same result again changes nothing.
    """
    reasons = _find_skip_reasons(result, folder, {(ref.kind, ref.id.lower()) for ref in existing})
    written = [file for file in result.files if file.path not in reasons]
    for file in written:
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8", newline="") as stream:
            stream.write(file.text)
    return WriteReport(tuple(sorted(file.path for file in written)), dict(sorted(reasons.items())))


def _find_skip_reasons(result: ImportResult, folder: Path, existing: set[tuple[str, str]]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    different: set[str] = set()
    """The paths of skipped files whose text is not in the folder."""
    for file in result.files:
        place = _resolve_inside(folder, file.path)
        if file.ref is not None and (file.ref.kind, file.ref.id.lower()) in existing:
            reasons[file.path] = f"a card {file.ref} exists already"
        elif os.path.lexists(place):
            reasons[file.path] = "the file exists already"
        if file.path in reasons:
            with suppress(OSError):
                if place.read_bytes() == file.text.encode():
                    continue
            different.add(file.path)
    for file in result.files:
        missing = next((path for path in file.needs if path in different), None)
        if missing is not None:
            reasons.setdefault(file.path, f"its contract file {missing} exists already with other contents")
    needed = {path for file in result.files if file.path not in reasons for path in file.needs}
    for file in result.files:
        if file.ref is None and file.path not in needed:
            reasons.setdefault(file.path, "no card that is written refers to it")
    return reasons


def _resolve_inside(folder: Path, path: str) -> Path:
    """Return the place of a file; raise UserError if it is outside the folder, for example behind a symbolic link."""
    steps = PurePosixPath(path)
    place = folder / steps
    if steps.is_absolute() or ".." in steps.parts or not place.parent.resolve().is_relative_to(folder.resolve()):
        raise UserError(f"{path} is outside of the cards folder: remove the symbolic link in its path")
    return place
