"""Edits of users on managed pages, in the notes of a plan."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.sync.report import details
from generator.confluence.sync.values import Action, HoldReason, Outcome
from generator.confluence.verify import verify
from generator.confluence.wiki import Flavour, PageUpdate, Place
from generator.errors import UserError
from tests.confluence.publishing import Publisher, Sheet, configure, publish_book

HOME = Sheet("page:home", "The book", None, "<p>All models</p>")
RYL = Sheet("model:ryl", "Restaurants", "page:home", "<p>Ranks restaurants nearby.</p>")
TPFY = Sheet("model:tpfy", "Top picks", "page:home", "<p>Picks what sells.</p>")
BOOK = [HOME, RYL, TPFY]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    return publish_book(demo, tmp_path / "site", BOOK)


# Written over


def test_an_overwritten_edit_is_reported_with_author_and_date(publisher: Publisher) -> None:
    configure(publisher, policy="overwrite")
    saved = publisher.edit("Restaurants", "nearby", "in town").version.created_at
    [change] = publisher.plan(BOOK).changes
    when = saved[:16].replace("T", " ")
    assert change.notes == (f"edited by hand by Ada Admin on {when}, which is written over",)
    assert details(change)[0] == change.notes[0]


def test_the_edit_of_a_removed_page_is_shown(publisher: Publisher) -> None:
    configure(publisher, policy="overwrite")
    publisher.edit("Restaurants", "nearby", "in town")
    [change] = publisher.plan([HOME, TPFY]).changes
    assert change.removes
    assert change.notes[0].startswith("edited by hand by Ada Admin on ")
    assert change.notes[0].endswith(", which goes with the page")
    assert change.diff == ("- Ranks restaurants nearby.", "+ Ranks restaurants in town.")


def test_a_page_moved_back_or_created_again_has_a_note(publisher: Publisher) -> None:
    configure(publisher, policy="overwrite")
    publisher.wiki().move_page(publisher.find_page("Top picks").id, Place.APPEND, publisher.find_page("Restaurants").id)
    assert [change.notes for change in publisher.plan(BOOK).changes] == [("moved by hand, which is undone",)]
    publisher.wiki().trash_page(publisher.find_page("Top picks").id)
    assert [change.notes for change in publisher.plan(BOOK).changes] == [("removed by hand, which is undone",)]


def test_a_page_without_edits_has_no_notes(publisher: Publisher) -> None:
    configure(publisher, policy="overwrite")
    [change] = publisher.plan([HOME, replace(RYL, html="<p>New</p>"), TPFY]).changes
    assert change.notes == ()


# Under our name


def test_an_edit_with_a_copied_message_is_an_edit(publisher: Publisher) -> None:
    first = publisher.find_page("Restaurants").version.message
    book = [HOME, replace(RYL, html="<p>Ranks all restaurants nearby.</p>"), TPFY]
    assert publisher.publish(book).outcome is Outcome.DONE
    for message in (first, publisher.find_page("Restaurants").version.message):
        publisher.edit("Restaurants", "nearby", "nearby or not", message=f"restored: {message}")
        [conflict] = publisher.plan(book).conflicts
        assert (conflict.ref, conflict.hindrance, conflict.who) == ("model:ryl", HoldReason.EDITED, "Ada Admin")
    assert [each.ref for each in publisher.publish(book).held] == ["model:ryl"]


def test_an_unchanged_text_with_a_copied_message_is_not_an_edit(publisher: Publisher) -> None:
    message = publisher.find_page("Restaurants").version.message
    publisher.edit("Restaurants", "nearby", "nearby", message=message)
    assert not publisher.plan(BOOK).conflicts
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.plan(BOOK).empty


# Copied to the card

IN_TOWN = [HOME, replace(RYL, html="<p>Ranks restaurants in town.</p>"), TPFY]


def test_an_edit_that_was_copied_to_the_card_is_taken_over_without_a_new_version(publisher: Publisher) -> None:
    publisher.add_comment("Restaurants", "restaurants")
    edited = publisher.edit("Restaurants", "nearby", "in town")
    [conflict] = publisher.plan(BOOK).conflicts
    assert conflict.hindrance is HoldReason.EDITED
    plan = publisher.plan(IN_TOWN)
    assert not plan.conflicts
    [change] = plan.changes
    assert (change.actions, change.saves) == ((Action.RECORD,), False)
    assert change.notes == ("the edit in the wiki is in the card now",)
    result = publisher.publish(IN_TOWN)
    assert (result.outcome, result.exit_status) == (Outcome.DONE, 0)
    assert publisher.find_page("Restaurants").version == edited.version
    assert publisher.plan(IN_TOWN).empty
    assert verify(publisher.wiki(), publisher.build(IN_TOWN), publisher.settings) == ()


def test_a_copied_edit_with_the_markup_of_the_editor_is_written_again(publisher: Publisher) -> None:
    publisher.edit("Restaurants", "restaurants nearby", "<b>all</b> of them")
    book = [HOME, replace(RYL, html="<p>Ranks all of them.</p>"), TPFY]
    [change] = publisher.plan(book).changes
    assert (change.actions, change.message) == ((Action.UPDATE,), "Formatting")
    assert publisher.publish(book).outcome is Outcome.DONE
    assert verify(publisher.wiki(), publisher.build(book), publisher.settings) == ()


def test_a_copied_edit_on_a_page_that_changes_elsewhere_is_published(publisher: Publisher) -> None:
    publisher.edit("Restaurants", "nearby", "in town")
    book = [HOME, replace(RYL, html="<p>Ranks restaurants in town.</p><p>Deployed today.</p>"), TPFY]
    [change] = publisher.plan(book).changes
    assert (change.actions, change.diff[-1]) == ((Action.UPDATE,), "+ Deployed today.")
    assert publisher.publish(book).exit_status == 0
    assert verify(publisher.wiki(), publisher.build(book), publisher.settings) == ()


def test_an_edit_of_the_markup_alone_is_held_also_if_the_card_has_the_words(publisher: Publisher) -> None:
    publisher.edit("Restaurants", "nearby", "<b>nearby</b>")
    book = [HOME, replace(RYL, html="<p>Ranks <i>restaurants</i> nearby.</p>"), TPFY]
    assert [each.hindrance for each in publisher.plan(book).conflicts] == [HoldReason.EDITED]


def test_an_edit_that_was_copied_in_part_is_held(publisher: Publisher) -> None:
    publisher.edit("Restaurants", "Ranks restaurants nearby", "Sorts restaurants in town")
    assert [each.hindrance for each in publisher.plan(IN_TOWN).conflicts] == [HoldReason.EDITED]


def test_a_copied_title_is_taken_over_with_the_text(publisher: Publisher) -> None:
    publisher.edit("Restaurants", "nearby", "in town")
    page = publisher.find_page("Restaurants")
    again = PageUpdate(page.id, "All restaurants", page.body or "", page.version.number + 1)
    publisher.wiki().update_page(again)
    assert [each.ref for each in publisher.plan(IN_TOWN).conflicts] == ["model:ryl"]
    book = [HOME, replace(IN_TOWN[1], title="All restaurants"), TPFY]
    [change] = publisher.plan(book).changes
    assert (change.actions, change.old_title) == ((Action.RECORD,), "")
    assert publisher.publish(book).outcome is Outcome.DONE
    assert publisher.plan(book).empty


# Kept


@pytest.mark.parametrize("deed", ["edit", "move"])
def test_a_kept_page_without_a_card_can_be_edited(publisher: Publisher, deed: str) -> None:
    configure(publisher, orphans="keep")
    assert publisher.publish([HOME, TPFY]).exit_status == 0
    if deed == "edit":
        publisher.edit("Restaurants", "nearby", "in town")
    else:
        publisher.wiki().move_page(
            publisher.find_page("Restaurants").id, Place.APPEND, publisher.find_page("Top picks").id
        )
    before = publisher.find_page("Restaurants")
    publisher.requests()
    plan = publisher.plan([HOME, replace(TPFY, html="<p>New</p>")])
    assert not plan.conflicts
    assert publisher.publish([HOME, replace(TPFY, html="<p>New</p>")]).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants") == before
    assert [each.ref for each in publisher.plan(BOOK).conflicts] == ["model:ryl"], "once it has a card it counts"


def test_a_managed_page_below_an_orphan_is_not_reported_as_unmanaged(publisher: Publisher) -> None:
    publisher.publish([HOME, TPFY, replace(RYL, parent="model:tpfy")])
    publisher.create_unmanaged_page("Theirs", parent_id=publisher.find_page("Restaurants").id)
    conflicts = {each.ref: each for each in publisher.plan([HOME]).conflicts}
    assert {each.hindrance for each in conflicts.values()} == {HoldReason.CHILDREN}
    assert conflicts["model:ryl"].words.startswith("the foreign page 'Theirs' is below it")
    assert conflicts["model:tpfy"].words.startswith("our own page 'Restaurants' stays below it")


# The page that the book hangs under


@pytest.mark.parametrize("policy", ["stop", "overwrite"])
@pytest.mark.parametrize("published", [True, False], ids=["published", "new"])
def test_a_parent_page_in_the_trash_is_reported(publisher: Publisher, policy: str, published: bool) -> None:
    host = publisher.create_unmanaged_page("A corner")
    configure(publisher, parent=host.id, policy=policy, book="corner")
    corner = [Sheet("page:nook", "The nook")]
    if published:
        assert publisher.publish(corner).outcome is Outcome.DONE
    publisher.wiki().trash_page(host.id)
    with pytest.raises(UserError, match=rf"page {host.id} \('A corner'\).* is in the trash: restore it"):
        publisher.plan(corner)


def test_an_archived_parent_page_is_reported(publisher: Publisher) -> None:
    if publisher.demo.flavour is not Flavour.CLOUD:
        pytest.skip("Data Center archives nothing over its API")
    host = publisher.create_unmanaged_page("A corner")
    configure(publisher, parent=host.id, book="corner")
    publisher.wiki().archive_pages([host.id])
    with pytest.raises(UserError, match=r"\('A corner'\).* is archived: restore it"):
        publisher.plan([Sheet("page:nook", "The nook")])
