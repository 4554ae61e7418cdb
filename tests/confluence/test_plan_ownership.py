"""Ownership of copied and restored pages."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.sync.manifest import page_key
from generator.confluence.sync.values import Action, HoldReason, Outcome
from generator.confluence.wiki import Flavour, Status
from generator.errors import UserError
from tests.confluence.publishing import SETTINGS, Publisher, Sheet, apply_policy, publish_book, read_state

HOME = Sheet("page:home", "The book", None, "<p>All models</p>")
RYL = Sheet("model:ryl", "Restaurants", "page:home", "<p>Ranks restaurants nearby.</p>")
TPFY = Sheet("model:tpfy", "Top picks", "page:home", "<p>Picks what sells.</p>")
BOOK = [HOME, RYL, TPFY]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    return publish_book(demo, tmp_path / "site", BOOK)


# Copied


def copy_parent_page(publisher: Publisher) -> str:
    """Copy a page with its properties, as Confluence does, and return the id of the copy."""
    wiki = publisher.wiki()
    copy = publisher.create_unmanaged_page("Team B")
    for each in wiki.properties(wiki.space("BOOK").homepage_id or ""):
        wiki.create_property(copy.id, each.key, each.value)
    return copy.id


@pytest.mark.parametrize("policy", ["stop", "hold", "overwrite"])
def test_a_copied_parent_page_does_not_claim_pages(publisher: Publisher, policy: str) -> None:
    before = read_state(publisher.demo)
    publisher.settings = apply_policy(policy).model_copy(update={"parent": copy_parent_page(publisher)})
    with pytest.raises(UserError, match="has a book named 'modelbook' below page"):
        publisher.publish([HOME, replace(TPFY, html="<p>Of team B.</p>")])
    after = read_state(publisher.demo)
    del after["Team B"]
    assert after == before


def test_a_book_below_a_copied_parent_page_is_separate(publisher: Publisher) -> None:
    """Check that deleted pages in the copied manifest are ignored."""
    host = copy_parent_page(publisher)
    for title in ("Restaurants", "Top picks", "The book"):
        publisher.wiki().trash_page(publisher.find_page(title).id)
    publisher.settings = SETTINGS.model_copy(update={"parent": host})
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.find_page("The book").parent_id == host
    assert publisher.plan(BOOK).empty


# Brought back


def restore_page(publisher: Publisher, page_id: str) -> None:
    """Restore a removed page, which no API can do."""
    publisher.set_status(page_id, Status.CURRENT)


def remove_page(publisher: Publisher, title: str) -> str:
    """Remove the page of a card with a publish, and return its id."""
    page_id = publisher.find_page(title).id
    book = [sheet for sheet in BOOK if sheet.title != title]
    assert publisher.publish(book).outcome is Outcome.DONE
    return page_id


def test_a_restored_page_is_managed_again(publisher: Publisher) -> None:
    page_id = remove_page(publisher, "Restaurants")
    restore_page(publisher, page_id)
    plan = publisher.plan(BOOK)
    assert not plan.findings
    assert [(change.ref, change.page_id, change.actions) for change in plan.changes] == [
        ("model:ryl", page_id, (Action.RECORD,))
    ]
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants").id == page_id
    assert publisher.plan(BOOK).empty


def test_an_edit_of_a_restored_page_is_found(publisher: Publisher) -> None:
    restore_page(publisher, remove_page(publisher, "Restaurants"))
    publisher.edit("Restaurants", "nearby", "in town")
    [conflict] = publisher.plan(BOOK).conflicts
    assert (conflict.ref, conflict.hindrance, conflict.who) == ("model:ryl", HoldReason.EDITED, "Ada Admin")


def test_a_temporarily_hidden_page_is_managed_again(publisher: Publisher) -> None:
    """Check a page that the manifest lost because its card was missing for one run."""
    page_id = publisher.find_page("Restaurants").id
    publisher.set_status(page_id, Status.DELETED)
    assert publisher.publish([HOME, TPFY]).outcome is Outcome.DONE
    restore_page(publisher, page_id)
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants").id == page_id


@pytest.mark.parametrize("key", ["book", "host", "page", "ref"])
def test_a_restored_page_is_managed_only_with_its_own_property(publisher: Publisher, key: str) -> None:
    page_id = remove_page(publisher, "Restaurants")
    restore_page(publisher, page_id)
    wiki = publisher.wiki()
    [claim] = [each for each in wiki.properties(page_id) if each.key == page_key("modelbook")]
    assert isinstance(claim.value, dict)
    wiki.update_property(page_id, claim, {**claim.value, key: "model:gone"})
    plan = publisher.plan(BOOK)
    assert [finding.code for finding in plan.findings] == ["MB902"]
    assert ("does not own" in plan.findings[0].message) == (key != "ref")
    assert ("of model:gone" in plan.findings[0].message) == (key == "ref")
    before = wiki.page(page_id, body=True)
    result = publisher.publish(BOOK)
    assert [(each.ref, each.hindrance) for each in result.held] == [("model:ryl", HoldReason.TITLE)]
    assert result.exit_status == 1
    assert wiki.page(page_id, body=True) == before


def test_the_fix_for_an_archived_managed_page_is_to_restore_it(publisher: Publisher) -> None:
    if publisher.demo.flavour is not Flavour.CLOUD:
        pytest.skip("Data Center archives nothing over its API")
    page_id = remove_page(publisher, "Restaurants")
    [finding] = publisher.plan(BOOK).findings
    assert finding.code == "MB902"
    assert "our own archived page" in finding.message
    assert page_id in finding.message
    assert finding.hint.startswith("restore it in Confluence, which is enough")


def test_a_title_conflict_costs_a_few_requests(publisher: Publisher) -> None:
    publisher.create_unmanaged_page("Search")
    publisher.requests()
    publisher.plan(BOOK)
    usual = publisher.requests()
    publisher.plan([*BOOK, Sheet("model:search", "Search", "page:home")])
    who, whose, account, text = 1, 1, 1, 1
    assert publisher.requests() == usual + who + whose + account + text
