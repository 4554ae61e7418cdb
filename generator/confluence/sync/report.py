"""Plans and results as text for a terminal, as JSON, and as Markdown for a comment on a pull request."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from generator.confluence.storage.nodes import shorten_text
from generator.confluence.sync.values import FORMAT, Action, Change, Conflict, Outcome, Plan, Result
from generator.confluence.wiki import TITLE_LIMIT
from generator.errors import UserError
from generator.findings import Finding
from generator.grouping import group_pairs
from generator.names import format_count
from generator.printable import escape_json, escape_line, escape_markdown

_AGAIN = "make it again with `modelbook publish plan`"
MARK = "<!-- modelbook publish plan -->"
"""The first line of a comment, by which CI finds its own again."""
_WORDS = {
    Action.CREATE: ("to create", "created"),
    Action.UPDATE: ("to update", "updated"),
    Action.RENAME: ("to rename", "renamed"),
    Action.MOVE: ("to move", "moved"),
    Action.LABELS: ("with other labels", "relabelled"),
    Action.ATTACHMENTS: ("with other files", "with new files"),
    Action.STATE: ("with another state", "with a new state"),
    Action.APPEARANCE: ("with another width or editor", "with a new width or editor"),
    Action.ARCHIVE: ("to archive", "archived"),
    Action.TRASH: ("to trash", "moved to the trash"),
    Action.RECORD: ("to record", "recorded"),
}
"""The words for an operation in a plan and in a result."""
_NAMED = 5
"""Pages that a notice names, and findings of one rule on one page; the others are counted."""
_OF_NEW_PAGES = (Action.LABELS, Action.ATTACHMENTS, Action.STATE, Action.APPEARANCE)
"""Actions that go without saying for a page that is created."""
_MOST_FINDINGS = 50
_ROOM = 60_000
"""Letters: GitHub takes 65,536 in a comment."""


def checksum(plan: Plan) -> str:
    """Return the checksum of a plan: of the changes, the held pages and the state that they are based on."""
    text = json.dumps(_to_data(plan), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plan_file(plan: Plan) -> str:
    """Return the plan as a file that `plan_in` reads."""
    return _dump({"checksum": checksum(plan), "plan": _to_data(plan)})


def plan_in(text: str) -> Plan:
    """Return the plan in a file; UserError if it is not a plan, was changed, or is of another release."""
    try:
        data = json.loads(text)
        if data["plan"]["format"] != FORMAT:
            raise UserError(f"the plan was made by another release; {_AGAIN}")
        plan = msgspec.convert(data["plan"], Plan, dec_hook=lambda kind, value: kind.model_validate(value))
    except (ValueError, KeyError, TypeError, msgspec.ValidationError, RecursionError) as error:
        raise UserError(f"the file holds no plan; {_AGAIN}") from error
    if checksum(plan) != data.get("checksum"):
        raise UserError(f"the plan was changed after it was made; {_AGAIN}")
    return plan


def list_differences(saved: Plan, fresh: Plan) -> tuple[str, ...]:
    """Return why a saved plan is out of date, compared with one that is made now; empty if it is not."""
    if checksum(saved) == checksum(fresh):
        return ()
    if saved.head_version != fresh.head_version:
        return (f"the book was published since the plan was made: {_AGAIN}",)
    before, after = _index_pages(saved), _index_pages(fresh)
    differing = [ref for ref in before | after if before.get(ref) != after.get(ref)]
    named = ", ".join(repr((after.get(ref) or before[ref]).title) for ref in differing)
    return (f"the plan is out of date{f' for {named}' if named else ''}: {_AGAIN}",)


def _index_pages(plan: Plan) -> dict[str, Change | Conflict]:
    pages: tuple[Change | Conflict, ...] = (*plan.changes, *plan.conflicts, *plan.unconfirmed)
    return {each.ref: each for each in pages}


def plan_json(plan: Plan) -> str:
    """Return the plan with its checksum and the reasons why it may not be applied."""
    data = {"checksum": checksum(plan), "empty": plan.empty, "refusals": list(plan.refusals)}
    return escape_json(_dump({**data, "exit_status": plan.exit_status, "plan": _to_data(plan)}))


def result_json(result: Result) -> str:
    """Return the result with its exit status."""
    return escape_json(_dump({"exit_status": result.exit_status, "result": _to_data(result)}))


def _to_data(value: Plan | Result) -> Any:  # noqa: ANN401 - JSON
    return msgspec.to_builtins(value, enc_hook=lambda settings: settings.model_dump(mode="json"))


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def plan_markdown(plan: Plan) -> str:
    """Return the plan with a diff to unfold for each page; those that do not fit into a comment are counted."""
    parts = [
        f"{MARK}\n### Confluence: {_summarize(plan) or 'nothing to do'}\n\n",
        f"{escape_markdown(_describe_place(plan))} · plan `{checksum(plan)[:12]}`\n\n",
        *(f"- :no_entry: {escape_markdown(reason)}\n" for reason in plan.refusals),
    ]
    if plan.unconfirmed:
        parts.append(f"- {escape_markdown(describe_unconfirmed(plan.unconfirmed))}\n")
    findings = list(_list_findings(plan))
    for finding, more in findings[:_MOST_FINDINGS]:
        place = escape_markdown(str(finding.position))
        hint = f"; {escape_markdown(finding.hint)}" if finding.hint else ""
        message = f"{escape_markdown(finding.message)}{_describe_more(more)}"
        parts.append(f"- {finding.severity} {finding.code} {place}: {message}{hint}\n")
    omitted = sum(1 + more for _, more in findings[_MOST_FINDINGS:])
    if omitted:
        parts.append(f"- … and {omitted:,} more findings\n")
    parts.append("\n")
    pages = [(f"⚠️ {_describe_conflict(each)}", [each.words], each.diff) for each in plan.conflicts]
    for change in plan.changes:
        card = f" ({change.card})" if change.card else ""
        pages.append((f"{_describe_change(change)}{card}", details(change), change.diff))
    room = _ROOM - sum(map(len, parts))
    for number, (title, lines, diff) in enumerate(pages):
        listed = "".join(f"- {escape_markdown(line)}\n" for line in lines)
        shown = "".join(f"{escape_line(line)}\n" for line in diff)
        # The fence is longer than any run of backticks in the block.
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", shown)), 0)
        block = f"{fence}diff\n{shown}{fence}\n" if diff else ""
        body = f"<details><summary>{escape_markdown(title)}</summary>\n\n{listed}\n{block}</details>\n\n"
        room -= len(body)
        if room < 0:
            parts.append(f"\n… and {len(pages) - number} more; `modelbook publish plan` shows all of them.\n")
            break
        parts.append(body)
    return "".join(parts)


def describe_unconfirmed(pages: tuple[Conflict, ...]) -> str:
    """Return the notice about pages whose removal waits for a confirmation."""
    names = ", ".join(each.title for each in pages[:_NAMED])
    more = f" and {len(pages) - _NAMED} more" if len(pages) > _NAMED else ""
    verb, those = ("stays", "it") if len(pages) == 1 else ("stay", "them")
    text = f"{format_count(len(pages), 'page')} no longer in the book or in `pages` {verb} in the wiki: {names}{more}"
    return f"{text}. To remove {those}: `modelbook publish apply --yes removals`"


def details(change: Change) -> list[str]:
    """Return the lines about a change below its headline, without the diff."""
    lines = [f"renamed from {change.old_ref}"] if change.old_ref else []
    lines += [*change.notes, *([change.message] if change.message and not change.creates else [])]
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
    return lines + [
        f"the comment of {each.author} on {each.selection!r} loses its place: {each.body}" for each in change.remarks
    ]


def plan_text(plan: Plan) -> str:
    """Return the plan for a terminal: each change with its diff, the pages that are held, and the counts."""
    lines = [_describe_place(plan)]
    for change in plan.changes:
        sign = "+" if change.creates else "-" if change.removes else "." if change.actions == (Action.RECORD,) else "~"
        lines.append(f"{sign} {_describe_change(change)}{f'  [{change.card}]' if change.card else ''}")
        lines += [f"    {line}" for line in details(change)] + [f"    | {line}" for line in change.diff]
    for conflict in plan.conflicts:
        lines += [f"! {_describe_conflict(conflict)}", f"    {conflict.words}"]
        lines += [f"    | {line}" for line in conflict.diff]
    for finding, more in _list_findings(plan):
        hint = f" ({finding.hint})" if finding.hint else ""
        message = f"{finding.message}{_describe_more(more)}{hint}"
        lines.append(f"{finding.position}: {finding.severity} {finding.code} {message}")
    if plan.unconfirmed:
        lines.append(describe_unconfirmed(plan.unconfirmed))
    if plan.interrupted:
        lines.append("An earlier run was interrupted; this one completes its work.")
    lines += [f"Not to be applied: {reason}" for reason in plan.refusals]
    lines.append(f"{_summarize(plan) or 'Nothing to do'}. Plan {checksum(plan)[:12]}")
    return "".join(f"{escape_line(line)}\n" for line in lines)


def result_text(result: Result) -> str:
    """Return the result for a terminal: the pages that are not as in the site, and the counts."""
    lines = [f"Refused: {reason}" for reason in result.refusals]
    lines += [f"{change.title}: renamed from {change.old_ref}" for change in result.done if change.old_ref]
    for failure in result.failures:
        place = _format_place(failure.card, failure.url)
        lines.append(f"Failed: {failure.title}{place}: {failure.said}" if failure.title else f"Failed: {failure.said}")
    for conflict in result.held:
        lines += [f"Held: {_describe_conflict(conflict)}", f"    {conflict.words}"]
    lines += [
        f"{title}: the comment of {remark.author} on {remark.selection!r} lost its place all the same"
        for title, remark in result.dangling
    ]
    if result.unconfirmed:
        lines.append(describe_unconfirmed(result.unconfirmed))
    failed = sum(failure.title != "" for failure in result.failures)
    counts = {"held": len(result.held), "kept": len(result.unconfirmed), "failed": failed, "not reached": result.left}
    summary = _count_pages(result.done, counts, is_done=True)
    if result.outcome is Outcome.NOTHING:
        lines.append(f"Nothing to do, {summary}." if summary else "Nothing to do: the wiki is up to date.")
    elif result.outcome is not Outcome.REFUSED:
        lines.append(f"{summary or 'Done'}.")
    if result.left:
        lines.append("The next run continues with the pages that were not reached.")
    return "".join(f"{escape_line(line)}\n" for line in lines)


def _summarize(plan: Plan) -> str:
    """Return the counts of a plan: `1 to create, 3 to update, 2 held`."""
    created = {change.ref for change in plan.changes if change.creates}
    sorted_only = sum(created.isdisjoint(refs) for refs in plan.orders.values())
    counts = {"with reordered children": sorted_only, "held": len(plan.conflicts), "kept": len(plan.unconfirmed)}
    return _count_pages(plan.changes, counts)


def _count_pages(changes: Iterable[Change], others: Mapping[str, int], *, is_done: bool = False) -> str:
    """Return the number of pages for each operation, then of other pages: `1 created, 3 updated, 2 held`."""
    counts = Counter(
        action for change in changes for action in change.actions if not (change.creates and action in _OF_NEW_PAGES)
    )
    named = {words[is_done]: counts[action] for action, words in _WORDS.items()} | dict(others)
    return ", ".join(f"{count:,} {word}" for word, count in named.items() if count)


def _describe_place(plan: Plan) -> str:
    """Return the place of the book and its size: `BOOK (cloud): 187 pages, 180 published before`."""
    return f"{plan.space.key} ({plan.flavour}): {format_count(plan.pages, 'page')}, {plan.owned:,} published before"


def _describe_change(change: Change) -> str:
    """Return the operations and the title: `update, rename: Top picks (was Picks)`."""
    former = change.old_title or change.old_ref
    was = f" (was {former})" if former else ""
    return f"{', '.join(change.actions)}: {_cut_title(change.title)}{was}"


def _describe_conflict(conflict: Conflict) -> str:
    return f"{_cut_title(conflict.title)}: {conflict.event}{_format_place(conflict.card, conflict.url)}"


def _cut_title(title: str) -> str:
    """Return a title, or the beginning of one that no page can have."""
    return title if len(title) <= TITLE_LIMIT else shorten_text(title, TITLE_LIMIT)


def _format_place(card: str, url: str) -> str:
    """Return the card and the address of a page, each if it is known: `  [cards/ryl.yml:3]  https://…`."""
    return "".join(f"  {each}" for each in (card and f"[{card}]", url) if each)


def _list_findings(plan: Plan) -> Iterator[tuple[Finding, int]]:
    """Yield the first findings of each rule on a page, and the number of others, which the last one counts.

    The reason why a page is held is not among them: it is in the lines of the page.
    """
    words = [each.words for each in plan.conflicts]
    listed = (each for each in plan.findings if not any(each.message in text for text in words))
    for findings in group_pairs(((each.position, each.code), each) for each in listed).values():
        *first, last = findings[:_NAMED]
        yield from ((each, 0) for each in first)
        yield last, len(findings[_NAMED:])


def _describe_more(count: int) -> str:
    return f", and {count:,} more" if count else ""
