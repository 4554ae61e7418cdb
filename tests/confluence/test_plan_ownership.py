"""Whose a page is: what was copied is the other team's, what was brought back is ours again."""

from dataclasses import replace
from pathlib import Path

import pytest

from generator.confluence.apply import Outcome
from generator.confluence.standin import Standin
from generator.errors import UserError
from tests.confluence.publishing import SETTINGS, Publisher, Sheet, state_of

HOME = Sheet("page:home", "The book", None, "<p>All models</p>")
RYL = Sheet("model:ryl", "Restaurants", "page:home", "<p>Ranks restaurants nearby.</p>")
TPFY = Sheet("model:tpfy", "Top picks", "page:home", "<p>Picks what sells.</p>")
BOOK = [HOME, RYL, TPFY]


@pytest.fixture
def publisher(standin: Standin, tmp_path: Path) -> Publisher:
    made = Publisher(standin, tmp_path / "site")
    assert made.publish(BOOK).outcome is Outcome.DONE
    return made


# Copied


def copied_host(publisher: Publisher) -> str:
    """Confluence copies a page with its properties; gives the copy's id."""
    wiki = publisher.wiki()
    copy = publisher.foreign("Team B")
    for each in wiki.properties(wiki.space("BOOK").homepage_id or ""):
        wiki.create_property(copy.id, each.key, each.value)
    return copy.id


@pytest.mark.parametrize("policy", ["stop", "skip", "overwrite"])
def test_a_copied_host_takes_no_pages_along(publisher: Publisher, policy: str) -> None:
    before = state_of(publisher.standin)
    publisher.settings = SETTINGS.model_copy(update={"parent": copied_host(publisher), "manual_edits": policy})
    with pytest.raises(UserError, match="has a book named 'modelbook' below page"):
        publisher.publish([HOME, replace(TPFY, html="<p>Of team B.</p>")])
    after = state_of(publisher.standin)
    del after["Team B"]
    assert after == before


def test_a_book_goes_its_own_way_below_a_copied_host(publisher: Publisher) -> None:
    """The pages that the copied list names were deleted since: nothing is missed, nothing is waited for."""
    host = copied_host(publisher)
    for title in ("Restaurants", "Top picks", "The book"):
        publisher.wiki().trash_page(publisher.titled(title).id)
    publisher.settings = SETTINGS.model_copy(update={"parent": host})
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.titled("The book").parent_id == host
    assert publisher.plan(BOOK).empty
