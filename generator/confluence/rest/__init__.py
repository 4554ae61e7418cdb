"""A Confluence over its REST, Cloud or Data Center; the way in is `connect`."""

from requests.adapters import BaseAdapter

from generator.confluence.rest.access import Access, access_from
from generator.confluence.rest.call import Sent
from generator.confluence.rest.cloud import CloudWiki
from generator.confluence.rest.datacenter import DataCenterWiki
from generator.confluence.rest.pace import Clock
from generator.confluence.rest.transport import TIME_LIMIT, Observer, Transport
from generator.confluence.wiki import Flavour, Wiki

__all__ = ["Access", "Clock", "Observer", "Sent", "access_from", "connect"]


def _unobserved(_: Sent) -> None:
    """Nobody counts."""


def connect(
    access: Access,
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
