"""`modelbook history`: the history of a card from git."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from generator.answers.card_history import CardHistory
from generator.answers.data import history_to_data
from generator.answers.references import resolve_past_reference
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.loading import load_for_query
from generator.cli.options import answer_options
from generator.cli.printing import format_title, print_answer


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@answer_options
def history(reference: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List the history of a card from git.

    For each consumer, contact, endpoint, use … it lists the commits that added and removed it, oldest first. Renames of
    the card are followed. REF can also be the kind:id of a deleted card. Uncommitted changes are not included. A note
    warns about a shallow clone, and names the repository that has the history of a collected card.

    \b
      modelbook history ryl
      modelbook history model:ryl --json | jq '.events[] | select(.aspect == "consumer")'

    The JSON has `ref`, `name`, `notes` and `events`, each with `day`, `landed_on`, `subject`, `aspect`, `which`,
    `change`, `before`, `after`, `said_by` and `commit` (`id`, `author`, `message`). The `subject` is REF itself if REF
    is the user. A collected card also has `source`, its place in its own repository.
    """
    project = load_for_query(root, today)
    ref = resolve_past_reference(project.graph, project.history, reference)
    found = project.build_history(ref)
    print_answer(_render_history(found), history_to_data(found), project.unreadable, as_json=as_json)


def _render_history(found: CardHistory) -> Iterator[PrintedLine]:
    yield format_title(found.name, found.ref)
    yield from (Line(f"  {note}", colour="yellow") for note in found.notes)
    if not found.events:
        yield "  no events"
    for one in found.events:
        commit = one.event.commit
        yield f"  {one.event.on}  {one.text}"
        yield f"              {commit.short}  {commit.author}: {commit.subject}"
