"""`modelbook mcp`: a server for agents."""

from datetime import datetime
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.options import project_option, today_option
from generator.mcp.live_book import LiveBook
from generator.mcp.server import serve_stdio


@click.command(cls=Command)
@project_option
@today_option
def mcp(root: Path, today: datetime | None) -> None:
    r"""Serve the book to agents over stdio (MCP).

    An agent starts this command itself; set it up as a local server of the Model Context Protocol. It needs the extra:
    `pip install 'modelbook[mcp]'`. The server only reads, and reads cards again when they change.

    \b
      Command:    modelbook
      Arguments:  mcp, -C, /path/to/the/book

    \b
    Tools:
      search      find cards by any text, also with typos
      show        the main facts of a card
      impact      the dependents, and who to notify
      contacts    who to call, by function
      order       the migration order
      debt        overdue and open work
      diff        what a change does to the book
      history     the history of a card from git

    Answers are those of the commands as JSON, with `sources` (file:line and page) and `omitted` (the entries that a
    limit cut off). Secrets are redacted. Messages go to stderr.
    """
    serve_stdio(LiveBook(root, today.date() if today else None))
