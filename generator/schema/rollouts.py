"""Rollouts: A/B tests with their clean-up, and migrations in waves."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, field_validator

from generator.schema.base import (
    AnyRef,
    Day,
    Id,
    ModelId,
    OwnerId,
    Percent,
    PersonId,
    Share,
    Strict,
    Text,
    Texts,
    get_no_values,
)
from generator.schema.card import OwnedCard


class ExperimentStatus(StrEnum):
    """The status of an experiment."""

    DRAFT = "draft"
    RUNNING = "running"
    CONCLUDED = "concluded"
    CLEANED = "cleaned"


class Variant(Strict):
    """One arm of the test."""

    model: ModelId | None = Field(default=None, examples=["ryl"])
    """The model of this arm, if it has one."""
    traffic: Percent = Field(examples=[50])
    """The share of the traffic, in percent."""
    note: Text | None = None
    """The difference from the other arms."""


class Decision(Strict):
    """The decision about an experiment."""

    winner: Id = Field(examples=["control"])
    """The variant to keep."""
    by: PersonId = Field(examples=["rohan"])
    """The person who decided."""
    decided_on: Day = Field(examples=["2026-09-02"])
    """The day of the decision."""
    reason: Text | None = Field(default=None, examples=["No more orders than with the old one"])
    """The reason for the decision."""


class CleanupItem(Strict):
    """Something to remove after the test."""

    remove: AnyRef = Field(examples=["collection:restaurants_ryl_v3"])
    """The card to remove: a cloned collection, a rule, a model, a feature view, a topic."""
    owner: OwnerId | None = Field(default=None, examples=["ds-ranking"])
    """The team or person who removes it. Default: the owner of the experiment."""
    due: Day | None = None
    """The day by which it must be removed. Default: the `due` of the clean-up."""
    done_on: Day | None = None
    """The day on which it was removed. Without it, the item is open."""
    note: Text | None = None
    """Anything to consider before the removal."""


class Cleanup(Strict):
    """The clean-up after a test."""

    due: Day | None = Field(default=None, examples=["2026-09-30"])
    """The day by which everything must be removed."""
    items: tuple[CleanupItem, ...] = ()
    """The things to remove."""

    @property
    def open_items(self) -> tuple[CleanupItem, ...]:
        """The items that are not removed yet."""
        return tuple(item for item in self.items if item.done_on is None)


class Experiment(OwnedCard):
    """An A/B test."""

    kind: Literal["experiment"] = "experiment"
    status: ExperimentStatus
    """The status of the experiment."""
    started_on: Day | None = Field(default=None, examples=["2026-08-03"])
    """The first day of traffic."""
    ended_on: Day | None = Field(default=None, examples=["2026-08-31"])
    """The last day of traffic."""
    where: AnyRef | None = Field(default=None, examples=["system:home-feed"])
    """The system that splits the traffic, as `system:home-feed`."""
    metric: Text | None = Field(default=None, examples=["orders per session"])
    """The metric that decides the experiment."""
    hypothesis: Text | None = Field(default=None, examples=["More orders with fresher features"])
    """The expected result."""
    variants: dict[Id, Variant] = Field(
        default_factory=get_no_values,
        examples=[{"control": {"model": "ryl", "traffic": 50}, "treatment": {"model": "ryl-v3", "traffic": 50}}],
    )
    """The arms: control and treatments."""
    decision: Decision | None = None
    """The decision after the test."""
    cleanup: Cleanup | None = None
    """The things to remove after the test, and the deadline."""

    @property
    def is_finished(self) -> bool:
        """Whether the test is over, so that nothing that it created is needed."""
        return self.status in {ExperimentStatus.CONCLUDED, ExperimentStatus.CLEANED}

    @field_validator("ended_on")
    @classmethod
    def _check_order(cls, ended_on: date | None, info: ValidationInfo) -> date | None:
        started_on = info.data.get("started_on")
        if ended_on and started_on and ended_on < started_on:
            raise ValueError(f"{ended_on} is before started_on {started_on}")
        return ended_on


class MigrationStatus(StrEnum):
    """The status of a migration."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    ROLLED_BACK = "rolled_back"


class WaveOutcome(StrEnum):
    """The outcome of a wave."""

    DONE = "done"
    REVERTED = "reverted"
    FAILED = "failed"


