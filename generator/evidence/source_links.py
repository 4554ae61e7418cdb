"""Links to lines and files of a repository, from its address; and the names of repositories."""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from generator.evidence.records import CodePlace
from generator.load.collected import CardOrigin
from generator.values import FrozenValue

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SCP = re.compile(r"(?:[^@/]+@)?[^/:@]+:(?!//)(?P<path>.+)")
"""The form of SSH without a scheme, `git@host:owner/name`: https://git-scm.com/docs/git-clone#_git_urls."""
_SERVER_PREFIX = re.compile(r"^(?:scm|v3|r/a|r)/(?=[^/]+/[^/])")
"""`scm` of Bitbucket Data Center and `r` of Gerrit over HTTPS, `v3` of Azure DevOps over SSH."""
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


class _Host(FrozenValue):
    """The addresses of a line at a commit and of a file on a branch, at a host."""

    names: re.Pattern[str]
    line: str
    edit: str
    history: str
    blame: str
    without_branch: tuple[str, str, str] | None = None
    """The last three if the branch is not known; None if the host knows HEAD."""


_HOSTS = (
    _Host(
        re.compile(r"github\..+"),
        line="{repo}/blob/{commit}/{path}#L{line}",
        edit="{repo}/edit/{branch}/{path}",
        history="{repo}/commits/{branch}/{path}",
        blame="{repo}/blame/{branch}/{path}",
    ),
    _Host(
        re.compile(r"(?:.+\.)?gitlab\..+"),
        line="{repo}/-/blob/{commit}/{path}#L{line}",
        edit="{repo}/-/edit/{branch}/{path}",
        history="{repo}/-/commits/{branch}/{path}",
        blame="{repo}/-/blame/{branch}/{path}",
    ),
    _Host(
        re.compile(r"bitbucket\.org"),
        line="{repo}/src/{commit}/{path}#lines-{line}",
        edit="{repo}/src/{branch}/{path}?mode=edit",
        history="{repo}/history-node/{branch}/{path}",
        blame="{repo}/annotate/{branch}/{path}",
    ),
    _Host(
        re.compile(r"codeberg\.org|gitea\..+|forgejo\..+"),
        line="{repo}/src/commit/{commit}/{path}#L{line}",
        edit="{repo}/_edit/{branch}/{path}",
        history="{repo}/commits/branch/{branch}/{path}",
        blame="{repo}/blame/branch/{branch}/{path}",
        without_branch=("", "{repo}/commits/commit/{commit}/{path}", "{repo}/blame/commit/{commit}/{path}"),
    ),
    _Host(
        re.compile(r"dev\.azure\.com|.+\.visualstudio\.com"),  # its editor has no address: the page of the file
        line="{repo}?path=/{path}&version=GC{commit}&line={line}&lineEnd={line}&lineStartColumn=1&lineEndColumn=1",
        edit="{repo}?path=/{path}&version=GB{branch}&_a=contents",
        history="{repo}?path=/{path}&version=GB{branch}&_a=history",
        blame="{repo}?path=/{path}&version=GB{branch}&_a=blame",
        without_branch=(
            "{repo}?path=/{path}&_a=contents",
            "{repo}?path=/{path}&_a=history",
            "{repo}?path=/{path}&_a=blame",
        ),
    ),
)


class FileLinks(FrozenValue):
    """The addresses of a file in its repository; each is empty if it is not known."""

    view: str = ""
    """The file at the commit."""
    edit: str = ""
    history: str = ""
    blame: str = ""


def build_source_link(address: str, commit: str, place: CodePlace, pattern: str | None = None) -> str:
    """Return the address of a line of code; empty if the repository has no https address or its host is not known.

    `address` is that of the repository. The path of the place comes from there and may contain anything. `pattern` is
    the address of a line at other hosts, with `{repo}`, `{commit}`, `{path}` and `{line}`.
    """
    name = _parse_host(address, commit, place.file)
    host = _find_host(name)
    text = host.line if host is not None else pattern or ""
    return _fill_in(text, address, commit=commit, path=place.file, line=str(place.line)) if name else ""


def build_file_links(address: str, commit: str, branch: str, place: CodePlace, pattern: str | None = None) -> FileLinks:
    """Return the addresses of a file in its repository.

    Those for editing, of the history and of the authors are on the branch, so that they stay the same.

    `branch` is that where the file is edited; empty if it is not known. The place has the line to view. For the others,
    see `build_source_link`.
    """
    view = build_source_link(address, commit, place, pattern)
    host = _find_host(_parse_host(address, commit, place.file))
    if host is None:
        edit = build_source_link(address, commit, place, (pattern or "").replace("{commit}", branch or "HEAD"))
        return FileLinks(view, edit)
    texts = (host.edit, host.history, host.blame)
    texts = texts if branch or host.without_branch is None else host.without_branch
    values = {"commit": commit, "path": place.file, "branch": branch or "HEAD"}
    return FileLinks(view, *(_fill_in(text, address, **values) for text in texts))


def build_origin_links(origin: CardOrigin, line: int = 1, pattern: str | None = None) -> FileLinks:
    """Return the addresses of a collected file in its repository."""
    repository = origin.repository
    place = CodePlace(origin.path, line, 1)
    return build_file_links(repository.url, repository.commit, repository.edit_branch, place, pattern)


def _parse_host(address: str, commit: str, path: str) -> str:
    """Return the host of a repository; empty if there can be no links to a file of it."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    is_web = parts.scheme == "https" and "@" not in parts.netloc and not parts.query and not parts.fragment
    # A browser resolves the dots of a path, which would lead to another page of the host.
    has_dots = not {"", ".", ".."}.isdisjoint(path.split("/"))
    return host if is_web and _COMMIT.fullmatch(commit) and not has_dots else ""


def _find_host(name: str) -> _Host | None:
    return next((host for host in _HOSTS if host.names.fullmatch(name)), None)


def _fill_in(text: str, address: str, **values: str) -> str:
    repository = quote(address.rstrip("/").removesuffix(".git"), safe="/:%~@!$'()*+,;=")
    quoted = {"repo": repository, **{key: quote(value, safe="/") for key, value in values.items()}}
    return re.sub(r"\{(repo|commit|branch|path|line)\}", lambda field: quoted.get(field[1], field[0]), text)


def index_addresses(addresses: Iterable[str]) -> dict[str, str]:
    """Return the https address of each repository by its name in lower case; the first one of several."""
    found: dict[str, str] = {}
    for address in addresses:
        if address.startswith("https://"):
            found.setdefault(get_repository_name(address).casefold(), address)
    return found
