"""`modelbook show`: the essentials of a card in the terminal."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from generator.cli.console import Line, PrintedLine
from generator.cli.essentials import ShownSection, list_sections
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option
from generator.cli.printing import heading, print_answer, title
from generator.cli.references import find
from generator.graph.edges import Graph
from generator.names import Ref
from generator.pages.contexts.parts import Badge, CardView, FactRow, GapMarker, LabelledLink, Value
from generator.pages.site import build_page_view
from generator.project import Project
from generator.schema.card import to_card_data


@click.command()
@click.argument("reference", metavar="REF")
@project_option
@json_option
def show(reference: str, root: Path, as_json: bool) -> None:
    """Show the essentials of a card: contacts, users, fallback, contract, open work.

    REF is kind:id, such as model:ryl, or an id, a name or an alias that only one card has. The command prints what the
    card's page shows first: for a model who uses it, for a system which models it uses, for a flow its steps.

    The JSON has `ref`, `name`, `card`, `facts` and `sections`, each section with `title` and `lines`.
    """
    project = opened_to_answer(root)
    ref = find(project.graph, reference)
    view = build_page_view(project.book, ref)
    sections = tuple(list_sections(project.book, view))
    lines = _show_lines(project.graph, view.card, sections)
    print_answer(lines, _show_data(project, view.card, sections), missing_from(project), as_json=as_json)


def _show_lines(graph: Graph, card: CardView, sections: tuple[ShownSection, ...]) -> Iterator[PrintedLine]:
    yield title(card.title, card.ref)
    if card.lead:
        yield card.lead
    yield ""
    width = max((len(fact.name) for fact in card.facts), default=0)
    yield from (_fact_line(graph, fact, width) for fact in card.facts)
    for section in sections:
        yield from ("", heading(section.title))
        yield from (f"  {line}" for line in section.lines)


def _fact_line(graph: Graph, fact: FactRow, width: int) -> PrintedLine:
    pieces: list[str | Line] = [f"{fact.name:<{width}}  "]
    for number, value in enumerate(fact.values):
        text = _value_text(graph, value)
        pieces.append(", " if number else "")
        pieces.append(Line(text, colour="red") if isinstance(value, GapMarker) else text)
    return tuple(pieces)


def _show_data(project: Project, card: CardView, sections: tuple[ShownSection, ...]) -> dict[str, Any]:
    loaded = project.graph.cards.get(card.ref)
    return {
        "ref": str(card.ref),
        "name": card.title,
        "card": to_card_data(loaded.card) if loaded else None,
        "facts": {fact.name: [_value_text(project.graph, value) for value in fact.values] for fact in card.facts},
        "sections": [{"title": section.title, "lines": section.lines} for section in sections],
    }


def _value_text(graph: Graph, value: Value) -> str:
    match value:
        case Ref():
            return graph.get_name(value)
        case Badge():
            return value.word
        case GapMarker():
            return value.words
        case LabelledLink():
            return value.label
        case date():
            return value.isoformat()
        case _:
            return value
