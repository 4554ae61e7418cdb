"""`modelbook show`: a card's essentials in the terminal."""

import json
from datetime import date
from pathlib import Path

import click

from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option
from generator.cli.printing import left_out_data
from generator.cli.references import find
from generator.graph.consumers import uses_of_model
from generator.graph.edges import DEPENDING, Graph
from generator.names import Ref
from generator.pages.contexts.parts import Address, Badge, Missing
from generator.pages.site import view_of
from generator.project import Project
from generator.schema.card import data


@click.command()
@click.argument("reference", metavar="REF")
@project_option
@json_option
def show(reference: str, root: Path, as_json: bool) -> None:
    """Show the essentials of a card: what it is, who answers for it, who uses it and why.

    REF is kind:id, such as model:ryl, or an id, a name or an alias that only one card has.
    """
    project = opened_to_answer(root)
    ref = find(project.graph, reference)
    if as_json:
        loaded = project.graph.cards.get(ref)
        shown = {
            "ref": str(ref), "card": data(loaded.card) if loaded else None,
            "left_out": left_out_data(missing_from(project)),
        }  # fmt: skip
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        click.echo(_text(project, ref))


def _text(project: Project, ref: Ref) -> str:
    book, graph = project.book, project.graph
    card = view_of(book, ref).card
    lines = [click.style(card.title, bold=True) + f"  ({ref})", card.lead, ""]
    width = max((len(fact.name) for fact in card.facts), default=0)
    lines += [
        f"{fact.name:<{width}}  {', '.join(_plain(graph, value) for value in fact.values)}" for fact in card.facts
    ]
    uses = uses_of_model(graph, ref)
    if uses:
        lines += ["", click.style("Consumers and why", bold=True)]
        lines += [f"  {graph.name(use.system)}: {'; '.join(use.whys)}" for use in uses]
    elif dependants := book.sources(ref, *DEPENDING):
        lines += ["", click.style("Needed by", bold=True), *(f"  {graph.name(other)}" for other in dependants)]
    if card.findings:
        lines += ["", click.style("Findings", bold=True)]
        lines += [f"  {finding.severity} {finding.code} {finding.message}" for finding in card.findings]
    return "\n".join(lines)


def _plain(graph: Graph, value: object) -> str:
    match value:
        case Ref():
            return graph.name(value)
        case Badge():
            return value.word
        case Missing():
            return click.style(value.words, fg="red")
        case Address():
            return value.label
        case date():
            return value.isoformat()
        case _:
            return str(value)
