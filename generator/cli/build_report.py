"""What a build prints about the findings, and the lines in the stamp of the build."""

import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from generator.checks.redaction import redact_files
from generator.cli.console import Line, PrintedLine, WorkflowCommand
from generator.cli.finding_text import describe_softened, render_findings
from generator.findings import Finding
from generator.load.files import Folder, read_text


def render_report(root: Path, findings: Sequence[Finding], known: str) -> list[PrintedLine]:
    """Render the findings of a build, and the sentence about those that the baseline lists."""
    lines: list[PrintedLine] = []
    if findings:
        lines += [*render_findings(findings, _read_excerpts(root, findings)), *describe_softened(findings)]
    return [*lines, known] if known else lines


def serialise_line(line: PrintedLine) -> str:
    """Return the pieces of a printed line as JSON."""
    assert not isinstance(line, WorkflowCommand), "builds print for terminals"
    pieces = line if isinstance(line, tuple) else (line,)
    return json.dumps([astuple(piece) if isinstance(piece, Line) else (piece, False, None) for piece in pieces])


def _read_excerpts(root: Path, findings: Sequence[Finding]) -> dict[str, str]:
    """Return the redacted texts of the files with findings; links to other folders are not followed."""
    paths = {name: root / name for name in {finding.position.file for finding in findings}}
    return redact_files({name: read_text(path, Folder(path.parent, root))[0] for name, path in paths.items()})
