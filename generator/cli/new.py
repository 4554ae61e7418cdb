"""`modelbook new`: a card to fill in."""

import os
from pathlib import Path

import click

from generator.cli.console import print_line
from generator.cli.opening import opened
from generator.cli.options import project_option
from generator.cli.schema import DEFAULT, schema_text
from generator.cli.writing import writing
from generator.errors import UserError
from generator.load.cards import Cards
from generator.names import Ref
from generator.pages.paths import get_section
from generator.schema import KINDS, Card, Model, Person
from generator.schema.model import Lifecycle
from generator.schema.skeleton import render_skeleton


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("identifier", metavar="ID")
@project_option
def new(kind: str, identifier: str, root: Path) -> None:
    """Write a new card of KIND with the id ID, ready to be filled in.

    The card says in comments what else it can hold, and names teams, models and systems that the book has; its first
    line tells the editor where the schema is, so that keys and values are completed.
    """
    project = opened(root)
    taken = next((ref for ref in project.cards.by_ref if _same(ref, kind, identifier)), None)
    if taken is not None:
        place = project.cards.by_ref[taken].at()
        message = f"{taken} exists already, at {place}; choose another id"
        raise UserError(message)
    cards = root / project.configuration.settings.cards
    path = cards / get_section(kind).folder / f"{identifier}.yml"
    schema = root / DEFAULT
    text = render_skeleton(
        kind, identifier, Path(os.path.relpath(schema, path.parent)).as_posix(), _usable(project.cards)
    )
    if path.exists():
        message = f"{path} exists already; choose another id"
        raise UserError(message)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(schema_text(), encoding="utf-8")
    print_line(f"wrote {path}; fill it in, then: modelbook check")


def _usable(cards: Cards) -> tuple[Ref, ...]:
    """The cards that a new one may name: no person with a last day, no model on its way out."""
    return tuple(sorted(loaded.ref for loaded in cards.items if not _is_gone(loaded.card)))


def _is_gone(card: Card) -> bool:
    match card:
        case Person():
            return card.left_on is not None
        case Model():
            return card.lifecycle in {Lifecycle.DEPRECATED, Lifecycle.RETIRED}
        case _:
            return False


def _same(ref: Ref, kind: str, identifier: str) -> bool:
    return get_section(ref.kind).kind == kind and ref.id.lower() == identifier.lower()
