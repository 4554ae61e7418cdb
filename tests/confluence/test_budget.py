"""The request budget of a run, for books of every size on both flavours."""

import re
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.demo.world import PAGE, Version
from generator.confluence.sync.values import Outcome
from tests.confluence.publishing import Publisher, Sheet, build_library, count_pictures

SIZES = [10, 260, pytest.param(2_000, marks=pytest.mark.sample(0))]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    return Publisher(demo, tmp_path / "site")


def compute_unchanged_budget(publisher: Publisher, pages: int) -> int:
    """Return the request budget of a run without changes."""
    return ceil(pages / publisher.demo.flavour.bulk) + 5


def compute_run_budget(pages: int) -> int:
    """Return the requests for the space, its properties, its pages, the lock and the end of a first publish.

    Two hundred pages that are about to be written need a property more, and again when they are recorded.
    """
    return 5 + 4 * (pages // 100)


def build_sorted_library(pages: int, **more: Any) -> list[Sheet]:
    """Return a library in the order of its titles, which Data Center has without a move."""
    sheets = build_library(pages, **more)
    return [replace(each, title=re.sub(r"\d+$", lambda found: f"{int(found[0]):04}", each.title)) for each in sheets]


def change_sheet(sheet: Sheet) -> Sheet:
    return replace(sheet, html=sheet.html.replace("Ranks things", "Ranks dishes"), pictures={"new.png": b"1"})


@pytest.mark.parametrize("size", SIZES)
def test_a_publish_stays_within_the_request_budget(publisher: Publisher, size: int) -> None:
    """Check a book with one index without labels for each ten pages."""
    sheets = build_sorted_library(size, sections=max(6, size // 10), plain=True)
    assert publisher.publish(sheets).outcome is Outcome.DONE
    assert publisher.requests() <= 3 * size + count_pictures(sheets) + compute_run_budget(size)

    assert publisher.publish(sheets).outcome is Outcome.NOTHING
    nothing = publisher.requests()
    assert nothing <= compute_unchanged_budget(publisher, size)

    assert not sheets[-1].pictures
    assert publisher.publish([*sheets[:-1], change_sheet(sheets[-1])]).outcome is Outcome.DONE
    text, labels, lock, look, save, mark, end, picture = 1, 1, 1, 1, 1, 1, 1, 1
    assert publisher.requests() <= nothing + text + labels + lock + look + save + mark + end + picture


def test_a_first_publish_of_twenty_pages_costs_seventy_requests(publisher: Publisher) -> None:
    sheets = [replace(sheet, labels=("model", "production"), pictures={}) for sheet in build_sorted_library(20)]
    pictured = [replace(sheet, pictures={"flow.png": b"1"}) for sheet in sheets[:5]]
    assert publisher.publish([*pictured, *sheets[5:]]).outcome is Outcome.DONE
    assert publisher.requests() == 70


def test_a_first_plan_in_a_space_with_thousands_of_other_pages_lists_the_space_once(publisher: Publisher) -> None:
    session = publisher.demo.session()
    space = session.space("BOOK")
    for number in range(2_500):
        session.create(PAGE, space, space.homepage_id, Version(f"Note {number}", "<p>Text</p>"))
    assert len(publisher.plan(build_library(20)).changes) == 20
    assert publisher.requests() <= 20


@pytest.mark.parametrize("size", [10, 100])
def test_labels_on_every_page_add_only_the_requests_of_the_run(publisher: Publisher, size: int) -> None:
    sheets = build_sorted_library(size, labelled=True)
    assert publisher.publish(sheets).outcome is Outcome.DONE
    assert publisher.requests() <= 3 * size + count_pictures(sheets) + compute_run_budget(size)


def test_a_changed_diagram_costs_one_upload(publisher: Publisher) -> None:
    sheets = build_library(10)
    publisher.publish(sheets)
    publisher.publish(sheets)
    publisher.requests()
    before = next(sheet for sheet in sheets if sheet.pictures)
    after = replace(before, pictures=dict.fromkeys(before.pictures, b"another picture"))
    plan_alone = 3
    assert publisher.publish([after if sheet is before else sheet for sheet in sheets]).outcome is Outcome.DONE
    labels, files, lock, look, files_again, upload, mark, end = 1, 1, 1, 1, 1, 1, 1, 1
    assert publisher.requests() == plan_alone + labels + files + lock + look + files_again + upload + mark + end


@pytest.mark.parametrize(
    ("labels", "requests"),
    [(("model", "production"), 7), (("model", "production", "new", "newer"), 8), (("model", "retired"), 9)],
    ids=["the text alone", "new labels too", "one label for another"],
)
def test_a_changed_page_costs_seven_requests_and_a_removed_label_one(
    publisher: Publisher, labels: tuple[str, ...], requests: int
) -> None:
    """Count those for the present text and labels, the lock, the look, the new text, the mark, the end and labels."""
    sheets = build_library(10)
    before = next(sheet for sheet in sheets if sheet.labels == ("model", "production") and not sheet.pictures)
    publisher.publish(sheets)
    publisher.publish(sheets)
    publisher.requests()
    after = replace(before, html=f"{before.html}<p>New</p>", labels=labels)
    assert publisher.publish([after if sheet is before else sheet for sheet in sheets]).outcome is Outcome.DONE
    unchanged_alone = 3
    assert publisher.requests() == unchanged_alone + requests


def test_unmanaged_pages_cost_no_requests_after_the_first_publish(publisher: Publisher) -> None:
    for number in range(30):
        publisher.create_unmanaged_page(f"Somebody's page {number}")
    publisher.publish(build_library(10))
    publisher.requests()
    publisher.publish(build_library(10))
    assert publisher.requests() == 3


def test_pages_whose_removal_waits_for_a_confirmation_cost_no_requests(publisher: Publisher) -> None:
    sheets = build_library(40)
    publisher.publish(sheets)
    publisher.publish(sheets[:20])
    publisher.requests()
    result = publisher.publish(sheets[:20])
    assert len(result.unconfirmed) == 20
    assert publisher.requests() == 3
