"""Write drafts to the cards folder and report the result."""

from collections.abc import Iterator
from pathlib import Path

from generator.cli.console import Line
from generator.cli.printing import heading, print_answer
from generator.cli.writing import writing
from generator.drafts.results import ImportResult, WriteReport, write_drafts
from generator.project import Project


def write_and_report(project: Project, result: ImportResult, *, as_json: bool) -> None:
    """Write the drafts, and print the written and the skipped files and what was left out."""
    cards = project.configuration.settings.cards
    with writing(project.root / cards):
        report = write_drafts(result, project.root / cards, project.cards.by_ref)
    data = {
        "written": [_to_path(cards, path) for path in report.written],
        "skipped": [{"path": _to_path(cards, path), "reason": reason} for path, reason in report.skipped.items()],
        "notes": [{"place": note.place, "message": note.message} for note in result.notes],
    }
    print_answer(_render_lines(cards, report, result), data, as_json=as_json)


def _render_lines(cards: str, report: WriteReport, result: ImportResult) -> Iterator[str | Line]:
    yield from result.interpretations
    yield from (f"wrote {_to_path(cards, path)}" for path in report.written)
    for path, reason in report.skipped.items():
        yield Line(f"skipped {_to_path(cards, path)}: {reason}", colour="yellow")
    if result.notes:
        yield from ("", heading("Left out"))
        yield from (f"  {note}" for note in result.notes)
    count = len(report.written)
    yield ""
    yield f"{count} file{'' if count == 1 else 's'} written; next: review the drafts, then run modelbook check"


def _to_path(cards: str, path: str) -> str:
    return (Path(cards) / path).as_posix()
