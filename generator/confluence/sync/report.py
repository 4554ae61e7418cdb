"""Plans and results as text for a terminal, and as Markdown for a comment on a pull request."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from generator.confluence.sync.plan_file import checksum
from generator.confluence.sync.values import (
    Action,
    Change,
    Conflict,
    Outcome,
    Plan,
    Result,
    describe_deed,
    format_count,
)
from generator.findings import Finding
from generator.printable import escape_line

_PLANNED = {action: f"to {action.value}" for action in Action} | {
    Action.LABELS: "with other labels",
    Action.ATTACHMENTS: "with other files",
    Action.STATE: "with another state",
    Action.APPEARANCE: "with another width or editor",
}
_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.RENAME: "renamed",
    Action.MOVE: "moved",
    Action.LABELS: "relabelled",
    Action.ATTACHMENTS: "with new files",
    Action.STATE: "with a new state",
    Action.APPEARANCE: "with a new width or editor",
    Action.ARCHIVE: "archived",
    Action.TRASH: "moved to the trash",
    Action.RECORD: "recorded",
}
_NAMED = 5
"""Pages that a notice names."""
_OF_NEW_PAGES = (Action.LABELS, Action.ATTACHMENTS, Action.STATE, Action.APPEARANCE)
"""Actions that go without saying for a page that is created."""


def count_actions(changes: Iterable[Change], *, done: bool = False) -> str:
    """Return the number of pages for each operation: `1 to create, 3 to update`, or `1 created, 3 updated`."""
    counts = Counter(
        action for change in changes for action in change.actions if not (change.creates and action in _OF_NEW_PAGES)
    )
    words = _DONE if done else _PLANNED
    return ", ".join(f"{counts[action]} {words[action]}" for action in Action if counts[action])


def summarize_plan(plan: Plan) -> str:
    """Return the counts of a plan: `1 to create, 3 to update, 2 held`."""
    created = {change.ref for change in plan.changes if change.creates}
    sorted_only = sum(created.isdisjoint(refs) for refs in plan.orders.values())
    return _join_counts(
        count_actions(plan.changes),
        {"with reordered children": sorted_only, "held": len(plan.conflicts), "kept": len(plan.unconfirmed)},
    )


def summarize_result(result: Result) -> str:
    """Return the counts of a result: `3 updated, 2 held, 1 failed`."""
    failed = sum(failure.title != "" for failure in result.failures)
    counts = {"held": len(result.held), "kept": len(result.unconfirmed), "failed": failed, "not reached": result.left}
    return _join_counts(count_actions(result.done, done=True), counts)


def _join_counts(actions: str, counts: Mapping[str, int]) -> str:
    return ", ".join(filter(None, (actions, *(f"{count} {word}" for word, count in counts.items() if count))))


def headline(change: Change) -> str:
    """Return the operations and the title: `update, rename: Top picks (was Picks)`."""
    actions = ", ".join(action.value for action in change.actions)
    was = f" (was {change.old_title})" if change.old_title else ""
    return f"{actions}: {change.title}{was}"


def details(change: Change) -> list[str]:
    """Return the lines about a change below its headline, without the diff."""
    lines = [*change.notes, *([change.message] if change.message and not change.creates else [])]
    labels = [f"+ {label}" for label in change.new_labels] + [f"- {label}" for label in change.old_labels]
    if labels and not change.creates:
        lines.append(f"labels: {', '.join(labels)}")
    files = [f"{'new version of' if each.id else '+'} {each.name}" for each in change.uploads]
    files += [f"- {each.name}" for each in change.removals]
    if files and not change.saves:
        lines.append(f"files: {', '.join(files)}")
    if Action.STATE in change.actions:
        lines.append(f"state: {change.state or 'none'}")
    if change.aside:
        lines.append(f"temporary title {change.aside}, as another page gets its title")
    kept = len({marker.ref for marker in change.markers})
    if kept:
        lines.append(f"{format_count(kept, 'inline comment')} kept in place")
    lines += [
        f"the comment of {each.author} on {each.selection!r} loses its place: {each.body}" for each in change.remarks
    ]
    return lines


def where(plan: Plan) -> str:
    """Return the place of the book and its size: `BOOK (cloud): 187 pages, 180 published before`."""
    return f"{plan.space.key} ({plan.flavour}): {format_count(plan.pages, 'page')}, {plan.owned} published before"


def describe_unconfirmed(pages: tuple[Conflict, ...]) -> str:
    """Return the notice about pages whose removal waits for a confirmation."""
    names = ", ".join(each.title for each in pages[:_NAMED])
    more = f" and {len(pages) - _NAMED} more" if len(pages) > _NAMED else ""
    verb, those = ("stays", "it") if len(pages) == 1 else ("stay", "them")
    text = f"{format_count(len(pages), 'page')} that the book no longer has {verb} in the wiki: {names}{more}"
    return f"{text}. To remove {those}: `modelbook publish apply --yes removals`"


def _conflict_line(conflict: Conflict) -> str:
    card = f"  [{conflict.card}]" if conflict.card else ""
    url = f"  {conflict.url}" if conflict.url else ""
    return f"{conflict.title}: {describe_deed(conflict.hindrance, conflict.who, conflict.when)}{card}{url}"


def _list_findings(plan: Plan) -> Iterator[Finding]:
    """Yield the findings that are not the reason why a page is held: those are in the lines of the page."""
    words = [each.words for each in plan.conflicts]
    return (finding for finding in plan.findings if not any(finding.message in each for each in words))


def plan_text(plan: Plan) -> str:
    """Return the plan for a terminal: each change with its diff, the pages that are held, and the counts."""
    return _text(_plan_lines(plan))


def result_text(result: Result) -> str:
    """Return the result for a terminal: the pages that are not as in the site, and the counts."""
    return _text(_result_lines(result))


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{escape_line(line)}\n" for line in lines)


def _plan_lines(plan: Plan) -> Iterator[str]:
    yield where(plan)
    for change in plan.changes:
        sign = "+" if change.creates else "-" if change.removes else "." if change.actions == (Action.RECORD,) else "~"
        yield f"{sign} {headline(change)}{f'  [{change.card}]' if change.card else ''}"
        yield from (f"    {line}" for line in details(change))
        yield from (f"    | {line}" for line in change.diff)
    for conflict in plan.conflicts:
        yield f"! {_conflict_line(conflict)}"
        yield f"    {conflict.words}"
        yield from (f"    | {line}" for line in conflict.diff)
    for finding in _list_findings(plan):
        hint = f" ({finding.hint})" if finding.hint else ""
        yield f"{finding.position}: {finding.severity} {finding.code} {finding.message}{hint}"
    if plan.unconfirmed:
        yield describe_unconfirmed(plan.unconfirmed)
    if plan.interrupted:
        yield "An earlier run was interrupted; this one completes its work."
    yield from (f"Not to be applied: {reason}" for reason in plan.refusals)
    yield f"{summarize_plan(plan) or 'Nothing to do'}. Plan {checksum(plan)[:12]}"


def _result_lines(result: Result) -> Iterator[str]:
    yield from (f"Refused: {reason}" for reason in result.refusals)
    for failure in result.failures:
        card = f"  [{failure.card}]" if failure.card else ""
        url = f"  {failure.url}" if failure.url else ""
        yield f"Failed: {failure.title}{card}{url}: {failure.said}" if failure.title else f"Failed: {failure.said}"
    for conflict in result.held:
        yield f"Held: {_conflict_line(conflict)}"
        yield f"    {conflict.words}"
    for title, remark in result.dangling:
        yield f"{title}: the comment of {remark.author} on {remark.selection!r} lost its place all the same"
    if result.unconfirmed:
        yield describe_unconfirmed(result.unconfirmed)
    summary = summarize_result(result)
    if result.outcome is Outcome.NOTHING:
        yield f"Nothing to do, {summary}." if summary else "Nothing to do: the wiki is up to date."
    elif result.outcome is not Outcome.REFUSED:
        yield f"{summary or 'Done'}."
    if result.left:
        yield "The next run continues with the pages that were not reached."


MARK = "<!-- modelbook publish plan -->"
"""The first line, by which CI finds its own comment again."""
_ROOM = 60_000
"""Letters: GitHub takes 65,536 in a comment."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@&!])")


