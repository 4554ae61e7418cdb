"""The client of Confluence's REST API for Cloud and Data Center; `connect` returns it."""

from dataclasses import replace

from requests.adapters import BaseAdapter

from generator.confluence.rest.call import RequestAttempt, build_read
from generator.confluence.rest.cloud import API, CloudWiki
from generator.confluence.rest.credentials import WikiCredentials, read_credentials
from generator.confluence.rest.datacenter import DataCenterWiki
from generator.confluence.rest.rate_limit import Clock
from generator.confluence.rest.shared import Wiki
from generator.confluence.rest.transport import TIME_LIMIT, Observer, Transport
from generator.confluence.wiki import Flavour, NoPermission, NotFound, Refused, Unauthorized

__all__ = ["Clock", "Observer", "RequestAttempt", "Wiki", "WikiCredentials", "connect", "read_credentials"]


def connect(
    access: WikiCredentials,
    *,
    observer: Observer = lambda _: None,
    clock: Clock | None = None,
    adapter: BaseAdapter | None = None,
    time_limit: int = TIME_LIMIT,
) -> Wiki:
    """Return the client for a wiki; without a known flavour, one request finds it out.

    The observer is called with every attempt, from the thread that made it. An adapter replaces the sockets.
    """

    def open_transport(access: WikiCredentials) -> Transport:
        return Transport(access, clock=clock or Clock(), observer=observer, adapter=adapter, time_limit=time_limit)

    if access.flavour is None:
        cloud = access.with_flavour(Flavour.CLOUD)
        probe, call = open_transport(replace(cloud, flavour=None)), build_read(f"{API}/spaces", limit=1)
        try:  # only Cloud has API v2
            is_cloud = probe.fetch(call, lambda data: isinstance(data["results"], list))
        except (NotFound, NoPermission, Refused, Unauthorized) as problem:
            if problem.status == 401:
                raise
            is_cloud = False  # Data Center has no such address, or its login page at any unknown one
        access = cloud if is_cloud else access.with_flavour(Flavour.DATACENTER)
    wiki = CloudWiki if access.flavour is Flavour.CLOUD else DataCenterWiki
    return wiki(open_transport(access))
