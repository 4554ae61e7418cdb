"""What the commands of the stand-in share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from generator.confluence.wiki import Flavour

Command = TypeVar("Command", bound=Callable[..., Any])

PORT = 8090


def standin_options(command: Command) -> Command:
    """Which Confluence, and where."""
    flavour = click.option(
        "--flavour",
        type=click.Choice([str(flavour) for flavour in Flavour]),
        default=str(Flavour.CLOUD),
        show_default=True,
        help="Which Confluence to stand in for.",
    )
    port = click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=PORT,
        show_default=True,
        help="Where to listen on loopback; 0 takes a free port.",
    )
    return flavour(port(command))
