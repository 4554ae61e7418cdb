"""A Confluence to try things on: Cloud or Data Center, strict, on this machine only.

`Standin` is the thing itself; `serve` opens its door over HTTP, `InMemory` the one without sockets.
"""

from generator.confluence.standin.door import InMemory
from generator.confluence.standin.faults import Fault, Mishap, fault_from
from generator.confluence.standin.log import Logged
from generator.confluence.standin.records import DemoPerson
from generator.confluence.standin.server import Address, serve
from generator.confluence.standin.site import ADMIN, SPACES, Standin

__all__ = [
    "ADMIN",
    "SPACES",
    "Address",
    "DemoPerson",
    "Fault",
    "InMemory",
    "Logged",
    "Mishap",
    "Standin",
    "fault_from",
    "serve",
]
