"""Publishing after the manifest was lost: pages are found again by their property, their place and their text."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.sync.lock import LEASE
from generator.confluence.sync.manifest import page_key
from generator.confluence.sync.values import Outcome
from generator.confluence.wiki import Flavour, PageUpdate
from tests.confluence.conftest import fill
from tests.confluence.publishing import Publisher, Sheet, build_library, configure, publish_book, read_state
from tests.confluence.recovering import Killed, build_small_book, connect_interrupted, publish_without_faults
from tests.conftest import Sample


def lose_manifest(publisher: Publisher) -> None:
    """Delete all properties of the parent page, with them the lock."""
    wiki = publisher.wiki()
    host = publisher.settings.parent or wiki.space("BOOK").homepage_id
    assert host is not None
    for each in wiki.properties(host):
        wiki.delete_property(host, each)


def list_managed(publisher: Publisher) -> list[str]:
    """List the references of all pages with an ownership property, duplicates included."""
    state = read_state(publisher.demo)
    return sorted(page["ref"] for title, page in state.items() if title != "(gone)" and page["ref"])


def test_a_killed_first_publish_without_its_manifest_is_completed(
    flavour: Flavour, sample: Sample, tmp_path: Path
) -> None:
    expected, [total] = publish_without_faults(flavour, build_small_book)
    for last in sample(total, 3):
        publisher = Publisher(DemoServer(flavour), tmp_path / "site")
        with pytest.raises(Killed):
            publisher.publish(build_small_book(), wiki=connect_interrupted(publisher, last))
        lose_manifest(publisher)
        assert publisher.publish(build_small_book()).outcome is Outcome.DONE
        assert read_state(publisher.demo) == expected
        assert publisher.plan(build_small_book()).empty


def build_new_book() -> list[Sheet]:
    """Return the small book after a new build: a text has changed, a card is gone, another is new."""
    sheets = [replace(sheet, html="<p>New</p>") if sheet.ref == "model:m1" else sheet for sheet in build_small_book()]
    gone = [sheet for sheet in sheets if sheet.ref != "model:m3"]
    return [*gone, Sheet("model:n", "New", "page:section-0", "<p>Text</p>", ("model",))]


def test_a_killed_first_publish_is_completed_with_a_new_build(flavour: Flavour, sample: Sample, tmp_path: Path) -> None:
    """Check that a page of a card that is gone in the meantime goes too."""
    expected, _ = publish_without_faults(flavour, build_new_book)
    _, [total] = publish_without_faults(flavour, build_small_book)
    for last in sample(total, 3):
        publisher = Publisher(DemoServer(flavour), tmp_path / "site")
        with pytest.raises(Killed):
            publisher.publish(build_small_book(), wiki=connect_interrupted(publisher, last))
        publisher.time.passed += LEASE + 1
        assert publisher.publish(build_new_book()).outcome is Outcome.DONE
        assert {**read_state(publisher.demo), "(gone)": []} == expected
        assert publisher.plan(build_new_book()).empty


def test_a_rebuilt_site_without_its_manifest_changes_the_pages_that_it_had(demo: DemoServer, tmp_path: Path) -> None:
    """Check that a renamed home page, a renamed card and a removed one are found around the others."""
    publisher = publish_book(demo, tmp_path / "site", build_small_book())
    ids = {sheet.ref: publisher.find_page(sheet.title).id for sheet in build_small_book()}
    lose_manifest(publisher)
    names = {"page:home": "Another home", "model:m1": "Another model"}
    book = [
        replace(sheet, title=names.get(sheet.ref, sheet.title))
        for sheet in build_small_book()
        if sheet.ref != "model:m3"
    ]
    assert publisher.publish(book).outcome is Outcome.DONE
    assert {sheet.ref: publisher.find_page(sheet.title).id for sheet in book} == {
        ref: page_id for ref, page_id in ids.items() if ref != "model:m3"
    }
    assert list_managed(publisher) == sorted(sheet.ref for sheet in book)


def test_an_edit_is_found_without_a_manifest_and_the_others_are_published(demo: DemoServer, tmp_path: Path) -> None:
    publisher = configure(publish_book(demo, tmp_path / "site", build_small_book()), manual_edits="hold")
    publisher.edit("Model 1", "Ranks", "Somebody ranks")
    lose_manifest(publisher)
    book = [replace(sheet, html="<p>New</p>") for sheet in build_small_book()]
    publisher.publish(book)
    assert "Somebody ranks" in (publisher.find_page("Model 1").body or "")
    assert "New" in (publisher.find_page("Model 2").body or "")
    assert list_managed(publisher) == sorted(sheet.ref for sheet in book)


def test_a_book_of_an_earlier_release_is_managed_without_its_manifest(demo: DemoServer, tmp_path: Path) -> None:
    """Check properties that name no version: a page with the text of the book is taken for the published one."""
    publisher = publish_book(demo, tmp_path / "site", build_small_book())
    wiki = publisher.wiki()
    for sheet in build_small_book():
        page = publisher.find_page(sheet.title)
        [mark] = [each for each in wiki.properties(page.id) if each.key == page_key("modelbook")]
        assert isinstance(mark.value, dict)
        old = {key: mark.value[key] for key in ("book", "host", "page", "ref")}
        wiki.update_property(page.id, mark, old)
    lose_manifest(publisher)
    before = read_state(demo)
    assert publisher.publish(build_small_book()).outcome is Outcome.DONE
    assert read_state(demo) == before
    assert publisher.plan(build_small_book()).empty


def test_people_edit_while_a_killed_run_is_completed(demo: DemoServer, tmp_path: Path) -> None:
    """Check that a page that was written and then edited is held, and that an edit is never taken for our own."""
    publisher = configure(publish_book(demo, tmp_path / "site", build_small_book()), manual_edits="hold")
    book = [replace(sheet, html="<p>New</p>", pictures={}) for sheet in build_small_book()]
    with pytest.raises(Killed):
        publisher.publish(book, wiki=connect_interrupted(publisher, 28))
    publisher.time.passed += LEASE + 1
    for sheet in book:
        publisher.edit(sheet.title, "</p>", " by somebody</p>")
    publisher.publish(book)
    for sheet in book:
        assert "by somebody" in (publisher.find_page(sheet.title).body or "")


# The requests that it costs


def build_distinct_library(pages: int) -> list[Sheet]:
    """Return a library with other titles than the pages that fill the wiki."""
    return [replace(sheet, title=f"Our {sheet.title}") for sheet in build_library(pages, plain=True)]


@pytest.mark.parametrize("pages", [20, 260])
def test_a_lost_manifest_costs_one_request_a_page_and_a_few_for_the_tree(pages: int, tmp_path: Path) -> None:
    publisher = Publisher(DemoServer(Flavour.CLOUD), tmp_path / "site")
    configure(publisher, parent=publisher.create_unmanaged_page("Models").id)
    fill(publisher.demo, publisher.create_unmanaged_page("Another team").id, 1_000)
    sheets = build_distinct_library(pages)
    assert publisher.publish(sheets).outcome is Outcome.DONE
    lose_manifest(publisher)
    publisher.requests()
    assert {change.actions for change in publisher.plan(sheets).changes} == {("record",)}
    space, manifest, parent, tree, bulk = 1, 1, 1, -(-pages // 250), -(-pages // 250)
    assert publisher.requests() == space + manifest + parent + tree + bulk + pages


def test_a_renamed_page_that_is_held_after_the_manifest_was_lost_stays_known(demo: DemoServer, tmp_path: Path) -> None:
    """Check that the new manifest has it: no search finds it by its title, and a second one would be created."""
    book = build_small_book()
    publisher = publish_book(demo, tmp_path / "site", book)
    page, wiki = publisher.find_page("Model 1"), publisher.wiki()
    wiki.update_page(PageUpdate(page.id, "Their title", page.body or "", page.version.number + 1))
    demo.world.contents[int(page.id)].current.author = "somebody"
    lose_manifest(publisher)
    below = Sheet("model:n", "New", "model:m1", "<p>Text</p>")
    for sheets in ([*book, below], [*book, below, replace(below, ref="model:n2", title="Newer")]):
        result = publisher.publish(sheets)
        assert [each.title for each in result.held] == ["Model 1"]
        assert (result.failures, result.left) == ((), 0)
        assert list_managed(publisher) == sorted(sheet.ref for sheet in sheets)
    assert publisher.find_page("New").parent_id == page.id
    assert publisher.plan(sheets).empty


def test_a_kept_page_without_a_card_is_known_after_the_manifest_was_lost(demo: DemoServer, tmp_path: Path) -> None:
    book = build_small_book()
    publisher = configure(publish_book(demo, tmp_path / "site", book), orphans="keep")
    lose_manifest(publisher)
    changed = [replace(sheet, html="<p>New</p>") for sheet in book if sheet.ref != "model:m3"]
    assert publisher.publish(changed).outcome is Outcome.DONE
    publisher = configure(publisher, orphans="trash")
    assert [change.ref for change in publisher.plan(changed).changes if change.removes] == ["model:m3"]


def test_a_book_with_only_new_titles_is_found_without_its_manifest(demo: DemoServer, tmp_path: Path) -> None:
    home, card = Sheet("page:home", "The book"), Sheet("model:m", "Model", "page:home")
    publisher = publish_book(demo, tmp_path / "site", [home, card])
    lose_manifest(publisher)
    renamed = [replace(home, title="Another book"), replace(card, title="Another model")]
    assert publisher.publish(renamed).outcome is Outcome.DONE
    assert list_managed(publisher) == ["model:m", "page:home"]
