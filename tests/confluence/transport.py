"""A transport for `requests` that calls a demo server in memory, without sockets."""

import io
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from generator.confluence.demo import DemoServer


class InMemory(BaseAdapter):
    """An adapter that answers for every address, and raises the exceptions of `requests` for faults."""

    def __init__(self, demo: DemoServer, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self._demo = demo
        self._sleep = sleep

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - an argument of the base class
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: ARG002
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers = {name: str(value) for name, value in request.headers.items()}
        exchange = self._demo.exchange(build_request(request.method or "GET", request.url or "", headers, content))
        limit = timeout[1] if isinstance(timeout, tuple) else timeout
        if limit is not None and exchange.wait > limit:
            self._sleep(limit)
            raise requests.ReadTimeout("the demo server was slow", request=request)
        if exchange.wait:
            self._sleep(exchange.wait)
        if exchange.response is None:
            raise requests.ConnectionError("the demo server closed the connection", request=request)
        if exchange.cut:
            raise requests.exceptions.ChunkedEncodingError("the response was cut off", request=request)
        raw = HTTPResponse(
            body=io.BytesIO(exchange.response.get_data()),
            headers=dict(exchange.response.headers),
            status=exchange.response.status_code,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        pass


def build_request(method: str, url: str, headers: Mapping[str, Any], body: bytes = b"") -> Request:
    """Return a request as the HTTP server would read it; the URL may be only a path."""
    site = "" if "://" in url else "http://localhost"
    base, _, target = f"{site}{url}".partition("://")
    host, slash, path = target.partition("/")
    builder = EnvironBuilder(
        f"{slash}{path}", f"{base}://{host}/", method=method, headers=[*headers.items()], data=body
    )
    return Request(builder.get_environ())
