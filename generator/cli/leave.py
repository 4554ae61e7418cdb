"""`modelbook leave`: hand over the responsibilities of a person."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.data import to_data
from generator.answers.leave import (
    Departure,
    DeparturePlan,
    FilePatch,
    find_unread_references,
    plan_departure,
    require_no_other_record,
)
from generator.answers.references import resolve_reference
from generator.answers.responsibilities import list_responsibilities
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine, print_line
from generator.cli.loading import load_book, load_for_query
from generator.cli.options import Day, json_option, project_option
from generator.cli.printing import format_heading, format_section, format_title, print_answer
from generator.errors import UserError
from generator.names import format_count
from generator.project import Project
from generator.secrets.redaction import redact

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command(cls=Command)
@click.argument("person", metavar="PERSON")
@click.option("--on", "day", type=Day(), metavar="DATE", required=True, help="Last day, as 2026-11-20.")
@click.option(
    "--successor",
    metavar="PERSON",
    help="Person to hand over to.  [default: the recorded successor, else the lead of the team]",
)
@click.option("--force", is_flag=True, help="Replace a last day or a successor that the card records.")
@click.option("--write", "writes", is_flag=True, help="Write the change to the cards after it is shown.")
@project_option
@json_option
def leave(
    person: str, day: datetime, successor: str | None, root: Path, *, force: bool, writes: bool, as_json: bool
) -> None:  # fmt: skip
    r"""Hand over the responsibilities of a person.

    Show the responsibilities and the change to the cards; --write writes it. Comments and formatting of the cards
    stay as they are. Nothing is written if a card changes while the command runs.

    \b
      modelbook leave kavya --on 2026-11-30 --successor joel
      modelbook leave kavya --on 2026-11-30 --successor joel --write

    Exit status: 0 everything can be handed over, 1 something needs a decision, 2 usage error. It is 2 too if the card
    records another last day or another successor, unless --force is given.

    The JSON has `person`, `on`, `heir`, `handed`, `open`, `diff` and `written`.
    """
    project = load_for_query(root)
    leaver = resolve_reference(project.graph, person, ("person",))
    heir = resolve_reference(project.graph, successor, ("person",)) if successor else None
    departure = Departure(leaver, day.date(), heir)
    if not force:
        require_no_other_record(project.graph, departure, project.today)
    missing = project.unreadable
    functions = project.configuration.settings.functions
    plan = plan_departure(project.graph, _read_texts(project), departure, functions, missing)
    if not as_json:
        print_answer(_render_lines(plan), {}, missing, as_json=False)
    remaining = 0
    if writes:
        write_patches(project.root, plan.patches)
        written = load_book(project.root)
        # In a card that cannot be read, every text that looks like a reference to the person counts.
        unread = find_unread_references(written.graph, _read_texts(written), leaver, written.unreadable)
        remaining = len(list_responsibilities(written.graph, leaver, functions)) + len(list(unread))
    if as_json:
        print_answer((), _to_data(plan, written=writes), missing, as_json=True)
    elif writes:
        done = f"wrote {format_count(len(plan.patches), 'file')}" if plan.patches else "no changes to write"
        rest = f"{format_count(remaining, 'reference')} to {leaver} left, see above"
        print_line(f"{done}; {rest if remaining else f'no references to {leaver} left'}")
    sys.exit(1 if remaining or plan.open else 0)


def _read_texts(project: Project) -> dict[str, str]:
    """Return the card files byte for byte, with line ends and byte order marks; files that are not text are skipped."""
    readable = (name for name, text in project.cards.texts.items() if text)
    return {name: (project.root / name).read_bytes().decode("utf-8") for name in readable}


def _render_lines(plan: DeparturePlan) -> Iterator[PrintedLine]:
    departure = plan.departure
    yield format_title(f"{departure.person} leaves on {departure.on}, successor: {plan.successor or 'no one'}")
    yield from ("", format_heading(f"Responsibilities: {len(plan.handed)}"))
    for one in plan.handed:
        sole = ", sole" if one.sole else ""
        yield f"  {one.position}  {one.name}  ({one.card}): {one.role}{sole} → {plan.successor or 'removed'}"
    yield from format_section("Needs a decision", (f"  {one.position}  {one.what}" for one in plan.open))
    yield from ("", format_heading("Changes" if plan.patches else "No changes"))
    if plan.patches:
        for line in redact(plan.diff).rstrip("\n").split("\n"):  # redacted as a whole: a secret can span lines
            yield Line(line.removesuffix("\r"), colour=_COLOURS.get(line[:1]))


def _to_data(plan: DeparturePlan, *, written: bool) -> dict[str, Any]:
    handed = [
        {"card": one.card, "role": one.role, "sole": one.sole, "to": plan.successor, **to_data(one.position)}
        for one in plan.handed
    ]
    steps = [{"file": one.position.file, "line": one.position.line, "what": one.what} for one in plan.open]
    return {
        "person": plan.departure.person, "on": plan.departure.on, "heir": plan.successor, "handed": handed,
        "open": steps, "diff": redact(plan.diff), "written": written,
    }  # fmt: skip


def write_patches(root: Path, patches: Iterable[FilePatch]) -> None:
    """Write all patches or none; raise UserError if a file has changed or cannot be written.

    Each new file is written next to the old one, so that replacing it is one step of the file system. If a file cannot
    be replaced, those before it are restored.
    """
    paths = {patch: (root / patch.file).resolve() for patch in patches}
    written: dict[FilePatch, Path] = {}
    done: list[FilePatch] = []
    try:
        for patch, path in paths.items():
            written[patch] = _write_neighbour(patch, path)
        for patch, path in paths.items():
            content = None
            with suppress(OSError):
                content = path.read_bytes()
            if content != patch.before.encode():
                consequence = "nothing was written, run the command again"
                raise UserError(f"{patch.file} has changed while the command ran: {consequence}")
        for patch, path in paths.items():
            written[patch].replace(path)
            done.append(patch)
    except OSError as error:
        for patch in done:
            paths[patch].write_bytes(patch.before.encode())
        raise UserError(f"{error.filename} cannot be replaced: {error.strerror}; nothing was changed") from None
    finally:
        for path in written.values():
            path.unlink(missing_ok=True)


def _write_neighbour(patch: FilePatch, path: Path) -> Path:
    """Write the new text with the old file's mode to a hidden file, which is not read as a card."""
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=".modelbook-", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(patch.after.encode())
        shutil.copymode(path, name)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise UserError(f"{patch.file} cannot be written: {error.strerror}; nothing was changed") from None
    return Path(name)
