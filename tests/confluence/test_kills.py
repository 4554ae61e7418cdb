"""A publish that is killed at any request: the next run ends as an undisturbed one."""

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
"""With its journal the next run begins at once; without, as in CI, when the lock has run out."""


@CASES
def test_a_first_publish_killed_at_any_request_is_finished_by_the_next(
    flavour: Flavour, disk: bool, sample: Sample, tmp_path: Path
) -> None:
    expected, [total] = undisturbed(flavour, tmp_path / "site", smallest())
    for last in sample(total):
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


def retouched() -> list[Sheet]:
    """The small book with one page changed in every way but its place: what is published without a lock."""
    first = replace(
        next(sheet for sheet in small() if sheet.pictures), html="<p>New</p>", labels=("new",),
        pictures={"new.png": b"new"},
    )  # fmt: skip
    return [first if sheet.ref == first.ref else sheet for sheet in small()]


def retouched_again() -> list[Sheet]:
    """The same page with yet another text: what is merged before anybody has run again what was killed."""
    return [replace(sheet, html="<p>Newer</p>") if sheet.labels == ("new",) else sheet for sheet in retouched()]


@CASES
@pytest.mark.parametrize(
    ("second", "then"), [(reworked, reworked), (retouched, retouched), (retouched, retouched_again)],
    ids=["many pages", "one page", "one page that changes again"],
)  # fmt: skip
def test_a_second_publish_killed_at_any_request_is_finished_by_the_next(
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
