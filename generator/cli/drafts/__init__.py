"""`modelbook import`: first drafts of cards, so that nobody starts with an empty file."""

import click

from generator.cli.lazy import Deferred, LazyGroup

_FILES = "generator.cli.drafts.files"

COMMANDS = (
    Deferred("mlflow", "generator.cli.drafts.registry", "From an MLflow registry: a server, a database or a folder."),
    Deferred("openapi", _FILES, "From an OpenAPI document: endpoints, contract, examples."),
    Deferred("huggingface", _FILES, "From the README of a Hugging Face model."),
    Deferred("backstage", _FILES, "From a Backstage catalog: components, APIs, groups, users."),
    Deferred("csv", _FILES, "From the spreadsheet that everyone has, saved as CSV."),
)


@click.group("import", cls=LazyGroup, deferred=COMMANDS)
def drafts() -> None:
    """Make first drafts of cards, tagged `draft`, and tell what could not be carried over.

    Nothing is ever overwritten: a card that is there already stays, and its draft is skipped.
    """
