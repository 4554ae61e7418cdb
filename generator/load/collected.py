"""The lock file of collected cards: the repository and the commit that each file in cards/collected/ comes from."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath

import msgspec

from generator.errors import UserError
from generator.findings import Finding, Position
from generator.grouping import group_pairs
from generator.load.rules import BAD_LOCK
from generator.values import FrozenValue

LOCK_FILE = "collect.lock"
"""The lock file, next to mkdocs.yml."""
COLLECTED_FOLDER = "collected"
"""The folder of the collected cards, in the cards folder."""
_FORMAT = 1


class CollectedRepository(msgspec.Struct, frozen=True, omit_defaults=True):
    """A repository whose cards were collected, at one commit."""

    name: str
    """Its name in the book, as `shop/web`, which is also its folder in cards/collected/."""
    repository: str
    """The address, or the path relative to mkdocs.yml; without credentials."""
    commit: str
    committed_on: str
    """The day of the commit, as 2026-11-02."""
    ref: str = ""
    """The branch or tag; empty for the default branch."""
    url: str = ""
    """The address for browsers; empty for a local repository without a remote."""
    files: dict[str, str] = {}
    """The id of the blob of each file, by its path in the repository."""
    paths: tuple[str, ...] = ()
    """The places of its cards that collect.yml names; empty for the usual ones."""
    cards: dict[str, str] = {}
    """The path of the file of each card, by the card's reference, as `model:ryl`."""
    skipped: dict[str, str] = {}
    """The reason for each file among its cards that is not collected, such as a symbolic link, by its path."""

    @property
    def day(self) -> date | None:
        """The day of the commit; None if it is not known."""
        try:
            return date.fromisoformat(self.committed_on)
        except ValueError:
            return None

    @property
    def edit_branch(self) -> str:
        """The branch where its files are edited; empty for the default branch."""
        return "" if self.ref.startswith("refs/tags/") else self.ref.removeprefix("refs/heads/")

    @property
    def short_commit(self) -> str:
        """The first digits of the commit, for readers."""
        return self.commit[:10]


class FormerCard(msgspec.Struct, frozen=True, order=True):
    """A card that a repository had at an earlier commit, and that references may still name."""

    card: str
    """Its reference, as `model:ryl`."""
    name: str
    """The name of the repository in the book."""
    path: str
    """The path of its file in the repository."""
    commit: str
    """The last collected commit that has it."""
    committed_on: str = ""
    """The day of that commit."""


class _Lock(msgspec.Struct):
    collect: int
    repositories: tuple[CollectedRepository, ...] = ()
    former: tuple[FormerCard, ...] = ()


class CardOrigin(FrozenValue):
    """The place of a collected file in its own repository."""

    repository: CollectedRepository
    path: str

    def __str__(self) -> str:
        return f"{self.path} in {self.repository.name}"


def origin_to_data(origin: CardOrigin) -> dict[str, str]:
    """Return the place of a collected card in its own repository as data."""
    repository = origin.repository
    return {
        "repository": repository.repository,
        "name": repository.name,
        "url": repository.url if repository.url.startswith("https://") else "",  # the lock file can be edited
        "path": origin.path,
        "commit": repository.commit,
    }


@dataclass(frozen=True)
class CollectLock:
    """The content of the lock file; empty for a book without collected cards."""

    repositories: tuple[CollectedRepository, ...] = ()
    former: tuple[FormerCard, ...] = ()
    by_name: Mapping[str, CollectedRepository] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.repositories})

    @cached_property
    def origins(self) -> Mapping[str, CardOrigin]:
        """The origin of each collected file, by its path relative to the cards folder."""
        return {
            f"{COLLECTED_FOLDER}/{repository.name}/{path}": CardOrigin(repository, path)
            for repository in self.repositories
            for path in repository.files
        }

    @cached_property
    def former_cards(self) -> Mapping[str, tuple[FormerCard, ...]]:
        """The former places of cards, by their references."""
        return group_pairs((one.card, one) for one in self.former)

    @cached_property
    def digest(self) -> str:
        """A hash of the content; empty without repositories and former cards."""
        is_empty = not self.repositories and not self.former
        return "" if is_empty else hashlib.blake2b(render_lock(self), digest_size=16).hexdigest()


def read_lock(root: Path) -> tuple[CollectLock, list[Finding]]:
    """Read the lock file next to mkdocs.yml; empty without one, and with a finding if it cannot be read."""
    path, content = root / LOCK_FILE, b""
    if not os.path.lexists(path):
        return CollectLock(), []
    try:
        content = path.read_bytes()
        return parse_lock(content), []
    except OSError as error:
        message, hint = f"{LOCK_FILE} cannot be read: {error.strerror}", "correct its permissions or the link"
    except UserError as error:
        message, _, hint = str(error).rpartition("; ")
        if b"\n<<<<<<< " in b"\n" + content:
            message = f"{LOCK_FILE} has a merge conflict"
    return CollectLock(), [BAD_LOCK.at(Position(LOCK_FILE), message, hint)]


def hash_blob(content: bytes, *, is_sha256: bool = False) -> str:
    """Return the id that git gives to the content of a file: https://git-scm.com/docs/git-hash-object."""
    make_hash = hashlib.sha256 if is_sha256 else hashlib.sha1
    return make_hash(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def is_blob(content: bytes, blob: str) -> bool:
    """Return whether a content has the id of a blob, in a repository with SHA-1 or SHA-256."""
    return hash_blob(content, is_sha256=len(blob) == 64) == blob


def parse_lock(content: bytes, origin: str = LOCK_FILE) -> CollectLock:
    """Parse the lock file.

    Raises:
        UserError: It is no lock file, or it names a path outside of its folder.

    """
    try:
        lock = msgspec.json.decode(content, type=_Lock)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{origin} is not a lock file: {error}; run `modelbook collect` to write it again") from None
    if lock.collect != _FORMAT:
        raise UserError(f"{origin} has format {lock.collect}: expected {_FORMAT}; install the Modelbook that wrote it")
    for repository in lock.repositories:
        for path in (repository.name, *repository.files):
            steps = PurePosixPath(path)
            if not path or steps.is_absolute() or ".." in steps.parts or "\\" in path or "\0" in path:
                problem = f"{origin} names the path {path!r}: expected one below the folder of its repository"
                raise UserError(f"{problem}; run `modelbook collect` to write it again")
    return CollectLock(lock.repositories, lock.former)


def render_lock(lock: CollectLock) -> bytes:
    """Render the lock file: sorted, with one line for each file, so that its diff is readable."""
    encoder = msgspec.json.Encoder(order="sorted")
    repositories = tuple(sorted(lock.repositories, key=lambda one: one.name))
    content = encoder.encode(_Lock(_FORMAT, repositories, tuple(sorted(set(lock.former)))))
    return msgspec.json.format(content, indent=1) + b"\n"
