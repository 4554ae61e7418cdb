"""`modelbook import`: first drafts of cards from existing sources."""

import click

from generator.cli.lazy import Deferred, LazyGroup

_FILES = "generator.cli.drafts.files"

COMMANDS = (
    Deferred("mlflow", "generator.cli.drafts.registry", "Draft cards from an MLflow server, database or folder."),
    Deferred("openapi", _FILES, "Draft cards from an OpenAPI document."),
    Deferred("huggingface", _FILES, "Draft a card from the README of a Hugging Face model."),
    Deferred("backstage", _FILES, "Draft cards from a Backstage catalog."),
    Deferred("csv", _FILES, "Draft cards from a spreadsheet saved as CSV."),
)


@click.group("import", cls=LazyGroup, deferred=COMMANDS)
def drafts() -> None:
    """Draft cards from existing sources, with the tag `draft`, and list what was left out.

    Existing files and cards are never overwritten: their drafts are skipped.
    """
