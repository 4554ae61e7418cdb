"""The inventory as one HTML page for reading and printing: a list of the models, then each with its sources."""

from collections.abc import Iterator, Sequence
from html import escape

from generator.answers.inventory import COLUMNS, Inventory
from generator.exports.inventory import NOT_COMMITTED, SourcedCell, SourcedRow, list_about

_STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --soft: #57606a; --back: #f6f8fa; --link: #0550ae; --warn: #9a3412 }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --soft: #9da7b1; --back: #1c2128; --link: #79b8ff; --warn: #f0a35e }
}
* { box-sizing: border-box }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1.5rem }
td { overflow-wrap: break-word }
.model td { overflow-wrap: anywhere }
h1 { font-size: 1.6rem; margin: 0 0 .5rem }
h2 { font-size: 1.2rem; margin: 2rem 0 .4rem; padding-top: .5rem }
h2 code { color: var(--soft); font-size: .85rem; font-weight: normal }
a { color: var(--link) }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; color: var(--soft); padding: .3rem 0 }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top }
thead th { background: var(--back) }
.model { table-layout: fixed }
.model th { width: 12rem; font-weight: 600 }
.model th:last-child { width: 27rem }
.model td.source { color: var(--soft); font: 12px/1.4 ui-monospace, monospace }
.source span { display: block }
.uncommitted { color: var(--warn) }
.about { color: var(--soft); margin: 0 0 1.5rem }
.missing { color: var(--soft) }
@media (max-width: 45rem) {
  body { padding: .75rem }
  thead { display: none }
  table, tbody, tr, th, td { display: block; width: auto !important; border: 0; padding: .1rem 0 }
  tr { border-bottom: 1px solid var(--line); padding: .5rem 0 }
  .list td:not(:first-child)::before { content: attr(data-label) ": "; color: var(--soft) }
  .list td:empty { display: none }
}
@media print {
  body { font-size: 9.5pt; max-width: none; padding: 0 }
  .model td.source { font-size: 7pt }
  .model th { width: 8rem }
  .model th:last-child { width: 15rem }
  tr { break-inside: avoid }
  h2 { break-after: avoid }
  thead { display: table-header-group }
  a { color: inherit; text-decoration: none }
}
"""
_LISTED = ("name", "tier", "risk", "lifecycle", "owners", "validated_on", "validation_result", "next_validation")
_POSITIONS = {key: number for number, key in enumerate(COLUMNS)}


def render_html(inventory: Inventory, rows: Sequence[SourcedRow], revision: str) -> str:
    """Render the inventory as a page that needs no other file.

    `revision` is the commit of the cards.
    """
    title = f"Inventory of {inventory.title}"
    about = "; ".join(f"{name.lower()}: {text}" for name, text in list_about(inventory, revision)[1:])
    note = "The last column of each table names the lines that state the value, and the commit that last changed them."
    lines = (
        "<!doctype html>",
        '<html lang="en">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}, {inventory.today}</title><style>{_STYLE}</style></head>",
        f"<body><h1>{escape(title)}</h1>",
        f'<p class="about">{escape(about[:1].upper() + about[1:])}. {note}</p>',
        *_render_list(rows),
        *(line for row in rows for line in _render_model(row)),
        "</body></html>",
    )
    return "\n".join(lines) + "\n"


def _render_list(rows: Sequence[SourcedRow]) -> Iterator[str]:
    """Render the table of all models, with the main facts of each."""
    titles = "".join(f'<th scope="col">{COLUMNS[key]}</th>' for key in _LISTED)
    yield f'<table class="list"><thead><tr>{titles}</tr></thead><tbody>'
    for row in rows:
        cells = "".join(
            f'<td data-label="{COLUMNS[key]}">{escape(row.cells[_POSITIONS[key]].text)}</td>' for key in _LISTED[1:]
        )
        yield f'<tr><td><a href="#{escape(row.ref.id)}">{escape(row.name)}</a></td>{cells}</tr>'
    yield "</tbody></table>"


def _render_model(row: SourcedRow) -> Iterator[str]:
    """Render the facts of a model with their sources, and the names of those that no card states."""
    yield f'<h2 id="{escape(row.ref.id)}">{escape(row.name)} <code>{escape(row.ref.id)}</code></h2>'
    yield (
        '<table class="model"><thead><tr><th scope="col">Item</th><th scope="col">Value</th>'
        '<th scope="col">Source</th></tr></thead><tbody>'
    )
    missing = []
    for title, cell in zip(COLUMNS.values(), row.cells, strict=True):
        if cell.text:
            yield (
                f'<tr><th scope="row">{title}</th><td>{escape(cell.text)}</td>'
                f'<td class="source">{"".join(_render_sources(cell))}</td></tr>'
            )
        else:
            missing.append(title)
    yield "</tbody></table>"
    if missing:
        yield f'<p class="missing">Not stated: {", ".join(missing)}.</p>'


def _render_sources(cell: SourcedCell) -> Iterator[str]:
    for source in dict.fromkeys(cell.sources):
        commit = source.commit or NOT_COMMITTED
        if source.url:
            commit = f'<a href="{escape(source.url)}">{commit}</a>'
        day = f" ({source.day})" if source.day else ""
        uncommitted = "" if source.commit else ' class="uncommitted"'
        yield f"<span{uncommitted}>{escape(source.place)} @ {commit}{day}</span>"
