"""A spreadsheet to cards: a model for each row, with its teams, people and consuming systems."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from msgspec import field

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.columns import Column, MatchConfidence, match_columns, normalize_header
from generator.drafts.records import Record, RecordContext, Unmapped, build_values
from generator.drafts.results import ImportResult, build_notes, merge_results
from generator.drafts.tables import SheetRow, parse_table
from generator.drafts.text_cleaning import (
    assign_ids,
    describe_made_id,
    extract_remainder,
    extract_summary,
    make_id,
    make_unique_ids,
    split_items,
    to_one_line,
)
from generator.drafts.workbooks import is_workbook, parse_workbook
from generator.errors import UserError
from generator.names import suggest_name
from generator.schema.card import TO_BE_WRITTEN
from generator.values import FrozenValue

_HEADER_ROWS = 20
"""The rows in which the header is searched for, below titles and dates."""
_LONGEST_NAME = 120
_NO_VALUE = frozenset(
    {"n/a", "na", "n.a.", "#n/a", "tbd", "tbc", "tba", "-", "--", "\u2013", "\u2014", "?", "none", "unknown", "null",
     "nil", "not applicable", "to be determined", "to be defined"}
)  # fmt: skip
"""The texts of cells that have no value."""


class SheetOptions(FrozenValue):
    """How the user wants a spreadsheet to be read."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """The fields of columns by header; an empty field excludes a column."""
    values: Mapping[str, str] = field(default_factory=dict)
    """The values of a lifecycle or a way of serving, by text in lower case."""
    header_row: int | None = None
    """The number of the header, from 1; None to search for it."""
    sheet: str = ""
    """The sheet of a workbook; empty for the first one."""


def import_spreadsheet(
    content: bytes, file: str, functions: Mapping[str, str], options: SheetOptions | None = None
) -> ImportResult:
    """Return drafts of the models in a CSV file or a workbook of Excel.

    `functions` are the functions of the company with their titles.
    """
    options = options or SheetOptions()
    results: list[ImportResult] = []
    source = file
    if is_workbook(content):
        sheet, rows, others = parse_workbook(content, file, options.sheet)
        source = f"{file}, sheet {sheet}"
        results.append(
            build_notes(file, (f"the sheet {other!r} was not read: add `--sheet {other!r}`" for other in others))
        )
    elif options.sheet:
        raise UserError(f"{file} is not a workbook: --sheet is for .xlsx files")
    else:
        rows = parse_table(content, file)
    header, columns = _find_header(rows, file, functions, options)
    below = [row for row in rows if row.line > header.line]
    records = [_build_record(row, columns) for row in below]
    named = [(row, record) for row, record in zip(below, records, strict=True) if _get_name(record)]
    if not named:
        raise UserError(f"{source} has no row with a name below its header on line {header.line}")
    without_model = [row for row in rows if row.line < header.line]
    without_model += [row for row, record in zip(below, records, strict=True) if not _get_name(record)]
    results += _describe_columns(columns, records, source)
    for row in without_model:
        cells = " | ".join(filter(None, (*row.cells, *row.links.values(), *row.comments.values())))
        where = "above the header" if row.line < header.line else "a row without a name"
        results.append(build_notes(f"{source}:{row.line}", [f"{where}: {to_one_line(cells, 10_000)}"]))
    results += _build_drafts(named, RecordContext.collect(records, options.values), source)
    return merge_results(results)


def _find_header(
    rows: tuple[SheetRow, ...], file: str, functions: Mapping[str, str], options: SheetOptions
) -> tuple[SheetRow, tuple[Column, ...]]:
    """Return the row of the headers with its columns.

    It is the given row. Else it is the first one that has all given columns, a column for the name, and either one for
    another field or cells for most of the columns.
    """
    widest_row = max((sum(map(bool, row.cells)) for row in rows), default=0)
    searched = rows[:_HEADER_ROWS]
    if options.header_row is not None:
        searched = tuple(row for row in rows if row.number == options.header_row)
        if not searched:
            raise UserError(f"{file} has no row {options.header_row} with cells: check --header-row")
    given = {normalize_header(header) for header in options.fields}
    found = [row for row in searched if given <= set(map(normalize_header, row.cells))]
    for row in found:
        columns = match_columns(row.cells, functions, options.fields)
        fields = {column.field for column in columns if column.is_used}
        is_wide = 2 * sum(map(bool, row.cells)) >= widest_row
        if fields & {"name", "id"} and (is_wide or len(fields) > 1 or given or options.header_row is not None):
            return row, columns
    if not searched:
        raise UserError(f"{file} has no rows")
    widest = max(found or searched, key=lambda row: len(set(filter(None, row.cells))))
    columns = match_columns(widest.cells, functions, options.fields if widest in found else {})
    if not found:
        known = [to_one_line(cell, 100) for row in searched for cell in row.cells if cell]
        names = set(map(normalize_header, known))
        missing = next((one for one in options.fields if normalize_header(one) not in names), min(options.fields))
        raise UserError(f"unknown column {missing!r}: {suggest_name(missing, known)}")
    proposed = [column.header for column in columns if column.field in {"name", "id"}]
    option = f"--column {proposed[0] + '=name'!r}" if proposed else "--column 'HEADER=name'"
    headers = ", ".join(column.header for column in columns if column.header)
    message = f"{file} has no column for the name of a model: name it, as in {option}; the columns are: {headers}"
    raise UserError(message)


def _build_record(row: SheetRow, columns: tuple[Column, ...]) -> Record:
    """Return the cells by field, and under their labels the cells that no field takes, with links and comments."""
    texts: dict[str, str] = {}
    others: dict[str, str] = {}
    labels = {column.field: column.label for column in columns if column.is_used}
    for number, text in enumerate(row.cells):
        column = columns[number] if number < len(columns) else None  # rows can be longer than the header
        label = column.label if column else f"column {number + 1}"
        name = column.field if column and column.is_used else ""
        cell, link = _apply_link(text, row.links.get(number, ""), name)
        if cell and name and (name in {"name", "id"} or cell.lower() not in _NO_VALUE):
            texts[name] = cell
        elif cell:
            others[label] = cell
        further = {"link": link, "text": text if text not in cell else "", "comment": row.comments.get(number, "")}
        others |= {f"{label} {what}": found for what, found in further.items() if found}
    return Record(texts, others, labels)


def _apply_link(cell: str, link: str, name: str) -> tuple[str, str]:
    """Return the text of a field that takes the address of a link, and the address if the field does not take it."""
    address = link.removeprefix("mailto:")
    if address != link and (name in {"owners", "stakeholders"} or name.startswith("contacts.")):
        return (cell if address in cell else f"{cell} <{address}>"), ""
    if link and name.partition(".")[0] in {"links", "endpoints"} and "://" not in cell:
        return link, ""
    return cell, link


def _get_name(record: Record) -> str:
    return record.get("name") or record.get("id")


def _describe_columns(columns: tuple[Column, ...], records: Sequence[Record], source: str) -> Iterator[ImportResult]:
    """Yield the field of each column, with a note on each column that no field takes."""
    yield ImportResult(
        interpretations=tuple(
            f"column {column.label!r}: {' '.join(filter(None, [column.field, f'({column.confidence})']))}"
            for column in columns
            if column.header or any(column.label in record.others for record in records)
        )
    )
    for column in columns:
        if not column.is_used and any(column.label in record.others for record in records):
            reason = "no field: its cells are kept under `x-spreadsheet`"
            if column.confidence is MatchConfidence.PROPOSED:
                reason += f'; is it {column.field!r}? If so, add `--column "{column.header}={column.field}"`'
            elif column.confidence is MatchConfidence.DUPLICATE:
                reason += f"; another column is {column.field!r} already"
            yield build_notes(f"{source}, column {column.label!r}", [reason])


def _build_drafts(
    named: Sequence[tuple[SheetRow, Record]], context: RecordContext, source: str
) -> Iterator[ImportResult]:
    """Yield the drafts of the teams, people, systems and models."""
    ids = make_unique_ids(record.get("id") or record.get("name") for _, record in named)
    model_ids: dict[str, str] = {}
    for (_, record), card in zip(named, ids, strict=True):
        for name in (record.get("id"), record.get("name"), *split_items(record.get("aliases"))):
            model_ids.setdefault(name.lower(), card)
    systems = sorted({name for _, record in named for name in split_items(record.get("consumers"))}, key=str.lower)
    system_ids = assign_ids(name.lower() for name in systems)
    yield from context.directory.build_drafts(source)
    for name in systems:
        draft = CardDraft("system", system_ids[name.lower()], name, f"the consumers in {source}")
        yield build_draft(draft, describe_made_id(draft.id, name), f"{source}, {name}")
    for (row, record), card in zip(named, ids, strict=True):
        unmapped = Unmapped(record)
        values = build_values(record, context, unmapped)
        values |= _build_model_values(record, model_ids, system_ids, unmapped)
        stated = record.get("id") or record.get("name")
        if card != make_id(stated):
            unmapped.messages.append(f"duplicate name: the id of this one is {card!r}")
        unmapped.messages += describe_made_id(card, stated)
        for field_name, shown in {"id": card, "name": to_one_line(_get_name(record), _LONGEST_NAME)}.items():
            if record.get(field_name) and " ".join(record.get(field_name).split()) != shown:
                unmapped.keep(field_name)
        name = to_one_line(_get_name(record), _LONGEST_NAME)
        others = dict(record.others)
        for label, text in unmapped.kept.items():  # a label that both have gets a number
            labels = (f"{label} {number}" if number > 1 else label for number in count(1))
            others[next(one for one in labels if one not in others)] = text
        values["x-spreadsheet"] = others
        origin = f"{source}:{row.line}, {name}"
        yield build_draft(CardDraft("model", card, name, origin, values, unmapped.guesses), unmapped.messages)


def _build_model_values(
    record: Record, model_ids: Mapping[str, str], system_ids: Mapping[str, str], unmapped: Unmapped
) -> dict[str, object]:
    """Return the values of a model that only spreadsheets have."""
    notes = (extract_remainder(record.get("summary")), record.get("notes"))
    why = to_one_line(record.get("why"), 2000) or f"{TO_BE_WRITTEN}: what it uses the model for"
    surface = {"surface": text} if (text := to_one_line(record.get("surface"), 2000)) else {}
    consumers = split_items(record.get("consumers"))
    for name in ("why", "surface"):
        if record.get(name) and not consumers:
            unmapped.keep(name)
    values: dict[str, object] = {
        "summary": extract_summary(record.get("summary")),
        "notes": "\n\n".join(filter(None, notes)),
        "curl": record.get("curl"),
        "version": record.get("version"),
        "consumers": [{"system": system_ids[name.lower()], "why": why, **surface} for name in consumers],
    }
    for name in ("fallback", "successor"):
        stated = to_one_line(record.get(name), _LONGEST_NAME)
        values[name] = model_ids.get(stated.lower()) if stated else None
        if stated and not values[name]:
            unmapped.keep(name, f"unknown {name} {stated!r}: expected a model of the sheet")
    return values
