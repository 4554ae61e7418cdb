"""What the commands of publishing share: which site, which wiki."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from generator.cli.options import project_option

Command = TypeVar("Command", bound=Callable[..., Any])


def site_options(command: Command) -> Command:
    """The book, and where its site was built to."""
    folder = click.Path(path_type=Path, file_okay=False)
    site_dir = click.option("--site-dir", type=folder, help="The built site (site_dir of mkdocs.yml when left out).")
    return project_option(site_dir(command))


def place_options(command: Command) -> Command:
    """Where in the wiki, over what the configuration and the environment say."""
    space = click.option(
        "--space", metavar="KEY", help="The space (CONFLUENCE_SPACE, or `confluence` in mkdocs.yml, when left out)."
    )
    parent = click.option("--parent", metavar="ID", help="The id of the page to publish under.")
    return space(parent(command))
