"""A publish that is killed at any request, and the run that recovers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from generator.confluence.apply.register import LEASE
from generator.confluence.standin import Standin
from generator.confluence.wiki import Flavour
from tests.confluence.publishing import Publisher, Sheet, library
from tests.confluence.recovering import Killed, doomed, reworked, settle, small, undisturbed
from tests.conftest import Sample


def smallest() -> list[Sheet]:
    return library(6, sections=1, plain=True)


CASES = pytest.mark.parametrize(
    ("flavour", "disk"),
    [(Flavour.CLOUD, True), (Flavour.DATACENTER, False)],
    ids=["cloud-with-journal", "datacenter-without"],
)
"""Runs with a journal, which start at once, and without one, which start after the lock expires."""


@CASES
def test_the_next_run_completes_a_first_publish_killed_at_any_request(
    flavour: Flavour, disk: bool, sample: Sample, tmp_path: Path
) -> None:
    expected, [total] = undisturbed(flavour, tmp_path / "site", smallest())
    for last in sample(total):
        journal = tmp_path / f"journal-{last}" if disk else None
        publisher = Publisher(Standin(flavour), tmp_path / "site", journal_file=journal)
        with pytest.raises(Killed):
            publisher.publish(smallest(), wiki=doomed(publisher, last))
        settle(publisher, smallest(), expected)


def test_a_repeatedly_killed_publish_is_completed(flavour: Flavour, tmp_path: Path) -> None:
    """Check that the third run knows the steps of the first after the second is killed too."""
    expected, _ = undisturbed(flavour, tmp_path / "site", small())
    for patience in (8, 11, 14):
        publisher = Publisher(Standin(flavour), tmp_path / "site")
        for _ in range(2):
            with pytest.raises(Killed):
                publisher.publish(small(), wiki=doomed(publisher, patience))
            publisher.time.passed += LEASE + 1
        settle(publisher, small(), expected)


def retouched() -> list[Sheet]:
    """Return the small book with one page changed except for its position, which needs no lock."""
    first = replace(
        next(sheet for sheet in small() if sheet.pictures), html="<p>New</p>", labels=("new",),
        pictures={"new.png": b"new"},
    )  # fmt: skip
    return [first if sheet.ref == first.ref else sheet for sheet in small()]


def retouched_again() -> list[Sheet]:
    """Return the small book with another text of the same page, merged before the next run."""
    return [replace(sheet, html="<p>Newer</p>") if sheet.labels == ("new",) else sheet for sheet in retouched()]


@CASES
@pytest.mark.parametrize(
    ("second", "then"), [(reworked, reworked), (retouched, retouched), (retouched, retouched_again)],
    ids=["many pages", "one page", "one page that changes again"],
)  # fmt: skip
def test_the_next_run_completes_a_second_publish_killed_at_any_request(
    flavour: Flavour,
    disk: bool,
    second: Callable[[], list[Sheet]],
    then: Callable[[], list[Sheet]],
    sample: Sample,
    tmp_path: Path,
) -> None:
    _, [_, total] = undisturbed(flavour, tmp_path / "site", small(), second())
    expected, _ = undisturbed(flavour, tmp_path / "site", small(), then())
    for last in sample(total):
        journal = tmp_path / f"journal-{last}" if disk else None
        publisher = Publisher(Standin(flavour), tmp_path / "site", journal_file=journal)
        publisher.publish(small())
        with pytest.raises(Killed):
            publisher.publish(second(), wiki=doomed(publisher, last))
        settle(publisher, then(), expected)
