"""The fields that all cards have."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from generator.names import Ref
from generator.schema.base import Day, Id, Owners, Strict, Text, Texts


class Card(Strict):
    """One document of the book."""

    kind: str
    """What the card describes; it decides which other keys there are."""
    id: Id
    """How other cards refer to it; the file's name without its ending when left out."""
    name: Text
    """What people call it; the title of its page."""
    aliases: Texts = Field(default=(), examples=[["former_name"]])
    """What code, dashboards and people also call it; the search finds it by them."""
    summary: Text | None = Field(default=None, examples=["What it is in one line"])
    """What it is, in one line."""
    tags: Texts = Field(default=(), examples=[["home"]])
    """Free words to group cards by; labels in Confluence."""
    links: dict[Text, Text] = Field(
        default_factory=dict, examples=[{"dashboard": "https://grafana.example.com/d/home"}]
    )
    """Where else to look: a dashboard, a repository, a run book. An address, or text to copy."""
    notes: Text | None = None
    """Anything that the next person must know."""
    allow: dict[Text, Text] = Field(default_factory=dict, alias="x-allow")
    """Findings accepted on this card, each with the reason: `{MB203: hiring until June}`."""

    @property
    def ref(self) -> Ref:
        """The reference to the card."""
        return Ref(self.kind, self.id)


class OwnedCard(Card):
    """A card that somebody answers for."""

    owners: Owners = Field(default=(), examples=[["ds-ranking"]])
    """The teams or people who answer for it; one or many."""


class Criticality(StrEnum):
    """How much is lost when it fails."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Consumption(Strict):
    """What both sides say of a use: the model's owner under `consumers`, the system under `uses`."""

    why: Text = Field(examples=["Fills the carousel on the home page"])
    """What it is used for."""
    surface: Text | None = Field(default=None, examples=["Home, carousel 2"])
    """Where a user would notice: a screen, a message, a report."""
    criticality: Criticality = Field(default=Criticality.MEDIUM, examples=["high"])
    """How much is lost when the model fails."""
    fields: Texts = ()
    """The fields of the response that are used, as paths such as `items[].score`."""
    since: Day | None = None
    """The day since when."""
    configured_in: Text | None = Field(default=None, examples=["config/carousels.yaml"])
    """The file or setting that names the model."""


def to_card_data(card: Strict) -> dict[str, Any]:
    """Return a card as plain data with the keys that its author writes, without defaults."""
    return card.model_dump(mode="json", by_alias=True, exclude_defaults=True)
