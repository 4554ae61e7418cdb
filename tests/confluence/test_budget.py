"""Requests are counted: what a run may cost at most, for books of every size, on both flavours."""

from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest

from generator.confluence.apply import Outcome
from generator.confluence.standin import Standin
from tests.confluence.publishing import Publisher, Sheet, library, pictures

SIZES = [10, 300, 2_000]


@pytest.fixture
def publisher(standin: Standin, tmp_path: Path) -> Publisher:
    return Publisher(standin, tmp_path / "site")


def unchanged(publisher: Publisher, pages: int) -> int:
    """What the issue allows for a run that finds nothing to do."""
    return ceil(pages / publisher.standin.flavour.bulk) + 5


def touched(sheet: Sheet) -> Sheet:
    return replace(sheet, html=sheet.html.replace("Ranks things", "Ranks dishes"), pictures={"new.png": b"1"})


@pytest.mark.parametrize("size", SIZES)
def test_a_book_costs_no_more_than_promised(publisher: Publisher, size: int) -> None:
    """One page in ten is an index without labels; in the repository's own book it is every other one."""
    sheets = library(size, sections=max(6, size // 10), plain=True)
    assert publisher.publish(sheets).outcome is Outcome.DONE
    assert publisher.requests() <= 4 * size + pictures(sheets)

    assert publisher.publish(sheets).outcome is Outcome.NOTHING
    nothing = publisher.requests()
    assert nothing <= unchanged(publisher, size)

    assert not sheets[-1].pictures
    assert publisher.publish([*sheets[:-1], touched(sheets[-1])]).outcome is Outcome.DONE
    one_picture = 1
    assert publisher.requests() <= nothing + 4 + one_picture


@pytest.mark.parametrize("size", [10, 100])
def test_a_book_where_every_page_has_labels_costs_the_run_itself_on_top(publisher: Publisher, size: int) -> None:
    sheets = library(size, labelled=True)
    assert publisher.publish(sheets).outcome is Outcome.DONE
    assert publisher.requests() <= 4 * size + pictures(sheets) + unchanged(publisher, size)


def test_a_picture_that_changed_is_one_request(publisher: Publisher) -> None:
    sheets = library(10)
    publisher.publish(sheets)
    publisher.publish(sheets)
    publisher.requests()
    before = next(sheet for sheet in sheets if sheet.pictures)
    after = replace(before, pictures=dict.fromkeys(before.pictures, b"another picture"))
    plan_alone = 3
    assert publisher.publish([after if sheet is before else sheet for sheet in sheets]).outcome is Outcome.DONE
    look, upload, manifest = 1, 1, 1
    assert publisher.requests() == plan_alone + look + upload + manifest


@pytest.mark.parametrize(
    ("labels", "requests"),
    [(("model", "production"), 3), (("model", "production", "new", "newer"), 4), (("model", "retired"), 5)],
    ids=["the text alone", "new labels too", "one label for another"],
)
def test_one_changed_page_costs_four_requests_and_one_more_for_a_label_that_goes(
    publisher: Publisher, labels: tuple[str, ...], requests: int
) -> None:
    """On top of a run that finds nothing to do: the present text, the new one, labels, and the manifest."""
    sheets = library(10)
    before = next(sheet for sheet in sheets if sheet.labels == ("model", "production") and not sheet.pictures)
    publisher.publish(sheets)
    publisher.publish(sheets)
    publisher.requests()
    after = replace(before, html="<p>New</p>", labels=labels)
    assert publisher.publish([after if sheet is before else sheet for sheet in sheets]).outcome is Outcome.DONE
    unchanged_alone = 3
    assert publisher.requests() == unchanged_alone + requests


def test_a_space_full_of_other_pages_costs_nothing_once_the_book_is_there(publisher: Publisher) -> None:
    for number in range(30):
        publisher.foreign(f"Somebody's page {number}")
    publisher.publish(library(10))
    publisher.requests()
    publisher.publish(library(10))
    assert publisher.requests() == 3
