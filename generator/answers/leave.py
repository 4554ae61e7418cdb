"""What to change in the cards when somebody leaves: every role handed over, no other line touched.

Pure: it plans from texts and returns texts; who shows and who writes them is the caller's matter. Each changed file
is read again before it is offered; one that would not say exactly what it should is left for the hand.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from generator.answers.card_text import Change, changed_text
from generator.answers.mentions import in_prose, unread_references
from generator.answers.responsibilities import Responsibility, list_records, list_responsibilities
from generator.errors import UserError
from generator.findings import Position
from generator.graph.edges import Graph
from generator.graph.people import find_present_lead, find_successor, get_person, has_left, require_ref
from generator.names import Ref
from generator.secrets.redaction import redact

REMOVABLE = frozenset({"owners", "contacts", "stakeholders", "lead", "successor", "cleanup"})
"""The keys from which an entry can go without another in its place."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves, when, and who takes over."""

    person: Ref
    on: date
    successor: Ref | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """One role with who has it now; nobody where the entry only goes."""

    count: Responsibility
    to: Ref | None


@dataclass(frozen=True, slots=True)
class Open:
    """What is left for people to decide or to write."""

    position: Position
    what: str


@dataclass(frozen=True, slots=True)
class FilePatch:
    """A file before and after."""

    file: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff that `git apply` takes; `secrets.redaction.redact` it before it is shown."""
        lines = difflib.unified_diff(
            _lines(self.before), _lines(self.after), f"a/{self.file}", f"b/{self.file}", lineterm="\n"
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


@dataclass(frozen=True, slots=True)
class LeavePlan:
    """The answer to `modelbook leave PERSON`."""

    leaving: Leaving
    heir: Ref | None
    """The successor, given or recorded on the card, else the lead of the person's team, else nobody."""
    counts: tuple[Responsibility, ...]
    handed: tuple[Handed, ...]
    patches: tuple[FilePatch, ...]
    """By file name; empty on the second run."""
    open: tuple[Open, ...]

    @property
    def diff(self) -> str:
        """All changes as one unified diff."""
        return "".join(patch.diff for patch in self.patches)


def plan_leave(graph: Graph, texts: Mapping[str, str], leaving: Leaving, missing: Iterable[Position] = ()) -> LeavePlan:
    """Hand everything over that counts on a person, and say on the person's own card that and when they left.

    `texts` are the files as they are on disk, line ends and byte order mark included, by their names in the book;
    `missing` are the places that could not be read, where the person is looked for in the text. All places that the
    plan names are those before the change. Raises UserError for somebody unknown, and for a successor who cannot take
    over.
    """
    heir = _heir(graph, leaving)
    counts = list_responsibilities(graph, leaving.person)
    handed = tuple(Handed(count, heir if heir or not _removable(count) else None) for count in counts)
    by_file: dict[str, list[Change]] = {graph.cards[leaving.person].document.file: _own_card(graph, leaving)}
    for one in handed:
        if one.to is not None or _removable(one.count):
            by_file.setdefault(one.count.position.file, []).append(_change(graph, one))
    patches, by_hand = _patches(texts, by_file)
    unread = tuple(_unread(graph, leaving, texts, missing))
    told = {one.position for one in unread}
    mentions = _mentions(graph, leaving, texts, (count.position for count in counts))
    left_over = [*by_hand, *_without_heir(handed), *unread, *(one for one in mentions if one.position not in told)]
    left_over.sort(key=lambda one: (one.position, one.what))
    return LeavePlan(leaving, heir, counts, handed, patches, tuple(left_over))


