"""`modelbook export inventory`: the table of models for supervisors, with the source of each cell."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click

from generator.answers.inventory import Inventory, build_inventory
from generator.cli.command import Command
from generator.cli.console import print_document, print_line
from generator.cli.loading import load_for_query
from generator.cli.options import Day, document_option, project_option
from generator.cli.printing import write_file
from generator.cli.progress import show_spinner
from generator.errors import UserError
from generator.exports.inventory import (
    Provenance,
    SourcedRow,
    add_sources,
    render_csv,
    render_workbook,
)
from generator.exports.inventory_html import render_html
from generator.git import GitError
from generator.history.blame import LineCommit, LineCommits, read_line_commits
from generator.history.events import build_timelines
from generator.history.git import find_checkout, read_head, read_shallow_boundary
from generator.load.configuration import read_engine_settings
from generator.load.files import ENDINGS
from generator.names import format_count
from generator.project import Project
from generator.revision import open_day

_FORMATS = {".csv": "csv", ".xlsx": "xlsx", ".html": "html", ".htm": "html"}
"""The formats by the endings of their files."""


@click.command(cls=Command)
@click.option("--as-of", type=Day(), metavar="DAY", help="Day of the cards in git.  [default: the cards as they are]")
@click.option(
    "--format",
    "file_format",
    type=click.Choice([*dict.fromkeys(_FORMATS.values())]),
    help="Format.  [default: that of the file name, else csv]",
)
@document_option
@project_option
def inventory(root: Path, as_of: datetime | None, file_format: str | None, output: Path | None) -> None:
    r"""Export the inventory of models with the source of each cell.

    The inventory has one row a model, with its tier, risk, validation, approved uses, consumers, data, limitations and
    exceptions. Each cell has its source: the card, the lines, and the commit that last changed them. The CSV has the
    sources in a second file, `inventory.sources.csv`, the workbook in a second sheet, and the page next to each value.

    With `--as-of`, the cards are those of the last commit on the main line up to that day, checked for that day.

    \b
      modelbook export inventory -o inventory.xlsx
      modelbook export inventory --as-of 2026-09-30 -o inventory-2026-q3.html
      modelbook export inventory | csvcut -c Id,Tier,"Next validation"
    """
    chosen = file_format or _FORMATS.get(output.suffix.lower() if output is not None else "", "csv")
    if chosen == "xlsx" and output is None:
        raise UserError("a workbook cannot be printed: name its file with `--output inventory.xlsx`")
    project = load_for_query(root)
    day = as_of.date() if as_of else None
    if day is not None and day > max(project.today, date.today()):  # noqa: DTZ011 - the author's own day
        raise UserError(f"no book as of {day}: the day is in the future")
    with _open_book(project, day) as (book, revision):
        settings = book.configuration.settings
        found = build_inventory(
            book.configuration.site_name, book.cards, book.graph, settings, book.today, book.findings
        )
        with show_spinner("Reading the commits of the lines"):
            rows = add_sources(found, _read_provenance(project, book, revision, found))
    _write(found, rows, revision, chosen, output)


@contextmanager
def _open_book(project: Project, day: date | None) -> Iterator[tuple[Project, str]]:
    """Open the book of a day with its commit; the book as it is, without a commit, if there is no day."""
    if day is None:
        yield project, ""
        return
    with show_spinner("Reading the cards of that day"), open_day(project, day) as found:
        yield found


def _read_provenance(project: Project, book: Project, revision: str, found: Inventory) -> Provenance:
    """Read the commits of the lines of the inventory; without git, no line is committed."""
    folder = book.configuration.settings.cards
    files = {lines.file for row in found.rows for cell in row.cells.values() for lines in cell.lines}
    origins = book.cards.origins
    missing = [file for file in origins if file not in book.cards.texts and file.endswith(ENDINGS)]
    if missing and revision:
        note = f"git does not have {format_count(len(missing), 'file')} of collected cards, as {missing[0]}"
        print_line(f"warning: {note}: their models are missing; commit the folder `collected`", err=True)
    texts = {file: book.cards.texts[file] for file in sorted(files - origins.keys()) if file in book.cards.texts}
    commits: dict[str, LineCommits] = {}
    try:
        commits = dict(read_line_commits(project.root, folder, texts, revision or read_head(project.root)))
        if read_shallow_boundary(project.root):
            note = "in this shallow clone, older lines have its first commit; `git fetch --unshallow` adds the others"
            print_line(f"warning: {note}", err=True)
    except GitError as error:
        print_line(f"warning: the inventory names no commits: {error}", err=True)
    changes = {
        ref: LineCommit(events[-1].commit.id, events[-1].commit.landed_at)
        for ref, events in build_timelines(book.history).items()
        if ref.kind == "model"
    }
    try:
        prefix = project.root.resolve().relative_to(find_checkout(project.root).resolve()).as_posix()
    except (GitError, ValueError):
        prefix = "."
    return Provenance(
        commits,
        changes,
        origins,
        str(read_engine_settings(project.root).values.get("repo_url") or ""),
        "" if prefix == "." else f"{prefix}/",
        project.configuration.settings.source_url,
    )


def _write(
    found: Inventory, rows: tuple[SourcedRow, ...], revision: str, file_format: str, output: Path | None
) -> None:
    if file_format == "html":
        page = render_html(found, rows, revision)
        print_document(page) if output is None else write_file(output, page)
    elif file_format == "csv":
        values, sources = render_csv(rows)
        if output is None:
            print_document(values)
            print_line("the sources of the cells need a file: name it with `--output inventory.csv`", err=True)
        else:
            write_file(output, values)
            write_file(output.with_suffix(".sources.csv"), sources)
    elif output is not None:
        write_file(output, render_workbook(found, rows, revision))
