"""Resources between systems: topics, feature views, collections, rules, tables, buckets."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from generator.names import Ref
from generator.schema.base import AnyRef, Strict, Text, Texts, TypeLabel
from generator.schema.card import OwnedCard

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
        return Ref(self.type, self.id)