def require_no_other_record(graph: Graph, leaving: Leaving, today: date) -> None:
    """Raise UserError if the card of the person records another last day, or another successor."""
    card = get_person(graph, leaving.person.id)
    if card is None:
        return
    other_day = card.left_on is not None and card.left_on != leaving.on
    named = leaving.successor.id if leaving.successor is not None else None
    other_successor = None not in {named, card.successor} and named != card.successor
    if other_day or other_successor:
        verb = "left" if has_left(graph, card.ref, today) else "leaves"
        parts = [f"{card.id} {verb} on {card.left_on}"] if card.left_on else []
        parts += [f"{card.successor} is the successor"] if card.successor else []
        message = f"{'; '.join(parts)}: use --force to replace what the card records"
        raise UserError(message)


def _heir(graph: Graph, leaving: Leaving) -> Ref | None:
    require_ref(graph, leaving.person)
    card = get_person(graph, leaving.person.id)
    if card is None:
        message = f"{leaving.person} is no person; `leave` is for people, as in person:asha"
        raise UserError(message)
    if leaving.successor is None:
        recorded = find_successor(graph, card.ref, leaving.on)
        heir = recorded or find_present_lead(graph, card.team, leaving.on)
        return heir.ref if heir is not None and heir.ref != card.ref else None
    successor = get_person(graph, require_ref(graph, leaving.successor).id)
    if successor is None or successor.ref == card.ref or has_left(graph, successor.ref, leaving.on):
        message = (
            f"{leaving.successor} cannot take over from {leaving.person} on {leaving.on}; name somebody who is there"
        )
        raise UserError(message)
    return successor.ref


def _removable(count: Responsibility) -> bool:
    return count.path[0] in REMOVABLE


def _own_card(graph: Graph, leaving: Leaving) -> list[Change]:
    root = graph.cards[leaving.person].document.at()
    changes = [Change(root, ("left_on",), leaving.on.isoformat())]
    if leaving.successor is not None:
        changes.append(Change(root, ("successor",), leaving.successor.id))
    return changes


def _change(graph: Graph, handed: Handed) -> Change:
    count = handed.count
    root = graph.cards[count.card].document.at()
    if handed.to is None:
        return Change(root, count.path, None)
    return Change(root, count.path, str(handed.to) if ":" in count.text else handed.to.id)


def _patches(texts: Mapping[str, str], by_file: Mapping[str, list[Change]]) -> tuple[tuple[FilePatch, ...], list[Open]]:
    patches: list[FilePatch] = []
    by_hand: list[Open] = []
    for file in sorted(by_file):
        after = changed_text(file, texts[file], by_file[file])
        if after is None:
            what = "could not be changed safely; hand over by hand"
            by_hand += [Open(change.root, f"`{_dotted(change)}` {what}") for change in by_file[file]]
        elif after != texts[file]:
            patches.append(FilePatch(file, texts[file], after))
    return tuple(patches), by_hand


def _dotted(change: Change) -> str:
    return ".".join(str(step) for step in change.path)


def _without_heir(handed: Iterable[Handed]) -> Iterator[Open]:
    for one in handed:
        if one.to is None:
            done = "has nobody now" if _removable(one.count) else "still names who leaves"
            yield Open(one.count.position, f"{one.count.card}: {one.count.role} {done}")


def _unread(graph: Graph, leaving: Leaving, texts: Mapping[str, str], missing: Iterable[Position]) -> Iterator[Open]:
    """Where a card that could not be read may count on the person: it must be mended first."""
    for place, line in unread_references(graph, texts, leaving.person, missing):
        yield Open(place, f"could not be read, and names {leaving.person}: {redact(line.strip())}")


def _mentions(graph: Graph, leaving: Leaving, texts: Mapping[str, str], told: Iterable[Position]) -> Iterator[Open]:
    """Where prose names the person: no reference, so nothing is changed, yet somebody should read it."""
    card = get_person(graph, leaving.person.id)
    assert card is not None
    for place, line in in_prose(graph, texts, card, [*told, *list_records(graph, leaving.person)]):
        yield Open(place, f"the text names {card.name}: {redact(line.strip())}")


def _lines(text: str) -> list[str]:
    """The lines with their ends, as git counts them."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
