"""`modelbook init`: a new book."""

import os
from pathlib import Path

import click

from generator.cli.schema import DEFAULT, schema_text
from generator.cli.writing import writing
from generator.errors import UserError
from generator.pages.tree import SECTIONS
from generator.project import shipped_templates


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="The name of the book (the folder's when left out).")
def init(folder: Path, name: str | None) -> None:
    """Start a new book in DIR: mkdocs.yml, a card of each kind, a Makefile, CI workflows.

    What is there already is never overwritten: DIR must not hold a book yet.
    """
    if (folder / "mkdocs.yml").exists():
        message = f"{folder} holds a book already: {folder / 'mkdocs.yml'} exists"
        raise UserError(message)
    starter = shipped_templates() / "book"
    title = name or folder.resolve().name.replace("-", " ").replace("_", " ").capitalize()
    schema = folder / DEFAULT
    with writing(folder):
        written = [_write(folder, path, starter, title) for path in sorted(starter.rglob("*")) if path.is_file()]
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(schema_text(), encoding="utf-8")
    kinds = ", ".join(section.kind for section in SECTIONS)
    click.echo(f"wrote {sum(written)} files to {folder}: one card of each kind ({kinds})")
    click.echo(f"next: cd {folder} && modelbook check && modelbook serve")


def _write(folder: Path, path: Path, starter: Path, title: str) -> int:
    """Copy one file of the starter; names in it start with `dot-` where the file is hidden."""
    parts = [
        part.replace("dot-", ".", 1) if part.startswith("dot-") else part for part in path.relative_to(starter).parts
    ]
    target = folder.joinpath(*parts)
    if target.exists():
        click.echo(f"kept {target}, which exists already", err=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8").replace("@BOOK@", title.replace("\\", "/").replace('"', "'"))
    target.write_text(text.replace("@SCHEMA@", _schema_for(folder, target)), encoding="utf-8")
    return 1


def _schema_for(folder: Path, card: Path) -> str:
    return Path(os.path.relpath(folder / DEFAULT, card.parent)).as_posix()
