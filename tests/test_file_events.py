"""The preview server sees each kind of change at once, with events of the system and without them."""

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers.api import ObservedWatch
from watchdog.observers.polling import PollingObserver

from generator import file_events
from generator.file_events import FileObserver, watch_places
from generator.input_state import BuildInputs, is_editor_file, read_input_state
from generator.preview import POLLING

has_events = pytest.mark.skipif(sys.platform != "linux", reason="events of inotify")
PATIENCE = 60


class RecordingServer(FileSystemEventHandler):
    """A server that counts as the one of MkDocs: it ignores events of folders."""

    def __init__(self) -> None:
        self.observer: Any = PollingObserver(timeout=0.05)
        self.build_delay = 0.1
        self._watched_paths: dict[str, int] = {}
        self._refs: dict[str, ObservedWatch] = {}
        self.changed = threading.Event()

    def dispatch(self, event: FileSystemEvent) -> None:
        if not event.is_directory:
            self.changed.set()

    def watch(self, path: str) -> None:
        self._watched_paths[path] = 1
        self._refs[path] = self.observer.schedule(self, path, recursive=True)

    def unwatch(self, path: str) -> None:
        del self._watched_paths[path]
        self.observer.unschedule(self._refs.pop(path))

    def sees(self, change: Callable[[], object]) -> bool:
        self.changed.clear()
        change()
        return self.changed.wait(PATIENCE)


@pytest.fixture(params=["events", "polling"])
def polls(request) -> bool:
    if request.param == "events" and sys.platform != "linux":
        pytest.skip("events of inotify")
    return request.param == "polling"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "cards/models").mkdir(parents=True)
    (tmp_path / "cards/models/a.yml").write_text("a", "utf-8")
    (tmp_path / "mkdocs.yml").write_text("a", "utf-8")
    return tmp_path


@pytest.fixture
def server(root: Path, polls: bool) -> Iterator[RecordingServer]:
    server = RecordingServer()
    server.watch(str(root / "mkdocs.yml"))
    watch_places(server, [root / "cards", root / "templates"], {POLLING: "1"} if polls else {})
    server.observer.start()
    yield server
    server.observer.stop()
    server.observer.join()


def replace(path: Path, text: str = "new") -> None:
    """Save a file as many editors do."""
    path.with_name(f"{path.name}.part").write_text(text, "utf-8")
    path.with_name(f"{path.name}.part").replace(path)


def test_each_change_of_a_file_is_seen(root, server):
    card, folder = root / "cards/models/a.yml", root / "cards/systems"
    assert server.sees(lambda: card.write_text("changed", "utf-8"))
    assert server.sees(lambda: replace(card))
    assert server.sees(lambda: replace(card, "again"))
    assert server.sees(card.unlink)
    assert server.sees(lambda: (folder.mkdir(), (folder / "b.yml").write_text("b", "utf-8")))
    assert server.sees(lambda: (folder / "b.yml").write_text("other", "utf-8"))
    assert server.sees(lambda: folder.replace(root / "cards/renamed"))
    assert server.sees(lambda: (root / "cards/renamed/b.yml").write_text("more", "utf-8"))
    assert server.sees(lambda: shutil.rmtree(root / "cards/renamed"))


def test_a_file_that_is_watched_alone_can_be_replaced(root, server):
    for _ in range(3):
        assert server.sees(lambda: replace(root / "mkdocs.yml"))
    assert server.sees(lambda: (root / "mkdocs.yml").write_text("changed", "utf-8"))


@has_events
@pytest.mark.parametrize("polls", [False])
def test_a_folder_can_be_moved_away_and_come_back(root, server):
    cards = root / "cards"
    assert server.sees(lambda: cards.replace(root / "away"))
    assert server.sees(lambda: (root / "away").replace(cards))
    assert server.sees(lambda: (cards / "models/a.yml").write_text("changed", "utf-8"))
    assert server.sees(lambda: shutil.rmtree(cards))
    assert server.sees(lambda: (cards / "models").mkdir(parents=True))
    assert server.sees(lambda: (cards / "models/a.yml").write_text("changed", "utf-8"))


@has_events
@pytest.mark.parametrize("polls", [False])
def test_a_missing_folder_can_appear(root, server):
    assert server.sees((root / "templates").mkdir)
    assert server.sees(lambda: (root / "templates/page.md.j2").write_text("new", "utf-8"))


