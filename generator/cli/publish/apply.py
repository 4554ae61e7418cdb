"""`modelbook publish apply`: a plan carried out, the saved one or one made and shown now."""

import os
import sys
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.console import print_document, print_line
from generator.cli.publish.consent import asked, consent_of, consent_option
from generator.cli.publish.options import place_options, site_options
from generator.cli.publish.session import Session, applied, journal_of, prepared, session, tools_for
from generator.cli.publish.source import Source, settings_for, source_in
from generator.confluence.manifest.journal import Journal
from generator.confluence.plan.data import plan_in
from generator.confluence.plan.result import Result
from generator.confluence.plan.settings import PublishSettings
from generator.confluence.plan.values import Consent, Plan
from generator.confluence.rest import read_credentials
from generator.confluence.show import plan_text, result_json, result_text
from generator.confluence.wiki import Wiki
from generator.errors import UserError


@click.command(cls=Command)
@site_options
@place_options
@click.option(
    "--plan",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The plan that `plan -o` saved, and no other.",
)
@click.option("--wait", "patience", type=click.FloatRange(0), default=0, help="Seconds to wait for another publish.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@consent_option
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
    r"""Carry a plan out: the saved one, or one that is made and shown now.

    A saved plan is refused when site or wiki have changed since. Removing many pages, and edits that cost an inline
    comment its place, need a yes: on a terminal you are asked, elsewhere --yes gives it. Killed half-way, the next
    run finishes the work.

    \b
      modelbook publish apply
      modelbook publish apply --plan plan.json
      modelbook publish apply --yes removals

    Exit status: 0 done or nothing to do, 1 findings, conflicts or pages that failed, 2 wrong use.
    """
    access = read_credentials(os.environ)
    source = source_in(root, site_dir)
    consent = consent_of(granted)
    with session(access) as reached, journal_of(source, writes=True) as journal:
        if file is not None:
            result = _saved(reached, source, journal, _plan_of(file, space, parent), consent)
        else:
            settings = settings_for(source.configuration, os.environ, space, parent)
            result = _fresh(reached, source, journal, settings, patience, consent)
    print_document(result_json(result) if as_json else result_text(result))
    print_line(reached.effort, err=True)
    sys.exit(result.exit_status)


def _saved(reached: Session, source: Source, journal: Journal, plan: Plan, consent: Consent) -> Result:
    _require_same_wiki(plan, reached.wiki)
    return applied(plan, reached.wiki, source, tools_for(journal, os.environ), asked(plan, consent))


def _fresh(
    reached: Session, source: Source, journal: Journal, settings: PublishSettings, patience: float, consent: Consent
) -> Result:
    made = prepared(reached.wiki, source, settings, journal, patience)
    if not made.plan.empty or made.plan.refusals(consent):
        print_document(plan_text(made.plan, consent), err=True)
    agreed = asked(made.plan, consent)
    return applied(made.plan, reached.wiki, source, tools_for(journal, os.environ), agreed, made.manifest)


def _plan_of(file: Path, space: str | None, parent: str | None) -> Plan:
    if space or parent:
        message = "--plan says where to publish; leave --space and --parent out"
        raise UserError(message)
    try:
        return plan_in(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"{file} cannot be read: {why}; write it with `modelbook publish plan -o {file}`"
        raise UserError(message) from None


def _require_same_wiki(plan: Plan, wiki: Wiki) -> None:
    """The numbers in a plan mean something in one wiki only."""
    if plan.flavour is not wiki.flavour or wiki.space(plan.space.key).id != plan.space.id:
        message = (
            f"the plan was made for another wiki than CONFLUENCE_URL names: {plan.space.key} is another space there"
        )
        raise UserError(message)
