"""A Confluence to try things on: Cloud or Data Center, as strict as Atlassian's documents, on this machine only."""

from generator.confluence.demo.faults import Fault, FaultKind, parse_fault
from generator.confluence.demo.server import SPACES, Address, DemoServer, LoggedRequest, serve
from generator.confluence.demo.world import ADMIN, DemoPerson

__all__ = [
    "ADMIN",
    "SPACES",
    "Address",
    "DemoPerson",
    "DemoServer",
    "Fault",
    "FaultKind",
    "LoggedRequest",
    "parse_fault",
    "serve",
]
