"""What an import gives: files to be written, and notes on what they could not take in."""

from collections.abc import Iterable
from dataclasses import dataclass

from generator.names import Ref

DRAFT_TAG = "draft"
"""The tag that every draft carries until somebody has read it."""


@dataclass(frozen=True, slots=True)
class DraftFile:
    """One file for the cards folder."""

    path: str
    """Relative to the cards folder, with forward slashes."""
    text: str
    ref: Ref | None = None
    """The card that it holds; none for a file that contracts refer to."""
    needs: tuple[str, ...] = ()
    """The paths of the other files that the card refers to."""


@dataclass(frozen=True, order=True, slots=True)
class Note:
    """Something in the source that no card could take in."""

    place: str
    """Where in the source: a model, a line, a column."""
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Drafts:
    """The whole of an import."""

    files: tuple[DraftFile, ...] = ()
    notes: tuple[Note, ...] = ()


def gathered(parts: Iterable[Drafts]) -> Drafts:
    """Several parts as one: files by their paths, notes in the order of the source, each once."""
    several = list(parts)
    files = {file.path: file for part in several for file in part.files}
    notes = dict.fromkeys(note for part in several for note in part.notes)
    return Drafts(tuple(files[path] for path in sorted(files)), tuple(notes))
