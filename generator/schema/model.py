"""Machine-learning models with their endpoints, contracts and consumers."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from generator.schema.base import (
    Address,
    ContactId,
    Data,
    Day,
    Id,
    Milliseconds,
    ModelId,
    OwnerId,
    PartyRef,
    Percent,
    Strict,
    SystemId,
    Text,
    Texts,
    Truth,
    TypeLabel,
    accept_text,
    get_no_values,
)
from generator.schema.card import PLACEHOLDER_SUMMARY, Consumption, Lifecycle, OwnedCard
from generator.schema.inventory import ApprovedUse, PolicyException, Risk, Validation


class Serving(StrEnum):
    """The way in which a model serves predictions."""

    ONLINE = "online"
    OFFLINE = "offline"
    BOTH = "both"
    EMBEDDED = "embedded"
    """It runs in the process of its consumers, as a library, in an app or in a notebook."""

    @property
    def is_online(self) -> bool:
        """Whether it is called over the network."""
        return self in {Serving.ONLINE, Serving.BOTH}


class Example(Strict):
    """An example of a request and its response."""

    name: Text | None = Field(default=None, examples=["two results"])
    """A short title of the example."""
    request: Data = Field(default=None, examples=[{"customer_id": "c-42"}])
    """The payload of the request."""
    response: Data = Field(default=None, examples=[{"items": []}])
    """The payload of the response."""


class Contract(Strict):
    """The interface of the model: JSON Schema inline, `{$ref: file}`, or an OpenAPI operation."""

    request: Data = Field(
        default=None,
        examples=[
            {"type": "object", "required": ["customer_id"], "properties": {"customer_id": {"type": "string"}}},
            {"$ref": "contracts/ryl.yml"},
        ],
    )
    """The JSON Schema of the request, or `{$ref: file}`."""
    response: Data = Field(
        default=None, examples=[{"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}}]
    )
    """The JSON Schema of the response, or `{$ref: file}`."""
    examples: tuple[Example, ...] = ()
    """Examples that are valid for the schemas. The sample call is generated from the first."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    """The HTTP method."""
    headers: dict[Text, Text] = Field(default_factory=get_no_values)
    """The required headers. Write secrets as `$TOKEN`."""
    parameters: dict[Text, Data] = Field(default_factory=get_no_values)
    """Values of the parameters in the address and the query, for the sample call: `{city: bengaluru}`."""
    safe: Truth = False
    """Whether the call has no side effects although it is a POST, so that `modelbook verify` may send it."""
    openapi: Text | None = None
    """An OpenAPI file next to the card, instead of `request` and `response`."""
    operation: Text | None = None
    """The operation in the OpenAPI file: its operationId, or `POST /path`."""


class Consumer(Consumption):
    """A system that uses the model, as declared by the model's owner."""

    system: SystemId = Field(examples=["home-feed"])
    """The system."""


FeatureName = Annotated[
    str, StringConstraints(pattern=r"^[^:\s]+:[^:\s]+$"), TypeLabel("view:feature", "view:feature pairs")
]


class Feature(Strict):
    """A feature that the model reads: `view:feature`, or a mapping with more details."""

    feature: FeatureName = Field(examples=["customer_profile:cuisine_affinity"])
    """The feature view and the feature in it, as `customer_profile:cuisine_affinity`."""
    type: Text | None = None
    """The type, if the card of the feature view does not contain it."""
    description: Text | None = None
    """The meaning of the feature."""

    @property
    def view(self) -> str:
        """The id of the feature view."""
        return self.feature.partition(":")[0]

    @property
    def name(self) -> str:
        """The name of the feature in its view."""
        return self.feature.partition(":")[2]


FeatureUse = Annotated[Feature, accept_text("feature", FeatureName | Feature)]


class UnusedStatement(Strict):
    """An owner's statement that nothing uses the model."""

    by: OwnerId = Field(examples=["asha"])
    """The owner who confirmed it."""
    on: Day = Field(examples=["2026-11-02"])
    """The day of the statement."""


class OperationsItem(Strict):
    """A part of operations: a link, and the last check with its result."""

    link: Text | None = Field(default=None, examples=["https://grafana.example.com/d/ryl"])
    """The dashboard, the alerts or the report."""
    by: OwnerId | None = None
    """The team or person who checks it."""
    on: Day | None = None
    """The day of the last check."""
    result: Text | None = None
    """The result of the last check."""


class RolloutState(Strict):
    """The share of the traffic that the deployed version answers."""

    traffic: Percent = Field(examples=[100])
    """The share of the traffic, in percent."""
    since: Day | None = Field(default=None, examples=["2025-11-03"])
    """The first day with this share."""
    by: OwnerId | None = None
    """The team or person who rolls it out."""
    note: Text | None = None
    """What the roll-out waits for."""


OperationsEntry = Annotated[OperationsItem, accept_text("link", Text | OperationsItem)]


class Operations(Strict):
    """The model after deployment. An entry is a link, or a mapping with the last check."""

    monitoring: OperationsEntry | None = Field(default=None, examples=["https://grafana.example.com/d/ryl"])
    """The dashboard of the model in production."""
    alerts: OperationsEntry | None = None
    """The alerts, and who receives them."""
    drift_check: OperationsEntry | None = None
    """The comparison of today's inputs with the training data."""
    rollout: RolloutState | None = None
    """The state of the roll-out."""
    capacity: OperationsEntry | None = None
    """The load test: the requests that the servers can answer."""


class Instance(Strict):
    """A copy of the model with separate endpoints."""

    id: Id = Field(examples=["ryl-mysuru"])
    """The identifier of the copy."""
    endpoints: dict[Id, Address] = Field(default_factory=get_no_values)
    """The endpoint of the copy in each environment."""


