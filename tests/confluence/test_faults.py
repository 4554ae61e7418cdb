"""A publish that is killed at any request, or whose wiki fails in every way: the next run ends as an undisturbed one."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from generator.confluence.apply import Outcome
from generator.confluence.apply.register import LEASE
from generator.confluence.standin import InMemory, Standin, serve
from generator.confluence.wiki import Flavour, Wiki
from tests.confluence.publishing import Publisher, Sheet, library, state_of

ROOT = Path(__file__).parents[2]
EVERY = "MODELBOOK_TEST_EVERY_KILL"
"""Set it to kill a process of its own at every single request; by default a sample is enough."""


class Killed(BaseException):
    """What a process that is killed never sees; here it ends every thread at its next request."""


class Door(InMemory):
    """Lets so many requests through; the last of them happens, and nobody hears of it."""

    def __init__(self, standin: Standin, sleep: Callable[[float], None], last: int) -> None:
        super().__init__(standin, sleep)
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


def doomed(publisher: Publisher, last: int) -> Wiki:
    return publisher.wiki(adapter=Door(publisher.standin, publisher.time.sleep, last))


def small() -> list[Sheet]:
    return library(9, sections=2, plain=True)


def smallest() -> list[Sheet]:
    return library(6, sections=1, plain=True)


def reworked() -> list[Sheet]:
    """The small book after a busy week: every kind of change at once."""
    sheets = {sheet.ref: sheet for sheet in small()}
    first, second, third, fourth = (sheets[f"model:m{number}"] for number in range(4))
    sheets["model:m0"] = replace(first, title=second.title, html="<p>Now with another name</p>", pictures={})
    sheets["model:m1"] = replace(second, title=first.title, labels=("model", "retired"))
    sheets["model:m2"] = replace(third, parent="model:m1")
    sheets["model:m3"] = replace(fourth, pictures={"flow-3.png": b"redrawn", "new.png": b"new"})
    del sheets["model:m5"]
    sheets["model:m9"] = Sheet("model:m9", "Model 9", "page:section-0", "<p>New</p>", ("model",))
    return list(sheets.values())


def undisturbed(flavour: Flavour, folder: Path, *books: list[Sheet]) -> tuple[dict[str, Any], list[int]]:
    """What stands there when nothing goes wrong, and how many requests each publish takes."""
    publisher = Publisher(Standin(flavour), folder)
    counts = []
    for sheets in books:
        assert publisher.publish(sheets).outcome is Outcome.DONE
        counts.append(publisher.requests())
    return state_of(publisher.standin), counts


def settle(publisher: Publisher, sheets: list[Sheet], expected: dict[str, Any]) -> None:
    """One clean run brings everything in order, and another one finds nothing to do."""
    if publisher.journal_file is None:
        publisher.time.passed += LEASE + 1
    result = publisher.publish(sheets)
    assert result.outcome in (Outcome.DONE, Outcome.NOTHING), result
    assert state_of(publisher.standin) == expected
    publisher.requests()
    assert publisher.plan(sheets).empty
    assert publisher.requests() == 3


CASES = pytest.mark.parametrize(
    ("flavour", "disk"),
    [(Flavour.CLOUD, True), (Flavour.CLOUD, False), (Flavour.DATACENTER, False)],
    ids=["cloud-with-journal", "cloud", "datacenter"],
)


@CASES
def test_a_first_publish_killed_at_any_request_is_finished_by_the_next(
    flavour: Flavour, disk: bool, tmp_path: Path
) -> None:
    expected, [total] = undisturbed(flavour, tmp_path / "site", smallest())
    for last in range(1, total + 1):
        journal = tmp_path / f"journal-{last}" if disk else None
        publisher = Publisher(Standin(flavour), tmp_path / "site", journal_file=journal)
        with pytest.raises(Killed):
            publisher.publish(smallest(), wiki=doomed(publisher, last))
        settle(publisher, smallest(), expected)


@CASES
def test_a_second_publish_killed_at_any_request_is_finished_by_the_next(
    flavour: Flavour, disk: bool, tmp_path: Path
) -> None:
    expected, [_, total] = undisturbed(flavour, tmp_path / "site", small(), reworked())
    for last in range(1, total + 1):
        journal = tmp_path / f"journal-{last}" if disk else None
        publisher = Publisher(Standin(flavour), tmp_path / "site", journal_file=journal)
        publisher.publish(small())
        with pytest.raises(Killed):
            publisher.publish(reworked(), wiki=doomed(publisher, last))
        settle(publisher, reworked(), expected)


def test_a_publish_of_forty_pages_killed_with_kill_9(flavour: Flavour, tmp_path: Path) -> None:
    sheets = library(40)
    expected, [total] = undisturbed(flavour, tmp_path / "site", sheets)
    sample = range(1, total + 1) if os.environ.get(EVERY) else [3, 9, total // 3, total // 2 + 1, total - 20, total]
    for last in sample:
        standin = Standin(flavour)
        with serve(standin) as address:
            user = "admin@example.com" if flavour is Flavour.CLOUD else ""
            environ = {"CONFLUENCE_URL": address.site, "CONFLUENCE_USER": user, "CONFLUENCE_TOKEN": "admin"}
            journal = tmp_path / f"journal-{last}"
            command = [sys.executable, "-m", "tests.confluence.killed_publisher", tmp_path / "site", journal, str(last)]
            killed = subprocess.run([*map(str, command)], env={**os.environ, **environ}, check=False, cwd=ROOT)
            assert killed.returncode == -signal.SIGKILL
        settle(Publisher(standin, tmp_path / "site", journal_file=journal), sheets, expected)
