"""What becomes of drafts: written to the cards folder, and told in full."""

from collections.abc import Iterator
from pathlib import Path

from generator.cli.console import Line
from generator.cli.printing import heading, print_answer
from generator.cli.writing import writing
from generator.drafts import Drafts, Note, Written, write_drafts
from generator.project import Project


def keep(project: Project, drafts: Drafts, *, as_json: bool, extra: tuple[str, ...] = ()) -> None:
    """Write the drafts, and print what was written, what was skipped, and what no card could take in."""
    cards = project.configuration.settings.cards
    with writing(project.root / cards):
        written = write_drafts(drafts, project.root / cards, project.cards.by_ref)
    print_answer(_lines(cards, written, drafts.notes, extra), _data(cards, written, drafts.notes), as_json=as_json)


def _lines(cards: str, written: Written, notes: tuple[Note, ...], extra: tuple[str, ...]) -> Iterator[str | Line]:
    yield from extra
    yield from (f"wrote {_path(cards, path)}" for path in written.written)
    yield from (Line(f"skipped {_path(cards, one.path)}: {one.reason}", colour="yellow") for one in written.skipped)
    if notes:
        yield from ("", heading("Not carried over"))
        yield from (f"  {note}" for note in notes)
    count = len(written.written)
    yield ""
    yield f"{count} file{'' if count == 1 else 's'} written; next: read the drafts, then modelbook check"


def _path(cards: str, path: str) -> str:
    return (Path(cards) / path).as_posix()


def _data(cards: str, written: Written, notes: tuple[Note, ...]) -> dict[str, object]:
    return {
        "written": [_path(cards, path) for path in written.written],
        "skipped": [{"path": _path(cards, one.path), "reason": one.reason} for one in written.skipped],
        "notes": [{"place": note.place, "message": note.message} for note in notes],
    }
