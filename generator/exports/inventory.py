"""The inventory as CSV and as a workbook; each cell with the card, the lines and the commit that state it."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from generator.answers.inventory import COLUMNS, Inventory, LineRange
from generator.evidence.records import CodePlace
from generator.evidence.source_links import build_source_link
from generator.history.blame import LineCommit, LineCommits
from generator.load.collected import CardOrigin
from generator.names import Ref
from generator.printable import NOT_XML
from generator.values import FrozenValue

NOT_COMMITTED = "not committed"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The beginnings that make a spreadsheet calculate a cell: https://owasp.org/www-community/attacks/CSV_Injection."""
_CELL_LIMIT = 32_767
"""The most characters of a cell, in UTF-16: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3."""
_ESCAPE_START = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""The start of a text that Excel reads as a character: ISO/IEC 29500-1, 22.4.2.4, `bstr`."""
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_WIDTHS = {"id": 22, "name": 28, "tier": 8}
_WIDE = 48


class CellSource(FrozenValue):
    """The lines of a card that state a value, with the commit that last changed them."""

    place: str
    """As `cards/models/ryl.yml:20-28` at that commit, or `modelbook/ryl.yml:20 in shop/web` for a collected card."""
    commit: str = ""
    """The abbreviated id; empty if the lines are not committed."""
    day: date | None = None
    url: str = ""
    """The address of the first line in a browser, if it is known."""

    def __str__(self) -> str:
        day = f" ({self.day})" if self.day else ""
        return f"{self.place} @ {self.commit or NOT_COMMITTED}{day}"


class SourcedCell(FrozenValue):
    """A value with its sources."""

    text: str
    sources: tuple[CellSource, ...]


class SourcedRow(FrozenValue):
    """A model with a cell for each column, in the order of the columns."""

    ref: Ref
    name: str
    cells: tuple[SourcedCell, ...]


class Provenance(FrozenValue):
    """What git and the lock of collected cards know about the lines of the cards."""

    commits: Mapping[str, LineCommits]
    """The commit of each line, by file."""
    changes: Mapping[Ref, LineCommit]
    """The last commit that changed a fact of each model, also by removing lines."""
    origins: Mapping[str, CardOrigin]
    """The origins of collected files, by their paths in the book."""
    address: str = ""
    """The https address of the book's repository, for links."""
    prefix: str = ""
    """The folder of the book in its repository, with a slash at the end."""
    pattern: str | None = None
    """The address of a line at a host that is not known."""

    def _build_link(self, file: str, line: int, commit: str) -> str:
        return build_source_link(self.address, commit, CodePlace(f"{self.prefix}{file}", line, 1), self.pattern)

    def list_sources(self, lines: LineRange) -> Iterator[CellSource]:
        """List the sources of lines: one for each run of lines with the same commit."""
        origin = self.origins.get(lines.file)
        if origin is not None:
            repository = origin.repository
            place = f"{_format_place(origin.path, lines.first, lines.last)} in {repository.name}"
            location = CodePlace(origin.path, lines.first, 1)
            url = build_source_link(repository.url or repository.repository, repository.commit, location, self.pattern)
            yield CellSource(place, repository.short_commit, repository.day, url)
            return
        commits = self.commits.get(lines.file, ())
        numbers = range(lines.first, lines.last + 1)
        known = [(number, commits[number - 1] if number <= len(commits) else None) for number in numbers]
        for _, group in groupby(known, key=_find_run):
            run = list(group)
            (first, commit), last = run[0], run[-1][0]
            if commit is None:
                yield CellSource(_format_place(lines.file, first, last))
            else:
                # As at its commit, where anyone can still read it: the lines may have moved since.
                place = _format_place(commit.file, commit.line, commit.line + last - first)
                yield CellSource(place, commit.short, commit.day, self._build_link(commit.file, commit.line, commit.id))

    def find_last_change(self, ref: Ref, card: LineRange) -> SourcedCell:
        """Find the day of the last commit that changed the card of a model."""
        own = self.commits.get(card.file, ())[card.first - 1 : card.last] if card.file not in self.origins else ()
        committed = [one for one in (*own, self.changes.get(ref)) if one is not None]
        place = _format_place(card.file, card.first, card.last)
        if not committed:
            sources = tuple(self.list_sources(card))
            return SourcedCell(str(sources[0].day or NOT_COMMITTED), sources[:1])
        last = max(committed, key=lambda one: (one.landed_at, one.id))
        url = self._build_link(card.file, card.first, last.id)
        return SourcedCell(str(last.day), (CellSource(place, last.short, last.day, url),))


def _find_run(numbered: tuple[int, LineCommit | None]) -> tuple[str, str, int] | None:
    """Return what neighbouring lines have in common if their commit had them next to each other, too."""
    number, commit = numbered
    return (commit.id, commit.file, commit.line - number) if commit is not None else None


