"""The stand-in in the browser: good enough to look at what was published."""

from generator.confluence.standin.messages import Route
from generator.confluence.standin.view.screens import download, index, no_icon, page, page_by_query, problem, space
from generator.confluence.wiki import Flavour

__all__ = ["problem", "routes"]


_BOTH = (Route("GET", "/", index), Route("GET", "/favicon.ico", no_icon))


def routes(flavour: Flavour) -> tuple[Route, ...]:
    """Return the addresses of a flavour."""
    if flavour is Flavour.CLOUD:
        return (
            *_BOTH,
            Route("GET", "/wiki", index),
            Route("GET", "/wiki/spaces", index),
            Route("GET", "/wiki/spaces/{key}", space),
            Route("GET", "/wiki/spaces/{key}/pages/{page_id}", page),
            Route("GET", "/wiki/download/attachments/{page_id}/{name}", download),
        )
    return (
        *_BOTH,
        Route("GET", "/display/{key}", space),
        Route("GET", "/pages/viewpage.action", page_by_query),
        Route("GET", "/download/attachments/{page_id}/{name}", download),
    )
