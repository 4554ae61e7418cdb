"""What a build depends on, and the states of the files and folders of that: they show whether anything has changed.

Only modules that start fast are imported here.
"""

import contextlib
import hashlib
import os
import re
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path

from generator.values import FrozenValue

_SECOND = 1_000_000_000
_FIELDS = 6
"""The fields of the state of a file, after its name."""
_UNREAD = frozenset({".git", "__pycache__"})
"""Folders that are not read: see `list_state_files` in `generator.git`."""
_EDITOR_FILE = re.compile(r".*~|#.*#|\.#.*|\..*\.sw[a-z]|4913|\.goutputstream-\w+|.*___jb_\w+___", re.DOTALL)
_HIDDEN, _NOTHING = re.compile(r"\..*", re.DOTALL), re.compile(r"(?!)")
_VARIABLES = ("HOME", "XDG_CONFIG_HOME", "SOURCE_DATE_EPOCH", "PYTHONPATH")
"""The environment variables that git, MkDocs and Python read."""


class BuildInputs(FrozenValue):
    """What the site depends on, besides the versions of the software; the plugin lists it during a build."""

    cards: str
    """The folder of the cards."""
    paths: tuple[str, ...]
    """Other files and folders, some of which may be missing."""
    history: tuple[str, ...]
    """The files of git that change if the history of the cards does."""
    linked_paths: tuple[str, ...]
    """Others, in which links to folders are followed."""
    variables: tuple[str, ...]
    """Names that can be environment variables."""
    has_local_day: bool
    """Whether pages depend on the day."""
    has_utc_day: bool
    """Whether a file has the day of the build, such as the sitemap."""


class InputState(FrozenValue):
    """The state of everything that a build depends on."""

    rest: str
    """A digest of everything except the cards and their history."""
    history: str
    """A digest of the states of the files of git."""
    cards: bytes
    """The states of the files and folders of the cards, one in each line."""
    changed: int
    """The time of the last change of a file. It is that of the inode, which no program can set."""

    @property
    def cards_digest(self) -> str:
        """A digest of the states of the cards."""
        return digest_states(self.cards)

    def find_changed_cards(self, before: bytes) -> tuple[str, ...] | None:
        """Find the files that have changed since the cards had other states, relative to the folder of the cards.

        Files that were added or removed are among them. None if a folder or a link was, if a file was replaced by one
        of another kind, or if a file has a line break in its name.
        """
        old, new = before.split(b"\n")[:-1], self.cards.split(b"\n")[:-1]
        if not all(b"\0" in line for line in (*old, *new)):
            return None
        modes: dict[bytes, set[bytes]] = {}
        for line in {*old} ^ {*new}:
            name, mode, *rest = line.split(b"\0")
            if len(rest) != _FIELDS - 1 or not stat.S_ISREG(int(mode)):
                return None
            modes.setdefault(name, set()).add(mode)
        if any(len(several) > 1 for several in modes.values()):
            return None
        return tuple(os.fsdecode(name).lstrip("/") for name in sorted(modes))


def is_editor_file(name: str) -> bool:
    """Return whether a name is that of a file that editors write beside the edited one. It has no cards."""
    return _EDITOR_FILE.fullmatch(name) is not None


def list_site(site: Path) -> bytes:
    """List the states of the files and folders of a site, one a line, without hidden entries of the folder itself."""
    return b"".join(text for text, _ in _walk(site, is_site=True))


