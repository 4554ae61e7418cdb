"""`modelbook debt` and `modelbook handover`: overdue and open work by team, and a page for a successor."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.badge import render_badges
from generator.answers.debt import DebtItem, Ledger, TeamDebt
from generator.answers.handover import Handover, build_handover, render_handover
from generator.cli.command import Command
from generator.cli.console import PrintedLine
from generator.cli.loading import list_unreadable, load_for_query, resolve_reference
from generator.cli.options import FOLDER, json_option, project_option, today_option
from generator.cli.printing import format_heading, format_section, print_answer, to_data, write_file
from generator.cli.reports import suppressed_to_data


@click.command(cls=Command)
@click.option(
    "--badge-dir", type=FOLDER, help="Also write debt.svg, and badges/TEAM.svg for each team, to this folder."
)
@project_option
@today_option
@json_option
def debt(badge_dir: Path | None, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List overdue and open work by team.

    Overdue are clean-ups, reviews, waves and experiments past their day, and gaps in cards, such as missing contacts.
    Open are clean-ups and waves that are still in time or have no date, and reviews that are due soon. Findings that
    cards accept under `x-allow` follow with their reasons. The exit status does not depend on the result.

    \b
      modelbook debt
      modelbook debt --today 2027-01-15 --json | jq '.teams[] | [.name, .owed]'
      modelbook debt --badge-dir badges

    The JSON has `today`, `entries` (overdue), `open`, `by_kind`, `teams` and `suppressed`.
    """
    project = load_for_query(root, today)
    ledger = project.book.ledger
    if badge_dir is not None:
        for name, svg in render_badges(ledger):
            write_file(badge_dir / name, svg)
    print_answer(_render_lines(ledger), _ledger_to_data(ledger), list_unreadable(project), as_json=as_json)


def _render_lines(ledger: Ledger) -> Iterator[PrintedLine]:
    kinds = ", ".join(f"{count} {kind.removesuffix(' overdue')}" for kind, count in ledger.by_kind if count)
    overdue = f"Overdue on {ledger.today}: {len(ledger.entries)}{f' ({kinds})' if kinds else ''}"
    yield format_heading(f"{overdue}; open: {len(ledger.open)}")
    for team in ledger.teams:
        yield from _render_team(team)
    suppressed = (f"  {one.finding.code} {one.finding.message}: {one.reason}" for one in ledger.suppressed)
    yield from format_section(f"Accepted with a reason: {len(ledger.suppressed)}", suppressed)


def _render_team(team: TeamDebt) -> Iterator[PrintedLine]:
    yield ""
    oldest = f", the oldest for {team.oldest} days" if team.oldest else ""
    yield format_heading(f"{team.name}: {len(team.entries)} overdue{oldest}; {len(team.open)} open")
    for item in team.entries:
        yield f"  {f'{item.days:>4} days' if item.days is not None else '?':>10}  {_render_item(item)}"
    for item in team.open:
        yield f"  {item.due or 'no date'!s:>10}  {_render_item(item)}"


def _render_item(item: DebtItem) -> str:
    owners = ", ".join(map(str, item.owners)) or "no owner"
    return f"{item.kind}: {item.name}  ({item.subject}); {item.what} [{owners}]"


def item_to_data(item: DebtItem) -> dict[str, Any]:
    """Return an overdue or open item as data for JSON."""
    duty = item.duty
    return {
        "subject": item.subject, "name": item.name, "kind": item.kind, "what": item.what, "teams": item.teams,
        "since": item.since, "days": item.days, "code": duty.code, "key": duty.key, "state": duty.state,
        "due": duty.due, "owners": duty.owners,
    }  # fmt: skip


def _ledger_to_data(ledger: Ledger) -> dict[str, Any]:
    """Return the ledger as data; the items of a team are those of `entries` and `open` that name it."""
    teams = [
        {
            "team": one.team, "name": one.name, "owed": len(one.entries), "open": len(one.open),
            "oldest": one.oldest, "suppressed": len(one.suppressed),
            "open_findings": {severity.value: count for severity, count in one.open_findings},
        }
        for one in ledger.teams
    ]  # fmt: skip
    return {
        "today": ledger.today,
        "entries": [item_to_data(item) for item in ledger.entries],
        "open": [item_to_data(item) for item in ledger.open],
        "by_kind": {kind.value: count for kind, count in ledger.by_kind},
        "teams": teams,
        "suppressed": [suppressed_to_data(one) for one in ledger.suppressed],
    }


@click.command(cls=Command)
@click.argument("party", metavar="TEAM|PERSON")
@project_option
@today_option
@json_option
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
    page = build_handover(project.graph, ref, project.book.ledger, project.today)
    lines = render_handover(page).rstrip("\n").split("\n")
    print_answer(lines, _handover_to_data(page), list_unreadable(project), as_json=as_json)


def _handover_to_data(page: Handover) -> dict[str, Any]:
    held = [
        {
            "ref": one.ref, "name": one.name, "summary": one.summary, "roles": one.roles,
            "callers": to_data(one.callers), "overdue": [item_to_data(item) for item in one.overdue],
        }
        for one in page.held
    ]  # fmt: skip
    return {
        "ref": page.ref, "name": page.name, "left_on": page.left_on, "channel": page.channel,
        "overdue": [item_to_data(item) for item in page.overdue], "held": held, "asks": to_data(page.asks),
    }  # fmt: skip
