"""`modelbook who`: whom to call today."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.contacts import ContactList, FunctionContact, find_contacts
from generator.cli.command import Command
from generator.cli.console import Line
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import print_answer, title
from generator.cli.references import find


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@project_option
@today_option
@json_option
def who(reference: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""Tell whom to call about REF today, by function: past those who left, to their successors or team leads.

    \b
      modelbook who ryl
      modelbook who topic:orders.v1 --today 2027-01-15

    The JSON has `ref`, `name`, `note` and `calls`, each with `function`, `person`, `email`, `team`, `channel`,
    `answers_for`, and the `path` to somebody whom the card does not name.
    """
    project = opened_to_answer(root, today)
    ref = find(project.graph, reference)
    found = find_contacts(project.graph, ref, project.configuration.settings.functions, project.today)
    print_answer(who_lines(found), who_data(found), missing_from(project), as_json=as_json)


def who_lines(found: ContactList) -> Iterator[str | Line]:
    """The answer for people."""
    yield title(found.name, found.ref)
    if found.note:
        yield f"  {found.note}"
    for call in found.calls:
        yield ""
        yield from _call(call)


def _call(call: FunctionContact) -> Iterator[str | Line]:
    if call.person is None:
        yield Line(f"{call.title}: nobody", colour="red")
    else:
        reached = (f"<{call.email}>" if call.email else "", call.channel)
        yield Line(" ".join(word for word in (f"{call.title}: {call.name}", *reached) if word), bold=True)
    if call.answers_for:
        yield f"  {'; '.join(call.answers_for)}"
    if call.path:
        yield f"  found by: {'; '.join(call.path)}"


def who_data(found: ContactList) -> dict[str, Any]:
    """The answer as data."""
    calls = [
        {
            "function": call.function, "title": call.title, "person": call.person, "name": call.name,
            "email": call.email, "team": call.team, "channel": call.channel, "answers_for": call.answers_for,
            "path": call.path,
        }
        for call in found.calls
    ]  # fmt: skip
    return {"ref": found.ref, "name": found.name, "note": found.note, "calls": calls}
