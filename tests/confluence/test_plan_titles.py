"""Titles of pages after users renamed, removed or created pages."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.sync.report import result_text
from generator.confluence.sync.values import HoldReason, Outcome
from generator.confluence.wiki import PageUpdate
from generator.findings import Severity
from tests.confluence.publishing import Publisher, Sheet, configure, publish_book, render_link

HOME = Sheet("page:home", "The book", None, "<p>All models</p>")
RYL = Sheet("model:ryl", "Restaurants", "page:home", "<p>Ranks restaurants nearby.</p>")
TPFY = Sheet("model:tpfy", "Top picks", "page:home", f"<p>Picks, see {render_link(RYL)}</p>")
BOOK = [HOME, RYL, TPFY]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    return publish_book(demo, tmp_path / "site", BOOK)


def rename_page(publisher: Publisher, title: str, new: str) -> str:
    """Rename a page in the wiki, and return its id."""
    page = publisher.find_page(title)
    publisher.wiki().update_page(PageUpdate(page.id, new, page.body or "", page.version.number + 1))
    return page.id


def delete_page(publisher: Publisher, title: str, _new: str) -> str:
    page = publisher.find_page(title)
    publisher.wiki().trash_page(page.id)
    return page.id


# Taken meanwhile


@pytest.mark.parametrize("lose", [rename_page, delete_page])
def test_a_title_taken_after_the_plan_gets_a_suffix(
    publisher: Publisher, lose: Callable[[Publisher, str, str], str]
) -> None:
    configure(publisher, policy="overwrite", title_suffix=" ({kind} {id})")
    lose(publisher, "Restaurants", "Eateries")
    foreign = publisher.create_unmanaged_page("Restaurants")
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants (model ryl)").parent_id == publisher.find_page("The book").id
    assert publisher.find_page("Restaurants") == publisher.wiki().page(foreign.id, body=True)
    assert publisher.plan(BOOK).empty


@pytest.mark.parametrize("lose", [rename_page, delete_page])
def test_a_title_taken_after_the_plan_is_a_finding(
    publisher: Publisher, lose: Callable[[Publisher, str, str], str]
) -> None:
    configure(publisher, policy="overwrite")
    lose(publisher, "Restaurants", "Eateries")
    publisher.create_unmanaged_page("Restaurants")
    assert [(each.code, str(each.position)) for each in publisher.plan(BOOK).findings] == [
        ("MB902", "cards/ryl.yml:1:1")
    ]
    assert [(each.ref, each.hindrance) for each in publisher.publish(BOOK).held] == [("model:ryl", HoldReason.TITLE)]


def test_an_index_gets_its_title_before_a_card_with_this_name(demo: DemoServer, tmp_path: Path) -> None:
    model = Sheet("model:teams", "Teams", "page:home")
    teams = [Sheet("page:teams", "Teams", "page:home"), Sheet("team:t", "Team", "page:teams")]
    publisher = publish_book(demo, tmp_path / "site", [HOME])
    held = publisher.publish([HOME, model, *teams]).held
    assert [(one.ref, one.hindrance) for one in held] == [("model:teams", HoldReason.TITLE)]
    assert publisher.find_page("Team").parent_id == publisher.find_page("Teams").id


def test_a_title_that_no_page_can_have_is_shown_in_part(demo: DemoServer, tmp_path: Path) -> None:
    publisher = publish_book(demo, tmp_path / "site", [HOME])
    text = result_text(publisher.publish([HOME, Sheet("model:long", "long " * 1_000, "page:home")]))
    (held,) = (line for line in text.splitlines() if line.startswith("Held: long long"))
    assert len(held) < 350
    assert "long…" in held


# Links to a page that stays as it is


def find_link_target(publisher: Publisher) -> str:
    """Return the target title of the link on 'Top picks'."""
    found = re.search(r'ri:content-title="([^"]*)"', publisher.find_page("Top picks").body or "")
    assert found is not None
    return found[1]


def test_links_use_a_title_changed_in_the_wiki(publisher: Publisher) -> None:
    configure(publisher, policy="hold")
    rename_page(publisher, "Restaurants", "Eateries")
    book = [HOME, RYL, replace(TPFY, html=f"{TPFY.html}<p>New</p>")]
    assert publisher.publish(book).outcome is Outcome.DONE
    assert find_link_target(publisher) == "Eateries"
    assert publisher.plan(book).empty
    configure(publisher, policy="overwrite")
    assert publisher.publish(book).outcome is Outcome.DONE
    assert find_link_target(publisher) == "Restaurants"


def test_links_keep_the_old_title_until_the_page_is_renamed(publisher: Publisher) -> None:
    configure(publisher, policy="hold")
    publisher.edit("Restaurants", "nearby", "in town")
    book = [HOME, replace(RYL, title="Places"), TPFY]
    plan = publisher.plan(book)
    assert plan.empty
    assert plan.titles["model:ryl"] == "Restaurants"
    assert [conflict.ref for conflict in plan.conflicts] == ["model:ryl"]


def test_a_title_conflict_of_a_kept_page_is_ignored(publisher: Publisher) -> None:
    configure(publisher, policy="hold")
    rename_page(publisher, "Restaurants", "Eateries")
    publisher.create_unmanaged_page("Restaurants")
    plan = publisher.plan(BOOK)
    assert not plan.findings
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert find_link_target(publisher) == "Eateries"


def test_no_link_points_to_an_unmanaged_page(publisher: Publisher) -> None:
    """Check that a book is published without the page if a taken title is only a warning."""
    publisher.create_unmanaged_page("Places")
    publisher.create_unmanaged_page("Search")
    search = Sheet("model:search", "Search", "page:home")
    book = [HOME, replace(RYL, title="Places"), replace(TPFY, html=f"{TPFY.html}<p>{render_link(search)}</p>"), search]
    plan = publisher.prepared(publisher.build(book), severities={"MB902": Severity.WARNING}).plan
    assert [each.code for each in plan.findings] == ["MB902", "MB902"]
    assert plan.titles["model:ryl"] == "Restaurants"
    assert plan.titles["model:search"] == "Search (model:search)"
    assert [change.ref for change in plan.changes] == ["model:tpfy"]


def test_a_plan_with_conflicts_changes_no_links(publisher: Publisher) -> None:
    configure(publisher, policy="stop")
    rename_page(publisher, "Restaurants", "Eateries")
    plan = publisher.plan([HOME, replace(RYL, html="<p>New</p>"), TPFY])
    assert [change.ref for change in plan.changes] == ["model:tpfy"]
    assert plan.refusals


def test_a_link_to_a_missing_anchor_of_another_page_is_reported(publisher: Publisher) -> None:
    book = [HOME, RYL, replace(TPFY, html=f"<p>Picks, see {render_link(RYL, '#nope')} and {render_link(RYL)}</p>")]
    [finding] = publisher.plan(book).findings
    assert (finding.code, str(finding.position)) == ("MB904", "cards/tpfy.yml:1:1")
    assert "#nope of model:ryl" in finding.message


def test_titles_with_different_lowercase_forms_are_distinct(publisher: Publisher) -> None:
    publisher.create_unmanaged_page("Maßstab")
    book = [HOME, replace(RYL, title="Straße"), replace(TPFY, title="Strasse"), Sheet("model:m", "Massstab")]
    assert publisher.publish(book).outcome is Outcome.DONE
    assert publisher.plan(book).empty
    [finding] = publisher.plan([*book, Sheet("model:loud", "STRAßE")]).findings
    assert "is taken by the page of model:ryl" in finding.message
