"""What a card may say: one module a kind, declared once.

Binding, the editors' JSON Schema, the site's reference page and error messages all come from here.
"""

from generator.schema.card import Card
from generator.schema.experiment import Experiment
from generator.schema.flow import Flow
from generator.schema.migration import Migration
from generator.schema.model import Model
from generator.schema.people import Person, Team
from generator.schema.resource import Resource
from generator.schema.system import System

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
"""Every kind of card, in the order in which the site shows them."""

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
