"""Git as two streams: the commits that touched a folder, and the contents of the files that they changed.

The one place that runs git. Nothing here fetches, writes, asks for a password, runs a hook or a filter of the
repository, or trusts a name: whatever a path or an author is called, fields are separated by NUL.
"""

import os
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from generator.secrets.redaction import redact

MESSAGE_LIMIT = 4_000
_HOLD_BACK = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false",
              "-c", "log.showRoot=true", "-c", "diff.renames=true")  # fmt: skip
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_QUIET = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # what GIT_NO_LAZY_FETCH says to newer gits only: never go to the network
}
_FIELDS = "%H%x00%P%x00%aI%x00%cI%x00%aN%x00%B%x00"
_LOG = (
    "log", "--topo-order", "--reverse", "--parents", "--diff-merges=first-parent", "--relative", "--raw", "-z", "-M",
    "--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv", "--encoding=UTF-8", f"--format={_FIELDS}",
)  # fmt: skip


class GitProblem(Exception):  # noqa: N818 - it carries a sentence for the reader; a book without git is no error
    """Why git cannot tell; the text is a sentence for the page."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as a reader wants it; the author's address is left out on purpose."""

    id: str
    parents: tuple[str, ...]
    """Its nearest ancestors that also touched the folder."""
    written_at: datetime
    landed_at: datetime
    author: str
    message: str
    """Without control characters, and with secrets blacked out."""

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    @property
    def short(self) -> str:
        """The id as people write it."""
        return self.id[:10]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after a commit; an empty blob where there was or is no such file."""

    old_blob: str
    new_blob: str
    old_path: str
    path: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A commit with the files that it changed against its first parent."""

    commit: Commit
    files: tuple[FileChange, ...]


def shallow_boundary(root: Path) -> frozenset[str]:
    """The commits at which a shallow clone was cut off; empty for a whole one.

    Raises GitProblem where there is no repository.
    """
    answer = _run(root, "rev-parse", "--is-shallow-repository", "--git-path", "shallow").decode("utf-8", "replace")
    shallow, _, path = answer.strip().partition("\n")
    if shallow != "true":
        return frozenset()
    return frozenset((root / path).read_text(encoding="ascii").split())


def has_commits(root: Path) -> bool:
    """Whether there is a commit to start from."""
    try:
        _run(root, "rev-parse", "--verify", "--quiet", "HEAD")
    except GitProblem:
        return False
    return True


def branching(root: Path, revision: str) -> str | None:
    """The commit at which the checked-out line left a revision, or the revision where the two share nothing.

    None where git knows no such revision; GitProblem where there is no repository or no commit.
    """
    _run(root, "rev-parse", "--verify", "HEAD")
    try:
        wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        commit = _run(root, *wanted).decode("ascii").strip()
    except GitProblem:
        return None
    try:
        return _run(root, "merge-base", commit, "HEAD").decode("ascii").split()[0]
    except GitProblem:
        return commit


def files_at(root: Path, commit: str, *paths: str) -> Iterator[tuple[str, str]]:
    """The regular files that a commit holds below some paths under `root`: each name, relative to it, with its blob."""
    listed = _run(root, "ls-tree", "-r", "-z", commit, "--", *paths).decode("utf-8", "surrogateescape")
    for record in filter(None, listed.split("\0")):
        facts, _, name = record.partition("\t")
        mode, _, blob = facts.split()
        if _regular(mode, blob):
            yield name, blob


def touches(root: Path, folder: str, revision: str = "HEAD") -> Iterator[Touch]:
    """Every commit up to a revision that touched a folder under `root`, parents before children, in one pass."""
    command = _command(root, *_LOG, revision, "--", folder)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=_environment())
        with process, suppress(BrokenPipeError):
            assert process.stdout is not None
            yield from _parse(_fields(process.stdout))
        if process.returncode:
            errors.seek(0)
            raise GitProblem(_sentence(errors.read()))