class Wave(Strict):
    """One step of the rollout."""

    scope: dict[Id, Texts] = Field(default_factory=get_no_values, examples=[{"city": ["mysuru"]}])
    """The part of the traffic in the wave: `{city: [mysuru]}`."""
    traffic: Percent = Field(examples=[1])
    """The share of traffic within the scope, in percent."""
    share: Share | None = None
    """The share of all traffic that the scope has, as `0.02` or `2 %`. A whole small city is a small wave."""
    moves: tuple[AnyRef, ...] = ()
    """The cards that move in this wave. Default: all of them."""
    planned_on: Day | None = Field(default=None, examples=["2026-10-05"])
    """The planned day."""
    done_on: Day | None = None
    """The day on which it was done, also if it was reverted later."""
    outcome: WaveOutcome | None = None
    """What happened. A reverted or failed wave is not done. Default: done on the day of `done_on`."""
    reverted_after: Text | None = None
    """The time until the wave was reverted, as in `10 minutes`."""
    note: Text | None = None
    """Anything to watch during the wave."""

    @property
    def is_done(self) -> bool:
        """Whether its traffic has moved and stayed."""
        return self.done_on is not None and not self.is_reverted

    @property
    def is_reverted(self) -> bool:
        """Whether its traffic is back, so that the wave must be repeated."""
        return self.outcome in {WaveOutcome.REVERTED, WaveOutcome.FAILED}

    @property
    def is_open(self) -> bool:
        """Whether it is still ahead: neither done nor reverted."""
        return self.done_on is None and not self.is_reverted

    @property
    def percent_of_all(self) -> float:
        """The share of all traffic, in percent; without `share`, that within the scope."""
        return self.traffic * (1 if self.share is None else self.share)


class AllowedPlace(Strict):
    """A place in code that may keep a retired string."""

    at: Text = Field(examples=["food/redirects:nginx/redirects.conf"])
    """The path of a file or a folder, with `owner/repository:` before it unless it may be in any; `*` is any name."""
    why: Text = Field(examples=["The redirect stays until July"])
    """The reason."""


class RetiredText(Strict):
    """A string to remove from code and configuration."""

    text: Text = Field(examples=["scorer-vm.internal:8080"])
    """The string."""
    owner: OwnerId | None = Field(default=None, examples=["core-eng"])
    """The team or person who removes it. Default: the owner of the code that contains it."""
    exceptions: tuple[AllowedPlace, ...] = Field(default=(), alias="except")
    """The places that may keep it, each with the reason."""

    def __str__(self) -> str:
        return self.text


def _wrap_retired(value: object) -> object:
    texts = [value] if isinstance(value, str | Mapping) else value
    if not isinstance(texts, list | tuple):
        return value
    return [{"text": one} if isinstance(one, str) else one for one in texts]


def _unwrap_retired(retired: tuple[RetiredText, ...]) -> object:
    return [one.text if one == RetiredText(text=one.text) else one for one in retired]


Retirements = Annotated[
    tuple[RetiredText, ...],
    BeforeValidator(_wrap_retired, json_schema_input_type=Text | RetiredText | list[Text | RetiredText]),
    PlainSerializer(_unwrap_retired),
]


class Migration(OwnedCard):
    """A migration of models and the systems around them."""

    kind: Literal["migration"] = "migration"
    status: MigrationStatus
    """The status of the migration."""
    moves: tuple[AnyRef, ...] = Field(min_length=1, examples=[["feature_view:customer_profile", "model:ryl"]])
    """The cards to move, in order. The check compares it with the order that the flows imply."""
    fallback: ModelId | None = Field(default=None, examples=["popular-nearby"])
    """The model whose answer users see if the migration fails."""
    retires: Retirements = Field(default=(), examples=[["scorer-vm.internal:8080"]])
    """Strings to remove from code and configuration: hosts, topics, model names. Each is a text, or a mapping."""
    rollback: Text | None = None
    """How to go back: one sentence, or a link."""
    waves: tuple[Wave, ...] = ()
    """The waves of the rollout. The share of the traffic must not decrease."""

    @property
    def is_open(self) -> bool:
        """Whether its plan can still change: it is planned or running."""
        return self.status in {MigrationStatus.PLANNED, MigrationStatus.RUNNING}
