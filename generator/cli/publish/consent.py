"""What needs a yes before a plan is applied: given on the command line, or asked for on a terminal."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

import click

from generator.cli.console import confirm, is_interactive
from generator.confluence.plan.values import Consent, Plan

Command = TypeVar("Command", bound=Callable[..., Any])

KINDS = tuple(field.name for field in fields(Consent))


def consent_option(command: Command) -> Command:
    """A yes in advance."""
    return click.option(
        "--yes",
        "granted",
        type=click.Choice(KINDS),
        multiple=True,
        help="Agree in advance to what needs a yes: many removals, comments that lose their place. Repeatable.",
    )(command)


def consent_of(granted: tuple[str, ...]) -> Consent:
    """What the command line agrees to."""
    return Consent(**dict.fromkeys(granted, True))


def asked(plan: Plan, consent: Consent) -> Consent:
    """The consent with what somebody at the terminal agrees to; nobody is asked in vain."""
    hopeless = plan.refusals(Consent(**dict.fromkeys(KINDS, True)))
    if hopeless or not is_interactive():
        return consent
    for kind in KINDS:
        agreed = replace(consent, **{kind: True})
        reasons = [each for each in plan.refusals(consent) if each not in plan.refusals(agreed)]
        if reasons and confirm(f"{'; '.join(reasons)}. Do it?"):
            consent = agreed
    return consent
