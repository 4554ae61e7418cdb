"""`modelbook publish doctor`: a check of everything that publishing needs."""

import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.options import json_option, project_option
from generator.cli.printing import print_answer
from generator.cli.progress import show_spinner
from generator.cli.publish.session import open_session
from generator.cli.publish.source import place_options, read_publish_settings, require_configuration
from generator.confluence.doctor import Verdict, examine, healthy
from generator.confluence.rest import read_credentials

_COLOURS = {Verdict.GOOD: "green", Verdict.WARNING: "yellow", Verdict.BAD: "red"}


@click.command(cls=Command)
@project_option
@place_options
@json_option
def doctor(root: Path, space: str | None, parent: str | None, *, as_json: bool) -> None:
    """Check address, credentials, permissions and space.

    It also checks the kind of Confluence and the parent page, and prints a fix for each problem. Nothing is changed.

    Exit status: 0 publishing would work, 1 problems, 2 usage error, such as a variable that is not set.
    """
    credentials = read_credentials(os.environ)
    settings = read_publish_settings(require_configuration(root), os.environ, space, parent)
    with open_session(credentials) as session, show_spinner("Querying the wiki"):
        checks = examine(session.wiki, settings)
    lines: list[PrintedLine] = []
    for check in checks:
        lines.append(Line(f"{check.verdict:8} {check.name}: {check.said}", colour=_COLOURS[check.verdict]))
        lines += [f"         fix: {check.fix}"] if check.fix else []
    print_answer(lines, {"checks": [asdict(check) for check in checks]}, as_json=as_json)
    sys.exit(0 if healthy(checks) else 1)
