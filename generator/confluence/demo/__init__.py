"""A Confluence to try things on: Cloud or Data Center, as strict as Atlassian's documents, on this machine only."""

from generator.confluence.demo.content import ADMIN, DemoPerson, Variant
from generator.confluence.demo.faults import Fault, FaultKind, LoggedRequest, parse_fault
from generator.confluence.demo.server import SPACES, Address, DemoServer, serve

__all__ = [
    "ADMIN",
    "SPACES",
    "Address",
    "DemoPerson",
    "DemoServer",
    "Fault",
    "FaultKind",
    "LoggedRequest",
    "Variant",
    "parse_fault",
    "serve",
]
