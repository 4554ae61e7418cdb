"""The findings that a book had when it adopted the tool: known, so that only new ones fail."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.errors import UserError
from generator.findings import Finding, ordered

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
    counted = Counter(fingerprint(finding) for finding in findings)
    lines = [json.dumps(_entry(each, counted[each]), ensure_ascii=False) for each in sorted(counted)]
    body = ",\n".join(f"  {line}" for line in lines)
    listed = f"[\n{body}\n]" if lines else "[]"
    return f'{{"baseline": {_FORMAT}, "findings": {listed}}}\n'


def _entry(each: Fingerprint, times: int) -> dict[str, str | int]:
    entry: dict[str, str | int] = {"code": each.code, "on": each.on, "message": each.message}
    return entry if times == 1 else {**entry, "times": times}


def new_only(findings: Iterable[Finding], baseline: str) -> tuple[list[Finding], list[Finding], list[Fingerprint]]:
    """The findings that are new, those that are known, and what the baseline still lists though it is gone.

    Where a finding stands more often than the baseline knows it, the last ones count as new.
    Raises UserError when the text is no baseline.
    """
    left = Counter[Fingerprint]()
    for each, times in _entries(baseline):
        left[each] += times
    new: list[Finding] = []
    known: list[Finding] = []
    for finding in ordered(findings):
        each = fingerprint(finding)
        if left[each] > 0:
            left[each] -= 1
            known.append(finding)
        else:
            new.append(finding)
    return new, known, sorted(+left)


def _entries(text: str) -> Iterator[tuple[Fingerprint, int]]:
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
                times = entry.get("times", 1)
                if not isinstance(times, int) or isinstance(times, bool) or times < 1:
                    raise _malformed(f"`times` of finding {number} is {times!r}")
                yield Fingerprint(code, on, message), times
            case _:
                raise _malformed(f"finding {number} has not code, on and message")


def _malformed(why: str) -> UserError:
    return UserError(f"the baseline cannot be read: {why}; write it anew")
