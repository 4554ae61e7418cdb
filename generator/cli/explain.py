"""`modelbook explain`: a rule with its reason, its fix and an example."""

import click

from generator.checks.examples import read_example
from generator.cli.console import Line, PrintedLine, print_lines
from generator.errors import UserError
from generator.names import suggest_name
from generator.project import ALL_RULES


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain the code of a finding, or list all codes.

    CODE is a code such as MB301, or the name of a rule such as no-owner.
    """
    if code is None:
        print_lines(f"{rule.code}  {rule.severity.value:<8} {rule.name:<32} {rule.summary}" for rule in ALL_RULES)
        return
    wanted = code.strip().lower()
    found = next((rule for rule in ALL_RULES if wanted in {rule.code.lower(), rule.name}), None)
    if found is None:
        known = [name for rule in ALL_RULES for name in (rule.code, rule.name)]
        hint = suggest_name(code.upper() if code[:2].lower() == "mb" else wanted, known)
        message = f"there is no code {code!r}; {hint or '`modelbook explain` lists them all'}"
        raise UserError(message)
    head = (Line(f"{found.code} {found.name}", bold=True), f" ({found.severity.value})")
    lines: list[PrintedLine] = [head, "", *found.explanation.split("\n")]
    if example := read_example(found.code):
        shown = example.redacted()
        for title, cards in (("Example, with a comment at each finding:", shown.bad), ("Corrected:", shown.good)):
            lines += ["", Line(title, bold=True), *(f"  {line}" for line in cards.rstrip("\n").split("\n"))]
    print_lines(lines)
