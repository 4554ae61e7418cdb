"""The commit that last changed each line of a file."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from difflib import SequenceMatcher
from pathlib import Path

from msgspec.structs import replace

from generator.git import GitError, run_git
from generator.history.git import find_checkout, list_commits, list_files_at, open_blob_reader
from generator.load.files import SIZE_LIMIT
from generator.values import FrozenValue

_PROCESSES = 4
"""Each waits for the disk most of the time."""
_HEADER = re.compile(rb"(?P<id>[0-9a-f]{40,64}) (?P<line>[0-9]+) [0-9]+( [0-9]+)?\Z")
_TIME_ZONE = re.compile(rb"(?P<sign>[+-])(?P<hours>[0-9]{2})(?P<minutes>[0-9]{2})")


class LineCommit(FrozenValue):
    """The commit that last changed a line."""

    id: str
    landed_at: datetime
    file: str = ""
    """The file at that commit, relative to the book: since then, it may have been renamed."""
    line: int = 0
    """The line at that commit."""

    @property
    def short(self) -> str:
        """The abbreviated id."""
        return self.id[:10]

    @property
    def day(self) -> date:
        """The day on which it was committed, in the time zone of its committer."""
        return self.landed_at.date()


LineCommits = tuple[LineCommit | None, ...]
"""The commits of the lines of a file, from the first line on; None for a line that is not committed."""


def read_line_commits(root: Path, folder: str, texts: Mapping[str, str], revision: str) -> Mapping[str, LineCommits]:
    """Read the commit of each line of some files up to a revision.

    A file that only one commit has touched needs no `git blame`: in most books these are nearly all.

    `root` is the folder of the book, to which `folder`, that of the cards, and the paths of `texts` are relative. The
    texts are those of now: lines that differ from the revision are not committed.

    Raises:
        GitError: There is no repository, or git fails.

    """
    blobs = {path: blob for path, blob in list_files_at(root, revision, folder) if path in texts}
    added = _find_added(root, folder, revision)
    prefix = os.path.relpath(root.resolve(), find_checkout(root).resolve())
    single = {path: added[path][1] for path, blob in blobs.items() if path in added and added[path][0] == blob}
    several = [path for path in blobs if path not in single]
    with ThreadPoolExecutor(_PROCESSES) as executor:
        blames = executor.map(lambda path: _blame_file(root, revision, path, prefix), several)
        blamed = dict(zip(several, blames, strict=True))
    found: dict[str, LineCommits] = {}
    with open_blob_reader(root, SIZE_LIMIT) as read_blob:
        for path, text in texts.items():
            content = read_blob(blobs[path]) if path in blobs else None
            before = _split_lines(content.decode("utf-8-sig", "replace")) if content is not None else []
            only = single.get(path)
            repeated = [only and replace(only, file=path, line=number) for number in range(1, len(before) + 1)]
            commits = blamed.get(path, repeated)
            found[path] = tuple(_carry_over(before, commits, _split_lines(text)))
    return found


def _find_added(root: Path, folder: str, revision: str) -> Mapping[str, tuple[str, LineCommit]]:
    """Find the files that one commit added and no other commit but a merge has touched, with their blobs."""
    touched: dict[str, tuple[str, LineCommit] | None] = {}
    for commit, changes in list_commits(root, folder, revision):
        for change in changes:
            if len(commit.parents) > 1:
                touched.setdefault(change.path, None)  # a change that the merge itself makes
            elif change.path in touched or change.old_blob or change.old_path != change.path:
                touched[change.path] = None
            else:
                touched[change.path] = change.new_blob, LineCommit(commit.id, commit.landed_at)
    return {path: found for path, found in touched.items() if found is not None}


def _split_lines(text: str) -> list[str]:
    """Split a text into lines as git does, with all line ends alike."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _carry_over(
    before: list[str], commits: Sequence[LineCommit | None], after: list[str]
) -> Iterator[LineCommit | None]:
    """Yield the commits of the lines of a text that may have changed since it was committed."""
    if before == after:
        yield from (commits[index] if index < len(commits) else None for index in range(len(after)))
        return
    position = 0
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        yield from (None for _ in range(position, block.b))
        yield from (commits[index] if index < len(commits) else None for index in range(block.a, block.a + block.size))
        position = block.b + block.size


def _blame_file(root: Path, revision: str, path: str, prefix: str) -> list[LineCommit | None]:
    """Return the commit of each line of a file at a revision.

    The settings of the user that skip commits are ignored, so that everyone sees the same. No filter of the repository
    runs: https://git-scm.com/docs/git-blame#_the_porcelain_format.

    `path` is relative to `root`, the folder of the book, and `prefix` is that folder relative to the checkout.
    """
    options = ("-c", "blame.ignoreRevsFile=", "-c", "core.quotePath=false", "blame", "--porcelain", "--no-textconv")
    done = run_git(root, *options, revision, "--", path)
    if done.returncode:
        raise GitError(f"git cannot read the history of the lines of {path}")
    commits: dict[str, LineCommit] = {}
    order: list[tuple[str, int]] = []
    seconds, current = 0, ""
    for line in done.stdout.split(b"\n"):
        header = _HEADER.match(line)
        if line.startswith(b"\t"):
            continue
        if header is not None:
            current = header["id"].decode("ascii")
            order.append((current, int(header["line"])))
        elif line.startswith(b"committer-time "):
            seconds = int(line.rpartition(b" ")[2])
        elif line.startswith(b"committer-tz "):
            zone = _parse_zone(line.rpartition(b" ")[2])
            commits[current] = LineCommit(current, datetime.fromtimestamp(seconds, zone), path)
        elif line.startswith(b"filename ") and not line.startswith(b'filename "'):  # odd names are in quotes
            name = os.path.relpath(os.fsdecode(line.removeprefix(b"filename ")), prefix)
            commits[current] = replace(commits[current], file=name)
    return [replace(commits[commit], line=number) for commit, number in order]


def _parse_zone(text: bytes) -> timezone:
    match = _TIME_ZONE.fullmatch(text)
    if match is None:
        return UTC
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    try:
        return timezone(-offset if match["sign"] == b"-" else offset)
    except ValueError:  # git accepts any digits
        return UTC
