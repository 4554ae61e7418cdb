"""`modelbook confluence demo`: the built site in a Confluence that one can look at, without having one."""

import os
import sys
from contextlib import closing
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.confluence.options import standin_options
from generator.cli.confluence.running import SPACE, credentials, stopped_by_hand, wait_for_ever
from generator.cli.console import print_document, print_line
from generator.cli.publish.options import site_options
from generator.cli.publish.session import applied, prepared, session, tools_for
from generator.cli.publish.source import Source, settings_for, source_in
from generator.confluence.manifest.journal import Journal
from generator.confluence.plan.result import Result
from generator.confluence.plan.values import Consent
from generator.confluence.rest import WikiCredentials, read_credentials
from generator.confluence.show import plan_text, result_text
from generator.confluence.standin import Standin, serve
from generator.confluence.wiki import Flavour


@click.command(cls=Command)
@site_options
@standin_options
def demo(root: Path, site_dir: Path | None, flavour: str, port: int) -> None:
    """Start the stand-in, publish the built site to it, print where to look, and serve until Ctrl-C.

    Exit status: 0 published and stopped, 1 findings, 2 wrong use.
    """
    source = source_in(root, site_dir)
    chosen = Flavour(flavour)
    with closing(Standin(chosen)) as standin, serve(standin, port) as address:
        result = _published(source, read_credentials(credentials(address, chosen)))
        print_document(result_text(result))
        if result.exit_status:
            sys.exit(result.exit_status)
        with stopped_by_hand():
            print_line(f"Look at it: {address.browser}")
            wait_for_ever()


def _published(source: Source, access: WikiCredentials) -> Result:
    """The book in the stand-in's space, as its settings say but for the place, which is another wiki's."""
    settings = settings_for(source.configuration, {}, SPACE).model_copy(update={"parent": None})
    with session(access) as reached, Journal() as journal:
        made = prepared(reached.wiki, source, settings, journal)
        if made.plan.refusals():
            print_document(plan_text(made.plan), err=True)
        tools = tools_for(journal, os.environ)
        result = applied(made.plan, reached.wiki, source, tools, Consent(), made.manifest)
    print_line(reached.effort, err=True)
    return result
