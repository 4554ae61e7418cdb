"""Migrations of models and systems in waves."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from generator.schema.base import AnyRef, Day, Id, ModelId, Percent, Strict, Text, Texts
from generator.schema.card import OwnedCard


class MigrationStatus(StrEnum):
    """The status of a migration."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    ROLLED_BACK = "rolled_back"


class Wave(Strict):
    """One step of the rollout."""

    scope: dict[Id, Texts] = Field(default_factory=dict, examples=[{"city": ["mysuru"]}])
    """The part of the traffic in the wave: `{city: [mysuru]}`."""
    traffic: Percent = Field(examples=[1])
    """The share of traffic within the scope, in percent."""
    moves: tuple[AnyRef, ...] = ()
    """The cards that move in this wave. Default: all of them."""
    planned_on: Day | None = Field(default=None, examples=["2026-10-05"])
    """The planned day."""
    done_on: Day | None = None
    """The day on which it was done."""
    note: Text | None = None
    """Anything to watch during the wave."""


class Migration(OwnedCard):
    """A migration of models and the systems around them."""

    kind: Literal["migration"] = "migration"
    status: MigrationStatus
    """The status of the migration."""
    moves: tuple[AnyRef, ...] = Field(min_length=1, examples=[["feature_view:customer_profile", "model:ryl"]])
    """The cards to move, in order. The check compares it with the order that the flows imply."""
    fallback: ModelId | None = Field(default=None, examples=["popular-nearby"])
    """The model whose answer users see if the migration fails."""
    retires: Texts = Field(default=(), examples=[["scorer-vm.internal:8080"]])
    """Strings to remove from code and configuration: hosts, topics, model names."""
    waves: tuple[Wave, ...] = ()
    """The waves of the rollout. The share of the traffic must not decrease."""
