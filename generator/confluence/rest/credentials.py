"""Where the wiki is and who we are there, read from the environment; a token is never shown again."""

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
    """An address with the credentials for it."""

    base: str
    """Everything before `/api/v2` and `/rest/api`: on Cloud it ends in `/wiki`."""
    flavour: Flavour
    user: str
    """Empty for a personal access token."""
    token: str = field(repr=False)

    @property
    def loopback(self) -> bool:
        """Whether the requests stay on this machine."""
        return is_loopback(urlsplit(self.base).hostname or "")


def read_credentials(environ: Mapping[str, str], flavour: Flavour | None = None) -> WikiCredentials:
    """Reads CONFLUENCE_URL, CONFLUENCE_USER and CONFLUENCE_TOKEN; UserError says which of them is wrong and how.

    A user with a token is Cloud's way; a token alone is Data Center's personal access token, or on an
    Atlassian host a bearer token. A flavour that is given decides.
    """
    url = environ.get("CONFLUENCE_URL", "").strip()
    if not url:
        message = "CONFLUENCE_URL is not set: give the wiki's address, as in https://example.atlassian.net/wiki"
        raise UserError(message)
    user = environ.get("CONFLUENCE_USER", "").strip()
    token = environ.get("CONFLUENCE_TOKEN", "").strip()
    _check_account(user, token)
    parts = _parse_address(url)
    chosen = flavour or _guess_flavour(parts, user)
    return WikiCredentials(_get_base_url(parts, chosen), chosen, user, token)


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine by definition, so that nothing travels."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_account(user: str, token: str) -> None:
    """A character that no header can carry is refused here: further down the error would quote the token."""
    if not token:
        message = "CONFLUENCE_TOKEN is not set: create an API token or a personal access token and set it"
        raise UserError(message)
    if not (token.isascii() and token.isprintable()) or " " in token:
        message = "CONFLUENCE_TOKEN holds a space, a line break or a character outside ASCII: copy it again"
        raise UserError(message)
    if user and not (user.isascii() and user.isprintable() and ":" not in user):
        message = "CONFLUENCE_USER must be plain ASCII without a colon: it is the account's e-mail address"
        raise UserError(message)


def _parse_address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in ("http", "https") or not host:
        message = "CONFLUENCE_URL is not a web address: write it as in https://example.atlassian.net/wiki"
        raise UserError(message)
    if parts.username or parts.password:
        message = "CONFLUENCE_URL holds credentials: put them into CONFLUENCE_USER and CONFLUENCE_TOKEN"
        raise UserError(message)
    if parts.scheme == "http" and not is_loopback(host):
        message = f"CONFLUENCE_URL would send the token to {host} in the clear: use https"
        raise UserError(message)
    return parts


def _guess_flavour(parts: SplitResult, user: str) -> Flavour:
    host = parts.hostname or ""
    cloud = user or any(host == known or host.endswith(f".{known}") for known in _CLOUD_HOSTS)
    return Flavour.CLOUD if cloud else Flavour.DATACENTER


def _get_base_url(parts: SplitResult, flavour: Flavour) -> str:
    """The address up to its context path; what people copy from the browser's bar is cut to that."""
    path = parts.path.rstrip("/")
    if flavour is Flavour.CLOUD:
        path = f"{_cut_path(path, '/wiki')}/wiki"
    else:
        for page in ("/rest/api", "/pages", "/display", "/spaces"):
            path = _cut_path(path, page)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _cut_path(path: str, mark: str) -> str:
    """The path in front of a whole segment or segments, or all of it where they do not occur."""
    return f"{path}/".partition(f"{mark}/")[0].rstrip("/")
