"""What people did to our pages, told whatever becomes of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from generator.confluence.apply import Outcome
from generator.confluence.plan.values import Hindrance
from generator.confluence.show.words import details
from generator.confluence.standin import Standin
from generator.confluence.wiki import Flavour, Place
from generator.errors import UserError
from tests.confluence.publishing import Publisher, Sheet, published, told

HOME = Sheet("page:home", "The book", None, "<p>All models</p>")
RYL = Sheet("model:ryl", "Restaurants", "page:home", "<p>Ranks restaurants nearby.</p>")
TPFY = Sheet("model:tpfy", "Top picks", "page:home", "<p>Picks what sells.</p>")
BOOK = [HOME, RYL, TPFY]


@pytest.fixture
def publisher(standin: Standin, tmp_path: Path) -> Publisher:
    return published(standin, tmp_path / "site", BOOK)


# Written over


def test_what_is_written_over_is_told_with_who_and_when(publisher: Publisher) -> None:
    told(publisher, manual_edits="overwrite")
    saved = publisher.edit("Restaurants", "nearby", "in town").version.created_at
    [change] = publisher.plan(BOOK).changes
    when = saved[:16].replace("T", " ")
    assert change.notes == (f"edited by hand by Ada Admin on {when}, which is written over",)
    assert details(change)[0] == change.notes[0]


def test_what_goes_with_an_edited_page_is_shown(publisher: Publisher) -> None:
    told(publisher, manual_edits="overwrite")
    publisher.edit("Restaurants", "nearby", "in town")
    [change] = publisher.plan([HOME, TPFY]).changes
    assert change.removes
    assert change.notes[0].startswith("edited by hand by Ada Admin on ")
    assert change.notes[0].endswith(", which goes with the page")
    assert change.diff == ("- Ranks restaurants nearby.", "+ Ranks restaurants in town.")


def test_a_page_that_is_put_back_or_made_anew_says_so(publisher: Publisher) -> None:
    told(publisher, manual_edits="overwrite")
    publisher.wiki().move_page(publisher.titled("Top picks").id, Place.APPEND, publisher.titled("Restaurants").id)
    assert [change.notes for change in publisher.plan(BOOK).changes] == [("moved by hand, which is undone",)]
    publisher.wiki().trash_page(publisher.titled("Top picks").id)
    assert [change.notes for change in publisher.plan(BOOK).changes] == [("removed by hand, which is undone",)]


def test_what_nobody_touched_has_no_notes(publisher: Publisher) -> None:
    told(publisher, manual_edits="overwrite")
    [change] = publisher.plan([HOME, replace(RYL, html="<p>New</p>"), TPFY]).changes
    assert change.notes == ()


# Under our name


def test_an_edit_that_keeps_the_end_of_our_message_is_an_edit(publisher: Publisher) -> None:
    first = publisher.titled("Restaurants").version.message
    book = [HOME, replace(RYL, html="<p>Ranks all restaurants nearby.</p>"), TPFY]
    assert publisher.publish(book).outcome is Outcome.DONE
    for message in (first, publisher.titled("Restaurants").version.message):
        publisher.edit("Restaurants", "nearby", "nearby or not", message=f"restored: {message}")
        [conflict] = publisher.plan(book).conflicts
        assert (conflict.ref, conflict.hindrance, conflict.who) == ("model:ryl", Hindrance.EDITED, "Ada Admin")
    assert publisher.publish(book).outcome is Outcome.REFUSED


def test_our_text_saved_again_under_our_message_is_no_edit(publisher: Publisher) -> None:
    message = publisher.titled("Restaurants").version.message
    publisher.edit("Restaurants", "nearby", "nearby", message=message)
    assert not publisher.plan(BOOK).conflicts
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.plan(BOOK).empty


# Kept


@pytest.mark.parametrize("deed", ["edit", "move"])
def test_a_page_that_is_kept_without_a_card_is_anybodys_to_change(publisher: Publisher, deed: str) -> None:
    told(publisher, orphans="keep")
    assert publisher.publish([HOME, TPFY]).exit_status == 0
    if deed == "edit":
        publisher.edit("Restaurants", "nearby", "in town")
    else:
        publisher.wiki().move_page(publisher.titled("Restaurants").id, Place.APPEND, publisher.titled("Top picks").id)
    before = publisher.titled("Restaurants")
    publisher.requests()
    plan = publisher.plan([HOME, replace(TPFY, html="<p>New</p>")])
    assert not plan.conflicts
    assert publisher.publish([HOME, replace(TPFY, html="<p>New</p>")]).outcome is Outcome.DONE
    assert publisher.titled("Restaurants") == before
    assert [each.ref for each in publisher.plan(BOOK).conflicts] == ["model:ryl"], "once it has a card it counts"


def test_our_own_page_below_an_orphan_is_not_called_somebody_elses(publisher: Publisher) -> None:
    publisher.publish([HOME, TPFY, replace(RYL, parent="model:tpfy")])
    publisher.foreign("Theirs", parent_id=publisher.titled("Restaurants").id)
    conflicts = {each.ref: each for each in publisher.plan([HOME]).conflicts}
    assert {each.hindrance for each in conflicts.values()} == {Hindrance.CHILDREN}
    assert conflicts["model:ryl"].words.startswith("'Theirs' stands below it and is not ours")
    assert conflicts["model:tpfy"].words.startswith("our own 'Restaurants' stays below it")


# The page that the book hangs under


@pytest.mark.parametrize("policy", ["stop", "overwrite"])
@pytest.mark.parametrize("published", [True, False], ids=["published", "new"])
def test_a_host_in_the_trash_is_named(publisher: Publisher, policy: str, published: bool) -> None:
    host = publisher.foreign("A corner")
    told(publisher, parent=host.id, manual_edits=policy, book="corner")
    corner = [Sheet("page:nook", "The nook")]
    if published:
        assert publisher.publish(corner).outcome is Outcome.DONE
    publisher.wiki().trash_page(host.id)
    with pytest.raises(UserError, match=rf"page {host.id} \('A corner'\).* is in the trash: restore it"):
        publisher.plan(corner)


def test_an_archived_host_is_named(publisher: Publisher) -> None:
    if publisher.standin.flavour is not Flavour.CLOUD:
        pytest.skip("Data Center archives nothing over its API")
    host = publisher.foreign("A corner")
    told(publisher, parent=host.id, book="corner")
    publisher.wiki().archive_pages([host.id])
    with pytest.raises(UserError, match=r"\('A corner'\).* is archived: restore it"):
        publisher.plan([Sheet("page:nook", "The nook")])
