"""The changes of files that the preview server waits for: events of the kernel if they are reliable, else polling."""

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver, ObservedWatch

from generator.input_state import is_editor_file
from generator.preview import POLLING

_DELAY = 0.05
"""The seconds without another event after which the server builds: a program can write several files, or one twice.

It is also the longest tick of a file system's clock: the states of the files that a build then reads are final.
"""
_LOCAL = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "ramfs", "tmpfs", "xfs", "zfs"})
"""The file systems whose files only this machine changes, so that there is an event for each change."""
_OCTAL = re.compile(r"\\([0-7]{3})")
_MOUNTS = Path("/proc/self/mountinfo")
_CHANGES: list[type[FileSystemEvent]] = [
    DirCreatedEvent, DirDeletedEvent, DirMovedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent,
    FileMovedEvent,
]  # fmt: skip


class WatchingServer(Protocol):
    """The server of MkDocs, which schedules its own handler for each place."""

    observer: Any
    build_delay: float
    _watched_paths: dict[str, int]

    def watch(self, path: str) -> None:
        """Watch a file or a folder."""

    def unwatch(self, path: str) -> None:
        """Undo one call of `watch`."""


def watch_places(server: WatchingServer, places: Iterable[Path], environment: Mapping[str, str]) -> None:
    """Have a server wait for changes in places and in what it watches already. A missing place can appear later."""
    watched = [path for path, times in server._watched_paths.items() for _ in range(times)]  # noqa: SLF001
    for path in watched:
        server.unwatch(path)
    server.observer = FileObserver(server.observer, polls=bool(environment.get(POLLING)))
    server.build_delay = _DELAY
    for path in (*watched, *map(str, places)):
        server.watch(path)


class FileObserver:
    """An observer in the place of the one of MkDocs, which it uses where there are no events."""

    def __init__(self, polling: BaseObserver, *, polls: bool) -> None:
        self._polling = polling
        self._events = None if polls else _start_events()
        self._scheduled: dict[str, tuple[FileSystemEventHandler, str]] = {}

    def schedule(self, handler: FileSystemEventHandler, path: str, *, recursive: bool = True) -> None:  # noqa: ARG002
        """Have a handler called after changes of a file or in a folder."""
        place = os.path.realpath(path)
        if place in self._scheduled:
            return
        self._scheduled[place] = handler, path
        if self._events is None or not _has_events(place):
            self._poll(handler, path)
            return
        try:
            _PlaceWatch(self._events, handler, place)
            # If the kernel has no watch left, it also has none for some folders in the place.
            with tempfile.TemporaryDirectory() as folder:
                self._events.unschedule(self._events.schedule(FileSystemEventHandler(), folder))
        except OSError:
            self._events.stop()
            self._events = None
            for scheduled in self._scheduled.values():
                self._poll(*scheduled)

    def start(self) -> None:
        """Start polling the other places."""
        self._polling.start()

    def stop(self) -> None:
        """Stop calling the handlers."""
        for observer in filter(None, (self._events, self._polling)):
            observer.stop()

    def join(self) -> None:
        """Wait until no handler is called any more."""
        for observer in filter(None, (self._events, self._polling)):
            if observer.is_alive():
                observer.join()

    def _poll(self, handler: FileSystemEventHandler, path: str) -> None:
        if os.path.exists(path):  # noqa: PTH110 - as MkDocs names it
            self._polling.schedule(handler, path, recursive=True)


class _PlaceWatch(FileSystemEventHandler):
    """The events of one file or folder, and of the folder around it, in which it can be replaced or appear."""

    def __init__(self, events: BaseObserver, handler: FileSystemEventHandler, place: str) -> None:
        self._events, self._handler, self._place = events, handler, place
        self._inner: ObservedWatch | None = None
        self._watch_inside()
        folder = os.path.dirname(place)  # noqa: PTH120 - as above
        if os.path.isdir(folder):  # noqa: PTH112
            events.schedule(self, folder, event_filter=_CHANGES)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Call the handler after an event in the folder around the place, if the event is one of the place."""
        if self._place in {event.src_path, event.dest_path}:
            self._watch_inside()
            self._handler.dispatch(FileModifiedEvent(self._place))

    def _watch_inside(self) -> None:
        """Watch what is in the folder now, which can be another one than before."""
        if self._inner is not None:
            with suppress(KeyError):
                self._events.unschedule(self._inner)
            self._inner = None
        if os.path.isdir(self._place):  # noqa: PTH112
            relay = _Relay(self._handler)
            self._inner = self._events.schedule(relay, self._place, recursive=True, event_filter=_CHANGES)


class _Relay(FileSystemEventHandler):
    """A handler that passes all changes to another one as changes of files: that of MkDocs ignores folders."""

    def __init__(self, handler: FileSystemEventHandler) -> None:
        self._handler = handler

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Call the handler after a change, except of the temporary files of editors."""
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        if event.is_directory or not all(is_editor_file(os.path.basename(path)) for path in paths):  # noqa: PTH119 - paths are texts
            self._handler.dispatch(FileModifiedEvent(paths[0]))


def _start_events() -> BaseObserver | None:
    """Start an observer of events; None if the system has none that is known to be reliable."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, ImportError):  # too many observers of this user, or another C library
        from watchdog.observers.inotify import InotifyObserver  # noqa: PLC0415 - only on Linux

        observer = InotifyObserver()
        observer.start()
        return observer
    return None


def _has_events(place: str) -> bool:
    """Return whether the kernel reports all changes: not those by another machine, nor those behind a link."""
    mounts = _read_mounts(_MOUNTS)
    around = max((mount for mount in mounts if Path(place).is_relative_to(mount)), key=len, default="")
    inside = (mount for mount in mounts if Path(mount).is_relative_to(place))
    return all(mounts.get(mount) in _LOCAL for mount in (around, *inside)) and not any(
        os.path.islink(os.path.join(folder, name))  # noqa: PTH114, PTH118 - ten thousand files: no Path for each
        for folder, folders, files in os.walk(place)
        for name in (*folders, *files)
    )


def _read_mounts(file: Path) -> Mapping[str, str]:
    """Return the type of the file system that is mounted at each path: see man 5 proc_pid_mountinfo."""
    mounts = {}
    with suppress(OSError):
        for line in file.read_text("utf-8", "surrogateescape").splitlines():
            before, _, after = line.partition(" - ")
            mounts[_OCTAL.sub(lambda found: chr(int(found[1], 8)), before.split()[4])] = after.split()[0]
    return mounts
