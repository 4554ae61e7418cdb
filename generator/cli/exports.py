"""`modelbook export`: the book for other tools."""

from pathlib import Path

import click

from generator.answers.references import resolve_reference
from generator.cli.command import Command
from generator.cli.inventory import inventory
from generator.cli.loading import load_for_query
from generator.cli.options import FILE, CommandFunction, project_option
from generator.cli.printing import print_or_write
from generator.exports.backstage import render_backstage
from generator.exports.dot import render_dot
from generator.exports.readme import render_readme
from generator.pages.paths import get_card_path


def output_option(command: CommandFunction) -> CommandFunction:
    """Add the option for a file instead of the standard output."""
    return click.option("-o", "--output", type=FILE, help="File to write to.  [default: standard output]")(command)


@click.group("export")
def exports() -> None:
    """Export the book for other tools.

    Secrets are redacted.
    """


exports.add_command(inventory)


@exports.command(cls=Command)
@project_option
@output_option
def catalog(root: Path, output: Path | None) -> None:
    r"""Export the graph as JSON.

    The export has every card, and every edge with its reason; it is the `catalog.json` of the built site. Its schema is
    versioned, `nodes` and `edges` are sorted, and the same cards give the same bytes.

    \b
      modelbook export catalog | jq -r '.edges[] | select(.target == "model:ryl") | .source'
    """
    print_or_write(load_for_query(root).render_catalog(), output)


@exports.command(cls=Command)
@project_option
@output_option
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
@output_option
def readme(model: str, root: Path, output: Path | None) -> None:
    r"""Export the card of MODEL as a README.md.

    Put the file into the repository of the model.

    \b
      modelbook export readme ryl -o ../ryl/README.md
    """
    project = load_for_query(root)
    ref = resolve_reference(project.graph, model, ("model",))
    url = project.get_page_url(get_card_path(ref))
    print_or_write(render_readme(project.graph, ref, project.today, url, project.book.sightings), output)


@exports.command(cls=Command)
@click.option("--people", is_flag=True, help="Include teams, people, flows, experiments and migrations.")
@project_option
@output_option
def dot(root: Path, output: Path | None, *, people: bool) -> None:
    r"""Export the graph for Graphviz.

    \b
      modelbook export dot | dot -Tsvg > models.svg
    """
    print_or_write(render_dot(load_for_query(root).graph, people=people), output)
