"""Books for interrupted publishes, and the check of the run that recovers."""

import functools
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.rest import Wiki
from generator.confluence.sync.lock import LEASE
from generator.confluence.sync.values import Outcome
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import ENDED, Publisher, Sheet, build_library, read_state
from tests.confluence.transport import InMemory


class Killed(BaseException):
    """An exception that ends every thread at its next request, like a kill."""


class Door(InMemory):
    """A transport that ends after a number of requests; the last one is applied without a response."""

    def __init__(self, demo: DemoServer, sleep: Callable[[float], None], last: int) -> None:
        super().__init__(demo, sleep)
        self._left = last
        self._gate = threading.Lock()

    def send(self, request: requests.PreparedRequest, *positional: Any, **named: Any) -> requests.Response:
        with self._gate:
            self._left -= 1
            if self._left < 0:
                raise Killed
            response = super().send(request, *positional, **named)
            if self._left == 0:
                raise Killed
            return response


def connect_interrupted(publisher: Publisher, last: int) -> Wiki:
    return publisher.wiki(adapter=Door(publisher.demo, publisher.time.sleep, last))


def build_small_book() -> list[Sheet]:
    return build_library(8, sections=1, plain=True)


def build_changed_book() -> list[Sheet]:
    """Return the small book with every kind of change at once."""
    sheets = {sheet.ref: sheet for sheet in build_small_book()}
    first, second, third, fourth = (sheets[f"model:m{number}"] for number in range(4))
    sheets["model:m0"] = replace(first, title=second.title, html="<p>Now with another name</p>", pictures={})
    sheets["model:m1"] = replace(second, title=first.title, labels=("model", "retired"))
    sheets["model:m2"] = replace(third, parent="model:m1")
    sheets["model:m3"] = replace(fourth, pictures={"flow-3.png": b"redrawn", "new.png": b"new"})
    del sheets["model:m5"]
    sheets["model:m9"] = Sheet("model:m9", "Model 9", "page:section-0", "<p>New</p>", ("model",))
    return list(sheets.values())


@functools.cache
def publish_without_faults(flavour: Flavour, *books: Callable[[], list[Sheet]]) -> tuple[dict[str, Any], list[int]]:
    """Publish without faults, and return the state of the wiki and the number of requests of each run."""
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        publisher = Publisher(DemoServer(flavour), Path(folder) / "site")
        for build_book in books:
            assert publisher.publish(build_book()).outcome is Outcome.DONE
            counts.append(publisher.requests())
    return read_state(publisher.demo), counts


def check_recovery(publisher: Publisher, sheets: list[Sheet], expected: dict[str, Any]) -> None:
    """Check that one run completes the publish and that the next plan is empty."""
    if publisher.pid != ENDED:
        publisher.time.passed += LEASE + 1
    result = publisher.publish(sheets)
    assert result.outcome in (Outcome.DONE, Outcome.NOTHING), result
    assert read_state(publisher.demo) == expected
    publisher.requests()
    assert publisher.plan(sheets).empty
    assert publisher.requests() == 3
