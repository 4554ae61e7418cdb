"""`modelbook publish plan`: the changes that publishing would make."""

import os
import sys
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import print_document
from generator.cli.options import FILE
from generator.cli.printing import report_write_errors
from generator.cli.publish.session import (
    confirmation_option,
    open_journal,
    open_session,
    parse_confirmations,
    prepare_plan,
)
from generator.cli.publish.source import place_options, read_publish_settings, read_source, site_options
from generator.confluence.plan.data import plan_file
from generator.confluence.rest import read_credentials
from generator.confluence.show import plan_json, plan_markdown, plan_text

_FORMATS = {"text": plan_text, "json": plan_json, "markdown": plan_markdown}


@click.command(cls=Command)
@site_options
@place_options
@click.option("--json", "form", flag_value="json", help="Print the plan as JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print the plan for a comment on a pull request.")
@click.option("-o", "--output", type=FILE, help="Save the plan to a file for `apply --plan`.")
@confirmation_option
def plan(
    root: Path,
    site_dir: Path | None,
    space: str | None,
    parent: str | None,
    *,
    form: str | None,
    output: Path | None,
    granted: tuple[str, ...],
) -> None:
    r"""Show the changes that publishing would make.

    Nothing is changed. The command compares the last publish, the site and the wiki, and shows a readable diff of each
    page. For a page that was edited in the wiki it names the card to change.

    \b
      modelbook publish plan
      modelbook publish plan --markdown > comment.md       in a pull request
      modelbook publish plan -o plan.json                  for: modelbook publish apply --plan plan.json

    Exit status: 0 the plan can be applied or is empty, 1 findings or conflicts, 2 usage error.
    """
    credentials = read_credentials(os.environ)
    source = read_source(root, site_dir)
    settings = read_publish_settings(source.configuration, os.environ, space, parent)
    with open_session(credentials) as session, open_journal(source, writes=False) as journal:
        planned = prepare_plan(session.wiki, source, settings, journal).plan
    consent = parse_confirmations(granted)
    if output is not None:
        with report_write_errors(output):
            output.write_text(plan_file(planned), encoding="utf-8")
    print_document(_FORMATS[form or "text"](planned, consent))
    sys.exit(1 if planned.refusals(consent) else 0)
