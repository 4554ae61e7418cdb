"""What is wrong with a card: a Finding, and the Rule that explains its code."""

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from generator.names import Ref

MOST_OF_A_RULE = 100
"""Findings of one rule in one file that are shown to people; the rest are counted, and JSON has all."""


class Severity(StrEnum):
    """How bad it is; an error fails the run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst, so that sorting brings it first."""
        return list(Severity).index(self)


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A place in one of the author's files; `line` and `column` count from 1."""

    file: str
    """Path relative to the project, with forward slashes: the same on every machine."""
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A finding's code with the text that explains it; declared once, beside the code that reports it."""

    code: str
    name: str
    severity: Severity
    explanation: str
    """Markdown: the promise first, then `Why:` and `Fix:`; its page and `modelbook explain` show it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "explanation", inspect.cleandoc(self.explanation))

    @property
    def summary(self) -> str:
        """The promise: the first line of the explanation."""
        return self.explanation.partition("\n")[0]

    def at(self, position: Position, message: str, hint: str = "", subject: Ref | None = None) -> "Finding":
        """A finding of this rule at its own severity."""
        return Finding(position, self.code, self.name, self.severity, message, hint, subject)


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake of an author: where, what, and how to mend it."""

    position: Position
    code: str
    name: str
    severity: Severity
    message: str
    """What is wrong, with the value named."""
    hint: str = ""
    """What to do: the nearest right value, or the fix."""
    subject: Ref | None = None
    """The card it is about, where there is one."""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """By file and line, then code: the order of every report."""
        place = self.position
        return (place.file, place.line, place.column, self.code, self.message)


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by place, each finding once."""
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.sort_key)


def limit_per_rule(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield at most 100 findings of one rule for one file: more of a kind tell nobody anything."""
    met = Counter[tuple[str, str]]()
    for finding in findings:
        kind = (finding.position.file, finding.code)
        met[kind] += 1
        if met[kind] <= MOST_OF_A_RULE:
            yield finding


def apply_severities(findings: Iterable[Finding], severities: dict[str, Severity | None]) -> list[Finding]:
    """The findings as configured: a code's own severity, or gone where it is switched off (None)."""
    configured: list[Finding] = []
    for finding in findings:
        severity = severities.get(finding.code, finding.severity)
        if severity is not None:
            configured.append(finding if severity is finding.severity else replace(finding, severity=severity))
    return configured


def count_by_severity(findings: Iterable[Finding]) -> Counter[Severity]:
    """How many findings of each severity."""
    return Counter(finding.severity for finding in findings)


_NO_REASON = re.compile(r"[\W_]*(todo|tbd|fixme|xxx|n\W?a|none|no|nil|null|ok|yes|true|because|ignore\w*|later)?[\W_]*")


def is_reason(text: str) -> bool:
    """Return whether a text is a reason to accept a finding: words, not `todo` or `n/a`."""
    return _NO_REASON.fullmatch(text.casefold()) is None
