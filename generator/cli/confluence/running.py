"""The stand-in as commands run it: its credentials, and serving until somebody stops it."""

import threading

import click

from generator.confluence.standin import ADMIN, SPACES, Address
from generator.confluence.wiki import Flavour

SPACE = SPACES[0][0]
"""The space that every stand-in has."""


def credentials(address: Address, flavour: Flavour) -> dict[str, str]:
    """The environment for publishing to it; the token opens nothing but this stand-in."""
    return {
        "CONFLUENCE_URL": address.site,
        "CONFLUENCE_USER": ADMIN.email if flavour is Flavour.CLOUD else "",
        "CONFLUENCE_TOKEN": ADMIN.token,
        "CONFLUENCE_SPACE": SPACE,
    }


def until_stopped() -> None:
    """Returns when somebody presses Ctrl-C, which is how serving ends."""
    click.echo("Ctrl-C stops it.", err=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
