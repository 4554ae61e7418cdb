"""Teams and people."""

from typing import Literal

from pydantic import Field

from generator.schema.base import AccountId, Day, Email, Id, PersonId, TeamId, Text
from generator.schema.card import Card


class Team(Card):
    """A team that owns models or systems."""

    kind: Literal["team"] = "team"
    function: Id | None = Field(default=None, examples=["ds"])
    """The function of the team in the company, one of those configured in mkdocs.yml."""
    lead: PersonId | None = Field(default=None, examples=["asha"])
    """The team lead, who replaces contacts that have left without a successor."""
    channel: Text | None = Field(default=None, examples=["#ds-ranking"])
    """The chat channel of the team."""
    email: Email | None = Field(default=None, examples=["ds-ranking@example.com"])
    """The mailing list of the team."""
    on_call: Text | None = Field(default=None, examples=["https://oncall.example.com/rotas/ds-ranking"])
    """The rota: the link or the phone number of the person on call."""
    hours: Text | None = Field(default=None, examples=["09:00 to 18:00 IST"])
    """The office hours of the team."""
    chat: Text | None = Field(default=None, examples=["https://chat.example.com/channels/ds-ranking"])
    """The link to the chat channel."""
    runbook: Text | None = None
    """The runbook of the team: a link, or a path."""
    parent: TeamId | None = None
    """The team that this team is part of."""


class Person(Card):
    """A person with responsibilities, such as an owner or a contact."""

    kind: Literal["person"] = "person"
    email: Email | None = Field(default=None, examples=["asha@example.com"])
    """The e-mail address of the person."""
    team: TeamId | None = Field(default=None, examples=["ds-ranking"])
    """The person's team."""
    role: Text | None = Field(default=None, examples=["Data scientist"])
    """The role of the person in the team."""
    left_on: Day | None = Field(default=None, examples=["2026-06-30"])
    """The last working day. Each card that still depends on the person then has a finding."""
    successor: PersonId | None = None
    """The person who is responsible now."""
    chat: Text | None = Field(default=None, examples=["@asha"])
    """The chat handle of the person, or a link to a direct message."""
    deputy: PersonId | None = None
    """The person who stands in during absences."""
    confluence_account: AccountId | None = Field(default=None, examples=["557058:295406f3-a1fc-4733-b906-dd15d021bd79"])
    """The account of the person in Confluence, for mentions: the account id on Cloud, the user key on Data Center."""
