"""`modelbook debt`: what is overdue and what is open, by team."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.badge import render_badges
from generator.answers.debt import DebtItem, Ledger, TeamDebt
from generator.checks.suppressions import Suppressed
from generator.cli.command import Command
from generator.cli.console import Line, print_line
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import heading, print_answer
from generator.cli.reports.json_report import suppressed_data
from generator.cli.writing import writing


@click.command(cls=Command)
@click.option(
    "--badge-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write debt.svg for the book and badges/TEAM.svg for each team into this folder.",
)
@project_option
@today_option
@json_option
def debt(badge_dir: Path | None, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List overdue and open work by team.

    Overdue: clean-ups, reviews, waves and experiments past their day, and what cards lack now, such as contacts. Open:
    clean-ups and waves that are still in time or have no date, and reviews that are due soon. Findings that cards
    accept under `x-allow` follow with their reasons. The exit status does not depend on the result.

    \b
      modelbook debt
      modelbook debt --today 2027-01-15 --json | jq '.teams[] | [.name, .owed]'
      modelbook debt --badge-dir badges

    The JSON has `today`, `entries` (overdue), `open`, `by_kind`, `teams` and `suppressed`.
    """
    project = opened_to_answer(root, today)
    ledger = project.book.ledger
    if badge_dir is not None:
        write_badges(ledger, badge_dir)
    print_answer(debt_lines(ledger), debt_data(ledger), missing_from(project), as_json=as_json)


def write_badges(ledger: Ledger, folder: Path) -> None:
    """Write every badge below a folder; the path of each is told on the error stream."""
    for name, svg in render_badges(ledger):
        path = folder / name
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(svg, encoding="utf-8")
        print_line(f"wrote {path}", err=True)


def debt_lines(ledger: Ledger) -> Iterator[str | Line]:
    """Render the ledger as text."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in ledger.by_kind if count)
    overdue = f"Overdue on {ledger.today}: {len(ledger.entries)}{f' ({kinds})' if kinds else ''}"
    yield heading(f"{overdue}; open: {len(ledger.open)}")
    for team in ledger.teams:
        yield from _team(team)
    if ledger.suppressed:
        yield from ("", heading(f"Accepted with a reason: {len(ledger.suppressed)}"))
        yield from map(_suppressed, ledger.suppressed)


def _team(team: TeamDebt) -> Iterator[str | Line]:
    yield ""
    oldest = f", the oldest for {team.oldest} days" if team.oldest else ""
    yield heading(f"{team.name}: {len(team.entries)} overdue{oldest}; {len(team.open)} open")
    for item in team.entries:
        yield f"  {f'{item.days:>4} days' if item.days is not None else '?':>10}  {_describe(item)}"
    for item in team.open:
        yield f"  {item.due or 'no date'!s:>10}  {_describe(item)}"


def _describe(item: DebtItem) -> str:
    owners = ", ".join(map(str, item.owners)) or "no owner"
    return f"{item.kind}: {item.name}  ({item.subject}); {item.what} [{owners}]"


def _suppressed(one: Suppressed) -> str:
    return f"  {one.finding.code} {one.finding.message}: {one.reason}"


def item_data(item: DebtItem) -> dict[str, Any]:
    """Return an overdue or open item as data."""
    duty = item.duty
    return {
        "subject": item.subject, "name": item.name, "kind": item.kind, "what": item.what, "teams": item.teams,
        "since": item.since, "days": item.days, "code": duty.code, "key": duty.key, "state": duty.state,
        "due": duty.due, "owners": duty.owners,
    }  # fmt: skip


def debt_data(ledger: Ledger) -> dict[str, Any]:
    """Return the ledger as data; the items of a team are those of `entries` and `open` that name it."""
    teams = [
        {
            "team": one.team, "name": one.name, "owed": len(one.entries), "open": len(one.open),
            "oldest": one.oldest,
            "suppressed": len(one.suppressed),
            "open_findings": {severity.value: count for severity, count in one.open_findings},
        }
        for one in ledger.teams
    ]  # fmt: skip
    return {
        "today": ledger.today,
        "entries": [item_data(item) for item in ledger.entries],
        "open": [item_data(item) for item in ledger.open],
        "by_kind": {kind.value: count for kind, count in ledger.by_kind},
        "teams": teams,
        "suppressed": [suppressed_data(one) for one in ledger.suppressed],
    }
