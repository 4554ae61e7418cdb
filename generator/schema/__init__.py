"""The declaration of each kind of card, in a module for each family.

Binding, the JSON Schema for editors, the reference page of the site and messages are derived from it.
"""

from generator.schema.card import Card, record_fields
from generator.schema.model import Model
from generator.schema.people import Person, Team
from generator.schema.rollouts import Experiment, Migration
from generator.schema.topology import Flow, Resource, System

KINDS: dict[str, type[Card]] = {
    "model": Model,
    "system": System,
    "flow": Flow,
    "experiment": Experiment,
    "migration": Migration,
    "team": Team,
    "person": Person,
    "resource": Resource,
}
"""The kinds of cards, in the order of the site."""

for kind in KINDS.values():
    record_fields(kind)

__all__ = [
    "KINDS",
    "Card",
    "Experiment",
    "Flow",
    "Migration",
    "Model",
    "Person",
    "Resource",
    "System",
    "Team",
]
