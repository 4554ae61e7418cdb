"""Real git repositories for the tests of a scan."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.evidence.records import SkipReason
from generator.evidence.repositories import find_repositories
from generator.evidence.repository_reader import open_repository


def git(root: Path, *words: str, day: str = "2026-01-01", given: bytes | None = None) -> str:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        "GIT_AUTHOR_NAME": "Asha", "GIT_AUTHOR_EMAIL": "asha@example.com", "GIT_AUTHOR_DATE": f"{day}T12:00:00+00:00",
        "GIT_COMMITTER_NAME": "Asha", "GIT_COMMITTER_EMAIL": "asha@example.com",
        "GIT_COMMITTER_DATE": f"{day}T12:00:00+00:00", "GIT_CONFIG_GLOBAL": os.devnull,
    }  # fmt: skip
    command = ["git", "-C", str(root), *words]
    done = subprocess.run(command, env=environment, input=given, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def make_checkout(root: Path, files: Mapping[str, str | bytes], remote: str = "", day: str = "2026-01-01") -> Path:
    """Make a repository with one commit."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    if remote:
        git(root, "remote", "add", "origin", remote)
    commit_files(root, files, day)
    return root


def commit_files(root: Path, files: Mapping[str, str | bytes | None], day: str = "2026-01-01") -> str:
    """Change files, or remove those without a content, and commit."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    git(root, "add", "-A", "-f")
    git(root, "commit", "-q", "--allow-empty", "-m", "change", day=day)
    return git(root, "rev-parse", "HEAD")


def make_tree(root: Path, entries: Sequence[tuple[str, str | bytes, str]]) -> str:
    """Write a tree of any names, in this order: the mode, the name and the id of each entry."""
    parts = (
        mode.encode() + b" " + (name.encode() if isinstance(name, str) else name) + b"\0" for mode, name, _ in entries
    )
    content = b"".join(part + bytes.fromhex(entry[2]) for part, entry in zip(parts, entries, strict=True))
    return git(root, "hash-object", "-t", "tree", "-w", "--stdin", "--literally", given=content)


def read_all(root: Path, ref: str = "HEAD") -> dict[bytes, bytes | SkipReason]:
    """Read all files of a repository at a commit."""
    (found,) = find_repositories([root])
    with open_repository(found) as repository:
        files = list(repository.list_files(repository.resolve_commit(ref)[0]))
        read: dict[bytes, bytes | SkipReason] = {}
        read.update((file.path, reason) for file in files if (reason := file.skip_reason) is not None)
        wanted = [file for file in files if file.skip_reason is None]
        read.update((file.path, content) for file, content in repository.read_files(wanted))
    return read
