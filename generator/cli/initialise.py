"""`modelbook init`: a new book."""

import os
import shutil
from pathlib import Path
from shlex import quote

import click

from generator.cli.command import Command
from generator.cli.console import print_line
from generator.cli.options import FOLDER
from generator.cli.requirement import WHEELS, find_requirement, parse_requirement, render_requirements
from generator.cli.schema import SCHEMA_PATH, render_schema
from generator.errors import UserError, report_write_errors
from generator.pages.paths import SECTIONS
from generator.pages.template_folders import find_shipped_templates


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--name", help="Name of the book.  [default: the name of the folder]")
@click.option(
    "--from",
    "source",
    metavar="SOURCE",
    help="What the book installs: modelbook==VERSION, a wheel, or a git URL.  [default: the running version]",
)
def init(folder: Path, name: str | None, source: str | None) -> None:
    r"""Start a new book.

    DIR gets mkdocs.yml, a card of each kind, a README.md, a Makefile, CI workflows, and examples of CODEOWNERS and
    .pre-commit-config.yaml. Existing files are never overwritten, and DIR must not contain a book yet.

    requirements.txt pins the version of Modelbook that makes the book. A wheel given with --from is copied into the
    book, and requirements.txt then pins all dependencies with hashes.

    \b
      modelbook init models
      modelbook init models --from dist/modelbook-1.0.0-py3-none-any.whl
      modelbook init models --from git+https://git.example.com/tools/modelbook@v1.0.0
    """
    if (folder / "mkdocs.yml").exists():
        raise UserError(f"{folder} already contains a book: {folder / 'mkdocs.yml'} exists")
    requirement = parse_requirement(source) if source is not None else find_requirement()
    if requirement.is_of_this_machine:
        print_line(
            f"requirements.txt pins {requirement.line}, but this Modelbook was installed from a local folder or file: "
            "use --from if your package index does not have that version",
            err=True,
        )
    title = name or folder.resolve().name.replace("-", " ").replace("_", " ").capitalize()
    schema = folder / SCHEMA_PATH
    with report_write_errors(folder):
        written = [
            *_copy_starter(folder, title),
            _write_missing(folder / "requirements.in", f"{requirement.line.partition(' --hash')[0]}\n"),
            _write_missing(folder / "requirements.txt", render_requirements(requirement)),
        ]
        if requirement.wheel is not None:
            (folder / WHEELS).mkdir(exist_ok=True)
            shutil.copyfile(requirement.wheel, folder / WHEELS / requirement.wheel.name)
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(render_schema(), encoding="utf-8")
    kinds = ", ".join(section.kind for section in SECTIONS)
    print_line(f"wrote {sum(written)} files to {folder}: one card of each kind ({kinds})")
    change = "" if folder == Path() else f"cd {quote(str(folder))} && "
    print_line(f"next: {change}modelbook check && modelbook serve")


def _copy_starter(folder: Path, title: str) -> list[bool]:
    """Copy the starter book; the names of its hidden files and folders begin with `dot-`."""
    starter = find_shipped_templates() / "book"
    written = []
    for path in sorted(starter.rglob("*")):
        if path.is_file():
            parts = path.relative_to(starter).parts
            target = folder.joinpath(*(f".{part[4:]}" if part.startswith("dot-") else part for part in parts))
            schema = Path(os.path.relpath(folder / SCHEMA_PATH, target.parent)).as_posix()
            text = path.read_text(encoding="utf-8").replace("@BOOK@", title.replace("\\", "/").replace('"', "'"))
            written.append(_write_missing(target, text.replace("@SCHEMA@", schema)))
    return written


def _write_missing(target: Path, text: str) -> bool:
    """Write a file unless it exists; return whether it was written."""
    if target.exists() or target.is_symlink():
        print_line(f"kept the existing file {target}", err=True)
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return True
