"""Writes with unexpected responses: ownership properties and removals."""

from pathlib import Path

import pytest

from generator.confluence.demo import DemoServer, Fault, FaultKind
from generator.confluence.sync import writes
from generator.confluence.sync.values import Outcome
from generator.confluence.wiki import Flavour, LostAnswer, Refused, VersionConflict
from tests.confluence.demo.server import count_requests
from tests.confluence.publishing import Publisher, build_library, read_state
from tests.confluence.recovering import build_small_book, check_recovery, publish_without_faults

PROPERTIES = "*/propert*"


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    return Publisher(demo, tmp_path / "site")


def test_properties_of_new_pages_are_repeated_after_pauses(flavour: Flavour, tmp_path: Path) -> None:
    expected, _ = publish_without_faults(flavour, build_small_book)
    publisher = Publisher(DemoServer(flavour), tmp_path / "site")
    publisher.demo.inject([Fault(FaultKind.UNSETTLED, "POST", PROPERTIES, count=0, every=2)])
    assert publisher.publish(build_small_book()).outcome is Outcome.DONE
    assert read_state(publisher.demo) == expected
    assert publisher.plan(build_small_book()).empty


@pytest.mark.parametrize(("first", "title"), [(2, "The book"), (3, "Section 0"), (4, "Model 0")])
def test_a_page_that_rejects_properties_is_reported_and_others_are_written(
    flavour: Flavour, tmp_path: Path, first: int, title: str
) -> None:
    """Check three nested pages; the first property is the lock, the others belong to the pages in order."""
    book = build_library(3, sections=1, plain=True)
    expected, _ = publish_without_faults(flavour, lambda: book)
    publisher = Publisher(DemoServer(flavour), tmp_path / "site")
    publisher.demo.inject([Fault(FaultKind.UNSETTLED, "POST", PROPERTIES, first=first, count=6)])
    result = publisher.publish(book)
    assert (result.outcome, result.exit_status, result.left) == (Outcome.INCOMPLETE, 1, 0)
    [failure] = result.failures
    [sheet] = [each for each in book if each.title == title]
    assert (failure.title, failure.card) == (title, f"{sheet.card}:1")
    assert "rejects the property modelbook-page (Conflict); run again later" in failure.said
    assert [change.title for change in result.done] == [each.title for each in book if each.title != title]
    check_recovery(publisher, book, expected)


def test_an_ownership_property_replaces_the_value_of_its_key(publisher: Publisher) -> None:
    page, wiki = publisher.create_unmanaged_page("Model"), publisher.wiki()
    wiki.create_property(page.id, "modelbook", {"ref": "another"})
    writes.overwrite_property(wiki, page.id, "modelbook", None, {"ref": "model:ryl"})
    assert [each.value for each in wiki.properties(page.id)] == [{"ref": "model:ryl"}]


@pytest.mark.parametrize("status", [400, 409])
def test_a_property_written_despite_an_error_is_found(publisher: Publisher, status: int) -> None:
    page, wiki = publisher.create_unmanaged_page("Model"), publisher.wiki()
    publisher.demo.inject([Fault(FaultKind.ERROR_AFTER, "POST", PROPERTIES, status=status)])
    writes.overwrite_property(wiki, page.id, "modelbook", None, {"ref": "model:ryl"})
    assert [each.value for each in wiki.properties(page.id)] == [{"ref": "model:ryl"}]


def test_a_rejected_property_is_not_repeated(publisher: Publisher) -> None:
    page, wiki = publisher.create_unmanaged_page("Model"), publisher.wiki()
    publisher.demo.inject([Fault(FaultKind.SERVER_ERROR, "POST", PROPERTIES, status=418, count=0)])
    with pytest.raises(Refused, match="Teapot"):
        writes.overwrite_property(wiki, page.id, "modelbook", None, {"ref": "model:ryl"})
    assert count_requests(publisher.demo, "POST") == 2


def test_a_page_without_an_ownership_property_is_a_conflict_with_a_cause(publisher: Publisher) -> None:
    page, wiki = publisher.create_unmanaged_page("Model"), publisher.wiki()
    publisher.demo.inject([Fault(FaultKind.UNSETTLED, "POST", PROPERTIES, count=0)])
    with pytest.raises(VersionConflict, match="rejects the property modelbook") as raised:
        writes.overwrite_property(wiki, page.id, "modelbook", None, {"ref": "model:ryl"})
    assert raised.value.status == 409
    assert isinstance(raised.value.__cause__, VersionConflict)


def test_a_removal_without_a_response_is_not_reported_as_done(publisher: Publisher) -> None:
    page, wiki = publisher.create_unmanaged_page("Model"), publisher.wiki()
    wiki.add_labels(page.id, ["old"])
    publisher.demo.inject([Fault(FaultKind.RESET_BEFORE, "DELETE", count=0)])
    with pytest.raises(LostAnswer):
        writes.remove_once(lambda: wiki.remove_label(page.id, "old"))
    publisher.demo.inject([Fault(FaultKind.RESET_AFTER, "DELETE", count=2)])
    writes.remove_once(lambda: wiki.remove_label(page.id, "old"))
    assert wiki.labels(page.id) == frozenset()
