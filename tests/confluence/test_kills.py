"""A publish that is killed at any request, and the run that recovers."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.sync.lock import LEASE
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import ENDED, Publisher, Sheet, build_library, read_state
from tests.confluence.recovering import (
    Killed,
    build_changed_book,
    build_small_book,
    check_recovery,
    connect_interrupted,
    publish_without_faults,
)
from tests.conftest import Sample


def build_smallest_book() -> list[Sheet]:
    return build_library(6, sections=1, plain=True)


CASES = pytest.mark.parametrize(
    ("flavour", "pid"),
    [(Flavour.CLOUD, ENDED), (Flavour.DATACENTER, os.getpid())],
    ids=["cloud-same-machine", "datacenter-another-machine"],
)
"""Runs on the machine of the killed one, which start at once, and on another, which start after the lock expires."""


@CASES
def test_the_next_run_completes_a_first_publish_killed_at_any_request(
    flavour: Flavour, pid: int, sample: Sample, tmp_path: Path
) -> None:
    expected, [total] = publish_without_faults(flavour, build_smallest_book)
    for last in sample(total, 3):
        publisher = Publisher(DemoServer(flavour), tmp_path / "site", pid=pid)
        with pytest.raises(Killed):
            publisher.publish(build_smallest_book(), wiki=connect_interrupted(publisher, last))
        check_recovery(publisher, build_smallest_book(), expected)


def test_a_repeatedly_killed_publish_is_completed(flavour: Flavour, tmp_path: Path) -> None:
    """Check that the third run knows the steps of the first after the second is killed too."""
    expected, _ = publish_without_faults(flavour, build_small_book)
    for patience in (8, 11, 14):
        publisher = Publisher(DemoServer(flavour), tmp_path / "site")
        for _ in range(2):
            with pytest.raises(Killed):
                publisher.publish(build_small_book(), wiki=connect_interrupted(publisher, patience))
            publisher.time.passed += LEASE + 1
        check_recovery(publisher, build_small_book(), expected)


def build_edited_book() -> list[Sheet]:
    """Return the small book with one page changed except for its position, which needs no lock."""
    first = replace(
        next(sheet for sheet in build_small_book() if sheet.pictures), html="<p>New</p>", labels=("new",),
        pictures={"new.png": b"new"},
    )  # fmt: skip
    return [first if sheet.ref == first.ref else sheet for sheet in build_small_book()]


def build_book_edited_twice() -> list[Sheet]:
    """Return the small book with another text of the same page, merged before the next run."""
    return [replace(sheet, html="<p>Newer</p>") if sheet.labels == ("new",) else sheet for sheet in build_edited_book()]


@CASES
@pytest.mark.parametrize(
    ("second", "then"),
    [
        (build_changed_book, build_changed_book),
        (build_edited_book, build_edited_book),
        (build_edited_book, build_book_edited_twice),
    ],
    ids=["many pages", "one page", "one page that changes again"],
)
def test_the_next_run_completes_a_second_publish_killed_at_any_request(
    flavour: Flavour,
    pid: int,
    second: Callable[[], list[Sheet]],
    then: Callable[[], list[Sheet]],
    sample: Sample,
    tmp_path: Path,
) -> None:
    _, [_, total] = publish_without_faults(flavour, build_small_book, second)
    expected, _ = publish_without_faults(flavour, build_small_book, then)
    for last in sample(total, 3):
        publisher = Publisher(DemoServer(flavour), tmp_path / "site", pid=pid)
        publisher.publish(build_small_book())
        with pytest.raises(Killed):
            publisher.publish(second(), wiki=connect_interrupted(publisher, last))
        check_recovery(publisher, then(), expected)


def build_book_without_removals() -> list[Sheet]:
    """Return the small book with every kind of change but a removal."""
    removed = next(sheet for sheet in build_small_book() if sheet.ref == "model:m5")
    return [*build_changed_book(), removed]


@CASES
def test_a_book_that_changes_back_after_a_killed_publish_is_as_before(
    flavour: Flavour, pid: int, sample: Sample, tmp_path: Path
) -> None:
    """Check that titles, places, files and labels of a killed run are known as its own by a site built anew."""
    _, [_, total] = publish_without_faults(flavour, build_small_book, build_book_without_removals)
    expected, _ = publish_without_faults(flavour, build_small_book)
    for last in sample(total, 3):
        publisher = Publisher(DemoServer(flavour), tmp_path / "site", pid=pid)
        publisher.publish(build_small_book())
        with pytest.raises(Killed):
            publisher.publish(build_book_without_removals(), wiki=connect_interrupted(publisher, last))
        if pid != ENDED:
            publisher.time.passed += LEASE + 1
        assert publisher.publish(build_small_book()).exit_status == 0
        assert {**read_state(publisher.demo), "(gone)": []} == expected
        assert publisher.plan(build_small_book()).empty
