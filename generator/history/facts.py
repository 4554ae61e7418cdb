"""The content of a card at one time as small facts that can be compared: a consumer, a contact, a version.

Facts are read from plain data and not through the schema, since a card of three years ago had other keys.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from generator.load.bind import parse_stated_ref
from generator.load.files import extract_yaml
from generator.load.nodes import Plain, as_list, as_mapping, as_mappings
from generator.load.rules import DUPLICATE_KEY
from generator.load.yaml_reader import read_documents
from generator.names import Ref
from generator.schema.topology import FORWARD, VERBS
from generator.values import FrozenValue

CONSUMER_CODE = "MB406"
"""The code that a card accepts for a retired model that it still names: a fact about the model."""


class FactKind(StrEnum):
    """The kind of a fact."""

    CARD = "card"
    OWNER = "owner"
    CONTACT = "contact"
    STAKEHOLDER = "stakeholder"
    CONSUMER = "consumer"
    ENDPOINT = "endpoint"
    FALLBACK = "fallback"
    SUCCESSOR = "successor"
    VERSION = "version"
    LIFECYCLE = "lifecycle"
    REVIEW = "review"
    SUNSET = "announced end"
    TIER = "tier"
    RISK = "risk rating"
    VALIDATED = "validation"
    VALIDATION_RESULT = "validation result"
    VALIDATION_DUE = "next validation"
    APPROVED_USE = "approved use"
    EXCEPTION = "exception"
    STATUS = "status"
    STARTED = "start"
    ENDED = "end"
    DECISION = "decision"
    CLEANUP_DUE = "clean-up due"
    CLEANUP_ITEM = "clean-up item"
    CLEANUP_ITEM_DUE = "due day of a clean-up item"
    MOVE = "move"
    WAVE = "wave"
    LEAD = "lead"
    CHANNEL = "channel"
    TEAM = "team"
    LEFT = "left"
    ACCEPTED = "accepted finding"


class HistoricalFact(FrozenValue, order=True):
    """A statement of a card about a subject."""

    subject: Ref
    kind: FactKind
    key: str
    """The function of a contact, the environment of an endpoint, the consumer; empty if there is only one."""
    value: str
    declared_by: Ref

    @property
    def identity(self) -> tuple[Ref, FactKind, str, Ref]:
        """The part that stays the same when the value changes."""
        return (self.subject, self.kind, self.key, self.declared_by)


def parse_facts(text: str, path: str) -> tuple[frozenset[HistoricalFact], bool]:
    """Parse the facts in the readable parts of a card file, and return whether all of it is readable."""
    documents, findings = read_documents(extract_yaml(text, path)[1], path)
    facts = frozenset(fact for document in documents for fact in _list_facts(document.root.to_plain(), path))
    return facts, all(finding.code == DUPLICATE_KEY.code for finding in findings)


def _list_facts(plain: Plain, path: str) -> Iterator[HistoricalFact]:
    card, ref = as_mapping(plain), parse_stated_ref(plain, path)
    if ref is None:
        return
    yield HistoricalFact(ref, FactKind.CARD, "", _to_text(card.get("name")) or ref.id, ref)
    for kind, key, value in _list_own_facts(card):
        yield HistoricalFact(ref, kind, key, value, ref)
    reason = _to_text(as_mapping(card.get("x-allow")).get(CONSUMER_CODE))
    for subject, consumer, why in _list_consumers(ref, card):
        try:
            used, key = Ref.parse(subject), str(Ref.parse(consumer))
        except ValueError:
            continue
        yield HistoricalFact(used, FactKind.CONSUMER, key, why, ref)
        if reason and used.kind == "model":
            yield HistoricalFact(used, FactKind.ACCEPTED, CONSUMER_CODE, reason, ref)


_SINGLE = {
    FactKind.FALLBACK: "fallback",
    FactKind.SUCCESSOR: "successor",
    FactKind.VERSION: "version",
    FactKind.LIFECYCLE: "lifecycle",
    FactKind.REVIEW: "review_by",
    FactKind.SUNSET: "sunset_on",
    FactKind.TIER: "tier",
    FactKind.STATUS: "status",
    FactKind.STARTED: "started_on",
    FactKind.ENDED: "ended_on",
    FactKind.LEAD: "lead",
    FactKind.CHANNEL: "channel",
    FactKind.TEAM: "team",
    FactKind.LEFT: "left_on",
}
_LISTS = {FactKind.OWNER: "owners", FactKind.STAKEHOLDER: "stakeholders", FactKind.MOVE: "moves"}
_MAPPINGS = {FactKind.CONTACT: "contacts", FactKind.ENDPOINT: "endpoints", FactKind.ACCEPTED: "x-allow"}


def _list_own_facts(card: Mapping[str, Plain]) -> Iterator[tuple[FactKind, str, str]]:
    """List the kind, the key and the value of each fact that a card states about itself."""
    stated = {(kind, ""): _to_text(card.get(name)) for kind, name in _SINGLE.items()}
    for kind, name in _MAPPINGS.items():
        stated |= {(kind, key): _to_text(value) for key, value in as_mapping(card.get(name)).items()}
    risk, validation = card.get("risk"), as_mapping(card.get("validation"))
    stated[(FactKind.RISK, "")] = _to_text(risk) or _to_text(as_mapping(risk).get("rating"))
    stated[(FactKind.VALIDATED, "")] = _to_text(validation.get("on"))
    stated[(FactKind.VALIDATION_RESULT, "")] = _to_text(validation.get("result"))
    stated[(FactKind.VALIDATION_DUE, "")] = _to_text(validation.get("next"))
    cleanup = as_mapping(card.get("cleanup"))
    stated[(FactKind.CLEANUP_DUE, "")] = _to_text(cleanup.get("due"))
    stated[(FactKind.DECISION, "")] = _to_text(as_mapping(card.get("decision")).get("winner"))
    for item in as_mappings(cleanup.get("items")):
        stated[(FactKind.CLEANUP_ITEM, _to_text(item.get("remove")))] = _to_text(item.get("done_on")) or "open"
        stated[(FactKind.CLEANUP_ITEM_DUE, _to_text(item.get("remove")))] = _to_text(item.get("due"))
    for number, wave in enumerate(as_mappings(card.get("waves")), 1):
        done, planned = _to_text(wave.get("done_on")), _to_text(wave.get("planned_on"))
        outcome = _to_text(wave.get("outcome"))
        if outcome in {"reverted", "failed"}:
            stated[(FactKind.WAVE, str(number))] = f"{outcome} {done or planned or 'on no day'}"
        else:
            stated[(FactKind.WAVE, str(number))] = f"done {done}" if done else f"planned {planned or 'for no day'}"
    yield from ((kind, key, value) for (kind, key), value in stated.items() if value)
    for use in as_mappings(card.get("approved_uses")):
        systems = ", ".join(filter(None, map(_to_text, as_list(use.get("systems")))))
        until = _to_text(use.get("until"))
        value = " ".join(part for part in (systems, f"until {until}" if until else "") if part)
        yield FactKind.APPROVED_USE, _to_text(use.get("use")), value
    for exception in as_mappings(card.get("exceptions")):
        until = _to_text(exception.get("until"))
        yield FactKind.EXCEPTION, _to_text(exception.get("what")), f"until {until}" if until else ""
    for kind, name in _LISTS.items():
        yield from ((kind, text, "") for item in as_list(card.get(name)) if (text := _to_text(item)))


def _list_consumers(ref: Ref, card: Mapping[str, Plain]) -> Iterator[tuple[str, str, str]]:
    """List the used card, the consumer and the reason of each use that a card declares, from either side."""
    for entry in as_mappings(card.get("consumers")):
        yield str(ref), f"system:{_to_text(entry.get('system'))}", _to_text(entry.get("why"))
    for entry in as_mappings(card.get("uses")):
        yield f"model:{_to_text(entry.get('model'))}", str(ref), _to_text(entry.get("why"))
    for needed in as_list(card.get("depends_on")):
        yield _to_text(needed), str(ref), "depends on it"
    for feature in as_list(card.get("features")) if ref.kind == "model" else ():
        text = _to_text(feature) or _to_text(as_mapping(feature).get("feature"))
        yield f"feature_view:{text.partition(':')[0]}", str(ref), "reads features of it"
    for step in as_mappings(card.get("steps")):
        subject = _to_text(step.get("from"))
        for verb in VERBS:
            if thing := _to_text(step.get(verb)):
                yield (thing, subject, f"{verb} it") if verb in FORWARD else (subject, thing, "is filled by it")


def _to_text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