class Blobs:
    """Reads the contents of files by their id, through one git process; use it as a context manager."""

    def __init__(self, root: Path, limit: int) -> None:
        self._limit = limit
        self._process = subprocess.Popen(
            _command(root, "cat-file", "--batch"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(),
        )  # fmt: skip

    def read(self, blob: str) -> bytes | None:
        """The content; None when it is larger than the limit or missing here."""
        sender, receiver = self._process.stdin, self._process.stdout
        assert sender is not None
        assert receiver is not None
        with suppress(BrokenPipeError):
            sender.write(f"{blob}\n".encode("ascii"))
            sender.flush()
        header = receiver.readline().split()
        if not header:
            message = "the contents of older cards are not in this clone (a partial clone?)"
            raise GitProblem(message)
        if header[-1] == b"missing":
            return None
        return _content(receiver, int(header[2]), self._limit)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(BrokenPipeError):
            self._process.__exit__(kind, error, trace)


def _content(receiver: IO[bytes], size: int, limit: int) -> bytes | None:
    if size <= limit:
        return receiver.read(size + 1)[:-1]
    left = size + 1
    while left:
        left -= len(receiver.read(min(left, 65_536)))
    return None


def _command(root: Path, *words: str) -> list[str]:
    return ["git", "--literal-pathspecs", "--no-pager", "-C", str(root), *_HOLD_BACK, *words]


def _environment() -> dict[str, str]:
    """Ours, without what a hook that calls us has set: the repository is the one that the cards are in."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | _QUIET


def _run(root: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(_command(root, *words), capture_output=True, env=_environment(), check=False)
    except FileNotFoundError as error:
        message = "git is not installed"
        raise GitProblem(message) from error
    if done.returncode:
        raise GitProblem(_sentence(done.stderr))
    return done.stdout


def _sentence(stderr: bytes) -> str:
    """What git said, in words that hold no path of this machine."""
    text = stderr.decode("utf-8", "replace")
    if "not a git repository" in text or "cannot change to" in text:
        return "the cards are not in a git repository"
    if "dubious ownership" in text:
        return "git refuses to read a repository that belongs to another user; see `git help config`, safe.directory"
    if "unable to read" in text or "could not fetch" in text or "promisor" in text:
        return "the contents of older cards are not in this clone (a partial clone?)"
    return f"git could not read the history: {_clean(text.strip().partition(chr(10))[0])}"


def _fields(stream: IO[bytes]) -> Iterator[str]:
    """The NUL-separated fields of a stream, held in memory one at a time."""
    rest = b""
    while chunk := stream.read(65_536):
        *whole, rest = (rest + chunk).split(b"\0")
        for field in whole:
            yield field.decode("utf-8", "replace")
    if rest.strip():
        yield rest.decode("utf-8", "replace")


def _parse(fields: Iterator[str]) -> Iterator[Touch]:
    commit: Commit | None = None
    files: list[FileChange] = []
    for field in fields:
        text = field.lstrip("\n")
        if text.startswith(":"):
            files.append(_file_change(text, fields))
        elif text:
            if commit is not None:
                yield Touch(commit, tuple(files))
            commit, files = _commit(text, fields), []
    if commit is not None:
        yield Touch(commit, tuple(files))


def _commit(identity: str, fields: Iterator[str]) -> Commit:
    parents, written, landed, author, message = (next(fields, "") for _ in range(5))
    return Commit(
        identity,
        tuple(parents.split()),
        datetime.fromisoformat(written),
        datetime.fromisoformat(landed),
        _clean(author).strip() or "unknown",
        redact("\n".join(_clean(line) for line in message.strip()[:MESSAGE_LIMIT].splitlines())),
    )


def _file_change(record: str, fields: Iterator[str]) -> FileChange:
    """`:100644 100644 old new R090`, then the path, or both where the file was renamed."""
    old_mode, new_mode, old, new, status = record.lstrip(":").split()
    old_path = next(fields, "")
    path = next(fields, "") if status[0] in "RC" else old_path
    copied = status[0] == "C"
    return FileChange("" if copied else _regular(old_mode, old), _regular(new_mode, new), old_path, path)


def _regular(mode: str, blob: str) -> str:
    """A blob's id; nothing for a link, a submodule or a file that is not there."""
    return blob if mode.startswith("100") else ""


def _clean(text: str) -> str:
    """Without what could drive a terminal or turn text around."""
    return "".join(
        character
        for character in text
        if unicodedata.category(character) not in {"Cc", "Cs"} and unicodedata.bidirectional(character) not in _TURNING
    )
