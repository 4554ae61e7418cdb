"""Options that several commands share."""

import os
import re
from collections.abc import Callable, Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any, TypeVar

import click

from generator.errors import UserError, build_missing_book_error
from generator.findings import Severity

CommandFunction = TypeVar("CommandFunction", bound=Callable[..., Any])
ANY_PATH = click.Path(path_type=Path)
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


class Day(click.DateTime):
    """A day in the format of cards, with the same error messages."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401 - as click declares it
        """Return midnight at the start of the day."""
        from generator.schema.days import parse_day  # noqa: PLC0415 - the schema takes a quarter of a second

        if isinstance(value, datetime):
            return value
        try:
            return datetime.combine(parse_day(str(value)), time())
        except ValueError as error:
            self.fail(str(error), param, ctx)


project_option = click.option(
    "-C",
    "--project",
    "root",
    type=FOLDER,
    default=Path(),
    help="Folder of the book, with its mkdocs.yml.  [default: current directory]",
)
today_option = click.option(
    "--today",
    type=Day(),
    metavar="DAY",
    help="Day to check for, as 2026-11-20.  [default: `as_of` in mkdocs.yml, else today]",
)
baseline_option = click.option(
    "--baseline",
    type=FILE,
    help="Report only findings that this file does not list.  [default: `baseline` in mkdocs.yml]",
)
quiet_option = click.option("-q", "--quiet", "is_quiet", is_flag=True, help="Show no progress.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
fail_on_option = click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default="error",
    show_default=True,
    help="Lowest severity that makes the exit status 1.",
)
output_option = click.option("-o", "--output", type=FILE, help="File for the report.")
document_option = click.option("-o", "--output", type=FILE, help="File to write to.  [default: standard output]")


def answer_options(command: CommandFunction) -> CommandFunction:
    """Add the options of a command that answers a question about the book."""
    return project_option(today_option(json_option(command)))


def format_option(formats: Iterable[str], text: str) -> Callable[[CommandFunction], CommandFunction]:
    """Add the option for the format of the report, which is text by default."""
    choice = click.Choice([*formats])
    return click.option("--format", "form", type=choice, default="text", show_default=True, help=text)


def get_cache_folder() -> Path:
    """Return the folder of the cache: https://specifications.freedesktop.org/basedir-spec/latest/."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(configured) if configured.startswith("/") else Path.home() / ".cache") / "modelbook"


_PLUGIN = re.compile(
    r"""^(?:[^#\n]*[\[{,])?[ \t]*(?:[-?][ \t]+)?(?:[&!]\S+[ \t]+)*["']?modelbook["']?[ \t]*(?:[:,\]}#]|$)""",
    re.MULTILINE,
)
"""The plugin in a list or a mapping of YAML."""


def require_book(root: Path) -> None:
    """Raise UserError if the folder is not a book."""
    try:
        text = (root / "mkdocs.yml").read_text(encoding="utf-8-sig", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        raise build_missing_book_error(root) from None
    except OSError as error:
        raise UserError(f"mkdocs.yml cannot be read: {error.strerror}") from None
    # MkDocs would replace the site with one that has no cards.
    if _PLUGIN.search(text) is None and "INHERIT" not in text:
        raise UserError("mkdocs.yml does not use the plugin: add `modelbook` under `plugins`")
