"""The fields that all cards have."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from generator.findings import DRAFT_TAG
from generator.names import Ref
from generator.reads import build_recorded_property, record_read
from generator.schema.base import Day, Id, Owners, Share, Strict, Text, Texts, get_no_values

PLACEHOLDER_SUMMARY = "A description in one line"
"""The summary of a new card, until its author replaces it."""
TO_BE_WRITTEN = "To be written"
"""The beginning of a text that a command could not know, until an author replaces it."""


class Card(Strict):
    """A card of the book."""

    kind: str
    """The kind of card, which determines the other keys."""
    id: Id
    """The identifier in references from other cards. Default: the file name without its extension."""
    name: Text
    """The display name, which is also the title of the page."""
    aliases: Texts = Field(default=(), examples=[["former_name"]])
    """Other names, as in code, on dashboards and in conversation. Search finds the card by each of them."""
    summary: Text | None = Field(default=None, examples=[PLACEHOLDER_SUMMARY])
    """A description in one line."""
    tags: Texts = Field(default=(), examples=[["home"]])
    """Words to group cards by; they are also labels in Confluence."""
    links: dict[Text, Text] = Field(
        default_factory=get_no_values, examples=[{"dashboard": "https://grafana.example.com/d/ryl"}]
    )
    """Related resources: a dashboard, a repository, a runbook. Each is an address, or text to copy."""
    notes: Text | None = None
    """Anything else that a new owner must know. It is plain text: Markdown and HTML are shown as they are typed."""
    allow: dict[Text, Text] = Field(default_factory=get_no_values, alias="x-allow")
    """Findings accepted on this card, each with a reason: `{MB203: hiring until June}`."""
    guessed: dict[Text, Text] = Field(default_factory=get_no_values, alias="x-guessed")
    """The keys whose values `modelbook import` guessed, each with the reason: `{serving: not in the source}`."""

    @property
    def ref(self) -> Ref:
        """The reference to the card."""
        return Ref(self.kind, self.id)

    @property
    def is_draft(self) -> bool:
        """Whether the card has the tag of a draft."""
        return any(tag.lower() == DRAFT_TAG for tag in self.tags)

    def model_dump(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as pydantic
        """Return the card as data, as a read of the whole card."""
        record_read(WHOLE_CARD, self)
        return super().model_dump(**options)


WHOLE_CARD = "card"
"""The table of the reads of whole cards; `card.name` and the like are those of their fields."""


def record_fields(kind: type[Card]) -> None:
    """Record the reads of the fields of the cards of a kind, which must have no subclasses.

    A property takes precedence over the dictionary of an object, in which pydantic keeps the values. The kind and the
    id are the key of the read: a card with another one is another card.
    """
    for name in kind.model_fields:
        if name not in {"kind", "id"}:
            setattr(kind, name, build_recorded_property(f"{WHOLE_CARD}.{name}", name))


class Lifecycle(StrEnum):
    """The lifecycle stage of a model or a system."""

    EXPERIMENTAL = "experimental"
    PRODUCTION = "production"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class OwnedCard(Card):
    """A card that has owners."""

    owners: Owners = Field(default=(), examples=[["ds-ranking"]])
    """The responsible teams or people; one id or a list."""


class Criticality(StrEnum):
    """The impact of a failure."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


CRITICALITIES: tuple[Criticality | None, ...] = (*Criticality, None)
"""The highest first; None, for what no card states, is last."""


class Consumption(Strict):
    """The use of a model, as its owner (`consumers`) or the system (`uses`) declares it."""

    why: Text = Field(examples=["Fills the carousel on the home page"])
    """The purpose of the use."""
    surface: Text | None = Field(default=None, examples=["Home, carousel 2"])
    """Where users would notice a failure: a screen, a message, a report."""
    criticality: Criticality = Field(default=Criticality.MEDIUM, examples=["high"])
    """The impact if the model fails."""
    fields: Texts = ()
    """The fields of the response that are used, as paths such as `items[].score`."""
    since: Day | None = None
    """The first day of the use."""
    confirmed_on: Day | None = None
    """The day on which the use was last confirmed."""
    traffic_share: Share | None = None
    """The share of the consumer's traffic or orders that depends on the model, as `0.09` or `9 %`."""
    configured_in: Text | None = Field(default=None, examples=["config/carousels.yaml"])
    """The file or setting that names the model."""


def to_card_data(card: Strict) -> dict[str, Any]:
    """Return a card as plain data with the keys that its author writes, without defaults."""
    return card.model_dump(mode="json", by_alias=True, exclude_defaults=True)
