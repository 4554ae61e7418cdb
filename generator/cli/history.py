"""`modelbook history`: the history of a card, from git."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.card_history import CardHistory, build_card_history
from generator.cli.command import Command
from generator.cli.console import Line
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import print_answer, title
from generator.cli.references import find
from generator.errors import UserError
from generator.history.events import Event
from generator.names import Ref
from generator.project import Project


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@project_option
@today_option
@json_option
def history(reference: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List the changes of REF in git: contacts, consumers, endpoints, uses and the like, with their commits.

    REF may also be kind:id of a deleted card. The oldest change is first; a card is followed through its renames.
    Uncommitted changes are not listed. A note says if the clone is shallow.

    \b
      modelbook history ryl
      modelbook history model:ryl --json | jq '.events[] | select(.aspect == "consumer")'

    The JSON has `ref`, `name`, `notes` and `events`, each with `day`, `landed_on`, `subject`, `aspect`, `which`,
    `change`, `before`, `after`, `said_by` and `commit` (`id`, `author`, `message`). If REF itself uses something,
    that is the `subject`.
    """
    project = opened_to_answer(root, today)
    ref = _find(project, reference)
    found = build_card_history(project.history, ref, project.graph.get_name(ref))
    print_answer(_history_lines(found), _history_data(found), missing_from(project), as_json=as_json)


def _find(project: Project, words: str) -> Ref:
    """Find a card of the book, or a deleted one in the history."""
    try:
        return find(project.graph, words)
    except UserError:
        deleted = next((event.subject for event in project.history.events if str(event.subject) == words), None)
        if deleted is None:
            raise
        return deleted


def _history_lines(found: CardHistory) -> Iterator[str | Line]:
    yield title(found.name, found.ref)
    yield from (Line(f"  {note}", colour="yellow") for note in found.notes)
    if not found.events:
        yield "  no events"
    for one in found.events:
        commit = one.event.commit
        yield f"  {one.event.on}  {one.text}"
        yield f"              {commit.short}  {commit.author}: {commit.subject}"


def _history_data(found: CardHistory) -> dict[str, Any]:
    events = [_event_data(one.event) for one in found.events]
    return {"ref": found.ref, "name": found.name, "notes": found.notes, "events": events}


def _event_data(event: Event) -> dict[str, Any]:
    commit = {"id": event.commit.id, "author": event.commit.author, "message": event.commit.message}
    return {
        "day": event.on, "landed_on": event.landed_on, "subject": event.subject, "aspect": event.kind,
        "which": event.key, "change": event.change.name.lower(), "before": event.before, "after": event.after,
        "said_by": event.declared_by, "commit": commit,
    }  # fmt: skip
