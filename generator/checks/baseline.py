"""The findings that a book had when it adopted the tool: known, so that only new ones fail."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.errors import UserError
from generator.findings import Finding, Severity, sort_findings

_FORMAT = 1
_PLACE = re.compile(r"(\.(?:ya?ml|md|j2|json)):\d+(?::\d+)?")
_STEP = re.compile(r"\bstep \d+\b")


@dataclass(frozen=True, order=True, slots=True)
class Fingerprint:
    """What stays of a finding when the lines around it move."""

    code: str
    on: str
    """The card that it is about, or the file where there is none."""
    message: str

    def __str__(self) -> str:
        return f"{self.code} on {self.on}: {self.message}"


def fingerprint(finding: Finding) -> Fingerprint:
    """A finding without its place: the same after lines were added above it, or its file was renamed."""
    message = _STEP.sub("step", _PLACE.sub(r"\1", finding.message))
    return Fingerprint(finding.code, str(finding.subject or finding.position.file), message)


def to_baseline(findings: Iterable[Finding]) -> str:
    """The findings as a baseline: JSON, sorted, one finding a line, so that a diff of it can be read."""
    counted = Counter((fingerprint(finding), finding.severity) for finding in findings)
    entries = sorted(counted, key=lambda entry: (entry[0], entry[1].rank))
    lines = [json.dumps(_entry(*entry, counted[entry]), ensure_ascii=False) for entry in entries]
    body = ",\n".join(f"  {line}" for line in lines)
    listed = f"[\n{body}\n]" if lines else "[]"
    return f'{{"baseline": {_FORMAT}, "findings": {listed}}}\n'


def _entry(each: Fingerprint, severity: Severity, times: int) -> dict[str, str | int]:
    entry: dict[str, str | int] = {
        "code": each.code, "on": each.on, "message": each.message, "severity": severity.value,
    }  # fmt: skip
    return entry if times == 1 else {**entry, "times": times}


def new_only(findings: Iterable[Finding], baseline: str) -> tuple[list[Finding], list[Finding], list[Fingerprint]]:
    """The findings that are new, those that are known, and what the baseline still lists though it is gone.

    Where a finding stands more often than the baseline knows it, the last ones count as new; and so does one that is
    worse than the baseline knows it, as when the card goes to production: nobody has accepted it as an error.
    Raises UserError when the text is no baseline.
    """
    left: defaultdict[Fingerprint, list[Severity]] = defaultdict(list)
    for each, severity, times in _entries(baseline):
        left[each] += [severity] * times
    new: list[Finding] = []
    known: list[Finding] = []
    for finding in sort_findings(findings):
        (known if _take(left[fingerprint(finding)], finding.severity) else new).append(finding)
    return new, known, sorted(each for each, severities in left.items() for _ in severities)


def _take(left: list[Severity], severity: Severity) -> bool:
    """Take one off what is left of a finding, the mildest that is as bad; False where none is, or none is left."""
    if not left:
        return False
    as_bad = [one for one in left if one.rank <= severity.rank]
    left.remove(max(as_bad or left, key=lambda one: one.rank))
    return bool(as_bad)


def _entries(text: str) -> Iterator[tuple[Fingerprint, Severity, int]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"it is not JSON ({error})") from error
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise _malformed("it has no list `findings`")
    if data.get("baseline") != _FORMAT:
        raise _malformed(f"its format is {data.get('baseline')!r}, not {_FORMAT}")
    for number, entry in enumerate(data["findings"], 1):
        match entry:
            case {"code": str(code), "on": str(on), "message": str(message)}:
                yield Fingerprint(code, on, message), _severity(entry, number), _times(entry, number)
            case _:
                raise _malformed(f"finding {number} has not code, on and message")


def _severity(entry: Mapping[str, object], number: int) -> Severity:
    """How bad the finding was; the worst where the baseline does not say, since it was accepted as whatever it was."""
    said = entry.get("severity", Severity.ERROR.value)
    if said not in list(Severity):
        raise _malformed(f"`severity` of finding {number} is {said!r}")
    return Severity(str(said))


def _times(entry: Mapping[str, object], number: int) -> int:
    times = entry.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise _malformed(f"`times` of finding {number} is {times!r}")
    return times


def _malformed(why: str) -> UserError:
    return UserError(f"the baseline cannot be read: {why}; write it anew")
