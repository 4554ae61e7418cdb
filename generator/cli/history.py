"""`modelbook history`: the trail of why, from git."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.event_text import describe_event
from generator.cli.command import Command
from generator.cli.console import Line
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import print_answer, title
from generator.cli.references import find
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
    r"""Tell from git when each consumer, contact, endpoint, use … of REF came and went, and in which commit.

    REF may also be kind:id of a card that is gone. Oldest first; a card is followed through its renames. What stands
    on an uncommitted line is not told, and a shallow clone says that it is one.

    \b
      modelbook history ryl
      modelbook history model:ryl --json | jq '.events[] | select(.aspect == "consumer")'

    The JSON has `ref`, `name`, `notes` and `events`, each with `day`, `landed_on`, `subject`, `aspect`, `which`,
    `change`, `before`, `after`, `said_by` and `commit` (`id`, `author`, `message`). Where REF itself uses something,
    that is the `subject`.
    """
    project = opened_to_answer(root, today)
    ref = _find(project, reference)
    found = build_timeline(project.history, ref, with_uses=True)
    name = project.graph.get_name(ref)
    lines = history_lines(ref, name, project.history, found)
    print_answer(lines, history_data(ref, name, project.history, found), missing_from(project), as_json=as_json)


def _find(project: Project, words: str) -> Ref:
    """A card of the book, or one that git remembers."""
    try:
        return find(project.graph, words)
    except UserError:
        gone = next((event.subject for event in project.history.events if str(event.subject) == words), None)
        if gone is None:
            raise
        return gone


def history_lines(ref: Ref, name: str, told: History, found: Sequence[Event]) -> Iterator[str | Line]:
    """The trail for people."""
    yield title(name, ref)
    yield from (Line(f"  {note}", colour="yellow") for note in told.notes)
    if not found and not told.problem:
        yield "  git tells nothing about it yet"
    own = list_names(found, ref)
    for event in found:
        commit = event.commit
        yield f"  {event.on}  {describe_event(event, of_user=event.subject not in own)}"
        yield f"              {commit.short}  {commit.author}: {commit.subject}"


def history_data(ref: Ref, name: str, told: History, found: Sequence[Event]) -> dict[str, Any]:
    """The trail as data."""
    return {"ref": ref, "name": name, "notes": told.notes, "events": [_event(event) for event in found]}


def _event(event: Event) -> dict[str, Any]:
    commit = {"id": event.commit.id, "author": event.commit.author, "message": event.commit.message}
    return {
        "day": event.on, "landed_on": event.landed_on, "subject": event.subject, "aspect": event.kind,
        "which": event.key, "change": event.change.name.lower(), "before": event.before, "after": event.after,
        "said_by": event.declared_by, "commit": commit,
    }  # fmt: skip
