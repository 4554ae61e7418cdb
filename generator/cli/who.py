"""`modelbook who`: the contacts for a card by function."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from generator.answers.contacts import ContactList, find_contacts
from generator.answers.data import to_data
from generator.answers.references import resolve_reference
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.loading import load_for_query
from generator.cli.options import answer_options
from generator.cli.printing import format_title, print_answer
from generator.graph.edges import Graph
from generator.load.collected import CardOrigin, origin_to_data


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@answer_options
def who(reference: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List the contacts for a card by function.

    Departed contacts are replaced by their successor or team lead.

    \b
      modelbook who ryl
      modelbook who topic:orders.v1 --today 2027-01-15

    The JSON has `ref`, `name`, `note` and `calls`, each with `function`, `person`, `email`, `team`, `channel`,
    `chat`, `on_call`, `hours`, `deputy`, `answers_for`, and the `path` to a contact that the card does not name. The
    answer for a collected card also has `source`, its place in its own repository.
    """
    project = load_for_query(root, today)
    ref = resolve_reference(project.graph, reference)
    found = find_contacts(project.graph, ref, project.configuration.settings.functions, project.today)
    loaded = project.graph.cards.get(ref)
    origin = loaded.origin if loaded is not None else None
    data = to_data(found) | ({"source": origin_to_data(origin)} if origin is not None else {})
    print_answer(_render_contacts(found, origin, project.graph), data, project.unreadable, as_json=as_json)


def _render_contacts(found: ContactList, origin: CardOrigin | None, graph: Graph) -> Iterator[PrintedLine]:
    yield format_title(found.name, found.ref)
    if origin is not None:
        yield f"  From {origin}"
    if found.note:
        yield f"  {found.note}"
    for call in found.calls:
        yield ""
        if call.is_missing:
            yield Line(f"{call.title}: no contact", colour="red")
        else:
            address = f"<{call.email}>" if call.email else ""
            yield Line(" ".join(filter(None, (f"{call.title}: {call.name}", address, call.channel))), bold=True)
        if call.answers_for:
            yield f"  {'; '.join(call.answers_for)}"
        if call.path:
            yield f"  found by: {'; '.join(call.path)}"
        ways = (("on call", call.on_call), ("chat", call.chat), ("hours", call.hours))
        if reach := [f"{name}: {way}" for name, way in ways if way]:
            yield f"  {'; '.join(reach)}"
        if call.deputy is not None:
            yield f"  deputy: {graph.get_name(call.deputy)} ({call.deputy})"
