"""`modelbook publish plan`, `apply` and `doctor`: the commands that contact the wiki."""

import os
import sys
from pathlib import Path

import click
from msgspec import to_builtins

from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine, print_document, print_line
from generator.cli.options import FILE, json_option, project_option, quiet_option
from generator.cli.printing import print_answer
from generator.cli.progress import show_spinner
from generator.cli.publish.session import (
    apply_plan,
    confirmation_option,
    merge_confirmations,
    open_session,
    prepare_plan,
    prompt_for_confirmation,
)
from generator.cli.publish.source import (
    read_publish_settings,
    read_source,
    require_configuration,
    site_options,
    wiki_options,
)
from generator.confluence.doctor import CheckOutcome, run_checks
from generator.confluence.rest import connect, read_credentials
from generator.confluence.sync.report import (
    list_differences,
    plan_file,
    plan_in,
    plan_json,
    plan_markdown,
    plan_text,
    result_json,
    result_text,
)
from generator.confluence.sync.values import Consent, Outcome, Plan, Result
from generator.confluence.wiki import Flavour
from generator.errors import UserError, report_write_errors

_FORMATS = {"text": plan_text, "json": plan_json, "markdown": plan_markdown}


@click.command(cls=Command)
@site_options
@wiki_options
@click.option("--json", "form", flag_value="json", help="Print the plan as JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print the plan for a comment on a pull request.")
@click.option("-o", "--output", type=FILE, help="Save the plan to a file for `apply --plan`.")
@quiet_option
@confirmation_option
def plan(  # noqa: PLR0913 - its options
    root: Path,
    site_dir: Path | None,
    space: str | None,
    parent: str | None,
    flavour: Flavour | None,
    *,
    form: str | None,
    output: Path | None,
    is_quiet: bool,
    granted: tuple[str, ...],
) -> None:
    r"""Show the changes that publishing would make.

    Nothing is changed. The command compares the last publish, the site and the wiki, and shows a readable diff of each
    page. For a page that was edited in the wiki it names the card to change.

    \b
      modelbook publish plan
      modelbook publish plan --markdown > comment.md       in a pull request
      modelbook publish plan -o plan.json                  for: modelbook publish apply --plan plan.json

    Exit status: 0 all pages can be published, 1 pages are held or the plan is refused, 2 usage error.
    """
    credentials = read_credentials(os.environ, flavour)
    source = read_source(root, site_dir)
    settings = read_publish_settings(source.configuration, os.environ, space, parent)
    with open_session(credentials) as session:
        consent = Consent(**dict.fromkeys(granted, True))
        planned = prepare_plan(session.wiki, source, settings, consent=consent, is_quiet=is_quiet).plan
    if output is not None:
        with report_write_errors(output):
            output.write_text(plan_file(planned), encoding="utf-8")
    print_document(_FORMATS[form or "text"](planned))
    sys.exit(planned.exit_status)


@click.command(cls=Command)
@site_options
@wiki_options
@click.option("--plan", "file", type=FILE, help="Plan saved by `plan -o`.  [default: a new plan]")
@click.option("--wait", "patience", type=click.FloatRange(0), default=0, help="Seconds to wait for another publish.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@quiet_option
@confirmation_option
def apply(  # noqa: PLR0913 - its options
    root: Path,
    site_dir: Path | None,
    space: str | None,
    parent: str | None,
    flavour: Flavour | None,
    *,
    file: Path | None,
    patience: float,
    as_json: bool,
    is_quiet: bool,
    granted: tuple[str, ...],
) -> None:
    r"""Apply a publishing plan.

    The plan is a saved one, or a new one. A saved plan is rejected if the site or the wiki has changed since. Pages
    that users edited, moved or removed are held: they stay as they are, and all others are published. Many removals,
    and edits that detach inline comments, need a confirmation: a prompt on a terminal, else --yes. Without it these
    pages stay as they are. If a run is killed, the next one completes the work.

    \b
      modelbook publish apply
      modelbook publish apply --plan plan.json
      modelbook publish apply --yes removals

    Exit status: 0 applied or no changes, 1 pages are held or failed, or the plan is refused, 2 usage error.
    """
    credentials = read_credentials(os.environ, flavour)
    source = read_source(root, site_dir)
    confirmed = Consent(**dict.fromkeys(granted, True))
    saved = None if file is None else _read_plan(file, space, parent)
    if saved is None:
        settings = read_publish_settings(source.configuration, os.environ, space, parent)
    else:
        settings, confirmed = saved.settings, merge_confirmations(saved.consent, confirmed)
    with open_session(credentials) as session:
        consent = confirmed if saved is None else saved.consent
        prepared = prepare_plan(session.wiki, source, settings, consent=consent, patience=patience, is_quiet=is_quiet)
        differences = () if saved is None else _compare_plans(saved, prepared.plan)
        if differences:
            result = Result(Outcome.REFUSED, refusals=differences)
        else:
            confirmed = prompt_for_confirmation(prepared.plan, confirmed)
            if confirmed != consent:
                prepared = prepare_plan(session.wiki, source, settings, consent=confirmed, is_quiet=is_quiet)
            result = apply_plan(prepared, session.wiki, source, is_quiet=is_quiet)
    print_document(result_json(result) if as_json else result_text(result))
    print_line(session.summary, err=True)
    sys.exit(result.exit_status)


def _read_plan(file: Path, space: str | None, parent: str | None) -> Plan:
    if space or parent:
        raise UserError("--plan cannot be combined with --space or --parent: the plan contains them")
    try:
        return plan_in(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UserError(f"{file} cannot be read: {why}; write it with `modelbook publish plan -o {file}`") from None


def _compare_plans(saved: Plan, fresh: Plan) -> tuple[str, ...]:
    """Return the differences; raise UserError if the plan was made for another wiki, where ids mean other pages."""
    if (saved.flavour, saved.space.id) != (fresh.flavour, fresh.space.id):
        message = f"the plan is for another wiki: the space {saved.space.key} differs from the one at CONFLUENCE_URL"
        raise UserError(message)
    return list_differences(saved, fresh)


_COLOURS = {CheckOutcome.GOOD: "green", CheckOutcome.WARNING: "yellow", CheckOutcome.BAD: "red"}


@click.command(cls=Command)
@project_option
@wiki_options
@json_option
def doctor(root: Path, space: str | None, parent: str | None, flavour: Flavour | None, *, as_json: bool) -> None:
    """Check address, credentials, permissions and space.

    It also checks the kind of Confluence and the parent page, and prints a fix for each problem. Nothing is changed.

    Exit status: 0 publishing would work, 1 problems, 2 usage error, such as a variable that is not set.
    """
    credentials = read_credentials(os.environ, flavour)
    settings = read_publish_settings(require_configuration(root), os.environ, space, parent)
    with show_spinner("Querying the wiki"):
        checks = run_checks(lambda: connect(credentials), settings)
    lines: list[PrintedLine] = []
    for check in checks:
        lines.append(Line(f"{check.verdict:8} {check.name}: {check.said}", colour=_COLOURS[check.verdict]))
        lines += [f"         fix: {check.fix}"] if check.fix else []
    print_answer(lines, {"checks": [to_builtins(check) for check in checks]}, as_json=as_json)
    sys.exit(1 if any(check.verdict is CheckOutcome.BAD for check in checks) else 0)
