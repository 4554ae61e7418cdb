"""What several commands share: which book, which day."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def project_option(command: Command) -> Command:
    """The folder of the book."""
    return click.option(
        "-C",
        "--project",
        "root",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        help="The book's folder, where mkdocs.yml is (this folder when left out).",
    )(command)


def today_option(command: Command) -> Command:
    """The day to check for."""
    return click.option(
        "--today",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DAY",
        help="Check as of this day, as 2026-11-20 (today when left out; `as_of` in mkdocs.yml comes first).",
    )(command)


def json_option(command: Command) -> Command:
    """Data instead of text."""
    return click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")(command)
