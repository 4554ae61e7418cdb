"""`modelbook leave`: hand over everything that counts on a person, shown first, written on demand."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.leave import (
    Departure,
    DeparturePlan,
    Reassignment,
    find_unread_references,
    plan_departure,
    require_no_other_record,
)
from generator.answers.responsibilities import list_responsibilities
from generator.cli.command import Command
from generator.cli.console import Line, print_line
from generator.cli.opening import missing_from, opened, opened_to_answer
from generator.cli.options import Day, json_option, project_option
from generator.cli.patching import write_patches
from generator.cli.printing import heading, print_answer, title
from generator.cli.references import find
from generator.names import Ref
from generator.project import Project
from generator.secrets.redaction import redact

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command(cls=Command)
@click.argument("person", metavar="PERSON")
@click.option("--on", "day", type=Day(), metavar="DATE", required=True, help="The last day, as 2026-11-20.")
@click.option(
    "--successor",
    metavar="PERSON",
    help="Person to hand over to.  [default: the recorded successor, else the lead of the team]",
)
@click.option("--force", is_flag=True, help="Replace a last day or a successor that the card records.")
@click.option("--write", "writes", is_flag=True, help="Write the change to the cards, after it was shown.")
@project_option
@json_option
def leave(
    person: str, day: datetime, successor: str | None, root: Path, *, force: bool, writes: bool, as_json: bool
) -> None:  # fmt: skip
    r"""Hand over the responsibilities of PERSON.

    Show the responsibilities and the change to the cards; --write writes it. Comments and formatting of the cards
    stay as they are. Nothing is written if a card changes while the command runs.

    \b
      modelbook leave kavya --on 2026-11-30 --successor joel
      modelbook leave kavya --on 2026-11-30 --successor joel --write

    Exit status: 0 if all of it can be handed over, 1 if something needs a decision, 2 for a usage error. It is 2 too if
    the card records another last day or another successor, unless --force is given.

    The JSON has `person`, `on`, `heir`, `handed`, `open`, `diff` and `written`.
    """
    project = opened_to_answer(root)
    departure = Departure(_person(project, person), day.date(), _person(project, successor) if successor else None)
    if not force:
        require_no_other_record(project.graph, departure, project.today)
    missing = missing_from(project)
    plan = plan_departure(project.graph, _texts(project), departure, missing)
    if not as_json:
        print_answer(leave_lines(plan), {}, missing, as_json=False)
    still = _write(project, plan) if writes else 0
    if as_json:
        print_answer((), leave_data(plan, written=writes), missing, as_json=True)
    elif writes:
        print_line(_outcome(plan, still))
    sys.exit(1 if still or plan.open else 0)


def _person(project: Project, words: str) -> Ref:
    return find(project.graph, words, () if ":" in words else ("person",))


def _texts(project: Project) -> dict[str, str]:
    """The card files as they are on disk, line ends and byte order marks included; without those that are no text."""
    readable = (name for name, text in project.cards.texts.items() if text)
    return {name: (project.root / name).read_bytes().decode("utf-8") for name in readable}


def _write(project: Project, plan: DeparturePlan) -> int:
    """Write the patches; how many places still count on the person afterwards, by reading the cards again.

    A card that could not be read counts with every place that looks like a reference to the person.
    """
    write_patches(project.root, plan.patches)
    again, person = opened(project.root), plan.departure.person
    unread = find_unread_references(again.graph, _texts(again), person, missing_from(again))
    return len(list_responsibilities(again.graph, person)) + len(list(unread))


def _outcome(plan: DeparturePlan, still: int) -> str:
    files = len(plan.patches)
    wrote = f"wrote {files} file{'' if files == 1 else 's'}" if files else "nothing was left to write"
    if still:
        return f"{wrote}; {still} place{'' if still == 1 else 's'} still count on {plan.departure.person}, see above"
    return f"{wrote}; no card counts on {plan.departure.person} any more"


def leave_lines(plan: DeparturePlan) -> Iterator[str | Line]:
    """What is handed over, what is left to people, and the diff."""
    departure = plan.departure
    yield title(f"{departure.person} leaves on {departure.on}, successor: {plan.successor or 'no one'}")
    yield from ("", heading(f"Responsibilities: {len(plan.handed)}"))
    yield from map(_handed, plan.handed)
    if plan.open:
        yield from ("", heading("Needs a decision"))
        yield from (f"  {one.position}  {one.what}" for one in plan.open)
    yield from ("", heading("The change" if plan.patches else "Nothing to change"))
    yield from (Line(line, colour=_COLOURS.get(line[:1])) for line in _diff_lines(plan))


def _diff_lines(plan: DeparturePlan) -> list[str]:
    """The lines of the diff, secrets blacked out before it is cut; carriage returns stay in the files."""
    return [line.removesuffix("\r") for line in redact(plan.diff).rstrip("\n").split("\n")] if plan.patches else []


def _handed(one: Reassignment) -> str:
    place = one.responsibility
    sole = ", sole" if place.sole else ""
    return f"  {place.position}  {place.name}  ({place.card}): {place.role}{sole} → {one.to or 'removed'}"


def leave_data(plan: DeparturePlan, *, written: bool) -> dict[str, Any]:
    """The plan as data."""
    handed = []
    for one in plan.handed:
        own, place = one.responsibility, one.responsibility.position
        handed.append(
            {
                "card": own.card, "role": own.role, "sole": own.sole, "to": one.to, "file": place.file,
                "line": place.line, "column": place.column,
            }
        )  # fmt: skip
    steps = [{"file": one.position.file, "line": one.position.line, "what": one.what} for one in plan.open]
    return {
        "person": plan.departure.person, "on": plan.departure.on, "heir": plan.successor, "handed": handed,
        "open": steps, "diff": redact(plan.diff), "written": written,
    }  # fmt: skip
