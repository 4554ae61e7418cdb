"""One command's dealings with a wiki: reaching it, planning, applying; a problem of the wiki ends as a line."""

import getpass
import platform
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from generator.cli.console import print_lines
from generator.cli.progress import bar
from generator.cli.publish.source import Source
from generator.cli.waiting import waiting
from generator.confluence.apply import Tools
from generator.confluence.apply import apply as apply_plan
from generator.confluence.manifest.journal import Journal
from generator.confluence.manifest.manifest import Manifest
from generator.confluence.plan.result import Result
from generator.confluence.plan.settings import PublishSettings
from generator.confluence.plan.values import Consent, Plan
from generator.confluence.rest import RequestAttempt, WikiCredentials, connect
from generator.confluence.survey import Prepared, Waiting, prepare
from generator.confluence.wiki import NoPermission, Unauthorized, Wiki, WikiProblem
from generator.diagrams import render_png

_OURS = (Unauthorized, NoPermission)
"""Problems with what the wiki was given, rather than with the wiki."""


@dataclass
class Session:
    """A wiki with what was sent to it so far."""

    wiki: Wiki
    sent: list[RequestAttempt]
    began: float = field(default_factory=time.monotonic)

    @property
    def effort(self) -> str:
        """How many requests it took, and how long."""
        return f"{len(self.sent)} requests, {time.monotonic() - self.began:.1f} s"


@contextmanager
def session(access: WikiCredentials) -> Iterator[Session]:
    """The wiki; what it says instead of an answer is printed, and the exit status tells who has to act.

    1 where the wiki fails, 2 where it does not take the credentials.
    """
    sent: list[RequestAttempt] = []
    try:
        yield Session(connect(access, observer=sent.append), sent)
    except WikiProblem as problem:
        print_lines([f"modelbook: {problem}", "fix: run `modelbook publish doctor`"], err=True)
        sys.exit(2 if isinstance(problem, _OURS) else 1)


def journal_of(source: Source, *, writes: bool) -> Journal:
    """The journal beside the book; one who only reads makes no file."""
    return Journal(source.journal if writes or source.journal.exists() else None)


def prepared(wiki: Wiki, source: Source, settings: PublishSettings, journal: Journal, patience: float = 0) -> Prepared:
    """The plan for the built site as things stand now."""
    moment = Waiting(time.time, time.sleep, patience)
    severities = source.configuration.settings.severity_of()
    with waiting("comparing the site with the wiki"):
        return prepare(wiki, source.built, settings, moment, trace=journal.trace, severities=severities)


def applied(
    plan: Plan, wiki: Wiki, source: Source, tools: Tools, consent: Consent, manifest: Manifest | None = None
) -> Result:
    """The plan carried out, with a bar on a terminal."""
    with bar() as progress:
        task = progress.add_task("publishing", total=len(plan.changes))

        def heard(done: int, _total: int, _title: str) -> None:
            progress.update(task, completed=done)

        return apply_plan(plan, wiki, source.built, tools, manifest=manifest, consent=consent, progress=heard)


def tools_for(journal: Journal, environ: Mapping[str, str]) -> Tools:
    """What applying takes on this machine."""
    return Tools(owner_in(environ), secrets.token_hex(8), journal, render_png, time.time, time.sleep)


def owner_in(environ: Mapping[str, str]) -> str:
    """Who publishes, for whoever finds the book locked: the CI's run, else the person and the machine."""
    if environ.get("CI_JOB_URL"):
        return environ["CI_JOB_URL"]
    if environ.get("GITHUB_RUN_ID"):
        named = (environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"))
        return f"{'/'.join(named)}/actions/runs/{environ['GITHUB_RUN_ID']}"
    try:
        return f"{getpass.getuser()} on {platform.node()}"
    except (OSError, KeyError):  # a container may run under a number that nobody has named
        return f"somebody on {platform.node()}"
