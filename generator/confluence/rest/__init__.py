"""A Confluence over its REST, Cloud or Data Center; the way in is `connect`."""

from requests.adapters import BaseAdapter

from generator.confluence.rest.call import RequestAttempt
from generator.confluence.rest.cloud import CloudWiki
from generator.confluence.rest.credentials import WikiCredentials, read_credentials
from generator.confluence.rest.datacenter import DataCenterWiki
from generator.confluence.rest.rate_limit import Clock
from generator.confluence.rest.transport import TIME_LIMIT, Observer, Transport
from generator.confluence.wiki import Flavour, Wiki

__all__ = ["Clock", "Observer", "RequestAttempt", "WikiCredentials", "connect", "read_credentials"]


def _unobserved(_: RequestAttempt) -> None:
    """Nobody counts."""


def connect(
    access: WikiCredentials,
    *,
    observer: Observer = _unobserved,
    clock: Clock | None = None,
    adapter: BaseAdapter | None = None,
    time_limit: int = TIME_LIMIT,
) -> Wiki:
    """The wiki at an address; nothing is sent yet.

    `observer` hears of every attempt, from whichever thread made it. `adapter` takes the place of the
    sockets, as the stand-in's door in memory does.
    """
    transport = Transport(access, clock=clock or Clock(), observer=observer, adapter=adapter, time_limit=time_limit)
    return CloudWiki(transport) if access.flavour is Flavour.CLOUD else DataCenterWiki(transport)
