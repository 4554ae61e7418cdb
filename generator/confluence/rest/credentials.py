"""The address of the wiki and the credentials for it, read from the environment."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from generator.confluence.wiki import Flavour
from generator.errors import UserError

GATEWAY = "api.atlassian.com"
_CLOUD_HOSTS = (GATEWAY, "atlassian.net", "jira.com")


@dataclass(frozen=True, slots=True)
class WikiCredentials:
    """The address of a wiki with the credentials for it."""

    base: str
    """The address without `/api/v2` and `/rest/api`; on Cloud it ends in `/wiki`."""
    flavour: Flavour
    user: str
    """The user; empty for a personal access token."""
    token: str = field(repr=False)

    @property
    def loopback(self) -> bool:
        """Whether the requests stay on this machine."""
        return is_loopback(urlsplit(self.base).hostname or "")


def read_credentials(environ: Mapping[str, str], flavour: Flavour | None = None) -> WikiCredentials:
    """Read CONFLUENCE_URL, CONFLUENCE_USER and CONFLUENCE_TOKEN from the environment.

    Cloud needs a user with a token. A token alone is a personal access token of Data Center, or a bearer token if the
    host belongs to Atlassian. A given flavour overrides this.

    Raises:
        UserError: One of them is missing or invalid.

    """
    url = environ.get("CONFLUENCE_URL", "").strip()
    if not url:
        message = (
            "CONFLUENCE_URL is not set: expected the address of the wiki, as in https://example.atlassian.net/wiki"
        )
        raise UserError(message)
    user = environ.get("CONFLUENCE_USER", "").strip()
    token = environ.get("CONFLUENCE_TOKEN", "").strip()
    _check_account(user, token)
    parts = _parse_address(url)
    host = parts.hostname or ""
    is_cloud = user or any(host == known or host.endswith(f".{known}") for known in _CLOUD_HOSTS)
    chosen = flavour or (Flavour.CLOUD if is_cloud else Flavour.DATACENTER)
    return WikiCredentials(_get_base_url(parts, chosen), chosen, user, token)


def is_loopback(host: str) -> bool:
    """Return whether a host name always means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_account(user: str, token: str) -> None:
    """Check the user and the token: a later error for an invalid header would quote the token."""
    if not token:
        message = "CONFLUENCE_TOKEN is not set: expected an API token or a personal access token"
        raise UserError(message)
    if not (token.isascii() and token.isprintable()) or " " in token:
        message = "CONFLUENCE_TOKEN contains a space, a line break or a character outside ASCII: copy it again"
        raise UserError(message)
    if user and not (user.isascii() and user.isprintable() and ":" not in user):
        message = "invalid CONFLUENCE_USER: expected the e-mail address of the account, in ASCII and without a colon"
        raise UserError(message)


def _parse_address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in ("http", "https") or not host:
        message = "invalid CONFLUENCE_URL: expected an address such as https://example.atlassian.net/wiki"
        raise UserError(message)
    if parts.username or parts.password:
        message = "CONFLUENCE_URL contains credentials: set CONFLUENCE_USER and CONFLUENCE_TOKEN instead"
        raise UserError(message)
    if parts.scheme == "http" and not is_loopback(host):
        message = f"CONFLUENCE_URL would send the token to {host} without encryption: use https"
        raise UserError(message)
    return parts


def _get_base_url(parts: SplitResult, flavour: Flavour) -> str:
    """Return the address up to its context path, cut from an address that was copied from a browser."""
    path = parts.path.rstrip("/")
    if flavour is Flavour.CLOUD:
        path = f"{_cut_path(path, '/wiki')}/wiki"
    else:
        for page in ("/rest/api", "/pages", "/display", "/spaces"):
            path = _cut_path(path, page)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _cut_path(path: str, mark: str) -> str:
    """Return the part of a path before some segments; the whole path if it does not contain them."""
    return f"{path}/".partition(f"{mark}/")[0].rstrip("/")
