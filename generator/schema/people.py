"""Teams and people: whom to call."""

from typing import Literal

from generator.schema.base import Day, Id, PersonId, TeamId, Text
from generator.schema.card import Card


class Team(Card):
    """A team that owns models or systems."""

    kind: Literal["team"] = "team"
    function: Id | None = None
    """Which function of the company it is; the functions are configured in mkdocs.yml."""
    lead: PersonId | None = None
    """Who leads it; the one to call when a contact has left."""
    channel: Text | None = None
    """Where to reach it: a chat channel."""
    email: Text | None = None
    """Its mailing list."""


class Person(Card):
    """A person whom cards count on."""

    kind: Literal["person"] = "person"
    email: Text | None = None
    """How to reach the person."""
    team: TeamId | None = None
    """The person's team."""
    role: Text | None = None
    """What the person does there."""
    left_on: Day | None = None
    """The last day; a date here fails every card that still counts on the person."""
    successor: PersonId | None = None
    """Who took over."""
