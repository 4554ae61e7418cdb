"""What a thing owes at a given time, judged from the facts that its cards state: for today and for any day in git.

One judgement for the ledger and for the burn-down, so that the two never disagree.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from generator.checks.suppressions import is_reason
from generator.history.facts import Aspect, Fact
from generator.names import Ref

STUCK_AFTER = timedelta(days=28)
"""A migration whose next wave has no day is stuck when the last one is so long ago."""
_DAY = timedelta(days=1)


class DebtKind(StrEnum):
    """What is owed, in the order in which it is shown."""

    CLEANUP = "clean-up overdue"
    REVIEW = "review overdue"
    CONSUMED = "retired, yet consumed"
    SUCCESSOR = "deprecated without successor"
    CONTACT = "contact missing"
    STUCK = "migration stuck half-way"


@dataclass(frozen=True, order=True, slots=True)
class Owed:
    """One thing that is owed, or will be on a day."""

    subject: Ref
    kind: DebtKind
    key: str
    """What distinguishes several of a kind: the thing to remove, the function, the consumer."""
    what: str
    since: date | None = None
    """The first day on which it is owed; None where it is owed for as long as the facts hold."""


def owed(subject: Ref, facts: Iterable[Fact], functions: Iterable[str]) -> Iterator[Owed]:
    """All that a subject owes by the facts about it; what falls due later is among them with its day.

    What the subject's card accepts with a reason is not owed: the ledger lists it as accepted.
    """
    said = _Said(subject, tuple(facts))
    accepted = {code for code, reason in said.each(Aspect.ACCEPTED).items() if is_reason(reason)}
    yield from (one for one in _owed(said, functions) if _CODES[one.kind] not in accepted or _others_say(said, one))


_CODES = {
    DebtKind.CLEANUP: "MB501",
    DebtKind.REVIEW: "MB403",
    DebtKind.CONSUMED: "MB406",
    DebtKind.SUCCESSOR: "MB407",
    DebtKind.CONTACT: "MB203",
    DebtKind.STUCK: "MB615",
}
"""The code of the finding that a card accepts when it accepts the debt."""


def _others_say(said: "_Said", one: Owed) -> bool:
    """Whether another card says that a consumer is still there: what that one accepts, only it knows."""
    return one.kind is DebtKind.CONSUMED and any(
        fact.said_by != said.subject for fact in said.facts if fact.aspect is Aspect.CONSUMER and fact.key == one.key
    )


def _owed(said: "_Said", functions: Iterable[str]) -> Iterator[Owed]:
    match said.subject.kind:
        case "model":
            yield from _model(said, functions)
        case "experiment":
            yield from _experiment(said)
        case "migration":
            yield from _migration(said)


@dataclass(frozen=True, slots=True)
class _Said:
    """The facts about one subject."""

    subject: Ref
    facts: tuple[Fact, ...]

    def one(self, aspect: Aspect) -> str:
        """The only value of an aspect; empty when there is none."""
        return next((fact.value for fact in self.facts if fact.aspect is aspect), "")

    def each(self, aspect: Aspect) -> Mapping[str, str]:
        """The values of an aspect by their keys."""
        return {fact.key: fact.value for fact in self.facts if fact.aspect is aspect}

    def owes(self, kind: DebtKind, what: str, key: str = "", since: date | None = None) -> Owed:
        """Something that the subject owes."""
        return Owed(self.subject, kind, key, what, since)


def _model(said: _Said, functions: Iterable[str]) -> Iterator[Owed]:
    lifecycle = said.one(Aspect.LIFECYCLE)
    review = _day(said.one(Aspect.REVIEW))
    if review is not None and lifecycle != "retired":
        yield said.owes(DebtKind.REVIEW, f"review was due on {review}", since=review + _DAY)
    if lifecycle == "retired":
        for consumer in sorted(said.each(Aspect.CONSUMER)):
            yield said.owes(DebtKind.CONSUMED, f"{consumer} still uses it", consumer)
    if lifecycle == "deprecated" and not said.one(Aspect.SUCCESSOR):
        yield said.owes(DebtKind.SUCCESSOR, "nothing takes over")
    if lifecycle == "production":
        contacts = said.each(Aspect.CONTACT)
        for function in functions:
            if function not in contacts:
                yield said.owes(DebtKind.CONTACT, f"no contact for {function}", function)


def _experiment(said: _Said) -> Iterator[Owed]:
    due = _day(said.one(Aspect.CLEANUP_DUE))
    if due is not None:
        for thing, state in sorted(said.each(Aspect.CLEANUP_ITEM).items()):
            if state == "open":
                yield said.owes(DebtKind.CLEANUP, f"{thing} was due to be removed on {due}", thing, due + _DAY)


def _migration(said: _Said) -> Iterator[Owed]:
    """Stuck: something has moved, something has not, and the day of the next wave is past."""
    waves = [value for _, value in sorted(said.each(Aspect.WAVE).items(), key=lambda item: int(item[0]))]
    waiting = next((number for number, wave in enumerate(waves) if wave.startswith("planned")), None)
    done = [day for wave in waves if wave.startswith("done") and (day := _day(wave.removeprefix("done ")))]
    if said.one(Aspect.STATUS) in {"done", "rolled_back"} or waiting is None or not done:
        return
    planned = _day(waves[waiting].removeprefix("planned "))
    since = planned + _DAY if planned is not None else max(done) + STUCK_AFTER
    when = f"was planned for {planned}" if planned is not None else "has no day"
    yield said.owes(DebtKind.STUCK, f"wave {waiting + 1} of {len(waves)} {when}", since=since)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
