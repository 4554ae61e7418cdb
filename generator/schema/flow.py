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
    """The subject of the step, as `system:home-feed`."""
    calls: AnyRef | None = Field(default=None, examples=["model:ryl"])
    """The model or system that the subject calls. The subject depends on it."""
    reads: AnyRef | None = None
    """The resource that the subject reads. The subject depends on it."""
    consumes: AnyRef | None = None
    """The topic that the subject consumes. The subject depends on it."""
    publishes: AnyRef | None = None
    """The topic that the subject publishes. It depends on the subject."""
    writes: AnyRef | None = None
    """The resource that the subject writes. It depends on the subject."""
    note: Text | None = Field(default=None, examples=["candidates and city"])
    """The data that is passed, or a remark."""

    @model_validator(mode="after")
    def _check_verb(self) -> Self:
        given = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            message = f"invalid step: expected exactly one of {', '.join(VERBS)}, found {found}"
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
    """The steps from a trigger to the result that users see."""

    kind: Literal["flow"] = "flow"
    trigger: Text | None = Field(default=None, examples=["The customer opens the app"])
    """The event that starts the flow."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """The steps, in order."""
