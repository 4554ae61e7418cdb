"""Teams and people."""

from typing import Literal

from pydantic import Field

from generator.schema.base import Day, Email, Id, PersonId, TeamId, Text
from generator.schema.card import Card


class Team(Card):
    """A team that owns models or systems."""

    kind: Literal["team"] = "team"
    function: Id | None = Field(default=None, examples=["ds"])
    """Which function of the company it is; the functions are configured in mkdocs.yml."""
    lead: PersonId | None = Field(default=None, examples=["asha"])
    """Who leads it; the one to call when a contact has left."""
    channel: Text | None = Field(default=None, examples=["#ds-ranking"])
    """Where to reach it: a chat channel."""
    email: Email | None = Field(default=None, examples=["ds-ranking@example.com"])
    """Its mailing list."""


class Person(Card):
    """A person whom cards count on."""

    kind: Literal["person"] = "person"
    email: Email | None = Field(default=None, examples=["asha@example.com"])
    """How to reach the person."""
    team: TeamId | None = Field(default=None, examples=["ds-ranking"])
    """The person's team."""
    role: Text | None = Field(default=None, examples=["Data scientist"])
    """What the person does there."""
    left_on: Day | None = Field(default=None, examples=["2026-06-30"])
    """The last day; a date here fails every card that still counts on the person."""
    successor: PersonId | None = None
    """Who took over."""
