"""`modelbook publish apply`: apply a saved or a new plan."""

import os
import sys
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import print_document, print_line
from generator.cli.options import FILE
from generator.cli.publish.session import (
    apply_plan,
    confirmation_option,
    open_journal,
    open_session,
    parse_confirmations,
    prepare_plan,
    prompt_for_confirmation,
)
from generator.cli.publish.source import place_options, read_publish_settings, read_source, site_options
from generator.confluence.plan.data import plan_in
from generator.confluence.plan.values import Plan
from generator.confluence.rest import read_credentials
from generator.confluence.show import plan_text, result_json, result_text
from generator.confluence.wiki import Wiki
from generator.errors import UserError


@click.command(cls=Command)
@site_options
@place_options
@click.option("--plan", "file", type=FILE, help="Plan saved by `plan -o`.  [default: a new plan]")
@click.option("--wait", "patience", type=click.FloatRange(0), default=0, help="Seconds to wait for another publish.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@confirmation_option
def apply(  # noqa: PLR0913 - its options
    root: Path,
    site_dir: Path | None,
    space: str | None,
    parent: str | None,
    *,
    file: Path | None,
    patience: float,
    as_json: bool,
    granted: tuple[str, ...],
) -> None:
    r"""Apply a publishing plan.

    The plan is a saved one, or a new one that is shown first. A saved plan is rejected if the site or the wiki has
    changed since. Many removals, and edits that detach inline comments, need a confirmation: a prompt on a terminal,
    else --yes. If a run is killed, the next one completes the work.

    \b
      modelbook publish apply
      modelbook publish apply --plan plan.json
      modelbook publish apply --yes removals

    Exit status: 0 applied or no changes, 1 findings, conflicts or failed pages, 2 usage error.
    """
    credentials = read_credentials(os.environ)
    source = read_source(root, site_dir)
    consent = parse_confirmations(granted)
    with open_session(credentials) as session, open_journal(source, writes=True) as journal:
        if file is not None:
            plan, manifest = _read_plan(file, space, parent), None
            _require_same_wiki(plan, session.wiki)
        else:
            settings = read_publish_settings(source.configuration, os.environ, space, parent)
            prepared = prepare_plan(session.wiki, source, settings, journal, patience)
            plan, manifest = prepared.plan, prepared.manifest
            if not plan.empty or plan.refusals(consent):
                print_document(plan_text(plan, consent), err=True)
        consent = prompt_for_confirmation(plan, consent)
        result = apply_plan(plan, session.wiki, source, journal, consent, manifest)
    print_document(result_json(result) if as_json else result_text(result))
    print_line(session.summary, err=True)
    sys.exit(result.exit_status)


def _read_plan(file: Path, space: str | None, parent: str | None) -> Plan:
    if space or parent:
        message = "--plan cannot be combined with --space or --parent: the plan contains them"
        raise UserError(message)
    try:
        return plan_in(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        message = f"{file} cannot be read: {why}; write it with `modelbook publish plan -o {file}`"
        raise UserError(message) from None


def _require_same_wiki(plan: Plan, wiki: Wiki) -> None:
    """Raise UserError if the plan was made for another wiki, where the same ids mean other pages."""
    if plan.flavour is not wiki.flavour or wiki.space(plan.space.key).id != plan.space.id:
        message = f"the plan is for another wiki: the space {plan.space.key} differs from the one at CONFLUENCE_URL"
        raise UserError(message)
