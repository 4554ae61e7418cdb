"""Comments, moves, files and properties that users change between a plan and its end."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.sync.apply import apply
from generator.confluence.sync.values import Outcome, Result
from generator.confluence.wiki import Page, PageUpdate, Place, Upload
from tests.confluence.publishing import Publisher, Sheet, publish_book

HOME = Sheet("page:home", "The book")
WORDS = "ranks restaurants nearby for everybody"
ONE = Sheet("model:one", "Model one", "page:home", f"<p>It {WORDS}</p>")
TWO = Sheet("model:two", "Model two", "page:home", f"<p>This also {WORDS}</p>")
BOOK = [HOME, ONE, TWO]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    return publish_book(demo, tmp_path / "site", BOOK)


def add_text(sheet: Sheet) -> Sheet:
    return replace(sheet, html=f"{sheet.html}<p>And more</p>")


def list_comment_states(publisher: Publisher, title: str) -> list[str]:
    return [each.state for each in publisher.wiki().inline_comments(publisher.find_page(title).id)]


def test_a_plan_is_rejected_after_a_new_comment(publisher: Publisher) -> None:
    plan = publisher.plan([HOME, add_text(ONE), TWO])
    publisher.add_comment(ONE.title, WORDS)
    result = publisher.apply_saved(plan, [HOME, add_text(ONE), TWO])
    assert result.outcome is Outcome.REFUSED
    assert "out of date for 'Model one'" in result.refusals[0]
    assert list_comment_states(publisher, ONE.title) == ["open"]
    assert publisher.publish([HOME, add_text(ONE), TWO]).outcome is Outcome.DONE
    assert list_comment_states(publisher, ONE.title) == ["open"]


def publish_with_interruption(publisher: Publisher, sheets: list[Sheet], happens: Callable[[], object]) -> Result:
    """Publish, and call a function during the run."""
    built = publisher.build(sheets)
    prepared = publisher.prepared(built)

    def heard(done: int, _total: int) -> None:
        if done == 1:
            happens()
            publisher.time.passed += 60

    environment = publisher.environment()
    return apply(prepared.plan, publisher.wiki(), built, environment, manifest=prepared.manifest, progress=heard)


def move_down(sheet: Sheet) -> Sheet:
    """Move a page below the home page's child, so that it is written later."""
    return replace(sheet, parent=ONE.ref)


def test_a_comment_added_during_a_run_keeps_its_place(publisher: Publisher) -> None:
    publisher.publish([HOME, ONE, move_down(TWO)])
    remark = partial(publisher.add_comment, TWO.title, WORDS)
    result = publish_with_interruption(publisher, [HOME, add_text(ONE), move_down(add_text(TWO))], remark)
    assert result.outcome is Outcome.DONE
    assert result.dangling == ()
    assert list_comment_states(publisher, TWO.title) == ["open"]


@pytest.mark.parametrize(("html", "state"), [(f"<p>It {WORDS}</p><p>More</p>", "open"), ("<p>Gone</p>", "dangling")])
def test_a_comment_added_during_the_save_itself_gets_its_place_back(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, html: str, state: str
) -> None:
    """Check a page that has another comment, between the look at it and the save that does not know the new one."""
    staying = "<p>A sentence that stays as it is</p>"
    publisher.publish([HOME, replace(ONE, html=f"{ONE.html}{staying}"), TWO])
    publisher.add_comment(ONE.title, "sentence that stays")
    wiki = publisher.wiki()
    save, comments = wiki.update_page, [WORDS]

    def save_after_comment(update: PageUpdate) -> Page:
        if comments:
            publisher.add_comment(ONE.title, comments.pop())
        return save(update)

    monkeypatch.setattr(wiki, "update_page", save_after_comment)
    kept = replace(ONE, html=f"{html}{staying}")
    assert publisher.publish([HOME, kept, TWO], wiki=wiki).failures == ()
    assert list_comment_states(publisher, ONE.title) == ["open", state]
    assert publisher.plan([HOME, kept, TWO]).empty


