"""Repositories on this disk: checkouts and bare mirrors in some folders, and their names."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from generator.evidence.source_links import get_repository_name
from generator.values import FrozenValue


class FoundRepository(FrozenValue):
    """A repository on this disk that is not opened yet."""

    path: Path
    """The folder of the checkout, or of the bare mirror."""
    label: str
    """The name for a repository without a remote: the folder below the one that was searched, else its own name."""


def find_repositories(folders: Sequence[Path]) -> list[FoundRepository]:
    """Find the checkouts and the bare mirrors in some folders, sorted within each.

    A folder that is a repository is not searched further, so its submodules and embedded repositories are not found.
    If there is none in a folder, the checkout around it is found.
    """
    found: dict[Path, FoundRepository] = {}
    for folder in folders:
        root = folder.resolve()
        below = sorted(_walk_repositories(root))
        if not below:
            below = [parent for parent in root.parents if (parent / ".git").exists()][:1]
        for path in below:
            label = path.name if path == root or path in root.parents else path.relative_to(root).as_posix()
            found.setdefault(path, FoundRepository(path, label.removesuffix(".git").rstrip("/") or path.name))
    return list(found.values())


def _walk_repositories(root: Path) -> Iterator[Path]:
    for name, folders, _ in os.walk(root):
        path = Path(name)
        is_bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
        is_bare = is_bare and ((path / "refs").is_dir() or (path / "packed-refs").is_file())
        if is_bare or (path / ".git").exists():
            yield path
            folders.clear()


def parse_remote(url: str) -> tuple[str, str]:
    """Parse the address of a remote to `owner/name` and the address for browsers; both empty for a local folder.

    >>> parse_remote("git@git.example.com:shop/web.git")
    ('shop/web', 'https://git.example.com/shop/web')
    """
    text = url.strip()
    if short := re.fullmatch(r"(?:[^/@:]+@)?(?P<host>[\w.-]{2,}):(?P<path>(?!//).+)", text, re.S):  # scp: host:path
        host, path = short["host"], short["path"]
    else:
        try:
            parts = urlsplit(text)
            host = parts.hostname or ""
            port = f":{parts.port}" if parts.port and parts.scheme in {"http", "https"} else ""
        except ValueError:
            return "", ""
        if parts.scheme not in {"http", "https", "ssh", "git", "git+ssh", "ssh+git"}:
            return "", ""
        host, path = host + port, parts.path
    path = path.strip("/").removesuffix(".git").rstrip("/")
    is_path = re.fullmatch(r"[\w.~+% -]+(?:/[\w.~+% -]+)+", path) and not {".", ".."} & set(path.split("/"))
    if not host or not is_path:
        return "", ""
    address = f"https://{host.lower()}/{path}"
    return get_repository_name(address), address
