"""`modelbook export`: the book for other tools."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import unified_diff
from pathlib import Path

import click

from generator.answers.references import resolve_reference
from generator.cli.command import Command
from generator.cli.console import print_document, print_line, print_lines
from generator.cli.inventory import inventory
from generator.cli.loading import load_for_query
from generator.cli.options import document_option, project_option
from generator.cli.printing import print_or_write, write_file
from generator.cli.published_book import read_book
from generator.errors import UserError
from generator.exports.backstage import render_backstage
from generator.exports.dot import render_dot
from generator.exports.readme import is_generated, render_readme, render_section
from generator.exports.readme_section import BEGIN, END, replace_section
from generator.merged_book import open_published
from generator.names import Ref
from generator.pages.paths import get_card_path
from generator.project import Project


@click.group("export")
def exports() -> None:
    """Export the book for other tools.

    Secrets are redacted.
    """


exports.add_command(inventory)


@exports.command(cls=Command)
@project_option
@document_option
def catalog(root: Path, output: Path | None) -> None:
    r"""Export the graph as JSON.

    The export has every card, and every edge with its reason; it is the `catalog.json` of the built site. Its schema is
    versioned, `nodes` and `edges` are sorted, and the same cards give the same bytes.

    \b
      modelbook export catalog | jq -r '.edges[] | select(.target == "model:ryl") | .source'
    """
    print_or_write(load_for_query(root).render_catalog().join().decode(), output)


@exports.command(cls=Command)
@project_option
@document_option
def backstage(root: Path, output: Path | None) -> None:
    r"""Export entities for Backstage.

    The entities are components, resources, APIs, groups and users.

    \b
      modelbook export backstage -o catalog-info.yaml
    """
    print_or_write(render_backstage(load_for_query(root).graph), output)


@exports.command(cls=Command)
@click.argument("model")
@project_option
@document_option
@click.option("--check", "only_checks", is_flag=True, help="Write nothing; print the differences, if any.")
@click.option("--book", metavar="URL|FILE", help="Address of the published book, or its catalog.json.")
def readme(model: str, root: Path, output: Path | None, book: str | None, *, only_checks: bool) -> None:
    r"""Export the card of MODEL as a README.md.

    Put the file into the repository of the model. If it has other text, add two lines where the card belongs:

    \b
      <!-- modelbook begin -->
      <!-- modelbook end -->

    The part between them is replaced, and the rest stays as it is. With --check the file is compared, by default
    README.md in the current directory. With --book the command works in the repository of the model, where it downloads
    the catalog.json of the book and nothing else.

    \b
      modelbook export readme ryl -o ../ryl/README.md
      modelbook export readme ryl --book https://models.example.com -o README.md
      modelbook export readme ryl --book https://models.example.com --check

    Exit status: 0 written or up to date, 1 not up to date, 2 usage error.
    """
    with _open_book(root, book) as (project, find_page):
        ref = resolve_reference(project.graph, model, ("model",))
        functions = project.configuration.settings.functions
        facts = (project.graph, ref, project.today, find_page(ref), project.book.sightings, functions)
        whole, section = render_readme(*facts), render_section(*facts)
    if output is None and not only_checks:
        print_document(whole)
        return
    file = output or Path("README.md")
    current = _read_readme(file)
    made = replace_section(current, section, str(file))
    if made is None and current.strip() and not is_generated(current):
        raise UserError(f"{file} has other text: add the lines `{BEGIN}` and `{END}` where the card belongs")
    if made is None:
        made = whole.replace("\n", "\r\n") if "\r\n" in current else whole
    if not only_checks:
        write_file(file, made)
    elif made == current:
        print_line(f"{file} is up to date")
    else:
        before, after = current.split("\n"), made.split("\n")
        print_lines(unified_diff(before, after, f"a/{file.name}", f"b/{file.name}", lineterm=""))
        print_line(f"{file} is not up to date: run the same command without --check", err=True)
        sys.exit(1)


@contextmanager
def _open_book(root: Path, book: str | None) -> Iterator[tuple[Project, Callable[[Ref], str]]]:
    """Open the book of a folder, or a published one, with a function that finds the address of a card's page."""
    if book is None:
        project = load_for_query(root)
        yield project, lambda ref: project.get_page_url(get_card_path(ref))
        return
    published = read_book(book)
    with open_published(published) as project:
        yield project, lambda ref: published.sources[str(ref)].page


def _read_readme(file: Path) -> str:
    """Read a file with its own line breaks; empty if it does not exist."""
    try:
        # Reading a pipe or /dev/stdout would wait for its writer.
        return file.read_bytes().decode() if file.is_file() or file.is_dir() else ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UserError(f"{file} cannot be read: {why}") from None


@exports.command(cls=Command)
@click.option("--people", is_flag=True, help="Include teams, people, flows, experiments and migrations.")
@project_option
@document_option
def dot(root: Path, output: Path | None, *, people: bool) -> None:
    r"""Export the graph for Graphviz.

    \b
      modelbook export dot | dot -Tsvg > models.svg
    """
    print_or_write(render_dot(load_for_query(root).graph, people=people), output)
