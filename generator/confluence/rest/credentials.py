"""The address of the wiki and the credentials for it, read from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urljoin, urlsplit

from generator.confluence.wiki import Flavour
from generator.errors import UserError
from generator.preview import is_loopback

GATEWAY = "api.atlassian.com"
_CLOUD_HOSTS = (GATEWAY, "atlassian.net", "jira.com")
_CONTEXT_ENDS = ("/rest/api", "/pages", "/display", "/spaces")
"""The first segments after the context path of Data Center, in an address that was copied from a browser."""


@dataclass(frozen=True, slots=True)
class WikiCredentials:
    """The address of a wiki with the credentials for it."""

    base: str
    """The address without `/api/v2` and `/rest/api`; on Cloud it ends in `/wiki`."""
    flavour: Flavour | None
    """None if the wiki has to be asked."""
    user: str
    """The user, with an API token on Cloud or a password on Data Center; empty for a token alone."""
    token: str = field(repr=False)

    @property
    def host(self) -> str:
        """The host name of the wiki."""
        return urlsplit(self.base).hostname or ""

    @property
    def site(self) -> str:
        """The address of the server, with its port: `https://example.atlassian.net`."""
        return urljoin(self.base, "/").rstrip("/")

    def with_flavour(self, flavour: Flavour) -> "WikiCredentials":
        """Return the credentials for a kind of Confluence, with the address up to its context path."""
        parts = urlsplit(self.base)
        path = parts.path
        if flavour is Flavour.CLOUD:
            path = f"{_cut_path(path, '/wiki')}/wiki"
        else:
            for end in _CONTEXT_ENDS:
                path = _cut_path(path, end)
        return replace(self, base=f"{parts.scheme}://{parts.netloc}{path}", flavour=flavour)


def read_credentials(environ: Mapping[str, str], flavour: Flavour | None = None) -> WikiCredentials:
    """Read CONFLUENCE_URL, _USER, _TOKEN and _FLAVOUR from the environment; raise UserError if one is invalid.

    A given flavour wins over CONFLUENCE_FLAVOUR, and that over a host of Atlassian, which is Cloud.
    """
    url = environ.get("CONFLUENCE_URL", "").strip()
    if not url:
        raise UserError("CONFLUENCE_URL is not set: expected an address such as https://example.atlassian.net/wiki")
    user = environ.get("CONFLUENCE_USER", "").strip()
    token = environ.get("CONFLUENCE_TOKEN", "").strip()
    _check_account(user, token)
    parts = _parse_address(url)
    host = parts.hostname or ""
    named = environ.get("CONFLUENCE_FLAVOUR", "").strip()
    if named not in ("", *Flavour):
        raise UserError(f"invalid CONFLUENCE_FLAVOUR {named!r}: expected {' or '.join(Flavour)}")
    if flavour is None and named:
        flavour = Flavour(named)
    elif flavour is None and any(host == known or host.endswith(f".{known}") for known in _CLOUD_HOSTS):
        flavour = Flavour.CLOUD
    credentials = WikiCredentials(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", None, user, token)
    return credentials.with_flavour(flavour) if flavour else credentials


def _check_account(user: str, token: str) -> None:
    """Check the user and the token: a later error for an invalid header would quote the token."""
    if not token:
        raise UserError("CONFLUENCE_TOKEN is not set: expected an API token, a personal access token or a password")
    if not (token.isascii() and token.isprintable()) or (" " in token and not user):
        raise UserError(
            "CONFLUENCE_TOKEN contains a space, a line break or a character outside ASCII: copy it again, or use a "
            "personal access token if it is a password with such a character"
        )
    if user and not (user.isascii() and user.isprintable() and ":" not in user):
        message = "invalid CONFLUENCE_USER: expected an e-mail address or a user name, in ASCII and without a colon"
        raise UserError(message)


def _parse_address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in ("http", "https") or not host:
        raise UserError("invalid CONFLUENCE_URL: expected an address such as https://example.atlassian.net/wiki")
    if parts.username or parts.password:
        raise UserError("CONFLUENCE_URL contains credentials: set CONFLUENCE_USER and CONFLUENCE_TOKEN instead")
    if parts.scheme == "http" and not is_loopback(host):
        raise UserError(f"CONFLUENCE_URL would send the token to {host} without encryption: use https")
    return parts


def _cut_path(path: str, mark: str) -> str:
    """Return the part of a path before some segments; the whole path if it does not contain them."""
    return f"{path}/".partition(f"{mark}/")[0].rstrip("/")
