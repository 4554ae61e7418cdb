"""`modelbook publish verify`: a comparison of the pages in the wiki with the site."""

import os
import sys
from functools import partial
from pathlib import Path

import click
from msgspec import to_builtins

from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine, print_line
from generator.cli.options import json_option, quiet_option
from generator.cli.printing import print_answer
from generator.cli.progress import show_progress
from generator.cli.publish.session import open_session
from generator.cli.publish.source import (
    read_publish_settings,
    read_source,
    site_options,
    wiki_options,
)
from generator.confluence.rest import read_credentials
from generator.confluence.verify import verify as compare_wiki
from generator.confluence.wiki import Flavour
from generator.errors import UserError
from generator.names import format_count, suggest_name


@click.command(cls=Command)
@site_options
@wiki_options
@json_option
@quiet_option
@click.option("--page", "ref", metavar="REF", help="Only this page.")
def verify(  # noqa: PLR0913 - its options
    root: Path,
    site_dir: Path | None,
    space: str | None,
    parent: str | None,
    flavour: Flavour | None,
    *,
    ref: str | None,
    as_json: bool,
    is_quiet: bool,
) -> None:
    r"""Compare the pages in the wiki with the site.

    It reads the wiki and prints each difference: missing and other pages, titles, places, order, text, labels, files
    and content states. Nothing is changed.

    \b
      modelbook publish verify
      modelbook publish verify --page model:ryl

    Exit status: 0 no differences, 1 differences, 2 usage error.
    """
    credentials = read_credentials(os.environ, flavour)
    source = read_source(root, site_dir)
    settings = read_publish_settings(source.configuration, os.environ, space, parent)
    chosen = [entry for entry in source.built.entries if ref in (None, entry.ref, entry.path)]
    if not chosen and ref is not None:
        known = suggest_name(ref, (entry.ref for entry in source.built.entries))
        raise UserError(f"no page matches {ref!r}: {known or 'check the id'}")
    with open_session(credentials) as session, show_progress(is_quiet=is_quiet) as report:
        report("Reading the wiki")
        compared = partial(report, "Comparing pages")
        found = compare_wiki(session.wiki, source.built, settings, chosen.__contains__, compared)
    lines: list[PrintedLine] = [f"{each.url}: {each.ref or 'parent page'}: {each.message}" for each in found]
    differences = format_count(len(found), "difference") if found else "no differences"
    counts = f"{format_count(len(chosen), 'page')} compared, {differences}"
    lines.append(Line(counts, colour="red" if found else "green"))
    data = {"pages": len(chosen), "differences": [to_builtins(each) for each in found]}
    print_answer(lines, data, as_json=as_json)
    print_line(session.summary, err=True)
    sys.exit(1 if found else 0)


parity = Command(
    "parity",
    callback=verify.callback,
    params=verify.params,
    help="Former name of `verify`.",
    deprecated="Use `publish verify`.",
)
"""The former name of `verify`; click prints a notice when it is used."""
