"""Repositories of other people, read through git without obeying them.

A repository can be hostile. Git runs with a git directory of ours, whose configuration is empty, and takes only the
objects and the refs of the repository: no hook, monitor, filter, attribute, include or replacement of it is obeyed, and
nothing is fetched. Alternate object stores, which `git clone --reference` makes, are read.
"""

import os
import re
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import IO, NamedTuple

from generator.evidence.records import SkipReason
from generator.evidence.repositories import FoundRepository, parse_remote
from generator.git import GitError, run_git, start_git
from generator.load.collected import is_blob
from generator.values import FrozenValue

LARGEST_FILE = 10_000_000
"""In bytes; a larger file is data."""
MOST_FILES = 2_000_000
_LONGEST_LISTING = 600
"""In seconds."""
_LONGEST_LOOK_UP = 60.0
"""In seconds, for one commit."""
NO_COMMIT = "it has no such commit"
"""The reason if a ref does not exist."""
_MISSING_TREE = "its commit or a folder of it is missing or damaged (a partial clone?)"
_NO_REPOSITORY = "it is not a git repository"
_MOST_RESTARTS = 100
"""Git ends at a damaged object, and is started again for the objects after it."""
_READ_FLAGS = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
_LARGEST_SETTING_FILE = 1_000_000
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class TreeFile(NamedTuple):
    """A file of a commit."""

    path: bytes
    mode: bytes
    blob: str

    @property
    def skip_reason(self) -> SkipReason | None:
        """The reason for not reading it; None for a regular file."""
        if self.mode.startswith(b"100"):
            return None
        return SkipReason.SUBMODULE if self.mode == b"160000" else SkipReason.SYMBOLIC_LINK


