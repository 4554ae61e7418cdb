"""`modelbook schema`: the JSON Schema of a card, for completion in editors."""

import json
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.options import document_option
from generator.cli.printing import print_or_write
from generator.schema.json_schema import build_json_schema

SCHEMA_PATH = ".modelbook/card.schema.json"
"""The path of the schema in a book."""


def render_schema() -> str:
    """Return the JSON Schema of a card file."""
    return json.dumps(build_json_schema(), ensure_ascii=False, indent=2) + "\n"


@click.command(cls=Command)
@document_option
def schema(output: Path | None) -> None:
    r"""Print the JSON Schema of a card.

    Editors use it for completion and checks. `modelbook new` writes its path into each new card:

    \b
      # yaml-language-server: $schema=../../.modelbook/card.schema.json
    """
    print_or_write(render_schema(), output)
