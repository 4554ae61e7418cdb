"""What a check found: the findings that count, and those that somebody knows of or accepts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.checks.suppressions import Suppressed
from generator.findings import Finding


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that a report may tell."""

    findings: tuple[Finding, ...]
    """Those that count, sorted: all, or the new ones where a baseline or a revision is given."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The text of every file that was read, secrets blacked out."""
    suppressed: tuple[Suppressed, ...] = ()
    known: int = 0
    """How many findings the baseline lists, or the revision had already."""
    gone: int = 0
    """How many findings the baseline lists that are there no more."""
