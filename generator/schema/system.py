"""Systems around the models: services, jobs, apps, dashboards, external products."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from generator.schema.base import AnyRef, ModelId, Text
from generator.schema.card import Consumption, OwnedCard


class SystemType(StrEnum):
    """What sort of system it is."""

    SERVICE = "service"
    JOB = "job"
    APP = "app"
    DASHBOARD = "dashboard"
    EXTERNAL = "external"


class Use(Consumption):
    """A model that the system uses, declared by the system's own team."""

    model: ModelId = Field(examples=["ryl"])
    """The model."""


class System(OwnedCard):
    """A system that models depend on or that depends on models."""

    kind: Literal["system"] = "system"
    type: SystemType
    """What sort of system it is."""
    repo: Text | None = Field(default=None, examples=["https://git.example.com/feed/home-feed"])
    """Where its code lives."""
    uses: tuple[Use, ...] = ()
    """The models that it uses, and why."""
    depends_on: tuple[AnyRef, ...] = Field(default=(), examples=[["system:order-service"]])
    """What else it cannot work without, as `system:order-service`."""
