"""The cache of fetched repositories: bare repositories that this tool makes, with the last wanted commit of each.

A repository there has no settings, hooks or attributes of the server. It can be removed at any time.
"""

import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from generator.collect.card_files import LARGEST_REPOSITORY
from generator.evidence.repositories import FoundRepository
from generator.evidence.repository_reader import OpenRepository, TreeFile, open_repository
from generator.git import LARGEST_DOWNLOAD, LARGEST_MEMORY, GitError, contact_server
from generator.load.files import SIZE_LIMIT
from generator.printable import escape_line
from generator.processes import acquire_lock
from generator.values import FrozenValue

SECONDS = 600.0
"""The longest time to fetch a repository."""
_MOST_PACKS = 50
"""The number of fetches from which a repository is fetched anew, since old commits are never removed from it."""
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc")
_NO_FILES = "--filter=blob:none"
"""Without the contents of files, which are fetched as needed: https://git-scm.com/docs/partial-clone."""
_SMALL_FILES = f"--filter=blob:limit={SIZE_LIMIT + 1}"
_MOST_BLOBS = 500
"""The number of files that git fetches at once; Windows limits the length of a command."""
_LARGEST_FILES = 2 * LARGEST_REPOSITORY
"""In bytes, of a fetch of files."""
_LISTING_MEMORY = 1_000_000_000
"""In bytes, for the names of all branches and tags, of which a server may have a million."""
_BRANCH = "refs/heads/collected"
"""The branch in the cached repository. Without one, the server would send everything again."""
_NOT_GIVEN = "the server no longer gives the commit"
_DAMAGED = "it is too large, or the server sends damaged objects"
_REASONS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "the server refuses access: set a credential helper of git, or an ssh key": (
        "could not read Username", "could not read Password", "terminal prompts disabled", "Authentication failed",
        "Access denied", "Permission denied (", "returned error: 401", "returned error: 403",
    ),
    "the key of its host is unknown: add it to known_hosts, or connect once": ("Host key verification failed",),
    "the server has no such repository, or hides it from this account": (
        "not found", "does not appear to be a git repository", "returned error: 404", "project you were looking for",
    ),
    "its host was not found": ("Could not resolve host", "Name or service not known", "nodename nor servname"),
    "its address leads to another protocol than https and ssh": ("' not allowed", "not supported or disabled"),
    "the certificate of its host is not trusted: set http.sslCAInfo of git": ("certificate", "SSL ", "TLS "),
    "its server does not answer": (
        "Connection refused", "Connection reset", "timed out", "Failed to connect", "Operation too slow", "unreachable",
        "early EOF", "hung up",
    ),
    _NOT_GIVEN: ("unadvertised object", "not our ref"),
    "it has malformed objects": ("fsck error",),
    _DAMAGED: (
        "File too large", "signal 25", "index-pack failed", "invalid index-pack output", "ut of memory",
    ),
})  # fmt: skip
"""The reasons behind the messages of git."""


_OWN = MappingProxyType({"GIT_DIR": "."})
"""The variables for git in a cached repository."""


class FetchedRepository(FrozenValue):
    """A repository of the cache that is ready to be read."""

    repository: OpenRepository
    _fetch_blobs: Callable[[Sequence[str]], None]

    def fetch_files(self, files: Sequence[TreeFile]) -> None:
        """Fetch the contents of some files that are not in the cache.

        Raises:
            GitError: They cannot be fetched.

        """
        if missing := self.repository.find_missing(files):
            self._fetch_blobs(missing)