class ModelCardSections(Strict):
    """The sections of the paper "Model Cards for Model Reporting" (Mitchell et al., 2019); all optional."""

    model_details: Data = None
    """Developers, dates, algorithm, licence, citation."""
    intended_use: Data = Field(default=None, examples=["Ranking for signed-in customers"])
    """The intended uses and users."""
    out_of_scope: Data = Field(default=None, examples=["Guests without a history"])
    """Uses that are out of scope."""
    factors: Data = None
    """Groups, instruments and environments in which the model behaves differently."""
    metrics: Data = Field(default=None, examples=[[{"name": "NDCG@10", "value": 0.41, "dataset": "orders 2026-06"}]])
    """Performance metrics: text, or a list of `{name, value, dataset}`."""
    training_data: Data = Field(default=None, examples=["Orders of the last 90 days"])
    """The data that the model was trained on."""
    evaluation_data: Data = None
    """The data that the model was evaluated on."""
    quantitative_analyses: Data = None
    """Results, in total and by factor."""
    ethical_considerations: Data = None
    """Risks and harms, and the measures against them."""
    limitations: Data = Field(default=None, examples=["Weak in cities younger than a month"])
    """Known limitations."""
    caveats: Data = None
    """Further warnings and recommendations."""


class Model(OwnedCard):
    """A machine-learning model."""

    kind: Literal["model"] = "model"
    summary: Text = Field(examples=[PLACEHOLDER_SUMMARY])
    """A description in one line."""
    lifecycle: Lifecycle
    """The lifecycle stage."""
    serving: Serving
    """Whether it answers requests, writes predictions in batches, does both, or runs inside its consumers."""
    contacts: dict[Id, ContactId] = Field(default_factory=get_no_values, examples=[{"ds": "asha", "product": "rohan"}])
    """The contact for each function, a person or a team: `{ds: asha, product: team:growth}`."""
    stakeholders: tuple[PartyRef, ...] = Field(default=(), examples=[["team:growth", "person:rohan"]])
    """Other teams and people to notify of changes, as `team:growth` or `person:rohan`."""
    repo: Text | None = Field(default=None, examples=["https://git.example.com/ranking/ryl"])
    """The repository of its own code: its address, or `owner/name`. `links.repo` is the same."""
    paths: Texts = Field(default=(), examples=[["models/ryl/"]])
    """The folders and files of its own code, if others share the repository. `*` is any name, `**` any folders."""
    version: Text | None = Field(default=None, examples=["1.0.0"])
    """The deployed version."""
    deployed_on: Day | None = Field(default=None, examples=["2025-11-03"])
    """The day on which that version was deployed."""
    review_by: Day | None = Field(default=None, examples=["2027-03-31"])
    """The day by which the owner must review the card and the model."""
    endpoints: dict[Id, Address] = Field(
        default_factory=get_no_values, examples=[{"production": "https://ml.example.com/v1/models/ryl:predict"}]
    )
    """The endpoint in each environment: `{production: https://…, staging: https://…}`."""
    timeout_ms: Milliseconds | None = None
    """How long callers wait for the answer before they use the fallback, in milliseconds."""
    contract: Contract | None = None
    """The request and the response of the model."""
    curl: Text | None = None
    """A hand-written sample call. Default: generated from the endpoint, the contract and its first example."""
    features: tuple[FeatureUse, ...] = Field(default=(), examples=[["view:feature"]])
    """The features that it reads, as `view:feature` or a mapping with type and description."""
    consumers: tuple[Consumer, ...] = ()
    """The systems that use it, as known to its owner. The uses that systems declare are added."""
    fallback: ModelId | None = Field(default=None, examples=["popular-nearby"])
    """The model whose answer users see if this one fails."""
    successor: ModelId | None = None
    """The replacement for a deprecated or retired model."""
    sunset_on: Day | None = None
    """The announced last day of the model. It must not be retired earlier."""
    confirmed_unused: UnusedStatement | None = None
    """An owner's statement that nothing uses the model: `{by: asha, on: 2026-11-02}`."""
    runbook: Text | None = None
    """What to do when the model fails: a link, or a path."""
    operations: Operations | None = None
    """The model after deployment: monitoring, alerts, drift check, roll-out and capacity."""
    tier: Text | None = Field(default=None, examples=["1"])
    """The tier by materiality, one of those under `inventory.tiers` in mkdocs.yml."""
    risk: Risk | None = Field(default=None, examples=["high"])
    """The risk rating, or a mapping with its reason: `{rating: high, why: …, by: model-risk, on: 2026-08-31}`."""
    validation: Validation | None = None
    """The last independent validation, and the day of the next one."""
    approved_uses: tuple[ApprovedUse, ...] = ()
    """The uses for which it is approved. With one of them, each consumer without an approval has a finding."""
    exceptions: tuple[PolicyException, ...] = ()
    """The accepted departures from the policy for models."""
    family: Text | None = None
    """The group of similar models that lists show together, such as `articletopic`."""
    instances: tuple[Instance, ...] = ()
    """The copies of the model, such as one for each city. Each is found by its id, as the model is by an alias."""
    card: ModelCardSections | None = None
    """The sections of the Model Cards paper."""

    @property
    def is_retired(self) -> bool:
        """Whether it is out of use."""
        return self.lifecycle is Lifecycle.RETIRED

    @property
    def is_inventoried(self) -> bool:
        """Whether it has any of the fields of the inventory."""
        return bool(self.tier or self.risk or self.validation or self.approved_uses or self.exceptions)