class OpenRepository(FrozenValue):
    """A repository that is ready to be read."""

    worktree: Path | None
    """The folder of a checkout."""
    _git_folder: Path
    """Our own git directory."""
    _common: Path
    """The git directory of the repository that has its objects, refs and configuration."""

    def resolve_commit(self, ref: str) -> tuple[str, date]:
        """Return the id of a commit, and its day.

        Raises:
            GitError: There is no such commit.

        """
        words = ("log", "-1", "--no-walk", "--format=%H %cs", "--end-of-options", ref, "--")
        # A pipe in the place of a ref would block git forever.
        done = run_git(self._git_folder, *words, environment=self._environment, seconds=_LONGEST_LOOK_UP)
        if done.returncode:
            stderr = done.stderr.decode("utf-8", "replace")
            if any(text in stderr for text in ("ambiguous argument", "bad revision", "unknown revision")):
                raise GitError(NO_COMMIT)
            if any(text in stderr for text in ("bad object", "unable to read", "missing", "Could not read")):
                raise GitError(_MISSING_TREE)
            raise GitError("git cannot read it")
        commit, _, day = done.stdout.decode("ascii", "replace").strip().partition(" ")
        if not commit:
            raise GitError("its tag is not of a commit, but of a file or a folder")
        try:
            return commit, date.fromisoformat(day)
        except ValueError as error:
            raise GitError("the date of its commit is invalid") from error

    def read_remote(self) -> tuple[str, str]:
        """Read `owner/name` and the address for browsers from the remote `origin`, else from the first one."""
        config = self._common / "config"
        if not config.is_file() or config.stat().st_size > _LARGEST_SETTING_FILE:
            return "", ""
        words = ("--file", str(config), "--no-includes", "-z", "--get-regexp", r"^remote\..*\.url$")
        done = run_git(self._git_folder, "config", *words, environment=self._environment)
        settings = (entry.partition("\n") for entry in done.stdout.decode("utf-8", "replace").split("\0") if entry)
        urls = [(key, value) for key, _, value in settings]
        urls.sort(key=lambda setting: setting[0] != "remote.origin.url")
        return parse_remote(urls[0][1]) if urls else ("", "")

    def list_files(self, commit: str, paths: Sequence[str] = ()) -> Iterator[TreeFile]:
        """List the files of a commit below some paths, by default all, with links and submodules, sorted by path.

        Raises:
            GitError: A folder of it is missing, or it has too many files.

        """
        words = ("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
        process = start_git(self._git_folder, *words, stdin=subprocess.DEVNULL, environment=self._environment)
        assert process.stdout is not None
        # A small tree can name itself so often that its listing has no end, or no output.
        timer = threading.Timer(_LONGEST_LISTING, process.kill)
        timer.start()
        try:
            for number, record in enumerate(_split_records(process.stdout)):
                if number == MOST_FILES:
                    raise GitError(f"it has more than {MOST_FILES} files")
                fields, _, path = record.partition(b"\t")
                mode, _, blob = fields.split()
                yield TreeFile(path, mode, blob.decode("ascii"))
            if process.wait():
                raise GitError(_MISSING_TREE)
        finally:
            timer.cancel()
            _end(process)

    def read_files(
        self, files: Sequence[TreeFile], largest: int | None = None
    ) -> Iterator[tuple[TreeFile, bytes | SkipReason]]:
        """Read regular files, in any order: the content of each, or the reason for not reading it.

        The file in the checkout is read if it is the one of the commit, which costs a quarter of asking git.
        `largest` is another limit than `LARGEST_FILE`, in bytes.
        """
        largest = LARGEST_FILE if largest is None else largest
        left = []
        for file in files:
            content = None if self.worktree is None else _read_worktree_file(self.worktree, file)
            if content is None:
                left.append(file)
            elif len(content) > largest:
                yield file, SkipReason.TOO_LARGE
            else:
                yield file, content
        sizes = self._read_sizes([file.blob for file in left])
        wanted = []
        for file in left:
            size = sizes.get(file.blob, SkipReason.DAMAGED)
            if isinstance(size, SkipReason):
                yield file, size
            elif size > largest:
                yield file, SkipReason.TOO_LARGE
            else:
                wanted.append(file)
        yield from zip(wanted, self._read_blobs([file.blob for file in wanted]), strict=True)

    def find_missing(self, files: Sequence[TreeFile]) -> list[str]:
        """Find the blobs of some files that a partial clone lacks."""
        sizes = self._read_sizes([file.blob for file in files])
        return [blob for blob, size in sizes.items() if size is SkipReason.MISSING]

    def _read_sizes(self, blobs: Sequence[str]) -> dict[str, int | SkipReason]:
        sizes: dict[str, int | SkipReason] = {}
        with self._ask("cat-file", "--batch-check", "--buffer", lines=blobs) as output:
            for line in output:
                blob, kind, *rest = line.split()
                name = blob.decode("ascii", "replace")
                sizes[name] = int(rest[0]) if kind == b"blob" and rest else SkipReason.MISSING
        return sizes

    def _read_blobs(self, blobs: Sequence[str]) -> Iterator[bytes | SkipReason]:
        start = restarts = 0
        while start < len(blobs) and restarts < _MOST_RESTARTS:
            with self._ask("cat-file", "--batch", "--buffer", lines=blobs[start:]) as output:
                while start < len(blobs) and (content := _read_object(output)) is not None:
                    yield content
                    start += 1
            if start < len(blobs):  # git ended at this one
                yield SkipReason.DAMAGED
                start += 1
                restarts += 1
        yield from (SkipReason.DAMAGED for _ in blobs[start:])

    @contextmanager
    def _ask(self, *words: str, lines: Iterable[str]) -> Iterator[IO[bytes]]:
        """Give git lines from a file, so that neither side waits for the other, and provide its output."""
        with tempfile.TemporaryFile() as questions:
            questions.write("".join(f"{line}\n" for line in lines).encode("ascii"))
            questions.seek(0)
            process = start_git(self._git_folder, *words, stdin=questions, environment=self._environment)
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            _end(process)

    @property
    def _environment(self) -> dict[str, str]:
        """The variables that make git use our directory, the objects of the repository, and no other settings."""
        return {
            "GIT_DIR": ".",
            "GIT_OBJECT_DIRECTORY": str(self._common / "objects"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_REPLACE_OBJECTS": "1",
        }


@contextmanager
def open_repository(found: FoundRepository) -> Iterator[OpenRepository]:
    """Open a repository.

    Raises:
        GitError: It is no repository, or hostile.

    """
    worktree, gitdir, common = _locate_folders(found.path)
    if not (common / "objects").is_dir():
        raise GitError(_NO_REPOSITORY)
    with suppress(FileNotFoundError):
        _read_setting_file(common / "objects/info/alternates")
    with tempfile.TemporaryDirectory(prefix="modelbook-git-") as folder:
        _make_git_folder(Path(folder), gitdir, common)
        yield OpenRepository(worktree, Path(folder), common)


def find_branch_commit(found: FoundRepository, ref: str = "") -> str:
    """Find the commit of HEAD, or of another branch, in the files of a repository.

    This costs a hundredth of asking git. Empty if only git can answer. The commit may not exist.
    """
    try:
        _, gitdir, common = _locate_folders(found.path)
        name = f"refs/heads/{ref}" if ref else _read_setting_file(gitdir / "HEAD").removeprefix("ref:").strip()
        if (common / "reftable").exists():
            return ""
        if not _COMMIT.fullmatch(name):
            if not name.startswith("refs/heads/") or ".." in name:
                return ""
            try:
                name = _read_setting_file(common / name)
            except (FileNotFoundError, NotADirectoryError):
                packed = _read_setting_file(common / "packed-refs").splitlines()
                name = next((line[: -len(name)].strip() for line in packed if line.endswith(f" {name}")), "")
    except (OSError, ValueError, GitError):
        return ""
    return name if _COMMIT.fullmatch(name) else ""


def _locate_folders(path: Path) -> tuple[Path | None, Path, Path]:
    """Locate the checkout, its git directory, and the one with the objects, which linked worktrees share."""
    own = path / ".git"
    worktree, gitdir = (path, own) if own.exists() else (None, path)
    if worktree is not None and not own.is_dir():  # a file, as in a submodule and in a linked worktree
        text = _read_setting_file(own)
        if not text.startswith("gitdir:"):
            raise GitError(_NO_REPOSITORY)
        gitdir = (path / text.removeprefix("gitdir:").strip()).resolve()
    common = gitdir
    with suppress(FileNotFoundError):
        common = (gitdir / _read_setting_file(gitdir / "commondir")).resolve()
    return worktree, gitdir, common


def _read_setting_file(path: Path) -> str:
    """Read a small file of a git directory; one that is not a file, such as a pipe, would never end."""
    found = path.stat()
    is_small = stat.S_ISREG(found.st_mode) and found.st_size <= _LARGEST_SETTING_FILE
    text = path.read_text("utf-8", "surrogateescape").strip() if is_small else ""
    if not is_small or "\0" in text:  # no path has a NUL
        raise GitError(f"its {path.name} is not a small text file")
    return text


def _make_git_folder(folder: Path, gitdir: Path, common: Path) -> None:
    """Make a git directory of ours that has the refs of a repository, in any format, and nothing else of it."""
    head = _read_setting_file(gitdir / "HEAD")
    (folder / "HEAD").write_text(f"{head}\n", "utf-8", "surrogateescape")
    (folder / "objects").mkdir()
    extensions = ""
    if (common / "reftable").is_dir():
        extensions += "\trefStorage = reftable\n"
    with suppress(OSError):
        if re.search(r"(?im)^\s*objectformat\s*=\s*\"?sha256\b", _read_setting_file(common / "config")):
            extensions += "\tobjectFormat = sha256\n"
    version = 1 if extensions else 0
    config = f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n[extensions]\n{extensions}"
    (folder / "config").write_text(config, "ascii")
    for name in ("refs", "packed-refs", "reftable"):
        source, target = common / name, folder / name
        if not source.exists():
            continue
        try:
            target.symlink_to(source)
        except OSError:  # Windows allows links to few accounts
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
    (folder / "refs").mkdir(exist_ok=True)


def _split_records(output: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := output.read(1 << 16):
        *records, rest = (rest + block).split(b"\0")
        yield from records


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    process.stdout.close()
    process.kill()
    process.wait()


def _read_worktree_file(root: Path, file: TreeFile) -> bytes | SkipReason | None:
    """Read a file of a checkout; None if it is not, byte for byte, the file of the commit."""
    if b".." in file.path.split(b"/"):
        return None
    path = os.path.join(os.fsencode(root), file.path)  # noqa: PTH118 - bytes
    try:
        handle = os.open(path, _READ_FLAGS)
    except (OSError, ValueError):
        return None
    with open(handle, "rb", buffering=0) as opened:  # noqa: PTH123 - a handle
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_FILE:
            return None
        try:
            content = opened.read()
        except OSError:
            return None
    return content if is_blob(content, file.blob) else None


def _read_object(output: IO[bytes]) -> bytes | SkipReason | None:
    """Read an answer of `git cat-file --batch`; None if git ended."""
    header = output.readline().split()
    if not header:
        return None
    if header[-1] == b"missing" or len(header) < 3:
        return SkipReason.MISSING
    size = int(header[2])
    content = output.read(size + 1)
    return content[:-1] if len(content) == size + 1 else None
