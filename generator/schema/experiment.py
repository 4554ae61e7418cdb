"""An A/B test and the clean-up that it owes."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from generator.schema.base import AnyRef, Day, Id, ModelId, OwnerId, Percent, PersonId, Strict, Text
from generator.schema.card import OwnedCard


class ExperimentStatus(StrEnum):
    """How far an experiment is."""

    DRAFT = "draft"
    RUNNING = "running"
    CONCLUDED = "concluded"
    CLEANED = "cleaned"


class Variant(Strict):
    """One arm of the test."""

    model: ModelId | None = None
    """The model that it serves; none for an arm without one."""
    traffic: Percent
    """Its share of the traffic, in percent."""
    note: Text | None = None
    """What is different."""


class Decision(Strict):
    """What was decided, by whom, and when."""

    winner: Id
    """The variant that stays."""
    by: PersonId
    """Who decided."""
    decided_on: Day
    """When."""
    reason: Text | None = None
    """Why."""


class CleanupItem(Strict):
    """One thing to remove when the test is over."""

    remove: AnyRef
    """What goes: a cloned collection, a rule, a model, a feature view, a topic."""
    owner: OwnerId | None = None
    """Who removes it; the experiment's owner when left out."""
    done_on: Day | None = None
    """The day it was gone; open until then."""
    note: Text | None = None
    """What to mind."""


class Cleanup(Strict):
    """What the test leaves behind."""

    due: Day | None = None
    """The day by which all of it is gone."""
    items: tuple[CleanupItem, ...] = ()
    """The things to remove."""

    @property
    def open_items(self) -> tuple[CleanupItem, ...]:
        """What is not removed yet."""
        return tuple(item for item in self.items if item.done_on is None)


class Experiment(OwnedCard):
    """An A/B test."""

    kind: Literal["experiment"] = "experiment"
    status: ExperimentStatus
    """How far it is."""
    started_on: Day | None = None
    """The first day of traffic."""
    ended_on: Day | None = None
    """The last day of traffic."""
    where: AnyRef | None = None
    """Where the traffic is split, as `system:home-feed`."""
    metric: Text | None = None
    """What decides."""
    hypothesis: Text | None = None
    """What is expected."""
    variants: dict[Id, Variant] = Field(default_factory=dict)
    """The arms: control and treatments."""
    decision: Decision | None = None
    """What came of it."""
    cleanup: Cleanup | None = None
    """What it leaves behind, and until when."""

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.started_on and self.ended_on and self.ended_on < self.started_on:
            message = f"ended_on {self.ended_on} is before started_on {self.started_on}"
            raise ValueError(message)
        return self
