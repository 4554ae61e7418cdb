"""What several commands share: which book, which day."""

from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any, TypeVar

import click

from generator.schema.days import parse_day

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.DateTime):
    """A day as cards write it; anything else is refused in the same words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401 - as click declares it
        """The first moment of the day."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.combine(parse_day(str(value)), time())
        except ValueError as error:
            self.fail(str(error), param, ctx)


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
        type=Day(),
        metavar="DAY",
        help="Check as of this day, as 2026-11-20 (`as_of` of mkdocs.yml when left out, else today).",
    )(command)


def json_option(command: Command) -> Command:
    """Data instead of text."""
    return click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")(command)
