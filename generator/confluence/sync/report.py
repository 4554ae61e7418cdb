"""The words that every form of a plan shares."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from generator.confluence.sync.plan_file import checksum
from generator.confluence.sync.values import (
    NO_CONSENT,
    Action,
    Change,
    Conflict,
    Consent,
    Failure,
    Outcome,
    Plan,
    Result,
    deed,
    number_of,
)
from generator.printable import escape_line

_PLANNED = {Action.LABELS: "with other labels", Action.ATTACHMENTS: "with other files"}
_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.RENAME: "renamed",
    Action.MOVE: "moved",
    Action.LABELS: "relabelled",
    Action.ATTACHMENTS: "with new files",
    Action.ARCHIVE: "archived",
    Action.TRASH: "moved to the trash",
    Action.RECORD: "recorded",
}


def counted(changes: Iterable[Change], *, done: bool = False) -> str:
    """Return how many pages have what done to them: `1 to create, 3 to update`, or `1 created, 3 updated`."""
    counts = Counter(action for change in changes for action in change.actions)
    words = _DONE if done else {action: f"to {action.value}" for action in Action} | _PLANNED
    return ", ".join(f"{counts[action]} {words[action]}" for action in Action if counts[action])


def sign(change: Change) -> str:
    """Return one letter for the kind of change: `+`, `-`, `~`, or a dot where only the manifest learns something."""
    if change.creates:
        return "+"
    if change.removes:
        return "-"
    return "." if change.actions == (Action.RECORD,) else "~"


def headline(change: Change) -> str:
    """`update, rename: Top picks (was Picks)`."""
    actions = ", ".join(action.value for action in change.actions)
    was = f" (was {change.old_title})" if change.old_title else ""
    return f"{actions}: {change.title}{was}"


def details(change: Change) -> list[str]:
    """What else is to be known of a change, a line each; the diff not among them."""
    lines = [*change.notes, *([change.message] if change.message and not change.creates else [])]
    labels = [f"+ {label}" for label in change.new_labels] + [f"- {label}" for label in change.old_labels]
    if labels and not change.creates:
        lines.append(f"labels: {', '.join(labels)}")
    files = [f"{'new version of' if each.id else '+'} {each.name}" for each in change.uploads]
    files += [f"- {each.name}" for each in change.removals]
    if files and not change.saves:
        lines.append(f"files: {', '.join(files)}")
    if change.aside:
        lines.append(f"steps aside as {change.aside}, as another page gets its title")
    kept = len({marker.ref for marker in change.markers})
    if kept:
        lines.append(f"{number_of(kept, 'inline comment')} kept in place")
    lines += [
        f"the comment of {each.author} on {each.selection!r} loses its place: {each.body}" for each in change.remarks
    ]
    return lines


def conflict_line(conflict: Conflict) -> str:
    """Which page, what happened to it, who did it and when."""
    return f"{conflict.title}: {deed(conflict.hindrance, conflict.who, conflict.when)}"


def where(plan: Plan) -> str:
    """`BOOK (cloud): 187 pages, 180 published before`."""
    return f"{plan.space.key} ({plan.flavour}): {number_of(plan.pages, 'page')}, {plan.owned} published before"


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


MARK = "<!-- modelbook publish plan -->"
"""The first line, by which CI finds its own comment again."""
_ROOM = 60_000
"""Letters: GitHub takes 65,536 in a comment."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@&!])")


def plan_markdown(plan: Plan, consent: Consent = NO_CONSENT) -> str:
    """Return the plan with a diff to unfold for each page; what does not fit a comment is counted at the end."""
    parts = [*_head(plan, consent)]
    bodies = [*map(_unfold_conflict, plan.conflicts), *map(_unfold_change, plan.changes)]
    room = _ROOM - sum(map(len, parts))
    for number, body in enumerate(bodies):
        room -= len(body)
        if room < 0:
            parts.append(f"\n… and {len(bodies) - number} more; `modelbook publish plan` shows all of them.\n")
            break
        parts.append(body)
    return "".join(parts)


def result_markdown(result: Result) -> str:
    """What was done, as a comment."""
    return f"{MARK}\n### Confluence: {result.outcome}\n\n{_fenced(result_text(result).splitlines(), 'text')}"


def _head(plan: Plan, consent: Consent) -> Iterator[str]:
    summary = counted(plan.changes) or "nothing to do"
    yield f"{MARK}\n### Confluence: {summary}\n\n{_plain(where(plan))} · plan `{checksum(plan)[:12]}`\n\n"
    refusals = plan.refusals(consent)
    yield from (f"- :no_entry: {_plain(reason)}\n" for reason in refusals)
    for finding in plan.findings[:50]:
        place, hint = _plain(str(finding.position)), f"; {_plain(finding.hint)}" if finding.hint else ""
        yield f"- {finding.severity} {finding.code} {place}: {_plain(finding.message)}{hint}\n"
    if len(plan.findings) > 50:
        yield f"- … and {len(plan.findings) - 50} more findings\n"
    if refusals or plan.findings:
        yield "\n"


def _unfold_change(change: Change) -> str:
    card = f" ({_plain(change.card)})" if change.card else ""
    lines = "".join(f"- {_plain(line)}\n" for line in details(change))
    return _unfolding(f"{_plain(headline(change))}{card}", lines, change.diff)


def _unfold_conflict(conflict: Conflict) -> str:
    card = f" ({_plain(conflict.card)})" if conflict.card else ""
    return _unfolding(f"⚠️ {_plain(conflict_line(conflict))}{card}", f"- {_plain(conflict.words)}\n", conflict.diff)


def _unfolding(title: str, lines: str, diff: Iterable[str]) -> str:
    listed = list(diff)
    shown = _fenced(listed, "diff") if listed else ""
    return f"<details><summary>{title}</summary>\n\n{lines}\n{shown}</details>\n\n"


def _fenced(lines: Iterable[str], language: str) -> str:
    """Return a code block whose fence is longer than any run of backticks in it."""
    text = "".join(f"{escape_line(line)}\n" for line in lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}{fence}\n"


def _plain(text: str) -> str:
    """Return the text as it is: nothing in it is Markdown, HTML or a mention of somebody."""
    return _SPECIAL.sub(lambda sign: f"&#{ord(sign[1])};", escape_line(text))
