"""`modelbook explain`: what a code asks, why, and how to mend it."""

import click

from generator.cli.console import Line, print_lines
from generator.errors import UserError
from generator.names import suggest_name
from generator.project import ALL_RULES


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain a finding's code, or list them all.

    CODE is one such as MB301, or its name, such as no-owner.
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
    print_lines([head, "", *found.explanation.split("\n")])
