"""A migration: what moves, in which waves, and what must be gone afterwards."""

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

    scope: dict[Id, Texts] = Field(default_factory=dict)
    """Who is in it: `{city: [mysuru]}`."""
    traffic: Percent
    """The share of traffic within the scope, in percent."""
    moves: tuple[AnyRef, ...] = ()
    """What moves in this wave; everything when left out."""
    planned_on: Day | None = None
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
    moves: tuple[AnyRef, ...] = Field(min_length=1)
    """What moves, in the order of moving; checked against the order that the flows imply."""
    fallback: ModelId | None = None
    """The model whose answer users see when the move fails."""
    retires: Texts = ()
    """Strings that must vanish from code and config: hosts, topics, model names."""
    waves: tuple[Wave, ...] = ()
    """The rollout: small first, never shrinking."""