def test_a_comment_added_during_a_run_on_removed_words_keeps_the_page(publisher: Publisher) -> None:
    publisher.publish([HOME, ONE, move_down(TWO)])
    remark = partial(publisher.add_comment, TWO.title, WORDS)
    result = publish_with_interruption(
        publisher, [HOME, add_text(ONE), replace(move_down(TWO), html="<p>Gone</p>")], remark
    )
    assert result.outcome is Outcome.INCOMPLETE
    [failure] = result.failures
    assert failure.title == TWO.title
    assert "a user commented on words that are to be removed" in failure.said
    assert WORDS in (publisher.find_page(TWO.title).body or "")
    assert list_comment_states(publisher, TWO.title) == ["open"]


def test_a_plan_is_rejected_after_a_page_was_moved(publisher: Publisher) -> None:
    plan = publisher.plan([HOME, add_text(ONE), TWO])
    elsewhere = publisher.create_unmanaged_page("Elsewhere")
    publisher.wiki().move_page(publisher.find_page(ONE.title).id, Place.APPEND, elsewhere.id)
    result = publisher.apply_saved(plan, [HOME, add_text(ONE), TWO])
    assert result.outcome is Outcome.REFUSED
    assert "out of date for 'Model one'" in result.refusals[0]


def test_a_plan_with_an_unmanaged_page_is_rejected(publisher: Publisher) -> None:
    plan = publisher.plan([HOME, add_text(ONE), TWO])
    [change] = plan.changes
    theirs = publisher.create_unmanaged_page("Theirs")
    wrong = replace(change, page_id=theirs.id, version=theirs.version.number)
    result = publisher.apply_saved(replace(plan, changes=(wrong,)), [HOME, add_text(ONE), TWO])
    assert result.outcome is Outcome.REFUSED
    assert "Mine" in (publisher.find_page("Theirs").body or "")


PICTURED = replace(ONE, pictures={"x.png": b"one"})


def replace_file(publisher: Publisher) -> str:
    """Replace a managed file in the wiki, and return the id of its page."""
    publisher.publish([HOME, PICTURED, TWO])
    wiki, page = publisher.wiki(), publisher.find_page(ONE.title)
    [attachment] = wiki.attachments(page.id)
    wiki.update_attachment(page.id, attachment.id, Upload("x.png", b"theirs", "image/png", "a better one"))
    return page.id


def test_a_file_replaced_in_the_wiki_is_not_overwritten(publisher: Publisher) -> None:
    page_id = replace_file(publisher)
    result = publisher.publish([HOME, replace(PICTURED, pictures={"x.png": b"two"}), TWO])
    assert result.outcome is Outcome.INCOMPLETE
    assert "a user replaced a managed file" in result.failures[0].said
    assert [each.comment for each in publisher.wiki().attachments(page_id)] == ["a better one"]


def test_a_file_replaced_in_the_wiki_is_not_removed(publisher: Publisher) -> None:
    page_id = replace_file(publisher)
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert [each.comment for each in publisher.wiki().attachments(page_id)] == ["a better one"]
    assert publisher.plan(BOOK).empty


def test_a_page_without_an_ownership_property_is_not_removed(publisher: Publisher) -> None:
    wiki, page = publisher.wiki(), publisher.find_page(TWO.title)
    for each in wiki.properties(page.id):
        wiki.delete_property(page.id, each)
    result = publisher.publish([HOME, ONE])
    assert result.outcome is Outcome.INCOMPLETE
    assert "removed its ownership property" in result.failures[0].said
    assert publisher.find_page(TWO.title).id == page.id


@pytest.mark.parametrize(
    "html",
    [
        "<p>It ranks restaurants <a href='../model/two.html'>nearby for</a> everybody</p>",
        "<p>It ranks <a href='https://e.example.com'>restaurants</a> nearby for everybody</p>",
        "<p>It ranks restaurants <span id='here'></span>nearby for everybody</p><p><a href='#here'>up</a></p>",
    ],
    ids=["a link to a page", "a link elsewhere", "an anchor"],
)
def test_a_comment_over_text_that_gets_a_link_keeps_its_place(publisher: Publisher, html: str) -> None:
    publisher.add_comment(ONE.title, WORDS)
    assert publisher.publish([HOME, replace(ONE, html=html), TWO]).outcome is Outcome.DONE
    assert list_comment_states(publisher, ONE.title) == ["open"]
