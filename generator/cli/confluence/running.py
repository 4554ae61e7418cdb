"""The stand-in as commands run it: its credentials, and serving until somebody stops it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from generator.cli.console import print_line
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


@contextmanager
def stopped_by_hand() -> Iterator[None]:
    """Ctrl-C within is how serving ends, and no failure."""
    try:
        yield
    except KeyboardInterrupt:
        print_line("stopped", err=True)


def wait_for_ever() -> None:
    """Returns never; Ctrl-C leaves it."""
    print_line("Ctrl-C stops it.", err=True)
    threading.Event().wait()
