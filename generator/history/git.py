"""Git as two answers: the commits that changed a folder, and the contents of the changed files.

Fields are separated by NUL, so that the names of files and authors can contain any other character.
"""

import os
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path

from generator.git import GitError, run_git, start_git
from generator.secrets.redaction import redact
from generator.values import FrozenValue

MESSAGE_LIMIT = 4_000
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_NOT_IN_CLONE = "the contents of older cards are not in this clone (a partial clone?)"
_LOG = (
    "-c", "log.showRoot=true", "-c", "diff.renames=true",
    "log", "--topo-order", "--reverse", "--parents", "--diff-merges=first-parent", "--relative", "--raw", "-z", "-M",
    "--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv", "--encoding=UTF-8",
    "--format=%H%x00%P%x00%aI%x00%cI%x00%aN%x00%B%x00",
)  # fmt: skip
# The default messages of git, GitHub, GitLab and Bitbucket.
_MERGE_SUBJECT = re.compile(
    r"Merge (branch|branches|remote-tracking branch|tag|commit|pull request) \S"
    r"|Merge \S+ into \S+$|Merge (main|master)$|Merged in \S"
)
_BIDIRECTIONAL_CONTROLS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


class Commit(FrozenValue):
    """A commit, without the address of its author."""

    id: str
    parents: tuple[str, ...]
    """The nearest ancestors that also changed the folder."""
    written_at: datetime
    landed_at: datetime
    author: str
    message: str
    """Without control characters, and with secrets redacted."""

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    @property
    def reason(self) -> str:
        """The first line of the message; empty if git or a forge worded it for a merge, which states no reason."""
        return "" if _MERGE_SUBJECT.match(self.subject) else self.subject

    @property
    def short(self) -> str:
        """The abbreviated id."""
        return self.id[:10]


class BlobChange(FrozenValue):
    """The content of a file before and after a commit; an empty blob if there is no such regular file."""

    old_blob: str
    new_blob: str
    old_path: str
    path: str


def read_shallow_boundary(root: Path) -> frozenset[str]:
    """Read the commits at which a shallow clone ends; empty for a full clone. Raise GitError without a repository."""
    answer = _run(root, "rev-parse", "--is-shallow-repository", "--git-path", "shallow").decode("utf-8", "replace")
    shallow, _, path = answer.strip().partition("\n")
    if shallow != "true":
        return frozenset()
    return frozenset((root / path).read_text(encoding="ascii").split())


def read_head(root: Path) -> str:
    """Read the id of the current commit; raise GitError without a repository or without a commit."""
    return _run(root, "rev-parse", "--verify", "HEAD").decode("ascii").strip()


def resolve_commit(root: Path, revision: str) -> str | None:
    """Resolve a revision to the id of a commit; None if git does not know it.

    Raise GitError without a repository or without a commit.
    """
    read_head(root)
    try:
        wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return _run(root, *wanted).decode("ascii").strip()
    except GitError:
        return None


def list_main_line(root: Path) -> Iterator[tuple[str, date]]:
    """List the commits from HEAD back, from first parent to first parent, each with the day on which it landed."""
    logged = _run(root, "log", "--first-parent", "--no-color", "--format=%H %cI", "HEAD", "--").decode("ascii")
    for line in logged.split("\n"):
        commit, _, landed_at = line.partition(" ")
        if commit:
            yield commit, datetime.fromisoformat(landed_at).date()


def find_merge_base(root: Path, commit: str) -> str | None:
    """Find the commit at which HEAD branched off another; None if they are unrelated or the clone is too shallow."""
    try:
        return _run(root, "merge-base", commit, "HEAD").decode("ascii").split()[0]
    except GitError:
        return None


def list_messages(root: Path, base: str) -> list[str]:
    """List the messages of the commits that HEAD adds to another commit."""
    logged = _run(root, "log", "--no-color", "--encoding=UTF-8", "--format=%B%x00", f"{base}..HEAD", "--")
    return [message.strip() for message in logged.decode("utf-8", "replace").split("\0") if message.strip()]


def list_files_at(root: Path, commit: str, *paths: str) -> Iterator[tuple[str, str]]:
    """List the regular files of a commit below some paths under `root`: the relative name of each, with its blob."""
    listed = _run(root, "ls-tree", "-r", "-z", commit, "--", *paths).decode("utf-8", "surrogateescape")
    for record in filter(None, listed.split("\0")):
        fields, _, name = record.partition("\t")
        mode, _, blob = fields.split()
        if _is_regular(mode):
            yield name, blob


def find_checkout(folder: Path) -> Path:
    """Find the folder of the checkout around a folder; raise GitError without one."""
    return Path(os.fsdecode(_run(folder, "rev-parse", "--show-toplevel").removesuffix(b"\n")))


