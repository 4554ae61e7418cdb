"""What a card said at one time, as small facts that can be compared: a consumer, a contact, a version.

Read from plain data and not through the schema: a card of three years ago had other keys, and is still a witness.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from generator.load.front_matter import yaml_of
from generator.load.identity import stated_ref
from generator.load.nodes import Plain
from generator.load.yaml_reader import read_documents
from generator.names import Ref
from generator.schema.base import Scalar
from generator.schema.flow import FORWARD, VERBS

CONSUMER_CODE = "MB406"
"""The code that a card accepts for a retired model which it still names: a fact about the model, said by that card."""


class Aspect(StrEnum):
    """What a fact is about."""

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
    STATUS = "status"
    STARTED = "start"
    ENDED = "end"
    DECISION = "decision"
    CLEANUP_DUE = "clean-up due"
    CLEANUP_ITEM = "clean-up item"
    MOVE = "move"
    WAVE = "wave"
    LEAD = "lead"
    CHANNEL = "channel"
    TEAM = "team"
    LEFT = "left"
    ACCEPTED = "accepted finding"


@dataclass(frozen=True, order=True, slots=True)
class Fact:
    """One thing that a card says about a subject; `(subject, aspect, key, said_by)` names it, `value` may change."""

    subject: Ref
    aspect: Aspect
    key: str
    """The function of a contact, the environment of an endpoint, the consumer; empty where there is only one."""
    value: str
    said_by: Ref

    @property
    def place(self) -> tuple[Ref, Aspect, str, Ref]:
        """What stays the same when the value changes."""
        return (self.subject, self.aspect, self.key, self.said_by)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file said."""

    facts: frozenset[Fact]
    whole: bool = True
    """False where the file could not be read to its end."""


def read_facts(text: str, path: str) -> Reading:
    """The facts in a file's text; what cannot be read is left out and said so."""
    documents, findings = read_documents(yaml_of(text, path)[1], path)
    facts = frozenset(fact for document in documents for fact in card_facts(document.root.plain(), path))
    return Reading(facts, whole=not any(finding.code != "MB007" for finding in findings))


def card_facts(plain: Plain, path: str) -> Iterator[Fact]:
    """The facts that a document states, or none where it is no card."""
    card, ref = _mapping(plain), stated_ref(plain, path)
    if ref is not None:
        yield Fact(ref, Aspect.CARD, "", _text(card.get("name")) or ref.id, ref)
        yield from _own(ref, card)
        reason = _text(_mapping(card.get("x-allow")).get(CONSUMER_CODE))
        for fact in _of_others(ref, card):
            yield fact
            if reason and fact.subject.kind == "model":
                yield Fact(fact.subject, Aspect.ACCEPTED, CONSUMER_CODE, reason, ref)


_SINGLE = {
    Aspect.FALLBACK: "fallback",
    Aspect.SUCCESSOR: "successor",
    Aspect.VERSION: "version",
    Aspect.LIFECYCLE: "lifecycle",
    Aspect.REVIEW: "review_by",
    Aspect.STATUS: "status",
    Aspect.STARTED: "started_on",
    Aspect.ENDED: "ended_on",
    Aspect.LEAD: "lead",
    Aspect.CHANNEL: "channel",
    Aspect.TEAM: "team",
    Aspect.LEFT: "left_on",
}


def _own(ref: Ref, card: Mapping[str, Plain]) -> Iterator[Fact]:
    """What the card says about itself."""
    stated = {("", aspect): _text(card.get(key)) for aspect, key in _SINGLE.items()}
    stated |= {(key, Aspect.CONTACT): _text(value) for key, value in _mapping(card.get("contacts")).items()}
    stated |= {(key, Aspect.ENDPOINT): _text(value) for key, value in _mapping(card.get("endpoints")).items()}
    stated |= {(key, Aspect.ACCEPTED): _text(value) for key, value in _mapping(card.get("x-allow")).items()}
    cleanup, decision = _mapping(card.get("cleanup")), _mapping(card.get("decision"))
    stated[("", Aspect.CLEANUP_DUE)] = _text(cleanup.get("due"))
    stated[("", Aspect.DECISION)] = _text(decision.get("winner"))
    for item in map(_mapping, _items(cleanup.get("items"))):
        stated[(_text(item.get("remove")), Aspect.CLEANUP_ITEM)] = _text(item.get("done_on")) or "open"
    for number, wave in enumerate(map(_mapping, _items(card.get("waves"))), 1):
        done, planned = _text(wave.get("done_on")), _text(wave.get("planned_on"))
        stated[(str(number), Aspect.WAVE)] = f"done {done}" if done else f"planned {planned or 'for no day'}"
    yield from (Fact(ref, aspect, key, value, ref) for (key, aspect), value in stated.items() if value)
    lists = {Aspect.OWNER: "owners", Aspect.STAKEHOLDER: "stakeholders", Aspect.MOVE: "moves"}
    for aspect, name in lists.items():
        yield from (Fact(ref, aspect, _text(item), "", ref) for item in _items(card.get(name)) if _text(item))


def _of_others(ref: Ref, card: Mapping[str, Plain]) -> Iterator[Fact]:
    """Who consumes what, as any side says it: a fact about what is consumed."""
    for entry in map(_mapping, _items(card.get("consumers"))):
        yield from _consumer(ref, f"system:{_text(entry.get('system'))}", _text(entry.get("why")), ref)
    for entry in map(_mapping, _items(card.get("uses"))):
        yield from _consumer(f"model:{_text(entry.get('model'))}", str(ref), _text(entry.get("why")), ref)
    for needed in _items(card.get("depends_on")):
        yield from _consumer(_text(needed), str(ref), "depends on it", ref)
    for feature in _items(card.get("features")):
        text = _text(feature) or _text(_mapping(feature).get("feature"))
        if ref.kind == "model":
            yield from _consumer(f"feature_view:{text.partition(':')[0]}", str(ref), "reads features of it", ref)
    for step in map(_mapping, _items(card.get("steps"))):
        yield from _step(ref, step)


def _step(flow: Ref, step: Mapping[str, Plain]) -> Iterator[Fact]:
    subject = _text(step.get("from"))
    for verb in VERBS:
        thing = _text(step.get(verb))
        if thing and verb in FORWARD:
            yield from _consumer(thing, subject, f"{verb} it", flow)
        elif thing:
            yield from _consumer(subject, thing, "is filled by it", flow)


def _consumer(subject: Ref | str, consumer: str, why: str, said_by: Ref) -> Iterator[Fact]:
    try:
        about = subject if isinstance(subject, Ref) else Ref.parse(subject)
        yield Fact(about, Aspect.CONSUMER, str(Ref.parse(consumer)), why, said_by)
    except ValueError:
        return


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else {}


def _items(value: Plain) -> list[Plain]:
    """A list, or the one that was written without brackets."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, Scalar) else []
