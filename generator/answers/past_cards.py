"""Cards of a past day, rebuilt from the facts that git remembers, as far as duties are judged by them."""

from collections.abc import Iterable, Mapping
from datetime import date

from generator.findings import is_reason
from generator.graph.duties import Accepted, Consumers
from generator.history.facts import Aspect, Fact
from generator.names import Ref
from generator.schema import Card, Experiment, Migration, Model
from generator.schema.experiment import Cleanup, CleanupItem, ExperimentStatus
from generator.schema.migration import MigrationStatus, Wave
from generator.schema.model import Lifecycle, Serving


def build_past_card(ref: Ref, facts: Iterable[Fact]) -> Card | None:
    """Build the card that stated some facts; None if the card was deleted, or if its kind has no duties.

    The card is not validated, since a card of three years ago need not keep to the schema of today. Fields by which
    no duty is judged hold any value.
    """
    values: dict[Aspect, dict[str, str]] = {}
    for fact in facts:
        values.setdefault(fact.aspect, {})[fact.key] = fact.value
    if Aspect.CARD not in values:
        return None
    try:
        match ref.kind:
            case "model":
                return _build_model(ref, values)
            case "experiment":
                return _build_experiment(ref, values)
            case "migration":
                return _build_migration(ref, values)
            case _:
                return None
    except ValueError:  # a lifecycle or a status that today's schema does not know
        return None


def find_past_consumers(facts: Iterable[Fact]) -> Consumers:
    """Find the consumers among the facts about a card, each with the cards that named it."""
    found: dict[str, tuple[Ref, ...]] = {}
    for fact in sorted(fact for fact in facts if fact.aspect is Aspect.CONSUMER):
        found[fact.key] = (*found.get(fact.key, ()), fact.said_by)
    return found


def find_past_accepted(facts: Iterable[Fact]) -> Accepted:
    """Find the codes that were accepted with a reason, by the card itself or by cards that name it."""
    return frozenset(
        (fact.said_by, fact.key) for fact in facts if fact.aspect is Aspect.ACCEPTED and is_reason(fact.value)
    )


_Values = Mapping[Aspect, Mapping[str, str]]
"""The values of each aspect by their keys."""


def _build_model(ref: Ref, values: _Values) -> Model:
    return Model.model_construct(
        id=ref.id, name=ref.id, summary="", serving=Serving.OFFLINE,
        lifecycle=Lifecycle(_get_only(values, Aspect.LIFECYCLE)),
        review_by=_parse_day(_get_only(values, Aspect.REVIEW)),
        successor=_get_only(values, Aspect.SUCCESSOR) or None, contacts=dict(values.get(Aspect.CONTACT, {})),
    )  # fmt: skip


def _build_experiment(ref: Ref, values: _Values) -> Experiment:
    due, items = _get_only(values, Aspect.CLEANUP_DUE), values.get(Aspect.CLEANUP_ITEM, {})
    return Experiment.model_construct(
        id=ref.id, name=ref.id, status=ExperimentStatus(_get_only(values, Aspect.STATUS)),
        started_on=_parse_day(_get_only(values, Aspect.STARTED)), ended_on=_parse_day(_get_only(values, Aspect.ENDED)),
        cleanup=Cleanup.model_construct(
            due=_parse_day(due),
            items=tuple(
                CleanupItem.model_construct(remove=thing, done_on=_parse_done(state, "open"))
                for thing, state in sorted(items.items())
            ),
        ),
    )  # fmt: skip


def _build_migration(ref: Ref, values: _Values) -> Migration:
    waves = [text for _, text in sorted(values.get(Aspect.WAVE, {}).items(), key=lambda item: int(item[0]))]
    return Migration.model_construct(
        id=ref.id, name=ref.id, moves=(), status=MigrationStatus(_get_only(values, Aspect.STATUS)),
        waves=tuple(
            Wave.model_construct(
                traffic=0,
                planned_on=_parse_day(text.removeprefix("planned ")),
                done_on=_parse_done(text.removeprefix("done "), text if text.startswith("planned") else ""),
            )
            for text in waves
        ),
    )  # fmt: skip


def _get_only(values: _Values, aspect: Aspect) -> str:
    """Return the value of an aspect that has one; empty if it has none."""
    return values.get(aspect, {}).get("", "")


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _parse_done(text: str, undone: str) -> date | None:
    """Return the day on which something was done; the first day of the calendar if the day cannot be read."""
    return None if text == undone else _parse_day(text) or date.min
