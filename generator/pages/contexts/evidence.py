"""The evidence of a use in the cell *How we know*: declared by cards, found in code, seen in traffic."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from generator.answers.observations import describe_calls
from generator.evidence.ownership import get_code_repository
from generator.evidence.records import (
    AnswerShape,
    CodePlace,
    CodeUse,
    FileClass,
    ScannedRepository,
    SeenCall,
    Verification,
)
from generator.evidence.sightings import Sighting
from generator.evidence.source_links import build_source_link
from generator.graph.consumers import ModelUse
from generator.graph.people import list_owning_teams
from generator.history.events import ChangeKind
from generator.history.facts import FactKind
from generator.names import Ref, sort_refs
from generator.pages.book import Book
from generator.pages.contexts.parts import Badge, LabelledLink, Value
from generator.schema import Card, Model
from generator.values import FrozenValue

_CLASSES = {FileClass.CODE: "code", FileClass.CONFIG: "configuration"}


class Sign(FrozenValue):
    """A sign with its colour and the word that a screen reader says."""

    mark: str
    colour: str
    """blocks, wait, fine; empty for neither."""
    word: str


YES = Sign("✓", "fine", "Yes")
MISSING = Sign("!", "wait", "Missing")
NOT_LOOKED_AT = Sign("\N{EN DASH}", "", "Not looked at")


class EvidenceRow(FrozenValue):
    """A line of the cell *How we know*."""

    sign: Sign
    text: str
    detail: tuple[tuple[str, Value], ...] = ()
    """Labels with values, as in `since` 12 Feb 2024."""
    looked: tuple[str, date] | None = None
    """The day on which the source was looked at without a result, with its label; it changes with every scan."""
    old_days: int | None = None
    """Its age in days if it is too old to rely on."""


class FoundUseRow(FrozenValue):
    """A user of a card by the evidence."""

    ref: Ref | None
    """The system or model; None if no card has the code or the caller."""
    name: str
    team: Ref | None
    is_documented: bool
    evidence: tuple[EvidenceRow, ...]


def link_place(book: Book, use: CodeUse, place: CodePlace) -> LabelledLink:
    """Return a place as `owner/name:path:line`, with the address of its line if the repository has one."""
    address = book.repository_addresses.get(use.repo.casefold(), "")
    target = build_source_link(address, use.commit, place, book.settings.source_url)
    return LabelledLink(f"{use.repo}:{place.file}:{place.line}", target, is_path=True)


def list_found_users(book: Book, target: Ref) -> tuple[FoundUseRow, ...]:
    """List the users of a card by the evidence, those that no card declares first."""
    users = sorted(book.sightings.list_users(target), key=lambda one: one.is_documented)
    return tuple(
        FoundUseRow(one.user, one.name, find_team(book, one.user), one.is_documented, list_found(book, one))
        for one in users
    )


def list_found_needs(book: Book, user: Ref) -> tuple[FoundUseRow, ...]:
    """List the cards other than models that a system uses by the evidence, but declares nowhere."""
    targets = book.sort_by_name(ref for ref in book.sightings.targets.get(user, ()) if ref.kind != "model")
    return tuple(
        FoundUseRow(one.target, one.target.id, find_team(book, one.target), one.is_documented, list_found(book, one))
        for target in targets
        if target in book.graph
        for one in book.sightings.list_undocumented(target)
        if one.user == user
    )


def find_sighting(book: Book, user: Ref, target: Ref) -> Sighting | None:
    """Find the use of a card by another one in the evidence."""
    return next((one for one in book.sightings.list_users(target) if one.user == user), None)


def find_team(book: Book, ref: Ref | None) -> Ref | None:
    """Find the team that owns a card."""
    return next(iter(list_owning_teams(book.graph, ref) if ref is not None else ()), None)


def list_found(book: Book, sighting: Sighting) -> tuple[EvidenceRow, ...]:
    """List the lines for the sources that saw a use."""
    code = (build_code_evidence(book, sighting.user, sighting.uses),) if sighting.uses else ()
    return (*code, *((build_traffic_evidence(book, sighting.calls),) if sighting.calls else ()))


def build_declaration(
    book: Book, own: Ref, other: Ref | None, use: ModelUse | None, recorded_on: date | None = None
) -> EvidenceRow:
    """Build the line that says which cards declare a use, and since when.

    `own` is the card of the page, and `other` the other end of the use; None if it has no card. `use` is None if only
    the data between the two is declared. `recorded_on` is the day on which git has the use for the first time.
    """
    cards = set(use.declared_by) if use else set()
    if own in cards and other in cards:
        text = "Declared by both cards"
    elif own in cards:
        text = "Declared by this card"
    elif other in cards or other is None or not cards:
        text = "Declared by its own card" if other in cards else "Declared by the data between them"
    else:
        text = f"Declared by {' and '.join(map(book.graph.get_name, sort_refs(cards)))}"
    since = min((one.since for one in use.statements if one.since), default=None) if use else None
    detail: list[tuple[str, Value]] = []
    if since is not None:
        detail.append(("since", since))
    elif recorded_on is not None:
        detail.append(("recorded on", recorded_on))
    if use is not None and use.confirmed_on is not None:
        detail.append(("confirmed on", use.confirmed_on))
    return EvidenceRow(YES, text, tuple(detail))


def list_first_days(book: Book, model: Ref) -> Mapping[str, date]:
    """Return the day on which git has each consumer of a model for the first time."""
    days: dict[str, date] = {}
    for event in book.list_trail(model):
        if event.kind is FactKind.CONSUMER and event.change is ChangeKind.ADDED:
            days.setdefault(event.key, event.on)
    return days


def build_code_evidence(book: Book, user: Ref | None, uses: Sequence[CodeUse]) -> EvidenceRow:
    """Build the line about the code of a user: the first place, else why there is none."""
    if not book.evidence.code:
        return EvidenceRow(NOT_LOOKED_AT, "Code not scanned")
    if uses:
        ordered = sorted(uses, key=lambda use: (use.cls is not FileClass.CODE, use.repo, use.places))
        first = next((use for use in ordered if use.places), ordered[0])
        count = sum(use.count for use in ordered)
        detail: list[tuple[str, Value]] = []
        if first.places:
            place = link_place(book, first, first.places[0])
            label = place.label if user is None else place.label.removeprefix(f"{first.repo}:")
            detail += [("", replace(place, label=label)), ("", _CLASSES[first.cls])]
        detail.append(("commit of", first.committed_on))
        detail += [("", f"and {count - 1:,} more")] if count > 1 else []
        scans = [(use, book.sightings.find_scan(use.repo)) for use in ordered]
        known_on = max(use.committed_on if scan is None else scan.known_on for use, scan in scans)
        return EvidenceRow(YES, "Found in code", tuple(detail), None, _get_old_days(book, known_on))
    card = book.get_card(user) if user is not None else None
    scan = find_scan(book, card) if card is not None else None
    if scan is None:
        text = "Not found in code"
        if card is not None:
            text = "Its code was not scanned" if get_code_repository(card) else "No repository on its card"
        return EvidenceRow(NOT_LOOKED_AT, text)
    sign = MISSING if scan.is_whole else NOT_LOOKED_AT
    rest: tuple[tuple[str, Value], ...] = () if scan.is_whole else (("", "not every file was read"),)
    looked = ("scan of", scan.known_on)
    return EvidenceRow(sign, "Not found in code", rest, looked, _get_old_days(book, scan.known_on))


def find_scan(book: Book, card: Card) -> ScannedRepository | None:
    """Find the repository of a card's own code among those that were scanned."""
    name = get_code_repository(card)
    return book.sightings.find_scan(name) if name else None