def start_list_site(site: Path) -> Callable[[], bytes]:
    """Start to list a site, in another process if possible, and return a function that returns the list.

    If that process is killed, the list does not describe the site.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return cache(lambda: list_site(site))
    read_end, write_end = os.pipe()
    process = os.fork()
    if process == 0:
        with contextlib.suppress(BaseException):
            os.close(read_end)  # so that this process ends if the other one has ended
            with open(write_end, "wb") as output:  # noqa: PTH123 - a pipe
                output.write(list_site(site))
        os._exit(0)
    os.close(write_end)

    @cache
    def receive() -> bytes:
        with open(read_end, "rb") as received:  # noqa: PTH123 - a pipe
            states = received.read()
        os.waitpid(process, 0)
        return states

    return receive


def update_site_list(states: bytes, site: Path, replaced: Iterable[str]) -> bytes | None:
    """Return what `list_site` returns after some files were replaced, without listing the others; None if one is new.

    If another file has changed meanwhile, the list does not describe the site.
    """
    lines = states.split(b"\n")
    places = {line.partition(b"\0")[0]: place for place, line in enumerate(lines)}
    for path in replaced:
        place = places.get(_encode(f"/{path}"))
        if place is None:
            return None
        lines[place] = _encode(_describe(f"/{path}", (site / path).stat())).removesuffix(b"\n")
    return b"\n".join(lines)


def digest_states(states: bytes) -> str:
    """Return a digest of the states of files."""
    return hashlib.blake2b(states).hexdigest()


def read_input_state(inputs: BuildInputs) -> InputState:
    """Read the state of everything that a build depends on."""
    package = Path(__file__).parent
    software = [package, package.parent / "templates", *_list_installed()]
    variables = {name: os.environ[name] for name in {*inputs.variables, *_VARIABLES} if name in os.environ}
    local_day, utc_day = read_days()
    days = [local_day if inputs.has_local_day else "", utc_day if inputs.has_utc_day else ""]
    machine = [sys.version, shutil.which("git"), sorted(variables.items()), days]
    digest, newest = hashlib.blake2b(ascii(machine).encode()), 0
    found = [
        *(_walk(path, is_software=True) for path in software),
        *(_walk(Path(name)) for name in inputs.paths),
        *(_walk(Path(name), follows_links=True) for name in inputs.linked_paths),
    ]
    for text, changed in chain.from_iterable(found):
        digest.update(text)
        newest = max(newest, changed)
    history, of_history = read_history_state(inputs)
    cards, of_cards = read_cards_state(inputs)
    return InputState(digest.hexdigest(), history, cards, max(newest, of_history, of_cards))


def read_history_state(inputs: BuildInputs) -> tuple[str, int]:
    """Return a digest of the states of the files of git, and the time of the last change of one."""
    found = [state for path in inputs.history for state in _walk(Path(path))]
    digest = hashlib.blake2b(b"".join(text for text, _ in found))
    return digest.hexdigest(), max((changed for _, changed in found), default=0)


def read_cards_state(inputs: BuildInputs) -> tuple[bytes, int]:
    """Return the states of the files and folders of the cards, and the time of the last change of a file."""
    found = [*_walk(Path(inputs.cards), is_cards=True)]
    return b"".join(text for text, _ in found), max((changed for _, changed in found), default=0)


def read_days() -> tuple[str, str]:
    """Return the day here and the day in UTC."""
    return date.today().isoformat(), time.strftime("%Y-%m-%d", time.gmtime())  # noqa: DTZ011 - the author's own day


def _list_installed() -> Iterator[Path]:
    """Yield a file of each installed distribution that every installation writes again."""
    for folder in filter(None, sys.path):
        with contextlib.suppress(OSError):
            names = sorted(
                path for path in Path(folder).iterdir() if path.suffix in {".dist-info", ".egg-info", ".pth"}
            )
            yield from (path / "RECORD" if path.suffix == ".dist-info" else path for path in names)


def _walk(
    path: Path,
    *,
    is_software: bool = False,
    is_site: bool = False,
    is_cards: bool = False,
    follows_links: bool = False,
) -> Iterator[tuple[bytes, int]]:
    """Yield the states of a file or of all files in a folder, with the time of the last change among them.

    Links to files are followed. Links to folders are followed if wanted, each folder once. The temporary files of
    editors among the cards are omitted. The changes of the folders of software do not count: the first build creates
    `__pycache__` in them.
    """
    root = os.fspath(path)
    try:
        status = os.stat(root)  # noqa: PTH116 - ten thousand files: no Path for each
    except OSError:
        yield _encode(f"{root}\0missing\n"), 0
        return
    if path.name in _UNREAD or not stat.S_ISDIR(status.st_mode):
        is_read = path.name not in _UNREAD
        yield _encode(_describe(root, status) if is_read else f"{root}\0exists\n"), _get_change(status) * is_read
        return
    pending, seen = [(root, "", status)], set[tuple[int, int]]()
    while pending:
        folder, name, status = pending.pop()
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            # A build moves its site into place: that changes the folder itself.
            is_moved = is_site and not name
            own = "" if is_moved else f"{name or root}/\0{status.st_mode}\0{status.st_ino}\n"
            omitted = _HIDDEN if is_moved else _EDITOR_FILE if is_cards else _NOTHING
            text, newest, inner = _read_folder(folder, name, omitted, follows_links=follows_links)
            pending += inner
            yield _encode(own + text), newest if is_software else max(newest, _get_change(status))


def _read_folder(
    folder: str, name: str, omitted: re.Pattern[str], *, follows_links: bool
) -> tuple[str, int, list[tuple[str, str, os.stat_result]]]:
    """Return the states of the files in a folder, the time of the last change of one, and the folders in it."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return f"{name}/\0unreadable\n", 0, []
    lines, newest, folders = [], 0, []
    for entry in found:
        if entry.name in _UNREAD:
            continue
        # A folder with the name of an editor's file can have cards.
        if omitted.fullmatch(entry.name) and not (omitted is _EDITOR_FILE and entry.is_dir()):
            continue
        inner = f"{name}/{entry.name}"
        try:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                lines.append(_describe(inner, status))
                newest = max(newest, _get_change(status))
                status = entry.stat()
                if stat.S_ISDIR(status.st_mode) and not follows_links:
                    continue
        except OSError:
            lines.append(f"{inner}\0missing\n")
            continue
        if stat.S_ISDIR(status.st_mode):
            folders.append((entry.path, inner, status))
        else:
            lines.append(_describe(inner, status))
            newest = max(newest, _get_change(status))
    return "".join(lines), newest, folders


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _describe(name: str, status: os.stat_result) -> str:
    return (
        f"{name}\0{status.st_mode}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ctime_ns}"
        f"\0{status.st_dev}\0{status.st_ino}\n"
    )


def _get_change(status: os.stat_result) -> int:
    """Return the time of the last change; a little later on file systems that store whole seconds only."""
    # On Windows, st_ctime is the time of the creation.
    changed = status.st_ctime_ns if os.name == "posix" else status.st_mtime_ns
    return changed if changed % _SECOND else changed + 2 * _SECOND
