"""`modelbook history`: the changes of a card's facts, from git."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.event_text import describe_event
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.loading import list_unreadable, load_for_query, resolve_reference
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import format_title, print_answer
from generator.errors import UserError
from generator.history.events import Event, History, build_timeline, list_names
from generator.names import Ref
from generator.project import Project


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@project_option
@today_option
@json_option
def history(reference: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List the history of a card from git.

    For each consumer, contact, endpoint, use … it lists the commits that added and removed it, oldest first. Renames of
    the card are followed. REF can also be the kind:id of a deleted card. Uncommitted changes are not included. A note
    warns about a shallow clone.

    \b
      modelbook history ryl
      modelbook history model:ryl --json | jq '.events[] | select(.aspect == "consumer")'

    The JSON has `ref`, `name`, `notes` and `events`, each with `day`, `landed_on`, `subject`, `aspect`, `which`,
    `change`, `before`, `after`, `said_by` and `commit` (`id`, `author`, `message`). The `subject` is REF itself if REF
    is the user.
    """
    project = load_for_query(root, today)
    ref = _resolve_past_reference(project, reference)
    name, events = project.graph.get_name(ref), build_timeline(project.history, ref, with_uses=True)
    lines = _render_lines(ref, name, project.history, events)
    data = {
        "ref": ref, "name": name, "notes": project.history.notes, "events": [_to_data(event) for event in events],
    }  # fmt: skip
    print_answer(lines, data, list_unreadable(project), as_json=as_json)


def _resolve_past_reference(project: Project, text: str) -> Ref:
    """Return a node of the book, or a deleted card that git remembers."""
    try:
        return resolve_reference(project.graph, text)
    except UserError:
        deleted = next((event.subject for event in project.history.events if str(event.subject) == text), None)
        if deleted is None:
            raise
        return deleted


def _render_lines(ref: Ref, name: str, recorded: History, events: Sequence[Event]) -> Iterator[PrintedLine]:
    yield format_title(name, ref)
    yield from (Line(f"  {note}", colour="yellow") for note in recorded.notes)
    if not events and not recorded.problem:
        yield "  no events in git yet"
    own = list_names(events, ref)
    for event in events:
        yield f"  {event.on}  {describe_event(event, of_user=event.subject not in own)}"
        yield f"              {event.commit.short}  {event.commit.author}: {event.commit.subject}"


def _to_data(event: Event) -> dict[str, Any]:
    commit = {"id": event.commit.id, "author": event.commit.author, "message": event.commit.message}
    return {
        "day": event.on, "landed_on": event.landed_on, "subject": event.subject, "aspect": event.kind,
        "which": event.key, "change": event.change.name.lower(), "before": event.before, "after": event.after,
        "said_by": event.declared_by, "commit": commit,
    }  # fmt: skip
