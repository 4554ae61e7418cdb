"""Flows between systems, models and resources, step by step."""

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from generator.names import Ref
from generator.schema.base import AnyRef, Strict, Text, allow_extras
from generator.schema.card import OwnedCard

VERBS = ("calls", "reads", "consumes", "publishes", "writes")
FORWARD = frozenset({"calls", "reads", "consumes"})
"""The verbs with which the subject depends on the object; with the others the object depends on the subject."""


def _require_verb(schema: dict[str, Any]) -> None:
    allow_extras(schema)
    schema["anyOf"] = [{"required": [verb]} for verb in VERBS]


class Step(Strict):
    """One step: a subject, one verb, an object."""

    model_config = ConfigDict(json_schema_extra=_require_verb)

    subject: AnyRef = Field(alias="from", examples=["system:home-feed"])
    """Who acts, as `system:home-feed`."""
    calls: AnyRef | None = Field(default=None, examples=["model:ryl"])
    """What it calls; it depends on that."""
    reads: AnyRef | None = None
    """What it reads; it depends on that."""
    consumes: AnyRef | None = None
    """The topic that it consumes; it depends on that."""
    publishes: AnyRef | None = None
    """The topic that it publishes; that depends on it."""
    writes: AnyRef | None = None
    """What it writes; that depends on it."""
    note: Text | None = Field(default=None, examples=["candidates and city"])
    """What goes over."""

    @model_validator(mode="after")
    def _check_verb(self) -> Self:
        given = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "has none"
            message = f"a step has exactly one of {', '.join(VERBS)}, and this one {found}"
            raise ValueError(message)
        return self

    @property
    def verb(self) -> str:
        """The verb of the step."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @property
    def object(self) -> str:
        """The object of the verb."""
        return str(getattr(self, self.verb))

    @property
    def dependency(self) -> tuple[Ref, Ref]:
        """The dependent and its dependency."""
        subject, thing = Ref.parse(self.subject), Ref.parse(self.object)
        return (subject, thing) if self.verb in FORWARD else (thing, subject)


class Flow(OwnedCard):
    """How a result comes about, from the trigger to the screen."""

    kind: Literal["flow"] = "flow"
    trigger: Text | None = Field(default=None, examples=["The customer opens the app"])
    """What sets it off."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """The steps in order."""
