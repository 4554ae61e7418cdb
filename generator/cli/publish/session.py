"""A command's session with a wiki: connecting, planning, confirming and applying."""

import getpass
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import click
from msgspec.structs import replace

from generator.cli.console import confirm, is_interactive, print_line, print_lines
from generator.cli.progress import show_progress
from generator.cli.publish.source import Source
from generator.confluence.rest import RequestAttempt, Wiki, WikiCredentials, connect
from generator.confluence.sync.apply import apply as apply_changes
from generator.confluence.sync.lock import RunEnvironment
from generator.confluence.sync.prepare import Prepared, Waiting, prepare
from generator.confluence.sync.report import describe_unconfirmed
from generator.confluence.sync.values import NO_CONSENT, Consent, HoldReason, Plan, PublishSettings, Result
from generator.confluence.wiki import NoPermission, Unauthorized, WikiProblem
from generator.diagrams.png import render_png
from generator.names import format_count

_CONFIRMATIONS = Consent.__struct_fields__


@dataclass
class Session:
    """A connected wiki, and the requests that were sent to it."""

    wiki: Wiki
    sent: list[RequestAttempt]
    began: float = field(default_factory=time.monotonic)

    @property
    def summary(self) -> str:
        """The number of requests and the elapsed time."""
        return f"{len(self.sent)} requests, {time.monotonic() - self.began:.1f} s"


@contextmanager
def open_session(credentials: WikiCredentials) -> Iterator[Session]:
    """Connect to the wiki; print its errors and exit with 2 if it rejects the credentials, else with 1."""
    sent: list[RequestAttempt] = []
    try:
        yield Session(connect(credentials, observer=sent.append), sent)
    except WikiProblem as problem:
        fix = problem.fix or "run `modelbook publish doctor`"
        print_lines([f"modelbook: {problem}", f"fix: {fix}"], err=True)
        sys.exit(2 if isinstance(problem, Unauthorized | NoPermission) else 1)


def prepare_plan(
    wiki: Wiki,
    source: Source,
    settings: PublishSettings,
    *,
    consent: Consent = NO_CONSENT,
    patience: float = 0,
    is_quiet: bool = False,
) -> Prepared:
    """Compare the built site with the wiki; wait up to `patience` seconds for another publish."""
    waiting = Waiting(time.time, time.sleep, patience)
    severities = source.configuration.settings.get_severities()
    with show_progress(is_quiet=is_quiet) as report:
        report("Reading the wiki")
        return prepare(
            wiki,
            source.built,
            settings,
            waiting,
            consent=consent,
            severities=severities,
            report=partial(report, "Comparing pages"),
        )


def apply_plan(prepared: Prepared, wiki: Wiki, source: Source, *, is_quiet: bool = False) -> Result:
    """Apply a plan, and show its progress."""
    environment = RunEnvironment(_describe_owner(os.environ), time.time, time.sleep, render_png)
    with show_progress(is_quiet=is_quiet) as report:
        published = partial(report, "Publishing pages")
        published(0, len(prepared.plan.changes))
        return apply_changes(
            prepared.plan,
            wiki,
            source.built,
            environment,
            manifest=prepared.manifest,
            progress=published,
        )


def _describe_owner(environ: Mapping[str, str]) -> str:
    """Return the owner of the lock: the link of the CI run, else the user and the machine."""
    if environ.get("CI_JOB_URL"):
        return environ["CI_JOB_URL"]
    if environ.get("GITHUB_RUN_ID"):
        parts = (environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"))
        return f"{'/'.join(parts)}/actions/runs/{environ['GITHUB_RUN_ID']}"
    try:
        return f"{getpass.getuser()} on {platform.node()}"
    except (OSError, KeyError):  # a container can run with a user id that has no name
        return f"unknown user on {platform.node()}"


confirmation_option = click.option(
    "--yes",
    "granted",
    type=click.Choice(_CONFIRMATIONS),
    multiple=True,
    help="Confirm removals or detached comments without a prompt. Can be repeated.",
)


def merge_confirmations(first: Consent, second: Consent) -> Consent:
    """Return the confirmations of both."""
    return Consent(*(getattr(first, name) or getattr(second, name) for name in _CONFIRMATIONS))


def prompt_for_confirmation(plan: Plan, consent: Consent) -> Consent:
    """Prompt for the confirmations without which pages are left; do not prompt if the plan is refused anyway."""
    if plan.refusals or not is_interactive():
        return consent
    commented = [each for each in plan.conflicts if each.hindrance is HoldReason.COMMENTS]
    if commented:
        print_lines((f"{each.title}: {each.words}" for each in commented), err=True)
        pages = format_count(len(commented), "page")
        consent = replace(consent, comments=confirm(f"Publish {pages} on which comments lose their place?"))
    if plan.unconfirmed:
        print_line(describe_unconfirmed(plan.unconfirmed), err=True)
        consent = replace(consent, removals=confirm(f"Remove {format_count(len(plan.unconfirmed), 'page')}?"))
    return consent
