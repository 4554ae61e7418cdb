"""A spreadsheet saved as CSV to cards: a model for each row, with its teams, people and consuming systems."""

from collections.abc import Mapping, Sequence

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.reading import SheetRow, parse_table
from generator.drafts.records import (
    DAY_FIELDS,
    Column,
    DayFormat,
    MatchConfidence,
    PartyDirectory,
    Record,
    build_values,
    match_columns,
)
from generator.drafts.results import ImportResult, build_notes, merge_results
from generator.drafts.text_cleaning import (
    assign_ids,
    extract_remainder,
    extract_summary,
    make_id,
    make_unique_ids,
    split_items,
    to_one_line,
)
from generator.errors import UserError
from generator.schema.card import TO_BE_WRITTEN

_HEADER_ROWS = 10
"""The rows in which the header is searched for, below titles and dates."""


def import_spreadsheet(
    content: bytes, file: str, functions: Mapping[str, str], given: Mapping[str, str] | None = None
) -> ImportResult:
    """Return drafts of the models in a CSV file; `given` has the fields of columns by header.

    `functions` are the functions of the company with their titles.
    """
    rows = parse_table(content, file)
    header, columns = _find_header(rows, file, functions, given or {})
    below = [row for row in rows if row.line > header.line]
    records = [_build_record(row, columns) for row in below]
    named = [(row, record) for row, record in zip(below, records, strict=True) if _get_name(record)]
    if not named:
        message = f"{file} has no row with a name below its header on line {header.line}"
        raise UserError(message)
    ids = make_unique_ids(record.get("id") or record.get("name") for _, record in named)
    model_ids: dict[str, str] = {}
    for (_, record), card in zip(named, ids, strict=True):
        for name in (record.get("id"), record.get("name"), *split_items(record.get("aliases"))):
            model_ids.setdefault(name.lower(), card)
    systems = sorted({name for _, record in named for name in split_items(record.get("consumers"))}, key=str.lower)
    system_ids = assign_ids(name.lower() for name in systems)
    days = {field: DayFormat.detect(record.get(field) for record in records) for field in DAY_FIELDS}
    directory = PartyDirectory.collect(record for _, record in named)

    results = [_describe_columns(columns, records, file), *directory.build_drafts(file)]
    results += [
        build_draft(CardDraft("system", system_ids[name.lower()], name, f"the consumers in {file}")) for name in systems
    ]
    for (row, record), card in zip(named, ids, strict=True):
        messages: list[str] = []
        values = build_values(record, directory, days, messages)
        values |= _build_model_values(record, model_ids, system_ids, messages)
        values["x-spreadsheet"] = record.others
        if card != make_id(record.get("id") or record.get("name")):
            messages.append(f"duplicate name: the id of this one is {card!r}")
        name = to_one_line(_get_name(record), 120)
        results.append(build_draft(CardDraft("model", card, name, f"{file}:{row.line}, {name}", values), messages))
    return merge_results(results)


def _find_header(
    rows: tuple[SheetRow, ...], file: str, functions: Mapping[str, str], given: Mapping[str, str]
) -> tuple[SheetRow, tuple[Column, ...]]:
    """Return the first row that has a column for the name and one for another field.

    In a list of names it is the row with a word for the name. If fields are given, it is the first row.
    """
    only_names = all(sum(map(bool, row.cells)) == 1 for row in rows)
    for row in rows[:_HEADER_ROWS]:
        fields = {column.field for column in match_columns(row.cells, functions, {}) if column.is_used}
        if given or (fields & {"name", "id"} and (only_names or len(fields) > 1)):
            return row, match_columns(row.cells, functions, given)
    message = f"{file} has no column for the name of a model: name it, as in `--column HEADER=name`"
    raise UserError(message)


def _build_record(row: SheetRow, columns: tuple[Column, ...]) -> Record:
    texts: dict[str, str] = {}
    others: dict[str, str] = {}
    for column, cell in zip(columns, row.cells, strict=False):  # rows can be shorter or longer than the header
        if cell and column.is_used:
            texts[column.field] = cell
        elif cell:
            others[_get_label(column)] = cell
    return Record(texts, others)


def _get_label(column: Column) -> str:
    return to_one_line(column.header, 100) or f"column {column.number + 1}"


def _get_name(record: Record) -> str:
    return record.get("name") or record.get("id")


def _describe_columns(columns: tuple[Column, ...], records: Sequence[Record], file: str) -> ImportResult:
    """Return the field of each column, with a note on each column that no field takes."""
    texts = tuple(
        f"column {column.header!r}: {' '.join(filter(None, [column.field, f'({column.confidence})']))}"
        for column in columns
    )
    reasons = {
        MatchConfidence.PROPOSED: '; is it {field!r}? If so, add `--column "{header}={field}"`',
        MatchConfidence.DUPLICATE: "; another column is {field!r} already",
    }
    notes = [
        build_notes(
            f"{file}, column {column.header or column.number + 1!r}",
            [
                "no field: its cells are kept under `x-spreadsheet`"
                + reasons.get(column.confidence, "").format(header=column.header, field=column.field)
            ],
        )
        for column in columns
        if not column.is_used and any(_get_label(column) in record.others for record in records)
    ]
    return merge_results([ImportResult(interpretations=texts), *notes])


def _build_model_values(
    record: Record, model_ids: Mapping[str, str], system_ids: Mapping[str, str], messages: list[str]
) -> dict[str, object]:
    """Return the values of a model that only spreadsheets have."""
    notes = (extract_remainder(record.get("summary")), record.get("notes"))
    why = to_one_line(record.get("why")) or f"{TO_BE_WRITTEN}: what it uses the model for"
    surface = {"surface": text} if (text := to_one_line(record.get("surface"))) else {}
    values: dict[str, object] = {
        "summary": extract_summary(record.get("summary")),
        "notes": "\n\n".join(filter(None, notes)),
        "curl": record.get("curl"),
        "version": record.get("version"),
        "consumers": [
            {"system": system_ids[name.lower()], "why": why, **surface} for name in split_items(record.get("consumers"))
        ],
    }
    for field in ("fallback", "successor"):
        name = to_one_line(record.get(field), 120)
        values[field] = model_ids.get(name.lower()) if name else None
        if name and not values[field]:
            messages.append(f"unknown {field} {name!r}: expected a model of the sheet")
    return values
