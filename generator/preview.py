"""The preview server: it accepts only its own host names, and shows the book's errors on top of each page."""

import html
import ipaddress
import logging
import re
import shutil
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from generator.findings import Finding, Severity
from generator.printable import escape_line

log = logging.getLogger("mkdocs.plugins.modelbook")

ALLOWED_HOSTS = "MODELBOOK_ALLOWED_HOSTS"
"""The environment variable with more names of the server, separated by commas."""
POLLING = "MODELBOOK_POLLING"
"""The environment variable that has the server compare the files instead of waiting for events, if it is not empty."""
_LEVELS = {Severity.ERROR: logging.ERROR, Severity.WARNING: logging.WARNING, Severity.INFO: logging.INFO}
_SHOWN = 20
"""The most errors on a page; the terminal has all of them."""
_BODY = re.compile(rb"<body\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)

Headers = list[tuple[str, str]]
StartResponse = Callable[..., object]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_own_host(header: str, names: Collection[str]) -> bool:
    """Return whether a Host header names this server.

    An IP address is always accepted: DNS rebinding needs a name that points to this machine.
    """
    try:
        host = (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost") or host in names:
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@dataclass
class PreviewState:
    """The errors that the server shows in addition to the site."""

    errors: list[str] = field(default_factory=list)
    """The errors of the last build, one line each."""
    has_site: bool = False
    """Whether a build has succeeded since the server started."""

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Replace the errors with those among the findings."""
        self.errors = [describe_finding(finding) for finding in findings if finding.severity is Severity.ERROR]


class BuildingServer(Protocol):
    """The server of MkDocs. While the epochs differ, it answers no request for a page: it builds."""

    _epoch_cond: threading.Condition
    _visible_epoch: int
    _wanted_epoch: int


def reload_browsers(server: BuildingServer) -> None:
    """Have the server show the site as it is now, although its build goes on."""
    with server._epoch_cond:  # noqa: SLF001 - as MkDocs does at the end of a build
        server._wanted_epoch += 1  # noqa: SLF001
        server._visible_epoch = server._wanted_epoch  # noqa: SLF001
        server._epoch_cond.notify_all()  # noqa: SLF001


def replace_shown_site(
    build: Callable[[], None], site: Path, staging: Path, state: PreviewState, expected: type[Exception]
) -> None:
    """Build a site in a staging folder, and replace the shown site if the build succeeds.

    This function raises no error: MkDocs would answer no request until a build succeeds.

    `build` writes to the folder `staging`, and the server shows `site`. The state receives the error; one of the
    expected type needs no traceback.
    """
    state.errors = []
    shutil.rmtree(staging, ignore_errors=True)
    try:
        build()
    except Exception as error:  # the server goes on after any error
        if not isinstance(error, expected):
            log.exception("the build failed")
        if not state.errors:
            state.errors = [str(error) or type(error).__name__]
        return
    old = site.replace(f"{site}.old")
    staging.replace(site)
    shutil.rmtree(old, ignore_errors=True)


def guard_application(application: Application, state: PreviewState, names: Collection[str]) -> Application:
    """Wrap the server's application: refuse foreign Host headers and show the errors of the book."""
    known = frozenset(name.strip().lower() for name in names if name.strip())

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not is_own_host(environ.get("HTTP_HOST", "localhost"), known):
            body = b"unknown host name: use localhost, an IP address, or a name given with --allow-host\n"
            return _respond(start_response, "421 Misdirected Request", "text/plain", body)
        if not state.has_site and not environ["PATH_INFO"].startswith("/livereload/"):
            # The page reloads itself, because there is no site with a script for it.
            head = b'<meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>The book has errors</title>'
            body = b'<!doctype html><html lang="en"><head>' + head + b"</head><body>" + _render_banner(state.errors)
            body += b"</body></html>\n"
            return _respond(start_response, "503 Service Unavailable", "text/html; charset=utf-8", body)
        if not state.errors:
            return application(environ, start_response)
        return _add_banner(application, environ, start_response, state.errors)

    return answer


def _respond(start_response: StartResponse, status: str, content_type: str, body: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]


def _add_banner(
    application: Application, environ: dict[str, Any], start_response: StartResponse, errors: list[str]
) -> Iterable[bytes]:
    started: list[tuple[str, Headers]] = []
    parts = application(environ, lambda status, headers, *_: started.append((status, headers)))
    status, headers = started[0]
    if not any(name.lower() == "content-type" and value.startswith("text/html") for name, value in headers):
        start_response(status, headers)
        return parts
    page = b"".join(parts)
    close = getattr(parts, "close", None)
    if close is not None:
        close()
    body = _BODY.search(page)
    at = body.end() if body else 0
    page = page[:at] + _render_banner(errors) + page[at:]
    headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
    start_response(status, [*headers, ("Content-Length", str(len(page)))])
    return [page]


def _render_banner(errors: list[str]) -> bytes:
    rest = [f"and {len(errors) - _SHOWN} more: see the terminal"] if len(errors) > _SHOWN else []
    items = "".join(f"<li><bdi>{html.escape(line)}</bdi></li>" for line in [*errors[:_SHOWN], *rest])
    style = (
        "position:relative;z-index:100;margin:0;padding:0.8rem 1.2rem;background:#b71c1c;color:#fff;"
        "font:14px/1.5 monospace;white-space:pre-wrap;overflow-wrap:anywhere"
    )
    return (
        f'<div id="modelbook-errors" role="alert" style="{style}"><strong>The book has errors</strong>'
        f'<ul style="margin:0.4rem 0 0;padding-left:1.4rem">{items}</ul></div>'
    ).encode()


def log_findings(findings: Iterable[Finding]) -> None:
    """Log findings, for a user who has started MkDocs."""
    for finding in findings:
        log.log(_LEVELS[finding.severity], escape_line(describe_finding(finding)))


def describe_finding(finding: Finding) -> str:
    """Describe a finding in one line."""
    hint = f" ({finding.hint})" if finding.hint else ""
    source = f" (source: {finding.source})" if finding.source else ""
    return f"{finding.position} {finding.code} {finding.message}{hint}{source}"