@has_events
@pytest.mark.parametrize("polls", [False])
def test_reading_files_and_the_files_of_editors_are_no_changes(root, server):
    server.changed.clear()
    card = root / "cards/models/a.yml"
    card.read_text("utf-8")
    for name in (".a.yml.swp", "a.yml~", "4913", ".#a.yml", "#a.yml#"):
        (root / "cards/models" / name).write_text("text", "utf-8")
        (root / "cards/models" / name).unlink()
    (root / "other.yml").write_text("text", "utf-8")
    assert not server.changed.wait(0.3)
    assert server.sees(lambda: card.write_text("changed", "utf-8"))


def uses_events(observer: FileObserver) -> bool:
    return not list(observer._polling.emitters)


@has_events
@pytest.mark.parametrize("polls", [False])
def test_events_are_used_for_local_files(server):
    assert uses_events(server.observer)
    assert server.build_delay < 0.1


@has_events
def test_places_with_links_and_of_other_machines_are_polled(root, monkeypatch):
    def is_polled(place: Path = root / "cards") -> bool:
        server = RecordingServer()
        watch_places(server, [place], {})
        is_polled = not uses_events(server.observer)
        server.observer.stop()
        return is_polled

    assert not is_polled()
    (root / "cards/models/linked.yml").symlink_to(root / "mkdocs.yml")
    assert is_polled()
    (root / "cards/models/linked.yml").unlink()
    mounts = root / "mounts"
    line = "1 1 0:1 / {} rw - {} source rw\n"
    monkeypatch.setattr(file_events, "_MOUNTS", mounts)
    for place, kind, expected in ((root, "nfs4", True), (root, "ext4", False), (root / "cards/models", "9p", True)):
        mounts.write_text(line.format("/", "ext4") + line.format(place, kind), "utf-8")
        assert is_polled() is expected
    spaced = root / "a b"
    (root / "cards").rename(spaced)
    mounts.write_text(line.format("/", "ext4") + line.format(str(spaced).replace(" ", r"\040"), "cifs"), "utf-8")
    assert is_polled(spaced)


@has_events
def test_all_places_are_polled_if_the_system_has_no_watch_left(root, monkeypatch):
    inotify = pytest.importorskip("watchdog.observers.inotify_c").InotifyFD
    add = inotify.add_callback

    def refuse(self, path, *rest):
        if os.fsencode(root) not in path or path.endswith(b"/models"):
            raise OSError(28, "inotify watch limit reached")
        return add(self, path, *rest)

    monkeypatch.setattr(inotify, "add_callback", refuse)
    server = RecordingServer()
    server.watch(str(root / "mkdocs.yml"))
    watch_places(server, [root / "cards"], {})
    server.observer.start()
    assert server.sees(lambda: (root / "cards/models/a.yml").write_text("changed", "utf-8"))
    assert server.sees(lambda: replace(root / "mkdocs.yml"))
    server.observer.stop()


def test_files_of_editors_are_no_cards(root):
    for name in ("a.yml", "b.md", "swp", ".hidden.yml", "4914", "a~b.yml", "#a.yml"):
        assert not is_editor_file(name)
    inputs = BuildInputs(str(root / "cards"), (), (), (), (), has_local_day=False, has_utc_day=False)
    before = read_input_state(inputs).cards
    (root / "cards/models/.a.yml.swp").write_text("text", "utf-8")
    assert read_input_state(inputs).cards == before
    (root / "cards/models/b.yml").write_text("text", "utf-8")
    assert read_input_state(inputs).cards != before


def test_a_folder_with_the_name_of_an_editor_file_can_have_cards(root):
    inputs = BuildInputs(str(root / "cards"), (), (), (), (), has_local_day=False, has_utc_day=False)
    (root / "cards/4913").mkdir()
    before = read_input_state(inputs).cards
    (root / "cards/4913/b.yml").write_text("text", "utf-8")
    assert read_input_state(inputs).cards != before


@has_events
@pytest.mark.parametrize("polls", [False])
def test_a_folder_with_the_name_of_an_editor_file_is_watched(root, server):
    (root / "4913").mkdir()
    (root / "4913/b.yml").write_text("text", "utf-8")
    assert server.sees(lambda: (root / "4913").replace(root / "cards/4913"))
    assert server.sees(lambda: (root / "cards/4913").replace(root / "4913"))
