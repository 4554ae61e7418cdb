"""Comparison of findings with those of a baseline or of an earlier revision, so that only new ones fail."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat

from generator.checks.locations import FieldLocator
from generator.findings import Finding, Position, Severity, sort_findings
from generator.grouping import group_pairs
from generator.load.syntax import find_conflict
from generator.names import format_count
from generator.values import FrozenValue

_FORMAT = 2
_COUNT_LIMIT = 1_000_000
"""The most findings that a baseline lists: a wrong number in it must not fill the memory."""
OLD_FORMAT = (
    "the baseline has format 1: findings are compared by code and card only; write it again with --write-baseline"
)
"""The notice about a baseline of an older version."""
_PLACE = re.compile(r"(\.(?:ya?ml|md|j2|json)):\d+(?::\d+)?|:\d+:\d+\b")
"""A line in a file of the book, or a line and a column in code."""
_STEP = re.compile(r"\bstep \d+\b")


class InvalidBaselineError(Exception):
    """A text that is not a baseline, with the reason."""


class Fingerprint(FrozenValue, order=True):
    """The part of a finding that stays the same when lines are added above it."""

    code: str
    on: str
    """The card of the finding, or its file if there is no card."""
    detail: str = ""
    """The field of the card in a baseline, the message between two revisions; empty if only code and card count."""


class Comparison(FrozenValue):
    """The findings of today compared with known ones."""

    new: list[Finding]
    known: list[Finding]
    fixed: list[Fingerprint]
    """The known findings that do not exist any more."""
    is_old_format: bool = False
    """Whether the baseline should be written again."""

    def describe_known(self) -> str:
        """Describe the findings that do not count, as `12 known findings, 3 fixed since`; empty if there are none."""
        if not self.known and not self.fixed:
            return ""
        fixed = f", {len(self.fixed)} fixed since" if self.fixed else ""
        return f"{format_count(len(self.known), 'known finding')}{fixed}; `modelbook check --no-baseline` lists them"


def to_baseline(findings: Iterable[Finding], locator: FieldLocator) -> str:
    """Return the findings as a baseline: sorted JSON with one line for each field, so that its diff is readable."""
    identify = partial(_identify_by_field, locator.find_field)
    counted = Counter((each, finding.severity) for finding in findings for each in identify(finding))
    lines: list[str] = []
    for each, severity in sorted(counted, key=lambda entry: (entry[0], entry[1].rank)):
        entry = {"code": each.code, "on": each.on, "field": each.detail, "severity": severity.value}
        times = counted[each, severity]
        lines.append("  " + json.dumps(entry if times == 1 else {**entry, "times": times}, ensure_ascii=False))
    body = ",\n".join(lines)
    listed = f"[\n{body}\n]" if lines else "[]"
    return f'{{"baseline": {_FORMAT}, "findings": {listed}}}\n'


def compare_with_baseline(findings: Iterable[Finding], baseline: str, locator: FieldLocator) -> Comparison:
    """Compare findings with the text of a baseline, by code, card and field.

    A baseline of format 1 has no fields: its findings match by code and card.
    Raises InvalidBaselineError for any other text.
    """
    number, known = _parse_baseline(baseline)
    find_field = locator.find_field if number == _FORMAT else lambda _: ""
    new, already, fixed = _match(findings, known, partial(_identify_by_field, find_field))
    return Comparison(new, already, fixed, is_old_format=number != _FORMAT)


def compare_revisions(findings: Iterable[Finding], earlier: Iterable[Finding]) -> Comparison:
    """Compare the findings of two revisions by their messages, without the numbers of lines and steps."""
    known = [(each, finding.severity) for finding in earlier for each in _identify_by_message(finding)]
    return Comparison(*_match(findings, known, _identify_by_message))


_Identify = Callable[[Finding], Sequence[Fingerprint]]
"""Returns the fingerprint of a finding, or of each problem that it names."""


def _identify_by_field(find_field: Callable[[Position], str], finding: Finding) -> Sequence[Fingerprint]:
    owner = str(finding.subject or finding.position.file)
    return [Fingerprint(finding.code, owner, find_field(finding.position))] * max(1, len(finding.parts))


def _identify_by_message(finding: Finding) -> Sequence[Fingerprint]:
    owner = str(finding.subject or finding.position.file)
    texts = (_STEP.sub("step", _PLACE.sub(r"\1", text)) for text in finding.parts or (finding.message,))
    return [Fingerprint(finding.code, owner, text) for text in texts]


def _match(
    findings: Iterable[Finding], known: Iterable[tuple[Fingerprint, Severity]], identify: _Identify
) -> tuple[list[Finding], list[Finding], list[Fingerprint]]:
    """Separate new from known findings; a finding is new if its severity has risen, or there are more than before.

    Each finding uses up the mildest known severity that is at least as bad. If several are alike, the last are new.
    One that names several problems uses up as many, and is new if one of them is.
    """
    left_of = {each: [*severities] for each, severities in group_pairs(known).items()}
    new: list[Finding] = []
    already: list[Finding] = []
    for finding in sort_findings(findings):
        is_known = True
        for each in identify(finding):
            left = left_of.get(each, [])
            as_bad = [severity for severity in left if severity.rank <= finding.severity.rank]
            if left:
                left.remove(max(as_bad or left, key=lambda severity: severity.rank))
            is_known = is_known and bool(as_bad)
        (already if is_known else new).append(finding)
    return new, already, sorted(each for each, severities in left_of.items() for _ in severities)


def _parse_baseline(text: str) -> tuple[int, list[tuple[Fingerprint, Severity]]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        conflict = find_conflict(text, "", 1)
        reason = f"merge conflict in line {conflict.position.line}" if conflict else f"not JSON ({error})"
        raise InvalidBaselineError(reason) from error
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise InvalidBaselineError("no list `findings`")
    number = data.get("baseline")
    if number not in (1, _FORMAT):
        raise InvalidBaselineError(f"unknown format {number!r}")
    return number, list(_parse_entries(data["findings"], "message" if number == 1 else "field"))


def _parse_entries(entries: list[object], detail: str) -> Iterator[tuple[Fingerprint, Severity]]:
    left = _COUNT_LIMIT
    for number, entry in enumerate(entries, 1):
        match entry:
            case {"code": str(code), "on": str(on), **rest} if isinstance(rest.get(detail), str):
                # The first baselines had no severity: they accept any.
                severity, times = rest.get("severity", Severity.ERROR.value), rest.get("times", 1)
                if severity not in list(Severity):
                    raise InvalidBaselineError(f"`severity` of finding {number} is {severity!r}")
                if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= left:
                    raise InvalidBaselineError(f"`times` of finding {number} is {times!r}")
                left -= times
                field = str(rest[detail]) if detail == "field" else ""
                yield from repeat((Fingerprint(code, on, field), Severity(str(severity))), times)
            case _:
                raise InvalidBaselineError(f"finding {number} does not have code, on and {detail}")