def plan_markdown(plan: Plan) -> str:
    """Return the plan with a diff to unfold for each page; those that do not fit into a comment are counted."""
    parts = [
        f"{MARK}\n### Confluence: {summarize_plan(plan) or 'nothing to do'}\n\n",
        f"{_plain(where(plan))} · plan `{checksum(plan)[:12]}`\n\n",
        *(f"- :no_entry: {_plain(reason)}\n" for reason in plan.refusals),
        *([f"- {_plain(describe_unconfirmed(plan.unconfirmed))}\n"] if plan.unconfirmed else []),
    ]
    findings = list(_list_findings(plan))
    for finding in findings[:50]:
        place, hint = _plain(str(finding.position)), f"; {_plain(finding.hint)}" if finding.hint else ""
        parts.append(f"- {finding.severity} {finding.code} {place}: {_plain(finding.message)}{hint}\n")
    if len(findings) > 50:
        parts.append(f"- … and {len(findings) - 50} more findings\n")
    parts.append("\n")
    bodies = [
        *(_unfolding(f"⚠️ {_conflict_line(each)}", [each.words], each.diff) for each in plan.conflicts),
        *(
            _unfolding(f"{headline(each)}{f' ({each.card})' if each.card else ''}", details(each), each.diff)
            for each in plan.changes
        ),
    ]
    room = _ROOM - sum(map(len, parts))
    for number, body in enumerate(bodies):
        room -= len(body)
        if room < 0:
            parts.append(f"\n… and {len(bodies) - number} more; `modelbook publish plan` shows all of them.\n")
            break
        parts.append(body)
    return "".join(parts)


def result_markdown(result: Result) -> str:
    """Return the result as a comment."""
    return f"{MARK}\n### Confluence: {result.outcome}\n\n{_fenced(result_text(result).splitlines(), 'text')}"


def _unfolding(title: str, lines: Iterable[str], diff: tuple[str, ...]) -> str:
    listed = "".join(f"- {_plain(line)}\n" for line in lines)
    shown = _fenced(diff, "diff") if diff else ""
    return f"<details><summary>{_plain(title)}</summary>\n\n{listed}\n{shown}</details>\n\n"


def _fenced(lines: Iterable[str], language: str) -> str:
    """Return a code block whose fence is longer than any run of backticks in it."""
    text = "".join(f"{escape_line(line)}\n" for line in lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}{fence}\n"


def _plain(text: str) -> str:
    """Return text without effect in Markdown: no markup, no HTML and no mention of a user."""
    return _SPECIAL.sub(lambda sign: f"&#{ord(sign[1])};", escape_line(text))
