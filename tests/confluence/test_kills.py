"""A publish that is killed at any request: the next run ends as an undisturbed one."""

from dataclasses import replace
from pathlib import Path

import pytest

from generator.confluence.apply.register import LEASE
from generator.confluence.standin import Standin
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import Publisher, Sheet, library
from tests.confluence.recovering import Killed, doomed, reworked, settle, small, undisturbed


def smallest() -> list[Sheet]:
    return library(6, sections=1, plain=True)


CASES = pytest.mark.parametrize(
    ("flavour", "disk"),
    [(Flavour.CLOUD, True), (Flavour.DATACENTER, False)],
    ids=["cloud-with-journal", "datacenter-without"],
)
"""With its journal the next run begins at once; without, as in CI, when the lock has run out."""


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


def test_a_publish_that_is_killed_again_and_again_comes_to_its_end(flavour: Flavour, tmp_path: Path) -> None:
    """A run that takes over is killed itself: what the first one began is still known to the third."""
    expected, _ = undisturbed(flavour, tmp_path / "site", small())
    for patience in (8, 11, 14):
        publisher = Publisher(Standin(flavour), tmp_path / "site")
        for _ in range(2):
            with pytest.raises(Killed):
                publisher.publish(small(), wiki=doomed(publisher, patience))
            publisher.time.passed += LEASE + 1
        settle(publisher, small(), expected)


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


def retouched() -> list[Sheet]:
    """The small book with one page changed in every way but its place: what is published without a lock."""
    first = replace(
        next(sheet for sheet in small() if sheet.pictures), html="<p>New</p>", labels=("new",),
        pictures={"new.png": b"new"},
    )  # fmt: skip
    return [first if sheet.ref == first.ref else sheet for sheet in small()]


@CASES
def test_the_publish_of_one_page_killed_at_any_request_is_finished_by_the_next(
    flavour: Flavour, disk: bool, tmp_path: Path
) -> None:
    expected, [_, total] = undisturbed(flavour, tmp_path / "site", small(), retouched())
    for last in range(1, total + 1):
        journal = tmp_path / f"journal-{last}" if disk else None
        publisher = Publisher(Standin(flavour), tmp_path / "site", journal_file=journal)
        publisher.publish(small())
        with pytest.raises(Killed):
            publisher.publish(retouched(), wiki=doomed(publisher, last))
        settle(publisher, retouched(), expected)
