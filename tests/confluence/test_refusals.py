"""Pages that the wiki refuses or that people took away: they are reported, and the others are published."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer, Fault, FaultKind
from generator.confluence.sync import writes
from generator.confluence.sync.apply import apply
from generator.confluence.sync.values import HoldReason, Outcome, Result
from generator.confluence.wiki import Flavour, Status
from tests.confluence.demo.server import Variant, VariantServer, count_requests
from tests.confluence.publishing import Publisher, Sheet, configure, publish_book

HOME = Sheet("page:home", "The book")
CARDS = [Sheet(f"model:m{number}", f"Model {number}", "page:home") for number in range(6)]
BOOK = [HOME, *CARDS]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    return publish_book(demo, tmp_path / "site", BOOK)


def change(*sheets: Sheet) -> list[Sheet]:
    return [replace(sheet, html="<p>New</p>") for sheet in sheets]


def refuse(publisher: Publisher, *sheets: Sheet, status: int = 403) -> None:
    """Make the wiki refuse to save pages."""
    pages = [publisher.find_page(sheet.title).id for sheet in sheets]
    publisher.demo.inject(
        [Fault(FaultKind.SERVER_ERROR, "PUT", f"*/{page_id}", count=0, status=status) for page_id in pages]
    )


@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_page_keeps_neither_the_others_nor_their_removals(publisher: Publisher, status: int) -> None:
    removed = publisher.find_page(CARDS[5].title).id
    refuse(publisher, CARDS[0], status=status)
    result = publisher.publish([HOME, *change(*CARDS[:3]), *CARDS[3:5]])
    assert (result.outcome, result.exit_status) == (Outcome.INCOMPLETE, 1)
    [failure] = result.failures
    assert (failure.title, failure.card) == (CARDS[0].title, f"{CARDS[0].card}:1")
    assert failure.url == publisher.find_page(CARDS[0].title).url
    assert [each.title for each in result.done] == [CARDS[1].title, CARDS[2].title, CARDS[5].title]
    assert publisher.wiki().page(removed).status is not Status.CURRENT
    assert ">Text</p>" in (publisher.find_page(CARDS[0].title).body or "")
    publisher.demo.inject([])
    assert publisher.publish([HOME, *change(*CARDS[:3]), *CARDS[3:5]]).outcome is Outcome.DONE


def test_a_new_page_that_could_not_be_finished_is_named_with_its_address(publisher: Publisher) -> None:
    new = Sheet("model:new", "New", "page:home", labels=("model",))
    publisher.demo.inject([Fault(FaultKind.SERVER_ERROR, "POST", "*/label", count=0, status=403)])
    [failure] = publisher.publish([*BOOK, new]).failures
    assert (failure.title, failure.url) == ("New", publisher.find_page("New").url)


def build_chain() -> list[Sheet]:
    """Return a book whose pages are written one after the other, because each is below the one before."""
    return [replace(sheet, parent=above.ref) for above, sheet in zip(BOOK, CARDS, strict=False)]


def test_three_refused_pages_in_a_row_stop_the_run(demo: DemoServer, tmp_path: Path) -> None:
    chain = build_chain()
    publisher = publish_book(demo, tmp_path / "site", [HOME, *chain])
    refuse(publisher, *chain[1:4])
    result = publisher.publish([HOME, *change(*chain)])
    assert [failure.title for failure in result.failures] == [sheet.title for sheet in chain[1:4]]
    assert ([each.title for each in result.done], result.left) == ([chain[0].title], 2)


def test_refused_pages_with_a_saved_one_between_them_do_not_stop_the_run(demo: DemoServer, tmp_path: Path) -> None:
    chain = build_chain()
    publisher = publish_book(demo, tmp_path / "site", [HOME, *chain])
    refuse(publisher, chain[0], chain[1], chain[3], chain[4])
    result = publisher.publish([HOME, *change(*chain)])
    assert (len(result.failures), len(result.done), result.left) == (4, 2, 0)


def test_a_policy_stops_the_run_at_the_first_refused_page(demo: DemoServer, tmp_path: Path) -> None:
    chain = build_chain()
    publisher = configure(publish_book(demo, tmp_path / "site", [HOME, *chain]), refused_pages="stop")
    refuse(publisher, chain[1])
    result = publisher.publish([HOME, *change(*chain)])
    assert ([failure.title for failure in result.failures], len(result.done), result.left) == ([chain[1].title], 1, 4)


def test_a_space_that_takes_no_pages_stops_the_run_at_the_second(publisher: Publisher) -> None:
    create = "*/api/v2/pages" if publisher.demo.flavour is Flavour.CLOUD else "*/rest/api/content"
    publisher.demo.inject([Fault(FaultKind.SERVER_ERROR, "POST", create, count=0, status=403)])
    new = [Sheet(f"model:n{number}", f"New {number}", "page:home") for number in range(5)]
    result = publisher.publish([*BOOK, *new])
    assert [failure.title for failure in result.failures] == ["New 0", "New 1"]
    assert (result.done, result.left) == ((), 3)


def test_an_expired_token_stops_the_run_at_the_first_page(demo: DemoServer, tmp_path: Path) -> None:
    chain = build_chain()
    publisher = publish_book(demo, tmp_path / "site", [HOME, *chain])
    refuse(publisher, chain[0], status=401)
    result = publisher.publish([HOME, *change(*chain)])
    assert ([failure.title for failure in result.failures], result.done) == ([chain[0].title], ())


def publish_after(publisher: Publisher, sheets: list[Sheet], happens: Callable[[], object]) -> Result:
    """Publish with something happening between the plan and the run."""
    built = publisher.build(sheets)
    prepared = publisher.prepared(built)
    happens()
    return apply(prepared.plan, publisher.wiki(), built, publisher.environment(), manifest=prepared.manifest)


def test_a_page_trashed_after_the_plan_stays_in_the_trash(publisher: Publisher) -> None:
    page, wiki = publisher.find_page(CARDS[0].title), publisher.wiki()
    result = publish_after(publisher, [HOME, *change(*CARDS)], lambda: wiki.trash_page(page.id))
    [failure] = result.failures
    assert (failure.title, len(result.done)) == (CARDS[0].title, 5)
    assert "is trashed since the plan was made" in failure.said
    assert wiki.page(page.id).status is Status.TRASHED


def test_a_page_edited_after_the_plan_is_not_overwritten(publisher: Publisher) -> None:
    result = publish_after(
        publisher, [HOME, *change(*CARDS)], lambda: publisher.edit(CARDS[0].title, "Text", "Somebody's text")
    )
    [failure] = result.failures
    assert (failure.title, len(result.done)) == (CARDS[0].title, 5)
    assert "Somebody's text" in (publisher.find_page(CARDS[0].title).body or "")


def test_a_page_that_cannot_be_removed_keeps_the_page_above_it(demo: DemoServer, tmp_path: Path) -> None:
    publisher = configure(Publisher(demo, tmp_path / "site"), orphans="trash")
    below = replace(CARDS[1], parent=CARDS[0].ref)
    assert publisher.publish([HOME, CARDS[0], below, *CARDS[2:]]).outcome is Outcome.DONE
    page_id = publisher.find_page(below.title).id
    publisher.demo.inject([Fault(FaultKind.SERVER_ERROR, "DELETE", f"*/{page_id}", count=0, status=403)])
    result = publisher.publish([HOME, *CARDS[3:]])
    assert {failure.title for failure in result.failures} == {CARDS[0].title, below.title}
    assert [each.title for each in result.done] == [CARDS[2].title]


ARCHIVED = [HOME, CARDS[0], replace(CARDS[1], parent=CARDS[0].ref), *CARDS[2:]]
"""A book whose second card is below the first."""


def remove_cards(folder: Path, limit: int) -> tuple[Publisher, Result]:
    """Remove the cards of a book on a site that archives a number of pages in one request."""
    publisher = publish_book(VariantServer(Flavour.CLOUD, Variant(archive_limit=limit)), folder, ARCHIVED)
    return publisher, publisher.publish([HOME, *CARDS[3:]])


@pytest.mark.parametrize("limit", [1, 2, 300])
def test_pages_are_archived_with_every_edition_of_cloud(
    limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writes, "ARCHIVE_LIMIT", min(limit + 1, 300))
    publisher, result = remove_cards(tmp_path / "site", limit)
    assert (result.outcome, len(result.done)) == (Outcome.DONE, 3)
    statuses = [page.status for page in publisher.demo.world.contents.values()]
    assert statuses.count(Status.ARCHIVED) == 3
    assert publisher.plan([HOME, *CARDS[3:]]).empty


def test_a_large_number_of_pages_is_archived_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "ARCHIVE_LIMIT", 2)
    publisher, result = remove_cards(tmp_path / "site", 2)
    assert (result.outcome, len(result.done)) == (Outcome.DONE, 3)
    assert count_requests(publisher.demo, "POST", "*/archive") == 2


def test_an_edition_that_does_not_archive_is_named_with_a_fix(tmp_path: Path) -> None:
    publisher, result = remove_cards(tmp_path / "site", 0)
    assert result.outcome is Outcome.INCOMPLETE
    said = {failure.title: failure.said for failure in result.failures}
    assert said.keys() == {sheet.title for sheet in CARDS[:3]}
    assert "set `orphans: trash`" in said[CARDS[1].title]
    assert "a page below it could not be archived" in said[CARDS[0].title]
    assert publisher.find_page(CARDS[1].title).parent_id == publisher.find_page(CARDS[0].title).id


def test_a_page_that_disappears_during_the_plan_holds_up_no_other(publisher: Publisher) -> None:
    """Check a page that people hide between the list of pages and the look at its edit."""
    page = publisher.edit(CARDS[0].title, "Text", "Their text")
    path = f"*/pages/{page.id}" if publisher.demo.flavour is Flavour.CLOUD else f"*/content/{page.id}"
    for status in (403, 404):
        publisher.demo.inject([Fault(FaultKind.SERVER_ERROR, "GET", path, count=0, status=status)])
        result = publisher.publish([HOME, *change(*CARDS)])
        assert [each.title for each in result.held] == [CARDS[0].title]
        assert result.failures == ()
    publisher.demo.inject([])
    assert "Their text" in (publisher.find_page(CARDS[0].title).body or "")


def test_a_page_that_data_center_hides_from_this_account_holds_up_no_other(tmp_path: Path) -> None:
    """Check a page that people have restricted: no search finds it, and the wiki refuses it."""
    publisher = publish_book(VariantServer(Flavour.DATACENTER), tmp_path / "site", BOOK)
    page = publisher.find_page(CARDS[0].title)
    publisher.demo.inject(
        [
            Fault(FaultKind.UNINDEXED, "GET", "*/content/search", count=0),
            Fault(FaultKind.SERVER_ERROR, "GET", f"*/content/{page.id}", count=0, status=403),
        ]
    )
    result = publisher.publish([HOME, *change(*CARDS)])
    [held] = result.held
    assert (held.title, len(result.done), result.failures) == (CARDS[0].title, 5, ())
    assert f"page {page.id} was deleted, or this account may not view it" in held.words


def test_a_removed_page_that_cannot_step_aside_fails_once(publisher: Publisher) -> None:
    refuse(publisher, CARDS[0])
    renamed = replace(CARDS[1], title=CARDS[0].title)
    result = publisher.publish([HOME, renamed, *CARDS[2:]])
    assert [failure.ref for failure in result.failures] == [CARDS[1].ref, CARDS[0].ref]
    assert result.left == 0


def test_comments_that_cannot_be_read_count_as_open(publisher: Publisher) -> None:
    publisher.add_comment(CARDS[0].title, "Text")
    page_id = publisher.find_page(CARDS[0].title).id
    path = f"*/{page_id}/inline-comments" if publisher.demo.flavour is Flavour.CLOUD else f"*/{page_id}/child/comment"
    publisher.demo.inject([Fault(FaultKind.SERVER_ERROR, "GET", path, count=0, status=403)])
    result = publisher.publish([HOME, *change(*CARDS)])
    assert [(each.title, each.hindrance) for each in result.held] == [(CARDS[0].title, HoldReason.COMMENTS)]
    assert len(result.done) == 5


def test_a_page_whose_new_parent_is_held_below_it_moves_once_that_is_settled(publisher: Publisher) -> None:
    """Check two pages that swap their places, of which people have edited the lower one."""
    upper, lower = CARDS[0], replace(CARDS[1], parent=CARDS[0].ref)
    assert publisher.publish([HOME, upper, lower]).outcome is Outcome.DONE
    publisher.edit(lower.title, "Text", "Their text")
    swapped = [HOME, replace(lower, parent=HOME.ref), *change(replace(upper, parent=lower.ref))]
    result = publisher.publish(swapped)
    assert ([each.title for each in result.held], result.failures) == ([lower.title], ())
    assert ">New</p>" in (publisher.find_page(upper.title).body or "")
    assert publisher.plan(swapped).empty
    publisher.edit(lower.title, "Their text", "Text")
    assert publisher.publish(swapped).outcome is Outcome.DONE
    assert publisher.find_page(upper.title).parent_id == publisher.find_page(lower.title).id
    assert publisher.plan(swapped).empty
