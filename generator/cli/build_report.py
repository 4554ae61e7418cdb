"""What a build prints about the findings, and the lines in the stamp of the build."""

import json
from collections.abc import Mapping, Sequence

from msgspec.structs import astuple

from generator.cli.console import Line, PrintedLine, WorkflowCommand
from generator.cli.finding_text import describe_softened, render_findings
from generator.findings import Finding


def render_report(findings: Sequence[Finding], texts: Mapping[str, str], known: str) -> list[PrintedLine]:
    """Render the findings of a build with excerpts of redacted texts, and the sentence about those of the baseline."""
    lines: list[PrintedLine] = []
    if findings:
        lines += [*render_findings(findings, texts), *describe_softened(findings)]
    return [*lines, known] if known else lines


def serialise_line(line: PrintedLine) -> str:
    """Return the pieces of a printed line as JSON."""
    assert not isinstance(line, WorkflowCommand), "builds print for terminals"
    pieces = line if isinstance(line, tuple) else (line,)
    return json.dumps([astuple(piece) if isinstance(piece, Line) else (piece, False, None) for piece in pieces])


def describe_stop(*, has_errors: bool) -> str:
    """Describe why a build has stopped, and what to do: findings are errors, or warnings count as errors."""
    if has_errors:
        accepting = "modelbook check --write-baseline known.json"
        return f"nothing was built: correct the errors, or accept them for a time with `{accepting}`"
    return "nothing was built: --strict counts warnings as errors"
