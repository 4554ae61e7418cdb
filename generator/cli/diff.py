"""`modelbook diff`: what a change does to the book."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from generator.answers.data import build_answer_data
from generator.answers.deletions import ACCEPT_DELETION
from generator.answers.diff import BookDiff
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine, format_lines, print_lines
from generator.cli.impact import render_party
from generator.cli.loading import load_for_query
from generator.cli.options import FILE, format_option, project_option, today_option
from generator.cli.printing import format_section, format_title, print_or_write, redact_line, render_json
from generator.cli.progress import show_spinner
from generator.exports.diff import list_card_lines, render_diff, summarize_diff
from generator.history.events import History
from generator.load.configuration_file import FILE as CONFIGURATION
from generator.project import Project, open_project
from generator.revision import Base, compare_with_base, comparison_to_data, read_base


@click.command(cls=Command)
@click.argument("base", metavar="BASE")
@format_option(["text", "json", "markdown"], "Format of the answer: markdown for a comment on a pull request.")
@click.option("-o", "--output", type=FILE, help="File for the answer.")
@project_option
@today_option
def diff(base: str, form: str, output: Path | None, root: Path, today: datetime | None) -> None:
    r"""Show what a change does to the book.

    The command compares the cards in the folder with those at BASE. It shows added and removed facts, changed
    verdicts on switching off, affected cards, and people to notify. BASE is a git revision or the folder of another
    book. A revision is compared at the commit where HEAD branched off it.

    A deleted card that leaves consumers behind is an error. Remove the use first, name a successor that they use, or
    accept the deletion with the line `Accept-deletion: model:ryl` in a commit message. A card with a new id counts as
    renamed if the old id is among its `aliases`.

    \b
      modelbook diff origin/main
      modelbook diff HEAD                                       uncommitted changes
      modelbook diff origin/main --format markdown -o diff.md   in a pull request
      modelbook diff ../last-year --format json

    The JSON has `base`, `commit`, `deletions`, `verdicts`, `affected`, `told`, `cards`, `unknown` and `base_left_out`.

    Exit status: 0 success, 1 deletions that leave consumers behind, 2 usage error.
    """
    project = load_for_query(root, today)
    with show_spinner("Comparing"):
        before = _open_base(project, base)
        found = compare_with_base(project, before)
    label = f"{base} ({before.commit[:10]})" if before.commit else base
    lines = [redact_line(line) for line in _render_lines(found, label)]
    if form == "json":
        text = render_json(build_answer_data(comparison_to_data(before, found), project.unreadable))
    elif form == "markdown":
        text = render_diff(found, label)
    else:
        text = f"{click.unstyle(format_lines(lines))}\n"
    if form == "text" and output is None:
        print_lines(lines)
    else:
        print_or_write(text, output)
    sys.exit(1 if found.refused else 0)


def _open_base(project: Project, base: str) -> Base:
    """Open the book at BASE: a folder with a book, else a git revision."""
    folder = Path(base)
    if base and (folder / CONFIGURATION).is_file():
        return Base(base, open_project(folder, project.today, history=History()))
    return read_base(project, base)


def _render_lines(found: BookDiff, base: str) -> Iterator[PrintedLine]:
    yield format_title(f"Changes since {base}: {summarize_diff(found)}")
    deletions: list[PrintedLine] = []
    for one in found.deletions:
        word = Line("accepted", colour="yellow") if one.is_accepted else Line("error", bold=True, colour="red")
        deletions.append(("  ", word, f": {one.name}  ({one.ref}) is still used"))
        deletions += (f"      by {user.name}: {user.text}" for user in one.consumers)
        if not one.is_accepted:
            fix = f"remove the use first, or add the line `{ACCEPT_DELETION}: {one.ref}` to a commit message"
            deletions.append(("      ", Line("fix:", colour="green"), f" {fix}"))
    yield from format_section("Deletions that leave consumers", deletions)
    verdicts = (
        line
        for one in found.verdicts
        for line in (f"  {one.name}  ({one.ref})", f"      before: {one.before}", f"      now: {one.after}")
    )
    yield from format_section("Can it be switched off?", verdicts)
    affected = (
        line
        for one in found.affected
        for line in (f"  {one.name}  ({one.ref})", *(f"      {reason}" for reason in one.reasons))
    )
    yield from format_section("Affected", affected)
    yield from format_section("People to notify", map(render_party, found.told))
    changes = (
        line
        for one in found.cards
        for line in (
            f"  {one.change.value.capitalize()} {one.name}  ({one.ref})",
            *(f"      {line}" for line in list_card_lines(one)),
        )
    )
    yield from format_section("Changes", changes)
    unknown = (f"  {ref}" for ref in found.unknown)
    yield from format_section("Not compared, because the card cannot be read", unknown)