def is_call_expected(book: Book, model: Model, user: Ref | None) -> bool:
    """Return whether a use would be seen in traffic: the model answers calls, and some calls to it were seen."""
    return user is not None and model.serving.is_online and bool(book.evidence.list_records(SeenCall, model.ref))


def build_traffic_evidence(book: Book, calls: Sequence[SeenCall], *, is_expected: bool = True) -> EvidenceRow:
    """Build the line about traffic: the number of requests, else that there was none.

    `is_expected` is whether a use would be seen in traffic; the readers of a table send no requests.
    """
    if not book.evidence.traffic:
        return EvidenceRow(NOT_LOOKED_AT, "Traffic not connected")
    looked_on = book.evidence.traffic_on
    if calls:
        last_on = max((call.last_on for call in calls if call.last_on is not None), default=None)
        last: tuple[tuple[str, Value], ...] = (("last on", last_on),) if last_on is not None else ()
        sources = ", ".join(sorted({call.source for call in calls}))
        detail: tuple[tuple[str, Value], ...] = (("", describe_calls(calls)), *last, ("from", sources))
        return EvidenceRow(YES, "Seen in traffic", detail, None, _get_old_days(book, last_on))
    sign = MISSING if is_expected else NOT_LOOKED_AT
    looked = ("until", looked_on) if looked_on is not None else None
    return EvidenceRow(sign, "Not seen in traffic", (), looked, _get_old_days(book, looked_on))


class VerifiedRow(FrozenValue):
    """The last answer of an endpoint to the example of its card."""

    badge: Badge
    on: date
    detail: str
    """The status, the time and the first difference from the contract."""
    valid_on: date | None
    """The last day on which the answer matched the contract, if the last answer does not."""
    old_days: int | None
    """The age in days if it is too old to rely on."""


_SHAPES = {
    AnswerShape.VALID: Badge("verified", "green"),
    AnswerShape.INVALID: Badge("breaks the contract", "red"),
    AnswerShape.REFUSED: Badge("refused", "yellow"),
    AnswerShape.NO_ANSWER: Badge("no answer", "red"),
    AnswerShape.UNCHECKED: Badge("not compared", "grey"),
}


def list_verified(book: Book, model: Ref) -> Mapping[tuple[str, str], VerifiedRow]:
    """Return the last answer of each endpoint of a model, by its copy and its environment."""
    rows: dict[tuple[str, str], VerifiedRow] = {}
    for one in book.evidence.list_records(Verification, model):
        status = f"HTTP {one.status}" if one.status is not None else ""
        time = f"{one.milliseconds:,} ms" if one.milliseconds is not None else ""
        valid_on = one.valid_on if one.shape is not AnswerShape.VALID else None
        detail, age = ", ".join(filter(None, (status, time, one.problem))), _get_old_days(book, one.day)
        rows[one.instance, one.environment] = VerifiedRow(_SHAPES[one.shape], one.day, detail, valid_on, age)
    return rows


def _get_old_days(book: Book, day: date | None) -> int | None:
    age = (book.today - day).days if day is not None else 0
    return age if age > book.settings.limits.evidence_days else None
