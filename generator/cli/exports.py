"""`modelbook export`: the book for other tools."""

from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import print_document, print_line
from generator.cli.opening import opened_to_answer
from generator.cli.options import project_option
from generator.cli.references import find
from generator.cli.writing import writing
from generator.exports.backstage import render_backstage
from generator.exports.dot import render_dot
from generator.exports.readme import render_readme
from generator.pages.paths import get_card_path, get_output_path

output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file (else to the terminal)."
)


@click.group("export")
def exports() -> None:
    """Give the book to other tools, its secrets blacked out."""


@exports.command(cls=Command)
@project_option
@output_option
def catalog(root: Path, output: Path | None) -> None:
    r"""The whole graph as JSON, as `catalog.json` beside the built site: every card, every edge with its reason.

    Its schema is versioned; `nodes` and `edges` are sorted, and the same cards give the same bytes.

    \b
      modelbook export catalog | jq -r '.edges[] | select(.target == "model:ryl") | .source'
    """
    _deliver(opened_to_answer(root).render_catalog(), output)


@exports.command(cls=Command)
@project_option
@output_option
def backstage(root: Path, output: Path | None) -> None:
    r"""Entities for Backstage: components, resources, APIs, groups and users.

    \b
      modelbook export backstage -o catalog-info.yaml
    """
    _deliver(render_backstage(opened_to_answer(root).graph), output)


@exports.command(cls=Command)
@click.argument("model")
@project_option
@output_option
def readme(model: str, root: Path, output: Path | None) -> None:
    r"""The card of MODEL as a README.md for the model's own repository.

    \b
      modelbook export readme ryl -o ../ryl/README.md
    """
    project = opened_to_answer(root)
    ref = find(project.graph, model, () if ":" in model else ("model",))
    base = project.configuration.site_url
    page = get_output_path(get_card_path(ref), directory_urls=project.configuration.directory_urls)
    _deliver(render_readme(project.graph, ref, project.today, f"{base.rstrip('/')}/{page}" if base else ""), output)


@exports.command(cls=Command)
@click.option("--people", is_flag=True, help="Also draw teams, people, flows, experiments and migrations.")
@project_option
@output_option
def dot(root: Path, output: Path | None, *, people: bool) -> None:
    r"""The graph in Graphviz's language.

    \b
      modelbook export dot | dot -Tsvg > models.svg
    """
    _deliver(render_dot(opened_to_answer(root).graph, people=people), output)


def _deliver(text: str, output: Path | None) -> None:
    if output is None:
        print_document(text)
        return
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8", newline="")
    print_line(f"wrote {output}", err=True)
