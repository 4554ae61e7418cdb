"""The client of Confluence's REST API for Cloud and Data Center; `connect` returns it."""

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
    """Ignore a request."""


def connect(
    access: WikiCredentials,
    *,
    observer: Observer = _unobserved,
    clock: Clock | None = None,
    adapter: BaseAdapter | None = None,
    time_limit: int = TIME_LIMIT,
) -> Wiki:
    """Return the client for a wiki, without sending a request.

    Args:
        access: The address and the credentials.
        observer: Is called with every attempt, from the thread that made it.
        clock: The time, for tests.
        adapter: A transport adapter instead of sockets, such as the one of the demo server in memory.
        time_limit: Seconds to wait for the server.

    """
    transport = Transport(access, clock=clock or Clock(), observer=observer, adapter=adapter, time_limit=time_limit)
    return CloudWiki(transport) if access.flavour is Flavour.CLOUD else DataCenterWiki(transport)
