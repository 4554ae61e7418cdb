"""The fields of a model for the inventory that regulators ask for: tier, risk, validation, uses and exceptions."""

from typing import Annotated

from pydantic import Field

from generator.schema.base import Day, OwnerId, Strict, SystemId, Text, accept_text

_REJECTIONS = ("rejected", "not approved")


class RiskRating(Strict):
    """The risk of the model: its rating, or a mapping with the reason."""

    rating: Text = Field(examples=["high"])
    """The rating, in the words of the policy: `high`, `medium`, `low`."""
    why: Text | None = Field(default=None, examples=["Decides on 9 % of all orders, and no one checks its answers"])
    """The reason for the rating."""
    by: OwnerId | None = Field(default=None, examples=["model-risk"])
    """The team or person who rated it."""
    on: Day | None = Field(default=None, examples=["2026-08-31"])
    """The day of the rating."""


Risk = Annotated[RiskRating, accept_text("rating", Text | RiskRating)]


class Validation(Strict):
    """The last validation of the model, and the day of the next one."""

    by: OwnerId | None = Field(default=None, examples=["model-risk"])
    """The team or person who validated it: not one of its owners."""
    on: Day | None = Field(default=None, examples=["2026-09-15"])
    """The day of the validation. Leave it out if the first validation is only planned."""
    result: Text | None = Field(default=None, examples=["approved with conditions"])
    """The result, such as `approved`, `approved with conditions` or `rejected`."""
    next: Day | None = Field(default=None, examples=["2027-09-15"])
    """The day by which it must be validated again. Default: `on` and the days of its tier under `inventory.tiers`."""
    report: Text | None = Field(default=None, examples=["https://wiki.example.com/validation/ryl-2026"])
    """The report: a link, or a path."""

    @property
    def is_rejected(self) -> bool:
        """Whether the result begins with `rejected` or `not approved`."""
        return (self.result or "").casefold().startswith(_REJECTIONS)


class ApprovedUse(Strict):
    """A use for which the model is approved."""

    use: Text = Field(examples=["Ordering of restaurants on the home page"])
    """A description of the use."""
    systems: tuple[SystemId, ...] = Field(default=(), examples=[["home-feed"]])
    """The consumers that the approval covers. Without them, it covers no consumer by name."""
    by: OwnerId | None = Field(default=None, examples=["model-risk"])
    """The team or person who approved it."""
    on: Day | None = Field(default=None, examples=["2026-09-15"])
    """The day of the approval."""
    until: Day | None = Field(default=None, examples=["2027-09-15"])
    """The last day of the approval."""


class PolicyException(Strict):
    """An accepted departure from the policy for models."""

    what: Text = Field(examples=["No challenger model"])
    """The departure."""
    why: Text = Field(examples=["The first challenger is in an A/B test"])
    """The reason, with the compensating measure."""
    by: OwnerId | None = Field(default=None, examples=["model-risk"])
    """The team or person who accepted it."""
    on: Day | None = Field(default=None, examples=["2026-09-15"])
    """The day on which it was accepted."""
    until: Day | None = Field(default=None, examples=["2027-03-31"])
    """The last day of the exception."""
