"""The session with a wiki through atlassian-python-api, and its network errors as failures with a sentence each.

The library authenticates and sends each request, through its raw `request` with neither retries, which repeat a POST
outside of the rate limit, nor redirects, which would take the token along, nor its log of whole requests. Its named
calls do not allow this: those of Data Center follow redirects, those of Cloud also log errors, miss required fields
of an update (`status`), and write labels and properties to paths that no document has.
"""

import json
import logging
import os
import re
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from atlassian.rest_client import AtlassianRestAPI
from requests.adapters import BaseAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from generator.confluence.rest.call import ApiRequest, ApiResponse, TransportFailure
from generator.confluence.rest.credentials import WikiCredentials
from generator.errors import UserError
from generator.preview import is_loopback

_BUNDLE = "REQUESTS_CA_BUNDLE"
_CONNECTION_ERRORS = (
    (NameResolutionError, "unknown host {host}", "correct CONFLUENCE_URL, or connect to its network, such as a VPN"),
    (
        ConnectionRefusedError,
        "{address} refuses the connection",
        "check CONFLUENCE_URL, and that the wiki is running",
    ),
    (
        (NewConnectionError, ConnectTimeoutError),
        "no connection to {address}",
        "check CONFLUENCE_URL and HTTPS_PROXY",
    ),
)


class Network:
    """The connection of one account to one wiki."""

    def __init__(self, access: WikiCredentials, adapter: BaseAdapter | None, time_limit: int) -> None:
        self._access = access
        session = requests.Session()
        # requests takes all of the environment or nothing of it. A proxy must not see what is meant for this machine,
        # but the certificates hold there too.
        session.trust_env = False
        session.proxies = {} if is_loopback(access.host) else get_environ_proxies(access.base)
        session.verify = os.environ.get(_BUNDLE) or os.environ.get("CURL_CA_BUNDLE") or True
        if adapter is not None:
            session.mount("http://", adapter)
            session.mount("https://", adapter)
        try:
            proxy = urlsplit(select_proxy(access.base, session.proxies) or "")
        except ValueError:
            raise UserError("the environment has an invalid address of a proxy: correct HTTPS_PROXY") from None
        self._proxy = proxy.netloc.rpartition("@")[2]
        logging.getLogger("atlassian").setLevel(logging.WARNING)
        self._client = AtlassianRestAPI(
            access.base,
            username=access.user or None,
            password=access.token if access.user else None,
            token=None if access.user else access.token,
            timeout=time_limit,
            session=session,
            retry_with_header=False,
            backoff_and_retry=False,
            advanced_mode=True,
        )

    def send(self, call: ApiRequest) -> ApiResponse | TransportFailure:
        """Send a request once; return every error as a TransportFailure, so that no traceback contains the request."""
        upload = call.upload
        headers = {"Accept": "application/json"}
        body: Any = call.payload  # the library encodes lists too, though its type has none
        files = None
        if upload is None:
            headers["Content-Type"] = "application/json"
        else:
            # Without this header an upload is refused as cross-site. Cloud accepts `nocheck` as well, Data Center does
            # not: https://github.com/sooperset/mcp-atlassian/issues/1207
            headers["X-Atlassian-Token"] = "no-check"
            body = {"comment": upload.comment, "minorEdit": "true" if upload.minor else "false"}
            files = {"file": (upload.name, upload.content, upload.media_type)}
        try:
            response = self._client.request(
                call.method,
                path=call.path,
                params=dict(call.params),
                data=body,
                files=files,
                headers=headers,
                allow_redirects=False,
            )
            return _parse_response(response)
        except (OSError, ValueError) as error:  # OSError is also the base of all errors of requests
            return self._describe(error)

    def _describe(self, error: Exception) -> TransportFailure:
        """Return the failure for an error: what happened, and what to do about it."""
        address = urlsplit(self._access.base).netloc
        causes = list(_list_causes(error))
        certificate = next((each for each in causes if isinstance(each, ssl.SSLCertVerificationError)), None)
        if isinstance(error, requests.exceptions.ProxyError):
            status = re.search(r"Tunnel connection failed: (\d{3})", str(error))
            message = f"the proxy {self._proxy} {f'answers {status[1]}' if status else 'cannot be reached'}"
            return TransportFailure(
                message, f"correct HTTPS_PROXY, or add {self._access.host} to NO_PROXY if no proxy is needed"
            )
        if certificate is not None:
            message = certificate.verify_message.rstrip(".")
            fix = "correct the host in CONFLUENCE_URL, or have the certificate renewed"
            if "self-signed" in message or "issuer" in message:
                fix = f"set {_BUNDLE} to a file with the certificate of the authority that signed it, in PEM format"
            return TransportFailure(f"the certificate of {address} is not trusted: {message}", fix, permanent=True)
        if isinstance(error, requests.exceptions.SSLError):
            fix = f"check the scheme and the port of CONFLUENCE_URL, and the file in {_BUNDLE}"
            return TransportFailure(f"no encrypted connection to {address}", fix, uncertain=True)
        if isinstance(error, ValueError):
            fix = "correct CONFLUENCE_URL and HTTPS_PROXY"
            return TransportFailure(f"invalid address of {address}, of its proxy or of a redirect", fix, permanent=True)
        if not isinstance(error, requests.exceptions.RequestException):  # of requests itself, about a missing file
            return TransportFailure(str(error), f"correct {_BUNDLE}", permanent=True)
        for kinds, message, fix in _CONNECTION_ERRORS:
            if any(isinstance(each, kinds) for each in causes):
                return TransportFailure(message.format(address=address, host=self._access.host), fix)
        if isinstance(error, requests.exceptions.Timeout):
            return TransportFailure(f"{address} did not respond in time", uncertain=True)
        return TransportFailure(f"{address} closed the connection before its response was complete", uncertain=True)


def _parse_response(response: requests.Response) -> ApiResponse | TransportFailure:
    """Return a response with its JSON; a successful response with incomplete JSON counts as lost."""
    text = response.text
    data: Any = None
    if text and "json" in response.headers.get("Content-Type", ""):
        try:
            data = json.loads(text)
        except ValueError:
            if response.ok:
                return TransportFailure("the response was incomplete", uncertain=True)
    return ApiResponse(response.status_code, response.headers, data, text)


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and the errors during which it was raised, through requests and urllib3 to the socket."""
    while error is not None:
        yield error
        error = error.__context__
