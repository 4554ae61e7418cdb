"""Systems around the models: services, jobs, apps, dashboards, external products."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from generator.schema.base import AnyRef, ModelId, Text
from generator.schema.card import Consumption, OwnedCard


class SystemType(StrEnum):
    """The type of the system."""

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
    """The type of the system."""
    repo: Text | None = Field(default=None, examples=["https://git.example.com/feed/home-feed"])
    """The repository of its code."""
    uses: tuple[Use, ...] = ()
    """The models that it uses, each with the purpose."""
    depends_on: tuple[AnyRef, ...] = Field(default=(), examples=[["system:order-service"]])
    """Other cards that it depends on, as `system:order-service`."""
