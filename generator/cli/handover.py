"""`modelbook handover`: a page for the successor of a team or a person."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.data import item_to_data, to_data
from generator.answers.handover import build_handover, render_handover
from generator.answers.references import resolve_reference
from generator.cli.command import Command
from generator.cli.loading import load_for_query
from generator.cli.options import answer_options
from generator.cli.printing import print_answer


@click.command(cls=Command)
@click.argument("party", metavar="TEAM|PERSON")
@answer_options
def handover(party: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""Write a handover page for a team or a person.

    The page lists the responsibilities, their users, overdue work and contacts. It is Markdown, for a ticket or a mail;
    the page of the team or person on the site has the same section.

    \b
      modelbook handover team:data-science > handover.md
      modelbook handover person:kavya

    The JSON has `ref`, `name`, `left_on`, `channel`, `overdue`, `held` and `asks`.
    """
    project = load_for_query(root, today)
    ref = resolve_reference(project.graph, party, ("team", "person"))
    functions = project.configuration.settings.functions
    page = build_handover(project.graph, ref, project.book.ledger, project.today, functions)
    lines = render_handover(page).rstrip("\n").split("\n")
    held = [{**to_data(one), "overdue": [item_to_data(item) for item in one.overdue]} for one in page.held]
    data: dict[str, Any] = {
        "ref": page.ref, "name": page.name, "left_on": page.left_on, "channel": page.channel,
        "overdue": [item_to_data(item) for item in page.overdue], "held": held, "asks": to_data(page.asks),
    }  # fmt: skip
    print_answer(lines, data, project.unreadable, as_json=as_json)
