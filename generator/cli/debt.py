"""`modelbook debt`: overdue and open work by team."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from generator.answers.badge import render_badges
from generator.answers.data import ledger_to_data
from generator.answers.debt import DebtItem, Ledger, TeamDebt
from generator.cli.command import Command
from generator.cli.console import PrintedLine
from generator.cli.loading import load_for_query
from generator.cli.options import FOLDER, answer_options
from generator.cli.printing import format_heading, format_section, print_answer, write_file


@click.command(cls=Command)
@click.option(
    "--badge-dir", type=FOLDER, help="Also write debt.svg, and badges/TEAM.svg for each team, to this folder."
)
@answer_options
def debt(badge_dir: Path | None, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List overdue and open work by team.

    Overdue are clean-ups, reviews, waves and experiments past their day, and gaps in cards, such as missing contacts
    and uses that are found in code or traffic, but not declared. Open are clean-ups and waves that are still in time or
    have no date, reviews that are due soon, and retired strings that are still in code. Findings that cards accept
    under `x-allow` follow with their reasons. The exit status does not depend on the result.

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
    print_answer(_render_lines(ledger), ledger_to_data(ledger), project.unreadable, as_json=as_json)


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
        yield f"  {f'{item.days:>4} days' if item.days is not None else 'no date':>10}  {_render_item(item)}"
    for item in team.open:
        yield f"  {item.due or 'no date'!s:>10}  {_render_item(item)}"


def _render_item(item: DebtItem) -> str:
    owners = ", ".join(map(str, item.owners)) or "no owner"
    return f"{item.kind}: {item.name}  ({item.subject}); {item.what} [{owners}]"
