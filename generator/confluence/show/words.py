"""The words that every form of a plan shares."""

from collections import Counter
from collections.abc import Iterable

from generator.confluence.plan.values import Action, Change, Conflict, Plan
from generator.confluence.plan.wording import deed, number_of

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
