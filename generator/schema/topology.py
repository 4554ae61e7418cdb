"""Systems around the models, the resources between them, and the flows through them."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from generator.names import Ref
from generator.schema.base import AnyRef, ModelId, Strict, Text, Texts, TypeLabel, allow_extras
from generator.schema.card import Consumption, Lifecycle, OwnedCard


class SystemType(StrEnum):
    """The type of a system."""

    SERVICE = "service"
    JOB = "job"
    APP = "app"
    DASHBOARD = "dashboard"
    EXTERNAL = "external"
    DEPLOYMENT = "deployment"


class Use(Consumption):
    """A model that the system uses, declared by the system's own team."""

    model: ModelId = Field(examples=["ryl"])
    """The model."""


class TrafficNames(Strict):
    """The names of a system in traffic."""

    workloads: Texts = Field(default=(), examples=[["home-feed", "feed/home-feed-canary"]])
    """Its workloads, as `name` or `namespace/name`."""
    service_accounts: Texts = Field(default=(), examples=[["feed/home-feed"]])
    """Its service accounts, as `namespace/name`; the end of a SPIFFE id."""
    user_agents: Texts = Field(default=(), examples=[["home-feed-http"]])
    """The beginnings of its user agents, without a version."""


class System(OwnedCard):
    """A system that models depend on or that depends on models."""

    kind: Literal["system"] = "system"
    type: SystemType
    """The type of the system. The code of a deployment configures models and systems, and uses none that it names."""
    lifecycle: Lifecycle | None = None
    """The lifecycle stage of the system. A retired system uses nothing and is used by nothing."""
    repo: Text | None = Field(default=None, examples=["https://git.example.com/feed/home-feed"])
    """The repository of its code: its address, or `owner/name`."""
    paths: Texts = Field(default=(), examples=[["services/home-feed/"]])
    """The folders and files of its code, if other systems share the repository. `*` is any name, `**` any folders."""
    seen_as: TrafficNames | None = None
    """Its names in traffic, if they differ from its id and aliases."""
    uses: tuple[Use, ...] = ()
    """The models that it uses, each with the purpose."""
    depends_on: tuple[AnyRef, ...] = Field(default=(), examples=[["system:order-service"]])
    """Other cards that it depends on, as `system:order-service`."""

    @property
    def is_retired(self) -> bool:
        """Whether it is out of use."""
        return self.lifecycle is Lifecycle.RETIRED

    @property
    def is_deployment(self) -> bool:
        """Whether its code configures the models and systems that it names."""
        return self.type is SystemType.DEPLOYMENT


_KIND_NAMES = frozenset({"model", "system", "flow", "experiment", "migration", "team", "person", "resource", "page"})

TypeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,127}$"), TypeLabel("type name", "type names")]


class ResourceFeature(Strict):
    """A feature in a feature view."""

    name: Text = Field(examples=["cuisine_affinity"])
    """The name of the feature in the view."""
    type: Text | None = Field(default=None, examples=["float[16]"])
    """The type of the feature."""
    description: Text | None = Field(default=None, examples=["How often the customer orders each cuisine"])
    """The meaning of the feature."""


class Resource(OwnedCard):
    """Something that systems and models read and write; referred to as `topic:orders.v1`, by its type."""

    kind: Literal["resource"] = "resource"
    name: Text = ""
    """The display name. Default: the id."""
    type: TypeName = Field(examples=["topic"])
    """topic, feature_view, collection, rule, table, bucket, or another word; references start with it."""
    created_for: AnyRef | None = Field(default=None, examples=["experiment:ryl-v3-ab"])
    """The experiment that it was created for, as `experiment:ryl-v3-ab`. Its clean-up must include the resource."""
    location: Text | None = Field(default=None, examples=["kafka-main"])
    """The location: a cluster, a database, a path."""
    features: tuple[ResourceFeature, ...] = ()
    """The features of a feature view."""
    retention: Text | None = Field(default=None, examples=["7 days"])
    """The retention period of the data."""
    consumers: Texts = Field(default=(), examples=[["finance-export"]])
    """Consumer groups and readers that have no card."""

    @model_validator(mode="before")
    @classmethod
    def _set_default_name(cls, value: object) -> object:
        if isinstance(value, dict) and "id" in value and "name" not in value:
            return {**value, "name": value["id"]}
        return value

    @field_validator("type")
    @classmethod
    def _check_type(cls, value: str) -> str:
        if value in _KIND_NAMES:
            message = f"invalid type {value!r}: expected a word that is no kind of card; write the type, such as topic"
            raise ValueError(message)
        return value

    @property
    def ref(self) -> Ref:
        """The reference to the resource, which has its type instead of the word `resource`."""
        # Not `self.type`: the reference is the key of the reads of the card, so that its type alone is no read.
        return Ref(self.__dict__["type"], self.id)


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
            raise ValueError(f"invalid step: expected exactly one of {', '.join(VERBS)}, found {found}")
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
