"""`modelbook new`: a new card."""

import os
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import print_line
from generator.cli.loading import load_book
from generator.cli.options import project_option
from generator.cli.schema import SCHEMA_PATH, render_schema
from generator.errors import UserError, report_write_errors
from generator.pages.paths import get_section
from generator.schema import KINDS, Card, Model, Person
from generator.schema.card import Lifecycle
from generator.schema.skeleton import render_skeleton


@click.command(cls=Command)
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("identifier", metavar="ID")
@project_option
def new(kind: str, identifier: str, root: Path) -> None:
    r"""Write a new card.

    Comments in the card list the optional fields. References in it name teams, models and systems of the book. The
    first line names the JSON Schema, so that editors complete keys and values.

    \b
      modelbook new model churn
    """
    project = load_book(root)
    for ref, loaded in project.cards.by_ref.items():
        if get_section(ref.kind).kind == kind and ref.id.lower() == identifier.lower():
            raise UserError(f"duplicate id: {ref} is defined at {loaded.origin or loaded.at()}")
    for repository in project.cards.lock.repositories:  # whose files may be missing in this clone
        for card, file in repository.cards.items():
            if card.lower() == f"{kind}:{identifier}".lower():
                raise UserError(f"duplicate id: {card} is defined at {file} in {repository.name}")
    path = root / project.configuration.settings.cards / get_section(kind).folder / f"{identifier}.yml"
    if path.exists():
        raise UserError(f"{path} already exists: choose another id")
    schema = root / SCHEMA_PATH
    known = sorted(loaded.ref for loaded in project.cards.items if _can_be_named(loaded.card))
    text = render_skeleton(kind, identifier, Path(os.path.relpath(schema, path.parent)).as_posix(), tuple(known))
    with report_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(render_schema(), encoding="utf-8")
    print_line(f"wrote {path}; fill it in, then: modelbook check")


def _can_be_named(card: Card) -> bool:
    """Return whether a new card can refer to this one: not to a person who leaves or a model that is retired."""
    match card:
        case Person():
            return card.left_on is None
        case Model():
            return card.lifecycle not in {Lifecycle.DEPRECATED, Lifecycle.RETIRED}
        case _:
            return True
