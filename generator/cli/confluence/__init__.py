"""`modelbook confluence`: a Confluence on this machine, to try publishing on."""

import click

from generator.cli.lazy import Deferred, LazyGroup

COMMANDS = (
    Deferred("serve", "generator.cli.confluence.serve", "Start the stand-in and print how to publish to it."),
    Deferred("demo", "generator.cli.confluence.demo", "Start the stand-in, publish the built site, keep serving it."),
)


@click.group(cls=LazyGroup, deferred=COMMANDS)
def confluence() -> None:
    """A stand-in for Confluence on this machine: real HTTP, strict, and with pages to look at in the browser.

    For a first look, for tests, and for your own CI. It answers on loopback only.
    """
