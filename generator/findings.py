"""Findings in cards, and the rules that explain their codes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from generator.names import Ref
from generator.values import FrozenValue

DRAFT_TAG = "draft"
"""The tag of a card that its author has not reviewed yet: the findings on it are notes."""
MOST_OF_A_RULE = 100
"""The number of findings of one rule in one file that are shown; the others are counted, and JSON has all."""


class Severity(StrEnum):
    """The severity of a finding; an error fails the run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """The rank for sorting; 0 for an error."""
        return list(Severity).index(self)


class Position(msgspec.Struct, frozen=True, order=True, gc=False):
    """A position in a file of the author; `line` and `column` start at 1."""

    file: str
    """The path relative to the project, with forward slashes on every system."""
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class SourcePlace(FrozenValue):
    """The place of a finding in the repository that its file was collected from."""

    repository: str
    """The name of the repository in the book, such as `shop/web`."""
    position: Position
    """The position in a file of that repository."""
    url: str = ""
    """The address of the line in the repository; empty if the address of its host is not known."""

    def __str__(self) -> str:
        return f"{self.position.file}:{self.position.line} in {self.repository}"


class Rule(FrozenValue):
    """The rule for the findings of one code."""

    code: str
    name: str
    severity: Severity
    explanation: str
    """Markdown: the expectation, then `Why:` and `Fix:`. Its page and `modelbook explain` show it."""

    @property
    def summary(self) -> str:
        """The expectation: the first line of the explanation."""
        return self.explanation.partition("\n")[0]

    def at(self, position: Position, message: str, hint: str = "", subject: Ref | None = None) -> "Finding":
        """Return a finding of this rule with its severity."""
        return Finding(position, self.code, self.name, self.severity, message, hint, subject)


_RULE = re.compile(r"^# (?P<code>MB\d+) (?P<name>[\w-]+), (?P<severity>\w+)\n", re.MULTILINE)


@cache
def _read_rules() -> Mapping[str, Rule]:
    parts = iter(_RULE.split(Path(__file__).with_name("rules.md").read_text("utf-8"))[1:])
    texts = zip(parts, parts, parts, parts, strict=True)
    return {code: Rule(code, name, Severity(severity), text.strip()) for code, name, severity, text in texts}


def get_rule(code: str) -> Rule:
    """Return a rule that `rules.md` explains; a rule with a function for its check has a docstring instead."""
    return _read_rules()[code]


class Finding(FrozenValue):
    """One error of an author: its position, the problem and the fix."""

    position: Position
    code: str
    name: str
    severity: Severity
    message: str
    """The problem, with the value."""
    hint: str = ""
    """The fix, if possible with the correct value."""
    subject: Ref | None = None
    """The card with the problem; None if the problem is in no card."""
    parts: tuple[str, ...] = ()
    """The problems that it names together, as text; empty if it is a single one. A baseline counts each of them."""
    softened_from: Severity | None = None
    """Its severity without the tag of a draft; None if its card is no draft, or if it is a note anyway."""
    source: SourcePlace | None = None
    """The same place in the repository of a collected card."""

    @property
    def label(self) -> str:
        """The message, with a remark if the finding is a note only because its card is a draft."""
        return f"{self.message} (a draft)" if self.softened_from else self.message

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """The order of every report: by position, then code."""
        place = self.position
        return (place.file, place.line, place.column, self.code, self.message)


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by position, without duplicates."""
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.sort_key)


def limit_per_rule(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield at most 100 findings of one rule for one file."""
    met = Counter[tuple[str, str]]()
    for finding in findings:
        kind = (finding.position.file, finding.code)
        met[kind] += 1
        if met[kind] <= MOST_OF_A_RULE:
            yield finding


def apply_severities(findings: Iterable[Finding], severities: dict[str, Severity | None]) -> list[Finding]:
    """Return the findings with the configured severities, without those that are switched off (None)."""
    configured: list[Finding] = []
    for finding in findings:
        severity = severities.get(finding.code, finding.severity)
        if severity is not None:
            configured.append(finding if severity is finding.severity else replace(finding, severity=severity))
    return configured


def count_by_severity(findings: Iterable[Finding]) -> Counter[Severity]:
    """Count the findings of each severity."""
    return Counter(finding.severity for finding in findings)


_NO_REASON = re.compile(r"[\W_]*(todo|tbd|fixme|xxx|n\W?a|none|no|nil|null|ok|yes|true|because|ignore\w*|later)?[\W_]*")


def is_reason(text: str) -> bool:
    """Return whether a text is a reason to accept a finding: words, not `todo` or `n/a`."""
    return _NO_REASON.fullmatch(text.casefold()) is None
