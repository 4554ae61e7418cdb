"""`modelbook publish plan`: what publishing would change; it reads and never writes to the wiki."""

import os
import sys
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import print_document
from generator.cli.publish.consent import consent_of, consent_option
from generator.cli.publish.options import place_options, site_options
from generator.cli.publish.session import journal_of, prepared, session
from generator.cli.publish.source import settings_for, source_in
from generator.confluence.plan.data import plan_file
from generator.confluence.plan.values import Plan
from generator.confluence.rest import read_credentials
from generator.confluence.show import plan_json, plan_markdown, plan_text
from generator.errors import UserError

_FORMS = {"text": plan_text, "json": plan_json, "markdown": plan_markdown}


@click.command(cls=Command)
@site_options
@place_options
@click.option("--json", "form", flag_value="json", help="Print the plan as JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print the plan for a pull request's comment.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan, for apply.")
@consent_option
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
    r"""Show what publishing would change, each page with a diff that can be read, and change nothing.

    Compares three ways: what was published last, what the site says now, what stands in the wiki now. A page that
    somebody edited there is named with the card to change.

    \b
      modelbook publish plan
      modelbook publish plan --markdown > comment.md       in a pull request
      modelbook publish plan -o plan.json                  for: modelbook publish apply --plan plan.json

    Exit status: 0 the plan may be applied or is empty, 1 findings or conflicts, 2 wrong use.
    """
    access = read_credentials(os.environ)
    source = source_in(root, site_dir)
    settings = settings_for(source.configuration, os.environ, space, parent)
    with session(access) as reached, journal_of(source, writes=False) as journal:
        made = prepared(reached.wiki, source, settings, journal).plan
    consent = consent_of(granted)
    if output is not None:
        _save(made, output)
    print_document(_FORMS[form or "text"](made, consent))
    sys.exit(1 if made.refusals(consent) else 0)


def _save(plan: Plan, output: Path) -> None:
    try:
        output.write_text(plan_file(plan), encoding="utf-8")
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}"
        raise UserError(message) from None