def _format_place(file: str, first: int, last: int) -> str:
    return f"{file}:{first}" if first == last else f"{file}:{first}-{last}"


def add_sources(inventory: Inventory, provenance: Provenance) -> tuple[SourcedRow, ...]:
    """Return the rows of an inventory with the sources of each cell."""
    rows = []
    for row in inventory.rows:
        cells = {
            key: SourcedCell(cell.text, tuple(one for lines in cell.lines for one in provenance.list_sources(lines)))
            for key, cell in row.cells.items()
        }
        cells["last_change"] = provenance.find_last_change(row.ref, row.card)
        rows.append(SourcedRow(row.ref, cells["name"].text, tuple(cells[key] for key in COLUMNS)))
    return tuple(rows)


def format_sources(cell: SourcedCell) -> str:
    """Return the sources of a cell, separated by semicolons."""
    return "; ".join(dict.fromkeys(map(str, cell.sources)))


def render_csv(rows: Sequence[SourcedRow]) -> tuple[str, str]:
    """Render the inventory and its sources as two tables with the same rows and columns.

    The first one has only values, as the template of a supervisor or another tool expects. In the second one, each cell
    has the sources of that value, after a column with the id of the model.
    """
    values = [[cell.text for cell in row.cells] for row in rows]
    sources = [[row.ref.id, *(format_sources(cell) for cell in row.cells)] for row in rows]
    titles = [*COLUMNS.values()]
    return _write_csv([titles, *values]), _write_csv([["Model", *titles], *sources])


def _write_csv(table: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    # With an apostrophe before it, no spreadsheet takes a text as a formula.
    writer.writerows([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in row] for row in table)
    return text.getvalue()


def render_workbook(inventory: Inventory, rows: Sequence[SourcedRow], revision: str) -> bytes:
    """Render the inventory as a workbook of Excel with the same bytes for the same rows.

    The sheet *Sources* has the same rows and columns as *Inventory*: the source of D7 is in D7 there.

    `revision` is the commit of the cards, for the sheet *About*.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - it takes 0.2 s to import

    book = Workbook(write_only=True)
    book.properties.creator = "modelbook"
    book.properties.created = datetime(*_FIXED_TIME)  # noqa: DTZ001 - a workbook has no time zones
    _fill_sheet(book, "Inventory", [[cell.text for cell in row.cells] for row in rows])
    _fill_sheet(book, "Sources", [[format_sources(cell) for cell in row.cells] for row in rows])
    about = book.create_sheet("About")
    about.column_dimensions["B"].width = _WIDE
    for line in list_about(inventory, revision):
        about.append([_make_cell(about, text) for text in line])
    packed = io.BytesIO()
    book.save(packed)
    return _fix_times(packed.getvalue())


def list_about(inventory: Inventory, revision: str) -> tuple[tuple[str, str], ...]:
    """List the book, the day and the commit of the inventory."""
    return (
        ("Book", inventory.title),
        ("As of", str(inventory.today)),
        ("Commit", revision or "the working files, which may not be committed"),
        ("Models", str(len(inventory.rows))),
    )


def _fill_sheet(book: Any, title: str, table: list[list[str]]) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "C2"
    for number, key in enumerate(COLUMNS, 1):
        longest = max((len(row[number - 1]) for row in table[:200]), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(key, _WIDE if longest > 30 else 18)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{len(table) + 1}"
    sheet.append([_make_cell(sheet, title, is_bold=True) for title in COLUMNS.values()])
    for row in table:
        sheet.append([_make_cell(sheet, text) for text in row])


def _make_cell(sheet: Any, text: str, *, is_bold: bool = False) -> Any:  # noqa: ANN401 - openpyxl has no types
    """Make a cell that is text, whatever it begins with: Excel would calculate a formula."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    shown = _ESCAPE_START.sub("_x005F_", NOT_XML.sub(" ", text))
    units = shown.encode("utf-16-le")
    if len(units) > 2 * _CELL_LIMIT:
        note = " … (cut: --format csv has all of it)"
        shown = units[: 2 * (_CELL_LIMIT - len(note))].decode("utf-16-le", "ignore") + note
    if not shown:
        return None
    cell = WriteOnlyCell(sheet, shown)
    cell.data_type = "s"
    cell.quotePrefix = shown.startswith(_FORMULA_STARTS)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if is_bold:
        cell.font = Font(bold=True)
    return cell


def _fix_times(packed: bytes) -> bytes:
    """Return a workbook without the time of writing, which openpyxl puts into its properties and its archive."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as before, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as after:
        for info in before.infolist():
            content = before.read(info)
            if info.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            after.writestr(zipfile.ZipInfo(info.filename, _FIXED_TIME), content, zipfile.ZIP_DEFLATED)
    return result.getvalue()
