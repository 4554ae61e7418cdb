"""Which title a page gets once people have renamed, removed or taken something."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.confluence.apply import Outcome
from generator.confluence.standin import Standin
from generator.confluence.wiki import PageUpdate
from tests.confluence.publishing import SETTINGS, Publisher, Sheet, link

HOME = Sheet("page:home", "The book", None, "<p>All models</p>")
RYL = Sheet("model:ryl", "Restaurants", "page:home", "<p>Ranks restaurants nearby.</p>")
TPFY = Sheet("model:tpfy", "Top picks", "page:home", f"<p>Picks, see {link(RYL)}</p>")
BOOK = [HOME, RYL, TPFY]


@pytest.fixture
def publisher(standin: Standin, tmp_path: Path) -> Publisher:
    made = Publisher(standin, tmp_path / "site")
    assert made.publish(BOOK).outcome is Outcome.DONE
    return made


def told(publisher: Publisher, **settings: object) -> Publisher:
    publisher.settings = SETTINGS.model_copy(update=settings)
    return publisher


def rename(publisher: Publisher, title: str, new: str) -> str:
    """Somebody gives a page another title; gives its id."""
    page = publisher.titled(title)
    publisher.wiki().update_page(PageUpdate(page.id, new, page.body or "", page.version.number + 1))
    return page.id


def trash(publisher: Publisher, title: str, _new: str) -> str:
    page = publisher.titled(title)
    publisher.wiki().trash_page(page.id)
    return page.id


# Taken meanwhile


@pytest.mark.parametrize("lose", [rename, trash])
def test_a_title_that_was_taken_meanwhile_gets_a_suffix(
    publisher: Publisher, lose: Callable[[Publisher, str, str], str]
) -> None:
    told(publisher, manual_edits="overwrite", title_suffix=" ({kind} {id})")
    lose(publisher, "Restaurants", "Eateries")
    foreign = publisher.foreign("Restaurants")
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.titled("Restaurants (model ryl)").parent_id == publisher.titled("The book").id
    assert publisher.titled("Restaurants") == publisher.wiki().page(foreign.id, body=True)
    assert publisher.plan(BOOK).empty


@pytest.mark.parametrize("lose", [rename, trash])
def test_a_title_that_was_taken_meanwhile_is_a_finding(
    publisher: Publisher, lose: Callable[[Publisher, str, str], str]
) -> None:
    told(publisher, manual_edits="overwrite")
    lose(publisher, "Restaurants", "Eateries")
    publisher.foreign("Restaurants")
    assert [(each.code, str(each.position)) for each in publisher.plan(BOOK).findings] == [
        ("MB902", "cards/ryl.yml:1:1")
    ]
    assert publisher.publish(BOOK).outcome is Outcome.REFUSED
