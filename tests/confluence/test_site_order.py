"""The order of siblings in the wiki, which is that of the site."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer, Fault, FaultKind
from generator.confluence.sync.apply import apply
from generator.confluence.sync.values import Outcome, Result
from generator.confluence.wiki import Flavour, Place
from tests.confluence.publishing import Publisher, Sheet

HOME = Sheet("page:home", "The book")
NAMES = ["Ranking", "Search", "Ads", "Feed", "Zoning", "Mail"]
CARDS = [Sheet(f"model:{name.lower()}", name, "page:home") for name in NAMES]


def publish(publisher: Publisher, sheets: list[Sheet]) -> Result:
    """Publish with the orders of a plan: of all parents in the book."""
    built = publisher.build(sheets)
    prepared = publisher.prepared(built)
    orders: dict[str, tuple[str, ...]] = {}
    for entry in built.entries:
        orders[entry.parent or ""] = (*orders.get(entry.parent or "", ()), entry.ref)
    plan = replace(prepared.plan, orders=orders)
    return apply(plan, publisher.wiki(), built, publisher.environment(), manifest=prepared.manifest)


def list_children(publisher: Publisher) -> list[str]:
    """List the titles below the home page of the book as the wiki shows them."""
    return [child.title for child in publisher.wiki().children(publisher.find_page("The book").id)]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    publisher = Publisher(demo, tmp_path / "site")
    assert publish(publisher, [HOME, *CARDS]).outcome is Outcome.DONE
    publisher.demo.log.clear()
    return publisher


def count_moves(publisher: Publisher) -> int:
    return sum("/move/" in each.path for each in publisher.demo.log)


def test_siblings_are_created_in_the_order_of_the_site(flavour: Flavour, tmp_path: Path) -> None:
    publisher = Publisher(DemoServer(flavour), tmp_path / "site")
    assert publish(publisher, [HOME, *CARDS]).outcome is Outcome.DONE
    assert list_children(publisher) == NAMES
    # Cloud appends new pages; Data Center shows them by title, so that those out of that order are moved.
    assert count_moves(publisher) == (0 if flavour is Flavour.CLOUD else 3)


def test_an_alphabetical_site_needs_no_moves(flavour: Flavour, tmp_path: Path) -> None:
    publisher = Publisher(DemoServer(flavour), tmp_path / "site")
    book = [HOME, *sorted(CARDS, key=lambda sheet: sheet.title)]
    assert publish(publisher, book).outcome is Outcome.DONE
    assert list_children(publisher) == sorted(NAMES)
    assert count_moves(publisher) == 0


def test_a_new_page_and_one_in_another_place_are_moved_alone(publisher: Publisher) -> None:
    new = Sheet("model:new", "New", "page:home")
    book = [HOME, CARDS[5], CARDS[0], new, *CARDS[1:5]]
    assert publish(publisher, book).outcome is Outcome.DONE
    assert list_children(publisher) == [sheet.title for sheet in book[1:]]
    assert count_moves(publisher) == 2


def test_pages_of_other_people_stay_where_they_are(publisher: Publisher) -> None:
    theirs = publisher.create_unmanaged_page("Theirs", parent_id=publisher.find_page("The book").id)
    publisher.wiki().move_page(theirs.id, Place.AFTER, publisher.find_page("Search").id)
    publish(publisher, [replace(HOME, html="<p>New</p>"), CARDS[1], CARDS[0], *CARDS[2:]])
    found = list_children(publisher)
    assert [title for title in found if title != "Theirs"] == ["Search", "Ranking", *NAMES[2:]]
    assert "Theirs" in found


def test_a_move_that_fails_is_reported_and_repeated_by_the_next_run(publisher: Publisher) -> None:
    book = [HOME, *CARDS[::-1]]
    publisher.demo.inject([Fault(FaultKind.SERVER_ERROR, "PUT", "*/move/*", count=0, status=403)])
    result = publish(publisher, [replace(HOME, html="<p>New</p>"), *book[1:]])
    assert (result.outcome, [change.title for change in result.done]) == (Outcome.INCOMPLETE, ["The book"])
    [failure] = result.failures
    assert (failure.title, failure.url) == ("The book", publisher.find_page("The book").url)
    assert "the order of its pages could not be restored" in failure.said
    publisher.demo.inject([])
    assert publish(publisher, book).outcome is Outcome.DONE
    assert list_children(publisher) == NAMES[::-1]


def test_a_renamed_page_keeps_its_place(publisher: Publisher) -> None:
    """Check Data Center above all, where a page that was never moved is shown by its title."""
    book = [HOME, *sorted(CARDS, key=lambda sheet: sheet.title)]
    publisher.publish(book)
    renamed = [replace(sheet, title="Zebra") if sheet.title == "Ads" else sheet for sheet in book]
    assert publisher.publish(renamed).outcome is Outcome.DONE
    assert list_children(publisher) == [sheet.title for sheet in renamed[1:]]
