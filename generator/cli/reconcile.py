"""`modelbook reconcile`: the calls in recorded traffic, compared with the cards."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from generator.answers.data import finding_to_data, suppressed_to_data
from generator.checks import RULES
from generator.cli.check import get_exit_status
from generator.cli.command import Command
from generator.cli.console import PrintedLine, print_document, print_line
from generator.cli.finding_text import render_findings
from generator.cli.loading import load_book
from generator.cli.options import (
    fail_on_option,
    format_option,
    output_option,
    project_option,
    quiet_option,
    today_option,
)
from generator.cli.printing import format_heading, format_section, print_report, render_json
from generator.cli.progress import Report, show_progress
from generator.cli.reports import CheckResult, render_github
from generator.errors import UserError
from generator.evidence.files import TRAFFIC_FILE, write_records
from generator.evidence.records import SeenCall, TrafficRecord, TrafficSource
from generator.evidence.traffic.calls import WINDOW
from generator.evidence.traffic.query import build_query
from generator.evidence.traffic.reconcile import ReadFile, TrafficReader
from generator.evidence.traffic.tally import merge_records
from generator.evidence.traffic.targets import TargetIndex
from generator.findings import Severity
from generator.names import format_count
from generator.pages.paths import RULES_PATH

_TRAFFIC_RULES = tuple(checked for checked in RULES if checked.rule.code.startswith("MB71"))
_DEFAULT_WINDOW = "30d"
_STDIN = "-"
_FORMATS = (
    "metrics of Istio or of a service graph, an answer of Prometheus, OTLP JSON lines, an access log of Envoy,"
    " a combined log of nginx or Apache, an access log as JSON lines or of AWS' load balancers, or spend logs of"
    " LiteLLM"
)


def _check_window(_context: click.Context, _option: click.Parameter, window: str | None) -> str | None:
    if window is not None and not WINDOW.fullmatch(window):
        raise click.BadParameter(f"invalid window {window!r}: expected a number of hours, days or weeks, as 30d")
    return window


@click.command(cls=Command)
@click.argument("files", metavar="[FILE]…", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--query", "is_query", is_flag=True, help="Print the query to run in Prometheus, and exit.")
@click.option(
    "--window",
    callback=_check_window,
    help="Length of time of the query, or of an answer to another query.  [default for --query: 30d]",
)
@click.option("--source", default="", metavar="NAME", help="Name of the source in the evidence.  [default: its format]")
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@format_option(["text", "json", "github"], "Format of the report: github for annotations.")
@fail_on_option
@output_option
@quiet_option
@project_option
@today_option
def reconcile(  # noqa: PLR0913 - its options
    files: Sequence[Path],
    root: Path,
    today: datetime | None,
    *,
    is_query: bool,
    window: str | None,
    source: str,
    dry_run: bool,
    form: str,
    fail_on: str,
    output: Path | None,
    is_quiet: bool,
) -> None:
    r"""Find the uses of models in recorded traffic.

    The command counts who called which model or system, compares the callers with the cards, and writes the counts to
    evidence/traffic.jsonl, which `check`, `build` and `publish` read. Commit this file. It contains names of the book
    and of callers; paths, addresses, queries and payloads are read but never written.

    FILE is recorded traffic, compressed with gzip or not; - is the standard input. The format is detected from the
    content: metrics of Istio or of OpenTelemetry's service graph, a recorded answer of Prometheus, traces as OTLP JSON
    lines, an access log of Envoy, a combined log of nginx or Apache, an access log as JSON lines or of AWS'
    load balancers, or spend logs of LiteLLM. Files of one format are added up, and replace the earlier counts of this
    format, or of --source.

    A caller is a system by its id, an alias, or a name under `seen_as:` in its card. Calls that cannot be attributed
    are counted by their reason, never guessed. The JSON has `files`, `sources`, `calls`, `findings` and `suppressed`.

    \b
      modelbook reconcile --query > calls.promql
      curl -s "$PROMETHEUS/api/v1/query" --data-urlencode query@calls.promql -o calls.json
      modelbook reconcile calls.json
      modelbook reconcile /var/log/nginx/access.log*
      kubectl logs -n istio-system -l app=istio-ingressgateway --tail=-1 | modelbook reconcile - --source gateway

    Exit status: 0 no findings at or above --fail-on, 1 findings, 2 usage error.
    """
    project = load_book(root, today)
    cards = [loaded.card for loaded in project.cards.items]
    if is_query:
        print_document(build_query(TargetIndex(cards), window or _DEFAULT_WINDOW))
        return
    if not files:
        raise UserError("no FILE is given: name recorded traffic, or print the query for it with --query")
    reader = TrafficReader(cards, window or "")
    with show_progress(is_quiet=is_quiet) as report:
        read = [_read_file(reader, file, report) for file in dict.fromkeys(files)]
    if all(one.format is None for one in read):
        raise UserError(f"{read[0].name} has an unknown format: expected {_FORMATS}")
    records = reader.build_records(source)
    evidence = replace(project.evidence, traffic=merge_records(project.evidence.traffic, records))
    findings, suppressed = project.check_evidence(evidence, _TRAFFIC_RULES)
    result = CheckResult(tuple(findings), project.texts, tuple(suppressed), rules_url=project.get_page_url(RULES_PATH))
    if form == "json":
        lines: Iterable[PrintedLine] = render_json(_to_data(read, records, result)).split("\n")
    else:
        lines = render_github(result) if form == "github" else _render_text(reader, read, records, result)
    print_report(lines, output)
    if not dry_run:
        file = project.root / project.configuration.settings.evidence / TRAFFIC_FILE
        write_records(file, project.root, evidence.traffic)
        print_line(f"wrote {file.relative_to(project.root).as_posix()}", err=True)
    sys.exit(get_exit_status(result.findings, Severity(fail_on)))


def _read_file(reader: TrafficReader, path: Path, report: Report) -> ReadFile:
    """Read a file or the standard input.

    Raises:
        UserError: It cannot be read.

    """
    is_input = str(path) == _STDIN
    try:
        size = None if is_input else path.stat().st_size >> 20

        def show(position: int) -> None:
            if size is None:
                report(f"Reading the standard input, {position >> 20} MB")
            else:
                report(f"Reading {path.name}, MB", position >> 20, size)

        if is_input:
            return reader.read("standard input", sys.stdin.buffer, show)
        with path.open("rb") as file:
            return reader.read(str(path), file, show)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


_MOST_UNKNOWN = 5
"""The hosts that no card names and the text shows, those with the most requests."""


def _render_text(
    reader: TrafficReader, read: Sequence[ReadFile], records: Sequence[TrafficRecord], result: CheckResult
) -> Iterator[PrintedLine]:
    calls = [record for record in records if isinstance(record, SeenCall)]
    for source in (record for record in records if isinstance(record, TrafficSource)):
        if source.last_on is None:
            period = ", no days"
        elif source.first_on in {None, source.last_on}:
            period = f" on {source.last_on}"
        else:
            period = f" from {source.first_on} to {source.last_on}"
        yield format_heading(f"{source.source}: {format_count(source.requests, 'request')}{period}")
        own = [call for call in calls if call.source == source.source]
        callers, targets = {(call.system, call.caller) for call in own}, {call.ref for call in own}
        yield f"  {format_count(len(callers), 'caller')} of {format_count(len(targets), 'target')} in the book"
        for why, number in source.undecided.items():
            yield f"  not decided: {format_count(number, 'request')}, {why}"
    named = reader.unknown_targets.most_common()
    shown = [f"  {name}: {format_count(number, 'request')}" for name, number in named[:_MOST_UNKNOWN]]
    shown += [f"  and {len(named) - _MOST_UNKNOWN:,} more"] if len(named) > _MOST_UNKNOWN else []
    yield from format_section("No card has these names: add yours under `endpoints:` or `aliases:`", shown)
    yield from format_section("Not read", (line for one in read for line in _describe_bad_lines(one)))
    yield ""
    yield from render_findings(result.findings, result.texts)
    if result.suppressed:
        yield f"{len(result.suppressed)} suppressed by x-allow; `modelbook debt` lists the reasons"


def _describe_bad_lines(one: ReadFile) -> Iterator[str]:
    """Describe the parts of a file that were not read, without their text."""
    if one.format is None:
        yield f"  {one.name}: {'it is empty' if one.is_empty else f'no traffic: expected {_FORMATS}'}"
    if one.bad.count:
        first = ", ".join(f"line {number} ({reason})" for number, reason in sorted(one.bad.first))
        yield f"  {one.name}: {format_count(one.bad.count, 'bad line')}{f', the first: {first}' if first else ''}"
    if one.problem:
        yield f"  {one.name}: {one.problem}"


def _to_data(read: Sequence[ReadFile], records: Sequence[TrafficRecord], result: CheckResult) -> dict[str, Any]:
    """Return version 1 of the JSON report."""
    return {
        "version": 1,
        "files": [
            {
                "name": one.name,
                "format": one.format,
                "bad_lines": one.bad.count,
                "first_bad_lines": [{"line": number, "reason": reason} for number, reason in sorted(one.bad.first)],
                "problem": one.problem,
            }
            for one in read
        ],
        "sources": [msgspec.to_builtins(record) for record in records if isinstance(record, TrafficSource)],
        "calls": [msgspec.to_builtins(record) for record in records if isinstance(record, SeenCall)],
        "findings": [finding_to_data(finding) for finding in result.findings],
        "suppressed": [suppressed_to_data(one) for one in result.suppressed],
    }
