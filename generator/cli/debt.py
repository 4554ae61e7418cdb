"""`modelbook debt`: what is owed, by team, oldest first."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.badges import badges
from generator.answers.debt import Entry, Ledger, TeamDebt
from generator.checks.suppressions import Suppressed
from generator.cli.command import Command
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import Line, heading, print_answer
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
    r"""List what is owed: overdue clean-ups and reviews, missing contacts, migrations stuck half-way, and the like.

    By team, oldest first; what cards accept under `x-allow` stands below with its reason. What is owed has no effect
    on the exit status: `modelbook check` is for that.

    \b
      modelbook debt
      modelbook debt --today 2027-01-15 --json | jq '.teams[] | [.name, .owed]'
      modelbook debt --badge-dir badges

    The JSON has `today`, `entries`, `by_kind`, `teams` and `suppressed`.
    """
    project = opened_to_answer(root, today)
    ledger = project.book.ledger
    if badge_dir is not None:
        write_badges(ledger, badge_dir)
    print_answer(debt_lines(ledger), debt_data(ledger), missing_from(project), as_json=as_json)


def write_badges(ledger: Ledger, folder: Path) -> None:
    """Write every badge below a folder; the path of each is told on the error stream."""
    for name, svg in badges(ledger):
        path = folder / name
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(svg, encoding="utf-8")
        click.echo(f"wrote {path}", err=True)


def debt_lines(ledger: Ledger) -> Iterator[str | Line]:
    """The ledger for people."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in ledger.by_kind if count)
    yield heading(f"Owed on {ledger.today}: {len(ledger.entries)}{f' ({kinds})' if kinds else ''}")
    for team in ledger.teams:
        yield from _team(team)
    if ledger.suppressed:
        yield from ("", heading(f"Accepted with a reason: {len(ledger.suppressed)}"))
        yield from map(_suppressed, ledger.suppressed)


def _team(team: TeamDebt) -> Iterator[str | Line]:
    yield ""
    yield heading(f"{team.name}: {len(team.entries)}{f', the oldest for {team.oldest} days' if team.oldest else ''}")
    yield from map(_entry, team.entries)


def _entry(entry: Entry) -> str:
    age = f"{entry.days:>4} days" if entry.days is not None else "        ?"
    return f"  {age}  {entry.kind}: {entry.name}  ({entry.subject}); {entry.what}"


def _suppressed(one: Suppressed) -> str:
    return f"  {one.finding.code} {one.finding.message}: {one.reason}"


def entry_data(entry: Entry) -> dict[str, Any]:
    """One thing that is owed, as data."""
    return {
        "subject": entry.subject, "name": entry.name, "kind": entry.kind, "what": entry.what, "teams": entry.teams,
        "since": entry.since, "days": entry.days,
    }  # fmt: skip


def debt_data(ledger: Ledger) -> dict[str, Any]:
    """The ledger as data; the entries of a team are those of `entries` that name it."""
    teams = [
        {
            "team": one.team, "name": one.name, "owed": len(one.entries), "oldest": one.oldest,
            "suppressed": len(one.suppressed),
            "open_findings": {severity.value: count for severity, count in one.open_findings},
        }
        for one in ledger.teams
    ]  # fmt: skip
    return {
        "today": ledger.today,
        "entries": [entry_data(entry) for entry in ledger.entries],
        "by_kind": {kind.value: count for kind, count in ledger.by_kind},
        "teams": teams,
        "suppressed": [suppressed_data(one) for one in ledger.suppressed],
    }
