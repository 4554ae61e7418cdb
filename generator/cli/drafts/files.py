"""`modelbook import` from files: OpenAPI, Hugging Face, Backstage, CSV."""

from collections.abc import Sequence
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.drafts.report import write_and_report
from generator.cli.opening import opened
from generator.cli.options import json_option, project_option
from generator.drafts.backstage import import_backstage
from generator.drafts.huggingface import import_huggingface, read_readme
from generator.drafts.openapi import import_openapi
from generator.drafts.reading import read_bytes, read_text
from generator.drafts.spreadsheet import import_spreadsheet
from generator.errors import UserError

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("file", type=_PATH)
@click.option("--all", "every", is_flag=True, help="Also draft operations that do not look like predictions.")
@project_option
@json_option
def openapi(file: Path, root: Path, *, every: bool, as_json: bool) -> None:
    r"""Draft a model for each prediction in an OpenAPI document.

    Cards get the endpoints, the contract and the examples. The document is copied next to the drafts, and their
    contracts refer to it.

    \b
      modelbook import openapi scorer.openapi.yaml
    """
    result = import_openapi(read_text(file), file.name, every=every)
    write_and_report(opened(root), result, as_json=as_json)


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=_PATH)
@project_option
@json_option
def huggingface(folder: Path, root: Path, *, as_json: bool) -> None:
    r"""Draft a model from the README.md in DIR.

    \b
      modelbook import huggingface ../query-intent
    """
    place = folder if folder.is_dir() else folder.parent
    write_and_report(opened(root), import_huggingface(read_readme(folder), place.resolve().name), as_json=as_json)


@click.command(cls=Command)
@click.argument("file", type=_PATH)
@project_option
@json_option
def backstage(file: Path, root: Path, *, as_json: bool) -> None:
    r"""Draft systems, models, resources, teams and people from a Backstage catalog.

    \b
      modelbook import backstage catalog-info.yaml
    """
    write_and_report(opened(root), import_backstage(read_text(file), file.name), as_json=as_json)


@click.command(cls=Command)
@click.argument("file", type=_PATH)
@click.option("--column", "columns", metavar="HEADER=FIELD", multiple=True, help="Field of a column. Can be repeated.")
@project_option
@json_option
def csv(file: Path, columns: Sequence[str], root: Path, *, as_json: bool) -> None:
    r"""Draft a model for each row of a spreadsheet saved as CSV.

    Teams, people and systems get cards too. Columns fill the fields with the same name or a synonym. For any other
    column the most similar field is proposed: confirm it with --column. An empty FIELD excludes a column, as in
    `--column "Notes="`.

    \b
      modelbook import csv models.csv --column "Point person=contacts.ds"
    """
    given = {header.strip(): field.strip() for header, _, field in (text.rpartition("=") for text in columns)}
    if "" in given:
        message = "invalid --column: expected HEADER=FIELD, as in --column 'Point person=contacts.ds'"
        raise UserError(message)
    project = opened(root)
    result = import_spreadsheet(read_bytes(file), file.name, project.configuration.settings.functions, given)
    write_and_report(project, result, as_json=as_json)
