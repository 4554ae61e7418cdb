"""`modelbook import` from files: OpenAPI, Hugging Face, Backstage, CSV."""

from collections.abc import Sequence
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.drafts.telling import keep
from generator.cli.opening import opened
from generator.cli.options import json_option, project_option
from generator.drafts.backstage import backstage as from_backstage
from generator.drafts.columns import Column
from generator.drafts.huggingface import huggingface as from_huggingface
from generator.drafts.huggingface import read_readme
from generator.drafts.openapi import openapi as from_openapi
from generator.drafts.reading import read_bytes, read_text
from generator.drafts.spreadsheet import spreadsheet
from generator.errors import UserError

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("file", type=_PATH)
@click.option("--all", "every", is_flag=True, help="Also draft operations that do not look like predictions.")
@project_option
@json_option
def openapi(file: Path, root: Path, *, every: bool, as_json: bool) -> None:
    r"""Draft a model for each prediction in an OpenAPI document: endpoints, contract, examples.

    The document is copied beside the drafts, and their contracts refer to it.

    \b
      modelbook import openapi scorer.openapi.yaml
    """
    project = opened(root)
    keep(project, from_openapi(read_text(file), file.name, every=every), as_json=as_json)


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=_PATH)
@project_option
@json_option
def huggingface(folder: Path, root: Path, *, as_json: bool) -> None:
    r"""Draft a model from the README.md in DIR: its front matter and its sections.

    \b
      modelbook import huggingface ../query-intent
    """
    project = opened(root)
    place = folder if folder.is_dir() else folder.parent
    keep(project, from_huggingface(read_readme(folder), place.resolve().name), as_json=as_json)


@click.command(cls=Command)
@click.argument("file", type=_PATH)
@project_option
@json_option
def backstage(file: Path, root: Path, *, as_json: bool) -> None:
    r"""Draft systems, models, resources, teams and people from a Backstage catalog.

    \b
      modelbook import backstage catalog-info.yaml
    """
    project = opened(root)
    keep(project, from_backstage(read_text(file), file.name), as_json=as_json)


@click.command(cls=Command)
@click.argument("file", type=_PATH)
@click.option(
    "--column",
    "columns",
    metavar="HEADER=FIELD",
    multiple=True,
    help="What a column means; may be given several times.",
)
@project_option
@json_option
def csv(file: Path, columns: Sequence[str], root: Path, *, as_json: bool) -> None:
    r"""Draft a model for each row of a spreadsheet saved as CSV, with its teams, people and systems.

    Columns are taken by the names of fields; for one that is not known the nearest field is proposed, and --column
    says what it means. Empty, it leaves the column out: `--column "Notes="`.

    \b
      modelbook import csv models.csv --column "Point person=contacts.ds"
    """
    project = opened(root)
    functions = project.configuration.settings.functions
    found = spreadsheet(read_bytes(file), file.name, functions, _given(columns))
    keep(project, found.drafts, as_json=as_json, extra=tuple(map(_told, found.columns)))


def _given(columns: Sequence[str]) -> dict[str, str]:
    """The fields by their columns; one without a field is left out of the cards."""
    pairs = {header.strip(): field.strip() for header, _, field in (text.rpartition("=") for text in columns)}
    if "" in pairs:
        message = "--column takes HEADER=FIELD, as in --column 'Point person=contacts.ds'"
        raise UserError(message)
    return pairs


def _told(column: Column) -> str:
    return f"column {column.header!r}: {' '.join(word for word in (column.field, f'({column.how})') if word)}"
