"""The departure of a person: the cards with every role handed over, and the steps that need a decision.

Planning changes nothing. Each changed file is parsed again; one with an unexpected change becomes a manual step.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from generator.answers.responsibilities import Responsibility, list_records, list_responsibilities
from generator.answers.unreadable import list_document_lines, list_unread_lines
from generator.errors import UserError
from generator.findings import Position
from generator.graph.edges import Graph
from generator.graph.people import find_present_lead, find_successor, get_person, has_left, require_ref
from generator.grouping import group_pairs
from generator.load.card_edits import ValueEdit, edit_card_text
from generator.names import Ref
from generator.schema import Person
from generator.secrets.redaction import redact
from generator.values import FrozenValue

REMOVABLE = frozenset({"owners", "contacts", "stakeholders", "lead", "successor", "deputy", "cleanup"})
"""The keys whose entries can be removed without a replacement."""


class Departure(FrozenValue):
    """The last day of a person, and the successor if the user names one."""

    person: Ref
    on: date
    successor: Ref | None = None


class ManualStep(FrozenValue):
    """A place that needs a decision or a change by hand."""

    position: Position
    what: str


class FilePatch(FrozenValue):
    """The text of a file before and after."""

    file: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff for `git apply`; redact it before it is shown."""
        # Split as git does: not at the other line breaks of Unicode.
        before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (self.before, self.after))
        lines = difflib.unified_diff(before, after, f"a/{self.file}", f"b/{self.file}", lineterm="\n")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


class DeparturePlan(FrozenValue):
    """The answer to `modelbook leave PERSON`."""

    departure: Departure
    successor: Ref | None
    """The successor that the user or the card names, else the lead of the team; None if there is neither."""
    handed: tuple[Responsibility, ...]
    """Those of the person. Without a successor, entries that can be removed are removed, and others stay."""
    patches: tuple[FilePatch, ...]
    """By file name; empty on the second run."""
    open: tuple[ManualStep, ...]

    @property
    def diff(self) -> str:
        """All changes as one unified diff."""
        return "".join(patch.diff for patch in self.patches)


def plan_departure(
    graph: Graph,
    texts: Mapping[str, str],
    departure: Departure,
    functions: Mapping[str, str],
    missing: Iterable[Position] = (),
) -> DeparturePlan:
    """Plan the handover of all responsibilities of a person, and the last day on the person's own card.

    Raise UserError for an unknown person, and for a successor who is unknown or has left.

    `texts` are the files as they are on disk, line ends and byte order mark included, by their names in the book.
    `functions` are the functions of the company with their titles.
    References to the person in the unreadable cards at the places in `missing` become manual steps.
    """
    person = get_person(graph, require_ref(graph, departure.person).id)
    if person is None or person.ref != departure.person:
        raise UserError(f"{departure.person} is not a person: name one, as in person:asha")
    successor = _choose_successor(graph, departure, person)
    handed = list_responsibilities(graph, person.ref, functions)
    changes = _list_changes(graph, departure, handed, successor)
    patches: list[FilePatch] = []
    steps: list[ManualStep] = []
    origins = {loaded.document.file: loaded.origin for loaded in graph.cards.values() if loaded.origin is not None}
    for file in sorted(changes):
        if file in origins:  # a copy, which `modelbook collect` would replace
            after, reason = None, f"is in {origins[file]}: change it there"
        else:
            after = edit_card_text(file, texts[file], changes[file])
            reason = "cannot be changed safely: edit it by hand"
        if after is None:
            names = ((change.root, ".".join(map(str, change.path))) for change in changes[file])
            steps += [ManualStep(place, f"`{name}` {reason}") for place, name in names]
        elif after != texts[file]:
            patches.append(FilePatch(file, texts[file], after))
    for one in handed if successor is None else ():
        state = "is now empty" if one.path[0] in REMOVABLE else f"still names {person.id}"
        steps.append(ManualStep(one.position, f"{one.card}: {one.role} {state}"))
    unread = {
        place: ManualStep(place, f"cannot be read, and names {person.ref}: {redact(line.strip())}")
        for place, line in find_unread_references(graph, texts, person.ref, missing)
    }
    references = [*(one.position for one in handed), *list_records(graph, person.ref)]
    mentions = (
        ManualStep(place, f"the text names {person.name}: {redact(line.strip())}")
        for place, line in _find_mentions(graph, texts, person, references)
        if place not in unread
    )
    steps = sorted([*steps, *unread.values(), *mentions], key=lambda one: (one.position, one.what))
    return DeparturePlan(departure, successor, handed, tuple(patches), tuple(steps))


