"""`modelbook schema`: the JSON Schema that gives editors completion."""

import json
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import print_document, print_line
from generator.cli.writing import writing
from generator.schema.json_schema import build_json_schema

DEFAULT = ".modelbook/card.schema.json"


def schema_text() -> str:
    """The JSON Schema of a card file."""
    return json.dumps(build_json_schema(), ensure_ascii=False, indent=2) + "\n"


@click.command(cls=Command)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
def schema(output: Path | None) -> None:
    """Write the JSON Schema of a card, for completion and checks in the editor.

    `modelbook new` puts its path into each new card:

    \b
      # yaml-language-server: $schema=../../.modelbook/card.schema.json
    """  # noqa: D301 - click reads the \\b, so it must be one
    if output is None:
        print_document(schema_text())
        return
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(schema_text(), encoding="utf-8")
    print_line(f"wrote {output}", err=True)
