"""Rollouts: A/B tests with their clean-up, and migrations in waves."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from generator.schema.base import AnyRef, Day, Id, ModelId, OwnerId, Percent, PersonId, Strict, Text, Texts
from generator.schema.card import OwnedCard


class ExperimentStatus(StrEnum):
    """How far an experiment is."""

    DRAFT = "draft"
    RUNNING = "running"
    CONCLUDED = "concluded"
    CLEANED = "cleaned"


class Variant(Strict):
    """One arm of the test."""

    model: ModelId | None = Field(default=None, examples=["ryl"])
    """The model that it serves; none for an arm without one."""
    traffic: Percent = Field(examples=[50])
    """Its share of the traffic, in percent."""
    note: Text | None = None
    """What is different."""


class Decision(Strict):
    """What was decided, by whom, and when."""

    winner: Id = Field(examples=["control"])
    """The variant that stays."""
    by: PersonId = Field(examples=["rohan"])
    """Who decided."""
    decided_on: Day = Field(examples=["2026-09-02"])
    """When."""
    reason: Text | None = Field(default=None, examples=["No more orders than with the old one"])
    """Why."""


class CleanupItem(Strict):
    """One thing to remove when the test is over."""

    remove: AnyRef = Field(examples=["collection:restaurants_ryl_v3"])
    """What goes: a cloned collection, a rule, a model, a feature view, a topic."""
    owner: OwnerId | None = Field(default=None, examples=["ds-ranking"])
    """Who removes it; the experiment's owner when left out."""
    done_on: Day | None = None
    """The day it was gone; open until then."""
    note: Text | None = None
    """What to mind."""


class Cleanup(Strict):
    """What the test leaves behind."""

    due: Day | None = Field(default=None, examples=["2026-09-30"])
    """The day by which all of it is gone."""
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
    """How far it is."""
    started_on: Day | None = Field(default=None, examples=["2026-08-03"])
    """The first day of traffic."""
    ended_on: Day | None = Field(default=None, examples=["2026-08-31"])
    """The last day of traffic."""
    where: AnyRef | None = Field(default=None, examples=["system:home-feed"])
    """Where the traffic is split, as `system:home-feed`."""
    metric: Text | None = Field(default=None, examples=["orders per session"])
    """What decides."""
    hypothesis: Text | None = Field(default=None, examples=["More orders with fresher features"])
    """What is expected."""
    variants: dict[Id, Variant] = Field(
        default_factory=dict,
        examples=[{"control": {"model": "ryl", "traffic": 50}, "treatment": {"model": "ryl-v3", "traffic": 50}}],
    )
    """The arms: control and treatments."""
    decision: Decision | None = None
    """What came of it."""
    cleanup: Cleanup | None = None
    """What it leaves behind, and until when."""

    @field_validator("ended_on")
    @classmethod
    def _check_order(cls, ended_on: date | None, info: ValidationInfo) -> date | None:
        started_on = info.data.get("started_on")
        if ended_on and started_on and ended_on < started_on:
            message = f"{ended_on} is before started_on {started_on}"
            raise ValueError(message)
        return ended_on


class MigrationStatus(StrEnum):
    """How far a migration is."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    ROLLED_BACK = "rolled_back"


class Wave(Strict):
    """One step of the rollout."""

    scope: dict[Id, Texts] = Field(default_factory=dict, examples=[{"city": ["mysuru"]}])
    """Who is in it: `{city: [mysuru]}`."""
    traffic: Percent = Field(examples=[1])
    """The share of traffic within the scope, in percent."""
    moves: tuple[AnyRef, ...] = ()
    """What moves in this wave; everything when left out."""
    planned_on: Day | None = Field(default=None, examples=["2026-10-05"])
    """The day it is planned for."""
    done_on: Day | None = None
    """The day it was done."""
    note: Text | None = None
    """What to watch."""


class Migration(OwnedCard):
    """A move of models and the systems around them."""

    kind: Literal["migration"] = "migration"
    status: MigrationStatus
    """How far it is."""
    moves: tuple[AnyRef, ...] = Field(min_length=1, examples=[["feature_view:customer_profile", "model:ryl"]])
    """What moves, in the order of moving; checked against the order that the flows imply."""
    fallback: ModelId | None = Field(default=None, examples=["popular-nearby"])
    """The model whose answer users see when the move fails."""
    retires: Texts = Field(default=(), examples=[["scorer-vm.internal:8080"]])
    """Strings that must vanish from code and config: hosts, topics, model names."""
    waves: tuple[Wave, ...] = ()
    """The rollout: small first, never shrinking."""
