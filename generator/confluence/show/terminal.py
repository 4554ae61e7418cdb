"""A plan and a result as lines of plain text."""

from collections.abc import Iterable, Iterator

from generator.confluence.plan.data import checksum
from generator.confluence.plan.result import Failure, Outcome, Result
from generator.confluence.plan.values import NO_CONSENT, Change, Conflict, Consent, Plan
from generator.confluence.show.words import conflict_line, counted, details, headline, sign, where
from generator.printable import escape_line


def plan_text(plan: Plan, consent: Consent = NO_CONSENT) -> str:
    """Return everything that would be done, what stands in the way, and whether it may be applied."""
    return _text(_plan_lines(plan, consent))


def result_text(result: Result) -> str:
    """What was done, and what to do about the rest."""
    return _text(_result_lines(result))


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{escape_line(line)}\n" for line in lines)


def _plan_lines(plan: Plan, consent: Consent) -> Iterator[str]:
    yield where(plan)
    for change in plan.changes:
        yield from _change(change)
    for conflict in plan.conflicts:
        yield from _conflict(conflict)
    for finding in plan.findings:
        hint = f" ({finding.hint})" if finding.hint else ""
        yield f"{finding.position}: {finding.severity} {finding.code} {finding.message}{hint}"
    if plan.interrupted:
        yield "A run before this one was cut short; this one finishes its work."
    yield from (f"Not to be applied: {reason}" for reason in plan.refusals(consent))
    yield f"{counted(plan.changes) or 'Nothing to do'}. Plan {checksum(plan)[:12]}"


def _change(change: Change) -> Iterator[str]:
    card = f"  [{change.card}]" if change.card else ""
    yield f"{sign(change)} {headline(change)}{card}"
    yield from (f"    {line}" for line in details(change))
    yield from (f"    | {line}" for line in change.diff)


def _conflict(conflict: Conflict) -> Iterator[str]:
    card = f"  [{conflict.card}]" if conflict.card else ""
    yield f"! {conflict_line(conflict)}{card}"
    yield f"    {conflict.words}"
    yield from (f"    | {line}" for line in conflict.diff)


def _result_lines(result: Result) -> Iterator[str]:
    yield from (f"Refused: {reason}" for reason in result.refusals)
    yield from (f"Failed: {_failure(failure)}" for failure in result.failures)
    for title, remark in result.dangling:
        yield f"{title}: the comment of {remark.author} on {remark.selection!r} lost its place all the same"
    if result.outcome is Outcome.NOTHING:
        yield "Nothing to do: the wiki says what the site says."
    if result.done:
        yield f"{counted(result.done, done=True)}."
    if result.left:
        yield f"{result.left} not reached; run it again once the cause is settled, and it goes on from here."


def _failure(failure: Failure) -> str:
    card = f" [{failure.card}]" if failure.card else ""
    return f"{failure.title}{card}: {failure.said}" if failure.title else failure.said