class Mirrors:
    """The fetched repositories in a cache folder."""

    def __init__(self, cache_folder: Path, stopped: threading.Event | None = None) -> None:
        self._folder = cache_folder / "collect"
        self._stopped = stopped

    def find_commit(self, address: str, ref: str) -> str:
        """Ask the server for the commit of a branch or a tag; HEAD if there is no name.

        Raises:
            GitError: The server has none, or does not answer.

        """
        wanted = list_ref_names(ref)
        names = [*wanted, *(f"{name}^{{}}" for name in wanted if name.startswith("refs/tags/"))]
        words = ("ls-remote", "--quiet", "--", address, *names)
        output = self._contact(self._folder, address, *words, memory=_LISTING_MEMORY)
        found = {name: commit for commit, _, name in (line.partition("\t") for line in output.splitlines())}
        for name in wanted:  # of an annotated tag, the commit that it names
            commit = found.get(f"{name}^{{}}") or found.get(name)
            if commit and re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", commit):
                return commit
        raise GitError(f"it has no branch or tag {ref!r}" if ref else "it has no commit")

    @contextmanager
    def open_commit(self, address: str, commit: str) -> "Iterator[FetchedRepository]":
        """Open a repository that has a commit, which is fetched if necessary.

        Raises:
            GitError: The commit cannot be fetched or read.

        """
        name = hashlib.sha256(f"{len(commit)} {address}".encode()).hexdigest()[:32]
        mirror = self._folder / f"{name}.git"
        mirror.parent.mkdir(parents=True, exist_ok=True)
        lock = acquire_lock(self._folder / f"{name}.lock", seconds=SECONDS)
        if lock is None:
            raise GitError("another run is fetching it")
        with closing(lock):
            if not _has_commit(mirror, commit):
                self._fetch(mirror, address, commit)
            try:
                with open_repository(FoundRepository(mirror, address)) as repository:
                    yield FetchedRepository(repository, partial(self._fetch_blobs, mirror, address, commit))
            except GitError:
                (mirror / _BRANCH).unlink(missing_ok=True)  # the next run fetches everything again
                raise

    def _fetch(self, mirror: Path, address: str, commit: str, kept: str = _NO_FILES) -> None:
        words = (*_FETCH, "--depth=1", kept, "--", address, f"+{commit}:{_BRANCH}")
        if len(list(mirror.glob("objects/pack/*.pack"))) >= _MOST_PACKS or kept == _SMALL_FILES:
            shutil.rmtree(mirror)
        if (mirror / "HEAD").exists():
            try:
                self._contact(mirror, address, *words, environment=_OWN)
            except GitError as error:
                # A run that was killed can leave it damaged or locked.
                if not isinstance(error, _UnknownFailureError) and str(error) != _DAMAGED:
                    raise
            else:
                return
            shutil.rmtree(mirror)
        # An empty bare repository without a template.
        for folder in ("objects", "refs/heads"):
            (mirror / folder).mkdir(parents=True, exist_ok=True)
        extensions = "[extensions]\n\tobjectFormat = sha256\n" if len(commit) == 64 else ""
        text = f"[core]\n\trepositoryFormatVersion = {1 if extensions else 0}\n\tbare = true\n{extensions}"
        (mirror / "config").write_text(text, "ascii")
        (mirror / "HEAD").write_text(f"ref: {_BRANCH}\n", "ascii")
        self._contact(mirror, address, *words, environment=_OWN)

    def _fetch_blobs(self, mirror: Path, address: str, commit: str, blobs: Sequence[str]) -> None:
        """Fetch the contents of some files."""
        for start in range(0, len(blobs), _MOST_BLOBS):
            # A server that knows of our commit would take its files for ours, too.
            words = ("-c", "fetch.negotiationAlgorithm=noop", *_FETCH, _NO_FILES)
            wanted = blobs[start : start + _MOST_BLOBS]
            try:
                self._contact(mirror, address, *words, "--", address, *wanted, environment=_OWN, largest=_LARGEST_FILES)
            except GitError as error:
                if str(error) != _NOT_GIVEN:
                    raise
                # A server with an old protocol gives only commits.
                self._fetch(mirror, address, commit, _SMALL_FILES)
                return

    def _contact(
        self,
        folder: Path,
        address: str,
        *words: str,
        environment: Mapping[str, str] = MappingProxyType({}),
        largest: int = LARGEST_DOWNLOAD,
        memory: int = LARGEST_MEMORY,
    ) -> str:
        """Run git, and return its output."""
        folder.mkdir(parents=True, exist_ok=True)
        # Without it, the settings of a repository around the cache would be obeyed.
        variables = {"GIT_CEILING_DIRECTORIES": str(folder.resolve().parent), **environment}
        done = contact_server(
            folder, *words, seconds=SECONDS, environment=variables, largest=largest, memory=memory,
            stopped=self._stopped,
        )  # fmt: skip
        if done.returncode:
            raise _explain_failure(done.stderr.decode("utf-8", "replace"), address)
        return done.stdout.decode("utf-8", "replace")


def list_ref_names(ref: str) -> Sequence[str]:
    """Return the full names that a branch or a tag can have."""
    if not ref:
        return ("HEAD",)
    return (ref,) if ref.startswith("refs/") else (f"refs/heads/{ref}", f"refs/tags/{ref}")


class _UnknownFailureError(GitError):
    """A failure with a message of git that is not known, such as one about a damaged repository."""


def _explain_failure(messages: str, address: str) -> GitError:
    """Return the reason for a failure of git, in one line without credentials."""
    for reason, parts in _REASONS.items():
        if any(part in messages for part in parts):
            return GitError(reason)
    lines = [line for line in messages.splitlines() if line.startswith(("fatal: ", "error: "))] or messages.splitlines()
    line = escape_line(lines[0].partition(": ")[2] or lines[0]) if lines else "git failed"
    # An address that the user's settings make, as with `url.….insteadOf`, can have a password.
    return _UnknownFailureError(re.sub(r"\w+://\S+", urlsplit(address).hostname or "the server", line)[:200])


def _has_commit(mirror: Path, commit: str) -> bool:
    """Return whether the last fetch, which ends with the branch, has brought a commit."""
    try:
        return (mirror / _BRANCH).read_text("ascii").strip() == commit
    except (OSError, UnicodeDecodeError):
        return False
