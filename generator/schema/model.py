"""Machine-learning models with their endpoints, contracts and consumers."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from generator.schema.base import Address, Data, Day, Id, ModelId, PartyRef, PersonId, Strict, SystemId, Text, TypeLabel
from generator.schema.card import Consumption, OwnedCard


class Lifecycle(StrEnum):
    """Where in its life a model is."""

    EXPERIMENTAL = "experimental"
    PRODUCTION = "production"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Serving(StrEnum):
    """How predictions reach their users."""

    ONLINE = "online"
    OFFLINE = "offline"
    BOTH = "both"

    @property
    def is_online(self) -> bool:
        """Whether it is called over the network."""
        return self is not Serving.OFFLINE


class Example(Strict):
    """A request with the answer that the model gives to it."""

    name: Text | None = Field(default=None, examples=["two results"])
    """What it shows."""
    request: Data = Field(default=None, examples=[{"customer_id": "c-42"}])
    """The payload."""
    response: Data = Field(default=None, examples=[{"items": []}])
    """The answer."""


class Contract(Strict):
    """What the model takes and answers: JSON Schema inline, or `{$ref: file}`, or an OpenAPI operation."""

    request: Data = Field(
        default=None,
        examples=[
            {"type": "object", "required": ["customer_id"], "properties": {"customer_id": {"type": "string"}}},
            {"$ref": "contracts/ryl.yml"},
        ],
    )
    """JSON Schema of the payload, or `{$ref: file}`."""
    response: Data = Field(
        default=None, examples=[{"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}}]
    )
    """JSON Schema of the answer, or `{$ref: file}`."""
    examples: tuple[Example, ...] = ()
    """Examples that the schemas hold for; the sample curl is made from the first."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    """The HTTP method."""
    headers: dict[Text, Text] = Field(default_factory=dict)
    """Headers that a call needs; write secrets as `$TOKEN`."""
    openapi: Text | None = None
    """An OpenAPI file beside the card, in place of `request` and `response`."""
    operation: Text | None = None
    """The operation in the OpenAPI file: its operationId, or `POST /path`."""


class Consumer(Consumption):
    """A system that uses the model, as its owner knows it."""

    system: SystemId = Field(examples=["home-feed"])
    """The system."""


FeatureName = Annotated[
    str, StringConstraints(pattern=r"^[^:\s]+:[^:\s]+$"), TypeLabel("view:feature", "view:feature pairs")
]


def _wrap_feature(value: object) -> object:
    return {"feature": value} if isinstance(value, str) else value


class Feature(Strict):
    """A feature that the model reads: `view:feature`, or a mapping that also describes it."""

    feature: FeatureName = Field(examples=["customer_profile:cuisine_affinity"])
    """The feature view and the feature in it, as `customer_profile:cuisine_affinity`."""
    type: Text | None = None
    """Its type, where the view's own card does not say it."""
    description: Text | None = None
    """What it holds."""

    @property
    def view(self) -> str:
        """The id of the feature view."""
        return self.feature.partition(":")[0]

    @property
    def name(self) -> str:
        """The name of the feature in its view."""
        return self.feature.partition(":")[2]


FeatureUse = Annotated[Feature, BeforeValidator(_wrap_feature, json_schema_input_type=FeatureName | Feature)]


class ModelCardSections(Strict):
    """The sections of the paper "Model Cards for Model Reporting" (Mitchell et al., 2019); all optional."""

    model_details: Data = None
    """Developers, dates, algorithm, licence, citation."""
    intended_use: Data = Field(default=None, examples=["Ranking for signed-in customers"])
    """What it is for, and for whom."""
    out_of_scope: Data = Field(default=None, examples=["Guests without a history"])
    """What it must not be used for."""
    factors: Data = None
    """Groups, instruments and environments across which it behaves differently."""
    metrics: Data = Field(default=None, examples=[[{"name": "NDCG@10", "value": 0.41, "dataset": "orders 2026-06"}]])
    """How good it is: text, or a list of `{name, value, dataset}`."""
    training_data: Data = Field(default=None, examples=["Orders of the last 90 days"])
    """What it learned from."""
    evaluation_data: Data = None
    """What it was measured on."""
    quantitative_analyses: Data = None
    """Results, whole and by factor."""
    ethical_considerations: Data = None
    """Risks and harms, and what was done about them."""
    limitations: Data = Field(default=None, examples=["Weak in cities younger than a month"])
    """Where it fails."""
    caveats: Data = None
    """What else to know before using it."""


class Model(OwnedCard):
    """A machine-learning model in use, or once in use."""

    kind: Literal["model"] = "model"
    summary: Text = Field(examples=["What it does in one line"])
    """What it does, in one line."""
    lifecycle: Lifecycle
    """Where in its life it is."""
    serving: Serving
    """Whether it answers calls, writes predictions in batches, or both."""
    contacts: dict[Id, PersonId] = Field(default_factory=dict, examples=[{"ds": "asha", "product": "rohan"}])
    """A point of contact in every function: `{ds: asha, product: rohan}`."""
    stakeholders: tuple[PartyRef, ...] = Field(default=(), examples=[["team:growth", "person:rohan"]])
    """Who else must hear of changes, as `team:growth` or `person:rohan`."""
    version: Text | None = Field(default=None, examples=["1.0.0"])
    """The version that serves now."""
    deployed_on: Day | None = Field(default=None, examples=["2025-11-03"])
    """The day that version went live."""
    review_by: Day | None = Field(default=None, examples=["2027-03-31"])
    """The day by which somebody looks at the card and the model again."""
    endpoints: dict[Id, Address] = Field(
        default_factory=dict, examples=[{"production": "https://ml.example.com/v1/models/ryl:predict"}]
    )
    """Where it is called, by environment: `{production: https://…, staging: https://…}`."""
    contract: Contract | None = None
    """What it takes and answers."""
    curl: Text | None = None
    """A hand-written sample call; left out, one is made from endpoint, contract and example."""
    features: tuple[FeatureUse, ...] = Field(default=(), examples=[["customer_profile:cuisine_affinity"]])
    """What it reads, as `view:feature` or a mapping with type and description."""
    consumers: tuple[Consumer, ...] = ()
    """The systems that use it, as far as its owner knows; what systems declare is merged in."""
    fallback: ModelId | None = Field(default=None, examples=["popular-nearby"])
    """The model whose answer users see when this one fails."""
    successor: ModelId | None = None
    """The model that takes over from a deprecated or retired one."""
    card: ModelCardSections | None = None
    """The sections of the Model Cards paper."""
