"""`modelbook publish doctor`: whether publishing would work, and what to fix."""

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import Line
from generator.cli.options import json_option, project_option
from generator.cli.printing import print_answer
from generator.cli.publish.options import place_options
from generator.cli.publish.session import session
from generator.cli.publish.source import configuration_in, settings_for
from generator.cli.waiting import waiting
from generator.confluence.doctor import Check, Verdict, examine, healthy
from generator.confluence.rest import read_credentials

_COLOURS = {Verdict.GOOD: "green", Verdict.WARNING: "yellow", Verdict.BAD: "red"}


@click.command(cls=Command)
@project_option
@place_options
@json_option
def doctor(root: Path, space: str | None, parent: str | None, *, as_json: bool) -> None:
    """Check address, credentials, flavour, space, parent page and permissions, and say what to fix; writes nothing.

    Exit status: 0 publishing would work, 1 something is wrong, 2 wrong use, such as a variable that is not set.
    """
    access = read_credentials(os.environ)
    settings = settings_for(configuration_in(root), os.environ, space, parent)
    with session(access) as reached, waiting("asking the wiki"):
        checks = examine(reached.wiki, settings)
    print_answer(_lines(checks), {"checks": [asdict(check) for check in checks]}, as_json=as_json)
    sys.exit(0 if healthy(checks) else 1)


def _lines(checks: tuple[Check, ...]) -> Iterator[str | Line]:
    for check in checks:
        yield Line(f"{check.verdict:8} {check.name}: {check.said}", colour=_COLOURS[check.verdict])
        if check.fix:
            yield f"         fix: {check.fix}"
