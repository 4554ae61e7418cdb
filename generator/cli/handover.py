"""`modelbook handover`: one page for whoever takes over."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.handover import Handover, build_handover, render_handover
from generator.cli.command import Command
from generator.cli.debt import item_data
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import print_answer
from generator.cli.references import find


@click.command(cls=Command)
@click.argument("party", metavar="TEAM|PERSON")
@project_option
@today_option
@json_option
def handover(party: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""Write one page about what a team or a person holds: who calls it, what is overdue, whom to ask.

    The page is Markdown, for a ticket or a mail; the site has the same section on the page of the team or person.

    \b
      modelbook handover team:data-science > handover.md
      modelbook handover person:kavya

    The JSON has `ref`, `name`, `left_on`, `channel`, `overdue`, `held` and `asks`.
    """
    project = opened_to_answer(root, today)
    ref = find(project.graph, party, () if ":" in party else ("team", "person"))
    page = build_handover(project.graph, ref, project.book.ledger, project.today)
    print_answer(
        render_handover(page).rstrip("\n").split("\n"), handover_data(page), missing_from(project), as_json=as_json
    )


def handover_data(page: Handover) -> dict[str, Any]:
    """The page as data."""
    held = [
        {
            "ref": one.ref, "name": one.name, "summary": one.summary, "roles": one.roles,
            "callers": [{"ref": caller.ref, "name": caller.name, "whys": caller.whys} for caller in one.callers],
            "overdue": [item_data(item) for item in one.overdue],
        }
        for one in page.held
    ]  # fmt: skip
    return {
        "ref": page.ref, "name": page.name, "left_on": page.left_on, "channel": page.channel,
        "overdue": [item_data(item) for item in page.overdue], "held": held,
        "asks": [{"person": one.person, "name": one.name, "email": one.email, "whys": one.whys} for one in page.asks],
    }  # fmt: skip
