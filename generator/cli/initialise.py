"""`modelbook init`: a new book."""

import os
import shutil
from pathlib import Path

import click

from generator.cli.console import print_line
from generator.cli.requirement import WHEELS, find_requirement, parse_requirement, requirements_text
from generator.cli.schema import DEFAULT, schema_text
from generator.cli.writing import writing
from generator.errors import UserError
from generator.pages.paths import SECTIONS
from generator.project import find_shipped_templates

EXAMPLES = """\b
modelbook init models
modelbook init models --from dist/modelbook-1.0.0-py3-none-any.whl
modelbook init models --from git+https://git.example.com/tools/modelbook@v1.0.0
"""


@click.command(epilog=EXAMPLES)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", help="The name of the book (the folder's when left out).")
@click.option(
    "--from",
    "source",
    metavar="SOURCE",
    help="What the book installs: modelbook==VERSION, a wheel, or a git URL.  [default: the running version]",
)
def init(folder: Path, name: str | None, source: str | None) -> None:
    """Start a new book in DIR: mkdocs.yml, a card of each kind, a Makefile, CI workflows.

    Existing files are never overwritten, and DIR must not contain a book yet.

    requirements.txt pins the version of Modelbook that makes the book. A wheel given with --from is copied into the
    book, and requirements.txt then pins all dependencies with hashes.

    """
    if (folder / "mkdocs.yml").exists():
        message = f"{folder} holds a book already: {folder / 'mkdocs.yml'} exists"
        raise UserError(message)
    requirement = parse_requirement(source) if source is not None else find_requirement()
    if requirement.is_of_this_machine:
        print_line(
            f"requirements.txt pins {requirement.line}, but this Modelbook was installed from a local folder or file: "
            "use --from if your package index does not have that version",
            err=True,
        )
    starter = find_shipped_templates() / "book"
    title = name or folder.resolve().name.replace("-", " ").replace("_", " ").capitalize()
    schema = folder / DEFAULT
    with writing(folder):
        written = [_write(folder, path, starter, title) for path in sorted(starter.rglob("*")) if path.is_file()]
        written += [
            _write_text(folder / "requirements.in", f"{requirement.line.partition(' --hash')[0]}\n"),
            _write_text(folder / "requirements.txt", requirements_text(requirement)),
        ]
        if requirement.wheel is not None:
            (folder / WHEELS).mkdir(exist_ok=True)
            shutil.copyfile(requirement.wheel, folder / WHEELS / requirement.wheel.name)
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(schema_text(), encoding="utf-8")
    kinds = ", ".join(section.kind for section in SECTIONS)
    print_line(f"wrote {sum(written)} files to {folder}: one card of each kind ({kinds})")
    print_line(f"next: cd {folder} && modelbook check && modelbook serve")


def _write(folder: Path, path: Path, starter: Path, title: str) -> int:
    """Copy one file of the starter; names in it start with `dot-` where the file is hidden."""
    parts = [
        part.replace("dot-", ".", 1) if part.startswith("dot-") else part for part in path.relative_to(starter).parts
    ]
    target = folder.joinpath(*parts)
    text = path.read_text(encoding="utf-8").replace("@BOOK@", title.replace("\\", "/").replace('"', "'"))
    return _write_text(target, text.replace("@SCHEMA@", _schema_for(folder, target)))


def _write_text(target: Path, text: str) -> int:
    """Write a file unless it exists; return how many files were written."""
    if target.exists():
        print_line(f"kept {target}, which exists already", err=True)
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return 1


def _schema_for(folder: Path, card: Path) -> str:
    return Path(os.path.relpath(folder / DEFAULT, card.parent)).as_posix()
