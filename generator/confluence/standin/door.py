"""The door in memory: an adapter for requests that asks the stand-in instead of a socket."""

import io
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from generator.confluence.standin.messages import Reply, Request
from generator.confluence.standin.site import Standin


class InMemory(BaseAdapter):
    """Mounted in a session it answers every address; what breaks is raised as requests raises it."""

    def __init__(self, standin: Standin, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self._standin = standin
        self._sleep = sleep

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the base class's signature
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: ARG002 - as above
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,  # noqa: ARG002 - as above
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - as above
    ) -> requests.Response:
        """Answers, or fails, as the wire would; nothing of the request waits longer than its time limit."""
        exchange = self._standin.exchange(_request(request))
        limit = timeout[1] if isinstance(timeout, tuple) else timeout
        if limit is not None and exchange.wait > limit:
            self._sleep(limit)
            raise requests.ReadTimeout("the stand-in was slow", request=request)
        self._sleep(exchange.wait)
        if exchange.reply is None:
            raise requests.ConnectionError("the stand-in hung up", request=request)
        if exchange.cut:
            raise requests.exceptions.ChunkedEncodingError("the answer was cut", request=request)
        return _response(request, exchange.reply)

    def close(self) -> None:
        """Nothing is open."""


def _request(request: requests.PreparedRequest) -> Request:
    url = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    headers = {name: str(value) for name, value in request.headers.items()}
    target = f"{url.path}?{url.query}" if url.query else url.path
    return Request.of(request.method or "GET", target, {**headers, "Host": url.netloc}, content)


def _response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    """As requests builds it, from a raw answer, so that decoding and header names behave the same."""
    raw = HTTPResponse(
        body=io.BytesIO(reply.body), headers=dict(reply.headers), status=reply.status, preload_content=False
    )
    return requests.adapters.HTTPAdapter().build_response(request, raw)
