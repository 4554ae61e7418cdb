"""`modelbook import`: first drafts of cards from existing sources."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from generator.checks.redaction import redact_files
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.loading import load_book
from generator.cli.options import ANY_PATH, json_option, project_option
from generator.cli.printing import format_section, print_answer
from generator.cli.progress import show_spinner
from generator.drafts.backstage import import_backstage
from generator.drafts.backstage_files import read_catalog
from generator.drafts.bentoml import import_bentoml, is_bento_source
from generator.drafts.dbt import SIZE_LIMIT as DBT_LIMIT
from generator.drafts.dbt import import_dbt
from generator.drafts.huggingface import import_huggingface, read_readme
from generator.drafts.kserve import import_kserve
from generator.drafts.litellm import import_litellm
from generator.drafts.manifests import is_yaml, read_files
from generator.drafts.mlflow import import_mlflow, open_registry
from generator.drafts.openapi import import_openapi
from generator.drafts.reading import open_folder, read_bytes, read_text
from generator.drafts.records import parse_given_values
from generator.drafts.results import ImportResult, WriteReport, merge_results, write_drafts
from generator.drafts.seldon import import_seldon
from generator.drafts.spreadsheet import SheetOptions, import_spreadsheet
from generator.drafts.triton import import_triton, is_configuration
from generator.errors import UserError, report_write_errors
from generator.findings import DRAFT_TAG
from generator.grouping import group_pairs
from generator.names import format_count
from generator.pages.paths import DRAFTS_PATH, get_html_file
from generator.project import Project

_MOST_NOTES = 10
"""Notes with the same message that are printed each by itself."""
_SHOWN_PLACES = 3
"""Places that are printed of more notes; the JSON has all."""
_EXPOSED = "contains a secret, an error in drafts too: remove it before you commit"


@click.command(cls=Command)
@click.argument("uri")
@project_option
@json_option
def mlflow(uri: str, root: Path, *, as_json: bool) -> None:
    r"""Draft a model for each model in an MLflow registry.

    The drafts have versions, the signature as contract, tags and owners. URI is a tracking server, a database, or a
    path: mlflow.db, mlruns or the folder around it. The credentials of a server are read from MLFLOW_TRACKING_TOKEN, or
    from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. MLflow need not be installed, and the registry is not
    changed.

    \b
      modelbook import mlflow https://mlflow.example.com
      modelbook import mlflow ./mlruns
    """
    project = load_book(root)
    with show_spinner("Reading the registry"), open_registry(uri, os.environ) as registry:
        result = import_mlflow(registry, project.configuration.settings.functions)
    _write_and_report(project, result, as_json=as_json)


@click.command(cls=Command)
@click.argument("file", type=ANY_PATH)
@click.option("--all", "every", is_flag=True, help="Also draft operations that do not look like predictions.")
@click.option("--model", "models", metavar="NAME", multiple=True, help="Model for `/models/{name}`. Can be repeated.")
@project_option
@json_option
def openapi(file: Path, models: Sequence[str], root: Path, *, every: bool, as_json: bool) -> None:
    r"""Draft a model for each prediction in an OpenAPI document.

    The drafts have endpoints, contracts and examples. The document is copied next to the drafts with the files that it
    refers to in its folder, and the contracts refer to it. A path such as /v2/models/{name}/infer is that of any model:
    name the models with --model.

    \b
      modelbook import openapi scorer.openapi.yaml
      modelbook import openapi protocol.yaml --model ryl --model tpfy
    """
    project = load_book(root)
    read = open_folder(file.parent)
    result = import_openapi(read_text(file), file.name, every=every, models=models, read=read)
    _write_and_report(project, result, as_json=as_json)


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=ANY_PATH)
@project_option
@json_option
def huggingface(folder: Path, root: Path, *, as_json: bool) -> None:
    r"""Draft a model from the README.md of a Hugging Face model.

    The draft uses the front matter and the sections of the README.md in DIR.

    \b
      modelbook import huggingface ../query-intent
    """
    project = load_book(root)
    place = folder if folder.is_dir() else folder.parent
    _write_and_report(project, import_huggingface(read_readme(folder), place.resolve().name), as_json=as_json)


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", type=ANY_PATH, nargs=-1, required=True)
@project_option
@json_option
def backstage(paths: Sequence[Path], root: Path, *, as_json: bool) -> None:
    r"""Draft cards from a Backstage catalog.

    The drafts are systems, models, resources, teams and people. PATH is a file, or a folder in which all files
    catalog-info.yaml are found, such as a folder of checkouts. Local targets of locations are read, too. References
    lead to the other files and to the cards of the book.

    \b
      modelbook import backstage catalog-info.yaml
      modelbook import backstage ~/checkouts org/groups.yaml
    """
    project = load_book(root)
    files, notes = read_catalog(paths)
    result = merge_results([import_backstage(files, project.cards.by_ref), ImportResult(notes=notes)])
    _write_and_report(project, result, as_json=as_json)


@click.command(cls=Command)
@click.argument("file", type=ANY_PATH)
@project_option
@json_option
def litellm(file: Path, root: Path, *, as_json: bool) -> None:
    r"""Draft a model for each name of a LiteLLM proxy.

    FILE is its configuration, or a ConfigMap or the values of a Helm chart that contain it.

    Several deployments of one name are one model. Fallbacks and aliases of the router are kept. Keys that are written
    in the file are not.

    \b
      modelbook import litellm config.yaml
    """
    _write_and_report(load_book(root), import_litellm(read_text(file), file.name), as_json=as_json)


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", type=ANY_PATH, nargs=-1, required=True)
@project_option
@json_option
def kserve(paths: Sequence[Path], root: Path, *, as_json: bool) -> None:
    r"""Draft a model for each InferenceService of KServe.

    PATH is a manifest, the values of a Helm chart, or a folder of both. The values of several environments in a folder
    give one draft. Templates of charts are skipped: import what `helm template` prints.

    \b
      modelbook import kserve deploy/ values.yaml
    """
    files, notes = read_files(paths, is_yaml)
    result = merge_results([import_kserve(files), ImportResult(notes=tuple(notes))])
    _write_and_report(load_book(root), result, as_json=as_json)


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", type=ANY_PATH, nargs=-1, required=True)
@project_option
@json_option
def seldon(paths: Sequence[Path], root: Path, *, as_json: bool) -> None:
    r"""Draft cards from the manifests of Seldon Core.

    A Model, a Pipeline and a SeldonDeployment become models. The calls of a pipeline become a flow, and an Experiment
    becomes an experiment. PATH is a file or a folder. Templates of charts are skipped: import what `helm template`
    prints.

    \b
      modelbook import seldon deploy/
    """
    files, notes = read_files(paths, is_yaml)
    result = merge_results([import_seldon(files), ImportResult(notes=tuple(notes))])
    _write_and_report(load_book(root), result, as_json=as_json)


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", type=ANY_PATH, nargs=-1, required=True)
@project_option
@json_option
def triton(paths: Sequence[Path], root: Path, *, as_json: bool) -> None:
    r"""Draft a model for each one in a Triton model repository.

    PATH is a folder in which all files config.pbtxt are found, or such a file. The calls of an ensemble become a flow.

    \b
      modelbook import triton model_repository/
    """
    files, notes = read_files(paths, is_configuration)
    _write_and_report(load_book(root), import_triton(files, notes), as_json=as_json)


@click.command(cls=Command)
@click.argument("paths", metavar="PATH...", type=ANY_PATH, nargs=-1, required=True)
@project_option
@json_option
def bentoml(paths: Sequence[Path], root: Path, *, as_json: bool) -> None:
    r"""Draft a model for each service of BentoML.

    PATH is a folder with the Python files of services and their bentofile.yaml, or such a file. The Python is read and
    not run.

    \b
      modelbook import bentoml .
    """
    files, notes = read_files(paths, is_bento_source)
    _write_and_report(load_book(root), import_bentoml(files, notes), as_json=as_json)


@click.command(cls=Command)
@click.argument("file", metavar="MANIFEST", type=ANY_PATH)
@project_option
@json_option
def dbt(file: Path, root: Path, *, as_json: bool) -> None:
    r"""Draft cards from the exposures of a dbt project.

    An exposure of the type ml becomes a model, any other a system. The tables that they read become resources.

    \b
      modelbook import dbt target/manifest.json
    """
    text = read_text(file, DBT_LIMIT)
    _write_and_report(load_book(root), import_dbt(text, file.name), as_json=as_json)


@click.command(cls=Command)
@click.argument("file", type=ANY_PATH)
@click.option("--column", "columns", metavar="HEADER=FIELD", multiple=True, help="Field for a column. Can be repeated.")
@click.option(
    "--value", "values", metavar="TEXT=VALUE", multiple=True, help="Lifecycle or serving for a text. Can be repeated."
)
@click.option("--header-row", type=click.IntRange(min=1), help="Row with the headers.  [default: found by its words]")
@click.option("--sheet", default="", metavar="NAME", help="Sheet of a workbook.  [default: the first one]")
@project_option
@json_option
def csv(
    file: Path,
    columns: Sequence[str],
    values: Sequence[str],
    header_row: int | None,
    sheet: str,
    root: Path,
    *,
    as_json: bool,
) -> None:
    r"""Draft a model for each row of a CSV or Excel file.

    Teams, people and systems in the rows become drafts too. Columns are matched by the names of fields. For an unknown
    column the command proposes the nearest field; set it with --column. An empty field skips the column:
    `--column "Notes="`. --value gives the meaning of a text in the column of the lifecycle or of the serving. Cells
    that no field takes are kept in the draft under `x-spreadsheet`.

    \b
      modelbook import csv models.csv --column "Point person=contacts.ds"
      modelbook import csv models.xlsx --header-row 2 --value "Run and Maintain=production"
    """
    fields = {header.strip(): field.strip() for header, _, field in (text.rpartition("=") for text in columns)}
    if "" in fields:
        raise UserError("invalid --column: expected HEADER=FIELD, as in --column 'Point person=contacts.ds'")
    options = SheetOptions(fields, parse_given_values(values), header_row, sheet)
    project = load_book(root)
    result = import_spreadsheet(read_bytes(file), file.name, project.configuration.settings.functions, options)
    _write_and_report(project, result, as_json=as_json)


def _write_and_report(project: Project, result: ImportResult, *, as_json: bool) -> None:
    """Write the drafts, and print the written and skipped files and the notes."""
    cards = project.configuration.settings.cards
    with report_write_errors(project.root / cards):
        report = write_drafts(result, project.root / cards, project.cards.by_ref)
    drafts = sum(file.ref is not None and file.path in report.written for file in result.files)
    data = {
        "drafts": drafts,
        "written": [_join_path(cards, path) for path in report.written],
        "skipped": [{"path": _join_path(cards, path), "reason": reason} for path, reason in report.skipped.items()],
        "notes": [{"place": note.place, "message": note.message} for note in result.notes],
    }
    configuration = project.configuration
    page = Path(configuration.site_dir, get_html_file(DRAFTS_PATH, directory_urls=configuration.directory_urls))
    texts = {file.path: file.text for file in result.files if file.path in report.written}
    exposed = [_join_path(cards, path) for path, text in redact_files(texts).items() if text != texts[path]]
    lines = [*_render_lines(cards, report, result), *(Line(f"{path} {_EXPOSED}", colour="yellow") for path in exposed)]
    if drafts:
        until = f"do not stop the build until the tag `{DRAFT_TAG}` is removed"
        lines.append(f"{format_count(drafts, 'draft')}: findings on {'it' if drafts == 1 else 'them'} {until}")
        lines.append(f"next: modelbook build; {page.as_posix()} lists the open points by team")
    print_answer(lines, data, as_json=as_json)
    if not result.files:
        sys.exit(1)


def _render_lines(cards: str, report: WriteReport, result: ImportResult) -> Iterator[PrintedLine]:
    yield from result.interpretations
    yield from (f"wrote {_join_path(cards, path)}" for path in report.written)
    for path, reason in report.skipped.items():
        yield Line(f"skipped {_join_path(cards, path)}: {reason}", colour="yellow")
    same = group_pairs((note.message, note) for note in result.notes)
    left_out: list[str] = []
    for message, notes in same.items():
        if len(notes) <= _MOST_NOTES:
            left_out += (f"  {note}" for note in notes)
        else:  # many notes must not hide the others
            places = ", ".join(note.place for note in notes[:_SHOWN_PLACES])
            left_out.append(f"  {places} and {len(notes) - _SHOWN_PLACES} more: {message}")
    yield from format_section("Left out", left_out)
    written = f"{format_count(len(report.written), 'file')} written"
    yield from ("", written if result.files else "nothing in the source becomes a card")


def _join_path(cards: str, path: str) -> str:
    return (Path(cards) / path).as_posix()
