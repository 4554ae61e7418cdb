"""The spreadsheet that everyone has to cards: a model a row, with its teams, people and consuming systems."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.drafts.cards import Draft, drafted
from generator.drafts.cells import LIFECYCLES, SERVINGS, Days, Party, choice, party
from generator.drafts.columns import Column, How, mapped
from generator.drafts.parties import Parties
from generator.drafts.table import Row, read_table
from generator.drafts.values import Drafts, Note, gathered
from generator.drafts.words import beyond, distinct, identifiers, listed, one_line, summary
from generator.errors import UserError

_HEADER_ROWS = 10
"""How far down the header may stand, below titles and dates."""
_LISTS = frozenset({"aliases", "tags", "features"})


@dataclass(frozen=True, slots=True)
class Imported:
    """The drafts of a spreadsheet, and what its columns were taken for."""

    drafts: Drafts
    columns: tuple[Column, ...]


def spreadsheet(
    content: bytes, file: str, functions: Mapping[str, str], given: Mapping[str, str] | None = None
) -> Imported:
    """Drafts of the models in a CSV file; `given` says what columns mean that their headers do not.

    `functions` are the company's functions with their titles, as configured.
    """
    rows = read_table(content, file).rows
    header, columns = _header(rows, file, functions, given or {})
    sheet = _Sheet(file, columns, tuple(row for row in rows if row.line > header.line))
    if not sheet.models:
        message = f"{file} has no row with a name below its header in line {header.line}"
        raise UserError(message)
    return Imported(gathered(_parts(sheet)), columns)


def _header(
    rows: tuple[Row, ...], file: str, functions: Mapping[str, str], given: Mapping[str, str]
) -> tuple[Row, tuple[Column, ...]]:
    """The first row that has a column for the name and one more field; of a list of names, the word above it."""
    only_names = all(sum(map(bool, row.cells)) == 1 for row in rows)
    for row in rows[:_HEADER_ROWS]:
        taken = {column.field for column in mapped(row.cells, functions, {}) if column.is_taken}
        if given or (taken & {"name", "id"} and (only_names or len(taken) > 1)):
            return row, mapped(row.cells, functions, given)
    message = f"no column of {file} is a model's name; say which one is, as in `Header=name`"
    raise UserError(message)


@dataclass(frozen=True)
class _Sheet:
    """The rows below the header, with what they name."""

    file: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def cell(self, row: Row, field: str) -> str:
        """The cell of a row for a field; empty where there is no such column."""
        number = next((column.number for column in self.columns if column.is_taken and column.field == field), None)
        return row.cells[number] if number is not None and number < len(row.cells) else ""

    @cached_property
    def models(self) -> tuple[tuple[Row, str], ...]:
        """The rows that name a model, each with the id of its card."""
        named = [row for row in self.rows if self.cell(row, "name") or self.cell(row, "id")]
        ids = distinct(self.cell(row, "id") or self.cell(row, "name") for row in named)
        return tuple(zip(named, ids, strict=True))

    @cached_property
    def model_ids(self) -> Mapping[str, str]:
        """The ids of models by whatever the sheet calls them."""
        found: dict[str, str] = {}
        for row, card in self.models:
            for called in (self.cell(row, "id"), self.cell(row, "name"), *listed(self.cell(row, "aliases"))):
                found.setdefault(called.lower(), card)
        return found

    @cached_property
    def days(self) -> Mapping[str, Days]:
        """How each column of days writes them."""
        return {field: Days.of(self.cell(row, field) for row in self.rows) for field in ("deployed_on", "review_by")}

    def parties(self, row: Row, field: str) -> tuple[Party, ...]:
        """The teams and people in a cell, as it names them."""
        expected = "team" if field == "team" else "person" if field.startswith("contacts.") else ""
        return tuple(party(item, expected=expected) for item in listed(self.cell(row, field)))

    @cached_property
    def party_fields(self) -> tuple[str, ...]:
        """The columns that name teams and people."""
        taken = (column.field for column in self.columns if column.is_taken)
        return tuple(one for one in taken if one in {"owners", "team", "stakeholders"} or one.startswith("contacts."))

    @cached_property
    def everybody(self) -> Parties:
        """The teams and people of all rows."""
        return Parties(
            tuple(one for row, _ in self.models for field in self.party_fields for one in self.parties(row, field))
        )

    @cached_property
    def system_ids(self) -> Mapping[str, str]:
        """The ids of the consuming systems by their names."""
        names = sorted({item for row, _ in self.models for item in listed(self.cell(row, "consumers"))}, key=str.lower)
        ids = identifiers(name.lower() for name in names)
        return {name: ids[name.lower()] for name in names}


def _parts(sheet: _Sheet) -> Iterator[Drafts]:
    yield Drafts(notes=tuple(_column_notes(sheet)))
    yield from sheet.everybody.drafts(sheet.file)
    for name, card in sheet.system_ids.items():
        yield drafted(Draft("system", card, name, f"the consumers in {sheet.file}"))
    for row, card in sheet.models:
        yield from _model(sheet, row, card)


def _column_notes(sheet: _Sheet) -> Iterator[Note]:
    for column in sheet.columns:
        if column.is_taken or not any(
            len(row.cells) > column.number and row.cells[column.number] for row in sheet.rows
        ):
            continue
        near = f"; is it {column.field!r}? Then say so" if column.how is How.PROPOSED else ""
        twice = f"; another column is {column.field!r} already" if column.how is How.TWICE else ""
        kept = "its cells are kept under `x-spreadsheet`"
        yield Note(f"{sheet.file}, column {column.header or column.number + 1!r}", f"{kept}{near}{twice}")


def _model(sheet: _Sheet, row: Row, card: str) -> Iterator[Drafts]:
    name = one_line(sheet.cell(row, "name") or sheet.cell(row, "id"), 120)
    place = f"{sheet.file}:{row.line}, {name}"
    values, messages = _values(sheet, row)
    yield drafted(Draft("model", card, name, place, values))
    yield Drafts(notes=tuple(Note(place, message) for message in messages))
    if card != distinct([sheet.cell(row, "id") or sheet.cell(row, "name")])[0]:
        yield Drafts(notes=(Note(place, f"another row is called the same; this one became {card!r}"),))


def _values(sheet: _Sheet, row: Row) -> tuple[dict[str, object], list[str]]:
    """What a row says, by the keys of a card, and what it says that no card takes."""
    messages: list[str] = []
    values: dict[str, object] = {"summary": summary(sheet.cell(row, "summary")), "curl": sheet.cell(row, "curl")}
    values["notes"] = "\n\n".join(
        part for part in (beyond(sheet.cell(row, "summary")), sheet.cell(row, "notes")) if part
    )
    values["version"] = sheet.cell(row, "version")
    values |= {field: list(listed(sheet.cell(row, field))) for field in _LISTS}
    values |= _words(sheet, row, messages) | _models(sheet, row, messages)
    values |= _people(sheet, row, messages) | _groups(sheet, row)
    values["consumers"] = _consumers(sheet, row)
    return values, messages


def _words(sheet: _Sheet, row: Row, messages: list[str]) -> dict[str, object]:
    """The fields that take a word or a day; what a cell says otherwise is told."""
    found: dict[str, object] = {}
    for field, words in (("lifecycle", LIFECYCLES), ("serving", SERVINGS)):
        cell = sheet.cell(row, field)
        found[field] = choice(cell, words)
        if cell and not found[field]:
            messages.append(f"{field} {one_line(cell, 60)!r} is none of {', '.join(words)}")
    for field, days in sheet.days.items():
        cell = sheet.cell(row, field)
        found[field] = days.read(cell) if cell else None
        if cell and not found[field]:
            messages.append(f"{field} {one_line(cell, 60)!r} is no day, or could be two; write it as 2025-11-03")
    return found


def _models(sheet: _Sheet, row: Row, messages: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in ("fallback", "successor"):
        cell = one_line(sheet.cell(row, field), 120)
        found[field] = sheet.model_ids.get(cell.lower()) if cell else None
        if cell and not found[field]:
            messages.append(f"{field} {cell!r} is no model of the sheet")
    return found


def _people(sheet: _Sheet, row: Row, messages: list[str]) -> dict[str, object]:
    owners = [sheet.everybody.id_of(one) for field in ("team", "owners") for one in sheet.parties(row, field)]
    contacts: dict[str, str] = {}
    for field in sheet.party_fields:
        people = sheet.parties(row, field) if field.startswith("contacts.") else ()
        contacts |= {field.partition(".")[2]: sheet.everybody.id_of(one) for one in people[:1]}
        messages += [f"{field} is one person; {one.name!r} is another" for one in people[1:]]
    stakeholders = [
        f"{sheet.everybody.settled(one).kind}:{sheet.everybody.id_of(one)}"
        for one in sheet.parties(row, "stakeholders")
    ]
    return {"owners": list(dict.fromkeys(owners)), "contacts": contacts, "stakeholders": stakeholders}


def _groups(sheet: _Sheet, row: Row) -> dict[str, object]:
    """The fields within fields (`links.repo`), and the cells that no field takes."""
    found: dict[str, dict[str, str]] = {"endpoints": {}, "links": {}, "card": {}, "x-spreadsheet": {}}
    for column in sheet.columns:
        cell = row.cells[column.number] if column.number < len(row.cells) else ""
        group, _, key = column.field.partition(".")
        if not cell:
            continue
        if not column.is_taken:
            found["x-spreadsheet"][one_line(column.header, 100) or f"column {column.number + 1}"] = cell
        elif group in found:
            found[group][key] = one_line(cell, 2000) if group != "card" else cell
    return dict(found)


def _consumers(sheet: _Sheet, row: Row) -> list[dict[str, str]]:
    why = one_line(sheet.cell(row, "why")) or "To be written: what it uses the model for"
    surface = one_line(sheet.cell(row, "surface"))
    return [
        {"system": sheet.system_ids[name], "why": why, **({"surface": surface} if surface else {})}
        for name in listed(sheet.cell(row, "consumers"))
    ]