def require_no_other_record(graph: Graph, departure: Departure, today: date) -> None:
    """Raise UserError if the card of the person records another last day, or another successor."""
    card = get_person(graph, departure.person.id)
    if card is None:
        return
    other_day = card.left_on is not None and card.left_on != departure.on
    named = departure.successor.id if departure.successor is not None else None
    other_successor = None not in {named, card.successor} and named != card.successor
    if other_day or other_successor:
        verb = "left" if has_left(graph, card.ref, today) else "leaves"
        parts = [f"{card.id} {verb} on {card.left_on}"] if card.left_on else []
        parts += [f"{card.successor} is the successor"] if card.successor else []
        raise UserError(f"{'; '.join(parts)}: use --force to overwrite them")


def find_default_successor(graph: Graph, person: Person, on: date) -> Ref | None:
    """Find who takes over if the user names no one: the successor on the card, else the lead of the team."""
    chosen = find_successor(graph, person.ref, on) or find_present_lead(graph, person.team, on)
    return chosen.ref if chosen is not None and chosen.ref != person.ref else None


def _choose_successor(graph: Graph, departure: Departure, person: Person) -> Ref | None:
    if departure.successor is None:
        return find_default_successor(graph, person, departure.on)
    successor = get_person(graph, require_ref(graph, departure.successor).id)
    if successor is None or successor.ref == person.ref or has_left(graph, successor.ref, departure.on):
        message = (
            f"{departure.successor} cannot succeed {person.ref} on {departure.on}: "
            "expected another person who has not left by then"
        )
        raise UserError(message)
    return successor.ref


def _list_changes(
    graph: Graph, departure: Departure, handed: Iterable[Responsibility], successor: Ref | None
) -> Mapping[str, list[ValueEdit]]:
    """Return the changes of each file."""
    own = graph.cards[departure.person].document
    changes = {own.file: [ValueEdit(own.at(), ("left_on",), departure.on.isoformat())]}
    if departure.successor is not None:
        changes[own.file].append(ValueEdit(own.at(), ("successor",), departure.successor.id))
    for one in handed:
        if successor is not None or one.path[0] in REMOVABLE:
            value = None if successor is None else str(successor) if ":" in one.text else successor.id
            if one.path == ("deputy",) and one.card == successor:
                value = None  # nobody is their own deputy
            root = graph.cards[one.card].document.at()
            changes.setdefault(one.position.file, []).append(ValueEdit(root, one.path, value))
    return changes


_COMMENT = re.compile(r"(?:^|\s)#.*")


def find_unread_references(
    graph: Graph, texts: Mapping[str, str], person: Ref, missing: Iterable[Position]
) -> Iterator[tuple[Position, str]]:
    """Find the lines of unreadable cards that have the person as a value, so that they may be a reference."""
    word = rf"['\"]?(?:person:)?{re.escape(person.id)}['\"]?"
    before = r"(?:^\s*|(?:^|\s)-\s+|[\[{,]\s*|(?<!\bid)(?<!\bname):\s+)(?:&\S+\s+)?"
    pattern = re.compile(rf"{before}{word}\s*(?=[,\]}}]|$)")
    loaded = group_pairs((card.document.file, card.document.at()) for card in graph.cards.values())
    for file, places in group_pairs((place.file, place) for place in missing).items():
        text = texts.get(file, "")
        lines = text.split("\n")
        for number in list_unread_lines(text, places, loaded.get(file, ())):
            if pattern.search(_COMMENT.sub("", lines[number - 1])):
                yield Position(file, number), lines[number - 1]


def _find_mentions(
    graph: Graph, texts: Mapping[str, str], person: Person, references: Iterable[Position]
) -> Iterator[tuple[Position, str]]:
    """Find the lines that name the person without a reference, except in the person's own card."""
    words = [re.escape(word) for word in (person.id, person.name, person.email) if word]
    pattern = re.compile(rf"(?<![\w.@-])({'|'.join(words)})(?![\w@-])")
    own, by_file = graph.cards[person.ref].document, group_pairs((place.file, place) for place in references)
    for file, text in sorted(texts.items()):
        lines = text.split("\n")
        places = by_file.get(file, ())
        # An alias is a reference without the name.
        named = Counter(place.line for place in places if not lines[place.line - 1].startswith("*", place.column - 1))
        skipped = list_document_lines(text, [own.at().line])[0] if file == own.file else range(0)
        for number, line in enumerate(lines, 1):
            if number not in skipped and len(pattern.findall(line)) > named[number]:
                yield Position(file, number), line
