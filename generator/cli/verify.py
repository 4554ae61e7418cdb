"""`modelbook verify`: live endpoints compared with the contracts of their models."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.data import finding_to_data, suppressed_to_data, to_data
from generator.answers.references import resolve_reference
from generator.checks.live import answer_breaks_contract, sample_refused
from generator.cli.check import get_exit_status
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine, print_line
from generator.cli.finding_text import render_findings
from generator.cli.loading import load_for_query
from generator.cli.options import fail_on_option, json_option, project_option, quiet_option, today_option
from generator.cli.printing import format_heading, format_section, print_answer
from generator.cli.progress import show_progress
from generator.errors import UserError
from generator.evidence.files import VERIFY_FILE, write_records
from generator.evidence.live import merge_verifications, verify_endpoint, verify_hosts
from generator.evidence.live_http import RequestLimits, load_certificates
from generator.evidence.live_requests import (
    LiveRequest,
    SkippedEndpoint,
    find_variables,
    is_production,
    list_production_addresses,
    plan_requests,
    read_variables,
)
from generator.evidence.records import AnswerShape, Evidence, Verification
from generator.findings import Severity
from generator.grouping import group_pairs
from generator.names import Ref, format_count, suggest_name
from generator.project import Project
from generator.schema import Model

_RULES = (answer_breaks_contract, sample_refused)
_COLOURS = {AnswerShape.VALID: "green", AnswerShape.INVALID: "red"}
_SHOWN = 8
"""The most models that a line of skipped ones names; JSON has all."""


@click.command(cls=Command)
@click.argument("references", metavar="[MODEL…]", nargs=-1)
@click.option("--env", "environment", default="staging", show_default=True, help="Environment of the endpoints.")
@click.option("--yes", "is_confirmed", is_flag=True, help="Allow requests to production.")
@click.option("--dry-run", "is_dry", is_flag=True, help="List the requests without sending them.")
@fail_on_option
@project_option
@today_option
@quiet_option
@json_option
def verify(  # noqa: PLR0913 - its options
    references: Sequence[str],
    root: Path,
    environment: str,
    today: datetime | None,
    *,
    is_confirmed: bool,
    is_dry: bool,
    fail_on: str,
    is_quiet: bool,
    as_json: bool,
) -> None:
    r"""Compare live endpoints with the contracts.

    Sends the first example of each contract to the endpoint of its model, compares the answer with the response in the
    contract, and writes evidence/verify.jsonl with the status, the time and the first difference: never a value of the
    answer. Without MODEL, all models are verified. MODEL is an id, a name or an alias, or the id of an instance.

    A request is sent only if it is safe: GET, or another method if the contract says `safe: true`; no placeholder is
    left in the example and the address; certificates are verified (REQUESTS_CA_BUNDLE or SSL_CERT_FILE adds an
    authority); no redirect leads to another host. Tokens come from the environment variables that the headers name, as
    in `Authorization: Bearer $TOKEN`. A host gets one request at a time.

    \b
      modelbook verify --dry-run                        which requests, to which addresses
      TOKEN=… modelbook verify fraud --env staging
      modelbook verify --env production --yes

    Exit status: 0 no findings at or above --fail-on, 1 findings, 2 usage error. The JSON has `environment`, `day`,
    `verified`, `skipped`, `findings` and `suppressed`; with --dry-run `requests` and `skipped`.
    """
    project = load_for_query(root, today)
    planned = _plan(project, references, environment)
    requests = [one for one in planned if isinstance(one, LiveRequest)]
    skipped = [one for one in planned if isinstance(one, SkippedEndpoint)]
    if is_dry:
        data = {"environment": environment, "requests": list(map(_request_to_data, requests))}
        data["skipped"] = to_data(skipped)
        print_answer(_render_plan(requests, skipped, environment), data, project.unreadable, as_json=as_json)
        return
    if is_production(environment) and not is_confirmed:
        raise UserError(f"{environment} is verified only with --yes: each request reaches the model that users have")
    verified = _send(project, requests, is_quiet=is_quiet)
    path = project.root / project.configuration.settings.evidence / VERIFY_FILE
    evidence = Evidence(verifications=tuple(verified))
    if verified:
        models = [loaded.card for loaded in project.cards.items if isinstance(loaded.card, Model)]
        write_records(path, project.root, merge_verifications(project.evidence.verifications, verified, models))
    findings, suppressed = project.check_evidence(evidence, _RULES)
    answer: dict[str, Any] = {
        "environment": environment, "day": project.today,
        "verified": [_verification_to_data(one) for one in verified],
        "skipped": to_data(skipped),
        "findings": list(map(finding_to_data, findings)),
        "suppressed": list(map(suppressed_to_data, suppressed)),
    }  # fmt: skip
    lines: list[PrintedLine] = list(_render_result(verified, skipped, environment))
    lines += ["", *render_findings(findings, project.texts)] if findings else [""]
    lines += [f"{len(suppressed)} suppressed by x-allow; `modelbook debt` lists the reasons"] if suppressed else []
    lines.append(_summarize(verified, skipped, Path(os.path.relpath(path, project.root)).as_posix()))
    print_answer(lines, answer, project.unreadable, as_json=as_json)
    if len(verified) < len(requests):
        raise click.Abort
    sys.exit(get_exit_status(findings, Severity(fail_on)))


def _plan(project: Project, references: Sequence[str], environment: str) -> list[LiveRequest | SkippedEndpoint]:
    """Return the requests and the models that cannot be verified; raise UserError if one of those is named."""
    models = {loaded.ref: loaded.card for loaded in project.cards.items if isinstance(loaded.card, Model)}
    environments = {
        name
        for model in models.values()
        for urls in (model.endpoints, *(one.endpoints for one in model.instances))
        for name in urls
    }
    if environment not in environments:
        hint = suggest_name(environment, environments) or "add it to `endpoints`"
        raise UserError(f"no model has a {environment} endpoint: {hint}")
    named: dict[Ref, set[str]] = {}
    for text in references:
        ref = resolve_reference(project.graph, text, ("model",))
        if ref not in models:
            raise UserError(f"{ref} is not a model: expected a card of the kind model")
        instances = {one.id for one in models[ref].instances}
        named.setdefault(ref, set()).add(
            text.removeprefix("model:") if text.removeprefix("model:") in instances else ""
        )
    chosen = [model for ref, model in models.items() if not named or ref in named]
    production = list_production_addresses(model for model in models.values() if not model.is_retired)
    found: list[LiveRequest | SkippedEndpoint] = []
    for one in plan_requests(chosen, environment, project.configuration.settings.verify, production):
        wanted = named.get(one.ref, {""})
        if "" not in wanted and isinstance(one, LiveRequest) and one.instance not in wanted:
            continue
        if named and isinstance(one, SkippedEndpoint):
            raise UserError(f"{_name_endpoint(one)} cannot be verified: {one.reason}")
        found.append(one)
    return found


def _send(project: Project, requests: Sequence[LiveRequest], *, is_quiet: bool) -> list[Verification]:
    """Send the requests, and return the answers in their order; an interrupted run keeps the answers so far."""
    variables = read_variables(requests, os.environ)
    tls = load_certificates(os.environ)
    seconds = project.configuration.settings.verify.timeout_seconds
    limits = RequestLimits(total_seconds=seconds, connect_seconds=seconds / 2)
    answers = verify_hosts(requests, lambda request: verify_endpoint(request, variables, project.today, limits, tls))
    found: dict[tuple[str, str, str], Verification] = {}
    with show_progress(is_quiet=is_quiet) as report, closing(answers) as results:
        try:
            for result in results:
                found[result.key] = result
                report(f"Verified {_name_endpoint(result)}", len(found), len(requests))
        except KeyboardInterrupt:
            print_line(f"stopped after {len(found)} of {len(requests)} endpoints", err=True)
    return [found[request.key] for request in requests if request.key in found]


def _name_endpoint(one: LiveRequest | SkippedEndpoint | Verification) -> str:
    return f"{one.ref} ({one.instance})" if one.instance else str(one.ref)


def _render_plan(
    requests: Sequence[LiveRequest], skipped: Sequence[SkippedEndpoint], environment: str
) -> Iterator[PrintedLine]:
    yield format_heading(f"Requests to {environment}, not sent: {len(requests)}")
    for request in requests:
        variables = ", ".join(f"${name}" for name in find_variables(request.headers))
        yield f"  {_name_endpoint(request)}: {request.method} {request.url}{f' with {variables}' if variables else ''}"
    yield from _render_skipped(skipped)


def _render_result(
    verified: Sequence[Verification], skipped: Sequence[SkippedEndpoint], environment: str
) -> Iterator[PrintedLine]:
    yield format_heading(f"Endpoints in {environment}: {len(verified)}")
    width = max((len(_name_endpoint(one)) for one in verified), default=0)
    for one in verified:
        shape = Line(f"{one.shape.value:<9}", colour=_COLOURS.get(one.shape, "yellow"))
        time = f"{one.milliseconds} ms" if one.milliseconds is not None else ""
        line = f"  {one.status or '-':>3}  {time:>9}  {one.problem}".rstrip()
        yield (f"  {_name_endpoint(one):<{width}}  ", shape, line)
    yield from _render_skipped(skipped)


def _render_skipped(skipped: Sequence[SkippedEndpoint]) -> Iterator[PrintedLine]:
    lines: list[str] = []
    for reason, names in group_pairs((one.reason, _name_endpoint(one)) for one in skipped).items():
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        lines.append(f"  {', '.join(names[:_SHOWN])}{more}: {reason}")
    yield from format_section(f"Skipped: {len(skipped)}", lines)


def _summarize(verified: Sequence[Verification], skipped: Sequence[SkippedEndpoint], path: str) -> Line:
    if not verified:
        return Line(f"Nothing was verified: {len(skipped)} skipped, no file was written", bold=True)
    shapes = [one.shape for one in verified]
    counts = ", ".join(f"{shapes.count(shape)} {shape.value}" for shape in AnswerShape if shape in shapes)
    endpoints = format_count(len(verified), "endpoint")
    return Line(f"{endpoints} verified: {counts}; {len(skipped)} skipped; wrote {path}", bold=True)


def _request_to_data(request: LiveRequest) -> dict[str, Any]:
    return {
        "ref": str(request.ref), "instance": request.instance, "method": request.method, "url": request.url,
        "variables": list(find_variables(request.headers)),
    }  # fmt: skip


def _verification_to_data(one: Verification) -> dict[str, Any]:
    return {
        "ref": one.ref, "instance": one.instance, "environment": one.environment, "day": one.day, "status": one.status,
        "milliseconds": one.milliseconds, "shape": one.shape.value, "problem": one.problem,
    }  # fmt: skip
