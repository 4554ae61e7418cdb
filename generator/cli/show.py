"""`modelbook show`: the main facts of a card, as on the first screen of its page."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from generator.answers.references import resolve_reference
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.loading import load_for_query
from generator.cli.options import json_option, project_option
from generator.cli.printing import format_section, format_title, print_answer
from generator.graph.edges import Graph
from generator.pages.card_facts import ShownSection, card_facts_to_data, format_value, list_sections
from generator.pages.card_view import build_page_view
from generator.pages.contexts.parts import CardView, GapMarker


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@project_option
@json_option
def show(reference: str, root: Path, as_json: bool) -> None:
    r"""Show the main facts of a card.

    They are contacts, users, fallback, contract and open work of a model, models of a system, steps of a flow, and so
    on, as at the top of the card's page. REF is kind:id, such as model:ryl, or an id, a name or an alias that only one
    card has.

    \b
      modelbook show ryl

    The JSON has `ref`, `name`, `card`, `facts` and `sections`, each section with `title` and `lines`. That of a model
    also has `verdict`: whether it can be switched off, with the reasons. That of a collected card has `source`: the
    `repository`, its `name` and `url`, the `path` and the `commit`.
    """
    project = load_for_query(root)
    graph, ref = project.graph, resolve_reference(project.graph, reference)
    view = build_page_view(project.book, ref)
    card, sections = view.card, list_sections(project.book, view)
    data = card_facts_to_data(project.book, view)
    print_answer(_render_lines(graph, card, sections), data, project.unreadable, as_json=as_json)


def _render_lines(graph: Graph, card: CardView, sections: Iterable[ShownSection]) -> Iterator[PrintedLine]:
    yield format_title(card.title, card.ref)
    if card.lead:
        yield card.lead
    if card.origin is not None:
        origin = card.origin
        address = f": {origin.links.edit}" if origin.links.edit else ""
        yield f"From {origin.path} in {origin.repository}, commit {origin.commit}{address}"
    yield ""
    width = max((len(fact.name) for fact in card.facts), default=0)
    for fact in card.facts:
        pieces: list[str | Line] = [f"{fact.name:<{width}}  "]
        for number, value in enumerate(fact.values):
            text = format_value(graph, value)
            pieces.append(", " if number else "")
            pieces.append(Line(text, colour="red") if isinstance(value, GapMarker) else text)
        yield tuple(pieces)
    for section in sections:
        yield from format_section(section.title, (f"  {line}" for line in section.lines))
