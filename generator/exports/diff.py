"""The differences between two books as Markdown, for a comment on a pull request."""

from collections.abc import Iterator, Sequence

from generator.answers.deletions import ACCEPT_DELETION, Deletion
from generator.answers.diff import BookDiff, CardChange
from generator.answers.impact import NotifiedParty
from generator.history.events import ChangeKind
from generator.history.facts import FactKind
from generator.printable import escape_markdown
from generator.secrets.redaction import redact

MARK = "<!-- modelbook diff -->"
"""The first line of a comment, by which CI finds its own again."""
_ROOM = 60_000
"""The most characters: GitHub takes 65,536 in a comment."""
_MOST_LINES = 40
"""The most lines about one card."""
_LONGEST = 300
"""The most characters of a text from a card."""


def render_diff(found: BookDiff, base: str) -> str:
    """Render the differences as Markdown; entries that do not fit into a comment are counted."""
    sections: Sequence[tuple[str, list[str]]] = (
        ("Deletions that leave consumers", [_render_deletion(one) for one in found.deletions]),
        (
            "Can it be switched off?",
            [f"- **{_escape(one.name)}** (`{one.ref}`): {_escape(one.before)} → {_escape(one.after)}\n"
             for one in found.verdicts],
        ),
        (
            "Affected",
            [f"- **{_escape(one.name)}** (`{one.ref}`): {_join(one.reasons)}\n" for one in found.affected],
        ),
        ("People to notify", [_render_party(one) for one in found.told]),
        ("Changes", [_render_card(one) for one in found.cards]),
        ("Not compared, because the card cannot be read", [f"- `{ref}`\n" for ref in found.unknown]),
    )  # fmt: skip
    parts = [f"{MARK}\n### Model book: {summarize_diff(found)}\n\nCompared with {_escape(base)}.\n"]
    room = _ROOM - len(parts[0])
    for heading, blocks in sections:
        if not blocks:
            continue
        parts.append(f"\n#### {heading}\n\n")
        room -= len(parts[-1]) + 100  # for the line that counts the others
        for number, block in enumerate(blocks):
            if len(block) > room:
                parts.append(f"\n… and {len(blocks) - number} more; `modelbook diff` lists all of them.\n")
                break
            parts.append(block)
            room -= len(block)
    return "".join(parts)


def summarize_diff(found: BookDiff) -> str:
    """Return the number of changed cards: `1 card removed, 2 changed`."""
    kinds = (ChangeKind.REMOVED, ChangeKind.RENAMED, ChangeKind.ADDED, ChangeKind.CHANGED)
    counts = [(count, kind.value) for kind in kinds if (count := sum(one.change is kind for one in found.cards))]
    if not counts:
        return "no changes"
    (first, word), *others = counts
    named = [f"{first} {'card' if first == 1 else 'cards'} {word}", *(f"{count} {other}" for count, other in others)]
    return ", ".join(named)


def _escape(text: str) -> str:
    shown = redact(text)
    return escape_markdown(f"{shown[:_LONGEST]}…" if len(shown) > _LONGEST else shown)


def _join(texts: Sequence[str]) -> str:
    more = f"; and {len(texts) - _MOST_LINES} more" if len(texts) > _MOST_LINES else ""
    return "; ".join(map(_escape, texts[:_MOST_LINES])) + more


def _render_deletion(one: Deletion) -> str:
    lines = [f"  - {_escape(user.name)}: {_escape(user.text)}\n" for user in one.consumers[:_MOST_LINES]]
    if len(one.consumers) > _MOST_LINES:
        lines.append(f"  - and {len(one.consumers) - _MOST_LINES} more\n")
    if one.is_accepted:
        sign, fix = ":warning:", "A commit message accepts the deletion."
    else:
        sign = ":no_entry:"
        fix = f"Remove the use first, or add the line `{ACCEPT_DELETION}: {one.ref}` to a commit message."
    return f"- {sign} **{_escape(one.name)}** (`{one.ref}`) is still used. {fix}\n{''.join(lines)}"


def _render_party(one: NotifiedParty) -> str:
    instead = f"; notify `{one.instead}` instead" if one.instead else "; no one is left" if one.path else ""
    return f"- **{_escape(one.name)}** (`{one.party}`): {_join(one.whys)}{instead}\n"


def _render_card(one: CardChange) -> str:
    lines = list(list_card_lines(one))
    shown = "".join(f"- {_escape(line)}\n" for line in lines[:_MOST_LINES])
    more = f"- and {len(lines) - _MOST_LINES} more\n" if len(lines) > _MOST_LINES else ""
    title = f"{one.change.value.capitalize()} {_escape(one.name)} (<code>{one.ref}</code>)"
    if not lines:
        return f"{title}\n\n"
    return f"<details><summary>{title}</summary>\n\n{shown}{more}\n</details>\n\n"


def list_card_lines(one: CardChange) -> Iterator[str]:
    """List the changes of a card as text; of a removed card only its former name and its consumers."""
    if one.renamed_from is not None:
        yield f"Renamed from {one.renamed_from}"
    is_removed = one.change is ChangeKind.REMOVED
    yield from (fact.text for fact in one.facts if not is_removed or fact.kind is FactKind.CONSUMER)
    if one.other_keys:
        yield f"Also changed: {', '.join(one.other_keys)}"
