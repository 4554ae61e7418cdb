"""Links to lines of code at a commit, from the address of a repository; and the names of repositories."""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from generator.evidence.records import CodePlace

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SCP = re.compile(r"(?:[^@/]+@)?[^/:@]+:(?!//)(?P<path>.+)")
"""The form of SSH without a scheme, `git@host:owner/name`: https://git-scm.com/docs/git-clone#_git_urls."""
_SERVER_PREFIX = re.compile(r"^(?:scm|v3)/(?=[^/]+/[^/])")
"""`scm` of Bitbucket Data Center over HTTPS, `v3` of Azure DevOps over SSH."""
_BROWSED = re.compile(r"^(?:projects|users)/(?P<project>[^/]+)/repos/(?P<name>[^/]+).*$")
"""The address of a repository of Bitbucket Data Center in a browser."""


def get_repository_name(address: str) -> str:
    """Return `owner/name` of a repository by its address over https, ssh or scp, or as it is written.

    Hosts, users, ports, `.git` and a folder on a branch are left out. Groups of GitLab and projects of Azure DevOps
    are kept, as in `group/subgroup/name`. Compare names without regard to case.
    """
    text = address.strip()
    scp = _SCP.fullmatch(text)
    if "://" in text:
        path = text.partition("://")[2].partition("/")[2]
    elif scp is not None:
        path = scp["path"]
    else:
        path = text
    path = re.split(r"[?#]|/(?:-/)?(?:tree|blob)/", path, maxsplit=1)[0].strip("/").removesuffix(".git").strip("/")
    path = _BROWSED.sub(r"\g<project>/\g<name>", _SERVER_PREFIX.sub("", path))
    return path.replace("/_git/", "/").removeprefix("~")


_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"github\..+"), "{repo}/blob/{commit}/{path}#L{line}"),
    (re.compile(r"(?:.+\.)?gitlab\..+"), "{repo}/-/blob/{commit}/{path}#L{line}"),
    (re.compile(r"bitbucket\.org"), "{repo}/src/{commit}/{path}#lines-{line}"),
    (re.compile(r"codeberg\.org|gitea\..+|forgejo\..+"), "{repo}/src/commit/{commit}/{path}#L{line}"),
    (
        re.compile(r"dev\.azure\.com|.+\.visualstudio\.com"),
        "{repo}?path=/{path}&version=GC{commit}&line={line}&lineEnd={line}&lineStartColumn=1&lineEndColumn=1",
    ),
)
"""The addresses of a line at known hosts."""


def build_source_link(address: str, commit: str, place: CodePlace, pattern: str | None = None) -> str:
    """Return the address of a line of code; empty if the repository has no https address or its host is not known.

    Args:
        address: The address of the repository.
        commit: The id of the commit.
        place: The file and the line. The path comes from the repository and may contain anything.
        pattern: The address of a line at other hosts, with `{repo}`, `{commit}`, `{path}` and `{line}`.

    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    is_web = parts.scheme == "https" and host and "@" not in parts.netloc and not parts.query and not parts.fragment
    segments = place.file.split("/")
    # A browser resolves the dots of a path, which would lead to another page of the host.
    if not is_web or not _COMMIT.fullmatch(commit) or not {"", ".", ".."}.isdisjoint(segments):
        return ""
    known = next((text for hosts, text in _PATTERNS if hosts.fullmatch(host)), pattern)
    values = {
        "repo": quote(address.rstrip("/").removesuffix(".git"), safe="/:%~@!$'()*+,;="),
        "commit": commit,
        "path": quote(place.file, safe="/"),
        "line": str(place.line),
    }
    return re.sub(r"\{(repo|commit|path|line)\}", lambda field: values[field[1]], known) if known else ""


def index_addresses(addresses: Iterable[str]) -> dict[str, str]:
    """Return the https address of each repository by its name in lower case; the first one of several."""
    found: dict[str, str] = {}
    for address in addresses:
        if address.startswith("https://"):
            found.setdefault(get_repository_name(address).casefold(), address)
    return found
