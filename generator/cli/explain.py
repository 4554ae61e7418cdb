"""`modelbook explain`: the rule behind a finding's code."""

import click

from generator.book_findings import ALL_RULES
from generator.checks.examples import read_example
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine, print_lines
from generator.errors import UserError
from generator.names import suggest_name


@click.command(cls=Command)
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    r"""Explain the code of a finding, or list all codes.

    CODE can also be the name of the rule.

    \b
      modelbook explain MB201
      modelbook explain no-owner
    """
    if code is None:
        print_lines(f"{rule.code}  {rule.severity.value:<8} {rule.name:<32} {rule.summary}" for rule in ALL_RULES)
        return
    wanted = code.strip().lower()
    found = next((rule for rule in ALL_RULES if wanted in {rule.code.lower(), rule.name}), None)
    if found is None:
        known = [name for rule in ALL_RULES for name in (rule.code, rule.name)]
        hint = suggest_name(code.upper() if code[:2].lower() == "mb" else wanted, known)
        raise UserError(f"unknown code {code!r}: {hint or '`modelbook explain` lists all codes'}")
    title = (Line(f"{found.code} {found.name}", bold=True), f" ({found.severity.value})")
    lines: list[PrintedLine] = [title, "", *found.explanation.split("\n")]
    if example := read_example(found.code):
        shown = example.redacted()
        for heading, cards in (("Example, with a comment at each finding:", shown.bad), ("Corrected:", shown.good)):
            lines += ["", Line(heading, bold=True), *(f"  {line}" for line in cards.rstrip("\n").split("\n"))]
    print_lines(lines)
