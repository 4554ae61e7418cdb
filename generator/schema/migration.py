"""Migrations of models and systems in waves."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from generator.schema.base import AnyRef, Day, Id, ModelId, Percent, Strict, Text, Texts
from generator.schema.card import OwnedCard


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