def list_changed_files(root: Path, base: str | None, *, staged: bool = False) -> Iterator[BlobChange]:
    """List the files that HEAD, or the index, changes since a commit; a renamed file is removed and added.

    `base` is None before the first commit. With `staged`, the index is compared, which has the files of the next
    commit.
    """
    options = ("--raw", "-z", "--no-renames", "--no-abbrev", "--no-color", "--no-ext-diff")
    words = ("diff-index", "--cached", *options) if staged else ("diff-tree", "-r", *options)
    output = _run(root, *words, base or _EMPTY_TREE, *(() if staged else ("HEAD",)), "--")
    fields = iter(output.decode("utf-8", "backslashreplace").split("\0"))
    return (_parse_change(field, fields) for field in fields if field)


def list_commits(root: Path, folder: str, revision: str = "HEAD") -> list[tuple[Commit, list[BlobChange]]]:
    """List the commits up to a revision that changed a folder under `root`, parents first, each with its files."""
    fields = iter(_run(root, *_LOG, revision, "--", folder).decode("utf-8", "replace").split("\0"))
    found: list[tuple[Commit, list[BlobChange]]] = []
    for field in fields:
        header = field.lstrip("\n")
        if header.startswith(":"):
            found[-1][1].append(_parse_change(header, fields))
        elif header:
            found.append((_parse_commit(header, fields), []))
    return found


@contextmanager
def open_blob_reader(root: Path, limit: int) -> Iterator[Callable[[str], bytes | None]]:
    """Open a function that returns the content of a blob; None if it is larger than the limit.

    The function raises GitError if a partial clone lacks the blob.
    """
    process = start_git(root, "cat-file", "--batch", stdin=subprocess.PIPE)
    try:
        yield partial(_read_blob, process, limit)
    finally:
        with suppress(BrokenPipeError):
            process.__exit__(None, None, None)


def _read_blob(process: subprocess.Popen[bytes], limit: int, blob: str) -> bytes | None:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(f"{blob}\n".encode("ascii"))
        process.stdin.flush()
    header = process.stdout.readline().split()
    if not header or header[-1] == b"missing":  # git before 2.45 ends, later versions say that it is missing
        raise GitError(_NOT_IN_CLONE)
    left = int(header[2]) + 1  # a line break follows the content
    if left <= limit + 1:
        return process.stdout.read(left)[:-1]
    while left:
        left -= len(process.stdout.read(min(left, 65_536)))
    return None


def _run(root: Path, *words: str) -> bytes:
    done = run_git(root, *words)
    if done.returncode:
        raise GitError(_explain(done.stderr))
    return done.stdout


def _explain(stderr: bytes) -> str:
    text = stderr.decode("utf-8", "replace")
    if "not a git repository" in text or "cannot change to" in text:
        return "the cards are not in a git repository"
    if "bad revision 'HEAD'" in text:
        return "nothing is committed yet"
    if "dubious ownership" in text:
        return "git refuses to read a repository that belongs to another user; see `git help config`, safe.directory"
    if "unable to read" in text or "could not fetch" in text or "promisor" in text:
        return _NOT_IN_CLONE
    return f"git could not read the history: {_strip_control_characters(text.strip().partition(chr(10))[0])}"


def _parse_commit(identity: str, fields: Iterator[str]) -> Commit:
    parents, written, landed, author, message = (next(fields, "") for _ in range(5))
    return Commit(
        identity,
        tuple(parents.split()),
        datetime.fromisoformat(written),
        datetime.fromisoformat(landed),
        _strip_control_characters(author).strip() or "unknown",
        redact("\n".join(map(_strip_control_characters, message.strip()[:MESSAGE_LIMIT].splitlines()))),
    )


def _parse_change(record: str, fields: Iterator[str]) -> BlobChange:
    """Parse `:100644 100644 old new R090`; one path follows it, or two if the file was renamed or copied."""
    old_mode, new_mode, old, new, status = record.lstrip(":").split()
    old_path = next(fields, "")
    path = next(fields, "") if status[0] in "RC" else old_path
    had_old = _is_regular(old_mode) and status[0] != "C"
    return BlobChange(old if had_old else "", new if _is_regular(new_mode) else "", old_path, path)


def _is_regular(mode: str) -> bool:
    """Return whether a mode is that of a regular file, not of a link or a submodule."""
    return mode.startswith("100")


def _strip_control_characters(text: str) -> str:
    """Remove the characters that control a terminal or the direction of text."""
    return "".join(
        character
        for character in text
        if unicodedata.category(character) not in {"Cc", "Cs"}
        and unicodedata.bidirectional(character) not in _BIDIRECTIONAL_CONTROLS
    )
