"""Cards with another id: the page of a card whose former id is an alias stays, with its comments and its history."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer
from generator.confluence.sync.lock import LEASE
from generator.confluence.sync.manifest import manifest_key, pack, page_key, read_manifest
from generator.confluence.sync.report import plan_json, plan_text, result_text
from generator.confluence.sync.values import Action, Change, Consent, HoldReason, Outcome
from generator.confluence.wiki import Flavour, Status
from tests.confluence.demo.server import VariantServer
from tests.confluence.publishing import Publisher, Sheet, configure, publish_book, read_state, render_link
from tests.confluence.recovering import Killed, connect_interrupted, publish_without_faults
from tests.confluence.test_lost_manifest import list_managed, lose_manifest
from tests.conftest import Sample

HOME = Sheet("page:home", "The book", None, "<p>All models</p>")
RYL = Sheet("model:ryl", "Restaurants", "page:home", "<p>Ranks restaurants nearby.</p>", ("model",))
BELOW = Sheet("model:below", "Part", "model:ryl", f"<p>A part of {render_link(RYL)}.</p>", ("model",))
BOOK = [HOME, RYL, replace(RYL, ref="model:tpfy", title="Top picks", html="<p>Picks.</p>"), BELOW]
RENAMED = replace(RYL, ref="model:restaurants", aliases=("RYL", "ryl"))


def rename(sheet: Sheet = RENAMED) -> list[Sheet]:
    """Return the book with another id of a card, also in its links and as the parent of another page."""
    html = f"<p>A part of {render_link(sheet)}.</p>"
    return [HOME, sheet, BOOK[2], replace(BELOW, parent=sheet.ref, html=html)]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    return publish_book(demo, tmp_path / "site", BOOK)


def find_change(publisher: Publisher, sheets: list[Sheet], ref: str = RENAMED.ref) -> Change:
    return next(change for change in publisher.plan(sheets).changes if change.ref == ref)


def check_one_entry_for_each_page(publisher: Publisher) -> None:
    """Check that no page is in the manifest under two references."""
    wiki = publisher.wiki()
    host = wiki.space("BOOK").homepage_id or ""
    ids = [each.page_id for each in read_manifest(wiki.properties(host), "modelbook", host).entries.values()]
    assert len(set(ids)) == len(ids)


def test_a_card_with_another_id_keeps_its_page(publisher: Publisher) -> None:
    page, child = publisher.find_page("Restaurants"), publisher.find_page("Part")
    plan = publisher.plan(rename())
    assert not any(change.creates or change.removes for change in plan.changes)
    assert "1 to rename" in plan_text(plan)
    assert "rename: Restaurants (was model:ryl)" in plan_text(plan)
    changes = json.loads(plan_json(plan))["plan"]["changes"]
    assert [change["old_ref"] for change in changes if change["ref"] == RENAMED.ref] == ["model:ryl"]
    result = publisher.publish(rename())
    assert result.outcome is Outcome.DONE
    assert "Restaurants: renamed from model:ryl" in result_text(result)
    assert publisher.find_page("Restaurants").id == page.id
    assert publisher.find_page("Part") == child
    assert child.parent_id == page.id
    assert list_managed(publisher) == ["model:below", "model:restaurants", "model:tpfy", "page:home"]
    check_one_entry_for_each_page(publisher)
    assert publisher.plan(rename()).empty
    assert publisher.plan(rename(replace(RENAMED, aliases=()))).empty


def test_the_text_the_title_and_the_files_of_a_renamed_card_are_updated(demo: DemoServer, tmp_path: Path) -> None:
    before = replace(RYL, pictures={"ryl.png": b"1"}, labels=("model", "ryl"))
    after = replace(RENAMED, title="Places", html="<p>Ranks places.</p>", pictures={"restaurants.png": b"1"})
    publisher = publish_book(demo, tmp_path / "site", rename(before))
    page = publisher.find_page("Restaurants")
    change = find_change(publisher, rename(after))
    assert change.actions == (Action.UPDATE, Action.RENAME, Action.LABELS, Action.ATTACHMENTS)
    assert publisher.publish(rename(after)).outcome is Outcome.DONE
    assert publisher.find_page("Places").id == page.id
    state = read_state(demo)["Places"]
    assert [name for name, _, _ in state["files"]] == ["model-restaurants.png"]
    assert (state["labels"], state["ref"]) == (["model"], "model:restaurants")
    assert publisher.plan(rename(after)).empty


def test_an_inline_comment_stays_on_the_page_of_a_renamed_card(flavour: Flavour, tmp_path: Path) -> None:
    publisher = publish_book(VariantServer(flavour), tmp_path / "site", BOOK)
    marker = publisher.add_comment("Restaurants", "restaurants nearby")
    changed = replace(RENAMED, html="<p>Ranks restaurants nearby, and bars.</p>")
    assert publisher.publish(rename(changed)).outcome is Outcome.DONE
    assert marker in (publisher.find_page("Restaurants").body or "")


def test_an_edited_page_of_a_renamed_card_is_held(publisher: Publisher) -> None:
    publisher.edit("Restaurants", "nearby", "close by")
    page = publisher.find_page("Restaurants")
    below = Sheet("model:new", "New", RENAMED.ref, "<p>New</p>")
    result = publisher.publish([*rename(), below])
    assert [(each.ref, each.hindrance) for each in result.held] == [(RENAMED.ref, HoldReason.EDITED)]
    assert (result.failures, result.left) == ((), 0)
    assert publisher.find_page("New").parent_id == page.id
    assert publisher.find_page("Restaurants") == page
    check_one_entry_for_each_page(publisher)
    publisher = configure(publisher, manual_edits="overwrite")
    assert publisher.publish([*rename(), below]).outcome is Outcome.DONE
    assert "nearby" in (publisher.find_page("Restaurants").body or "")
    assert publisher.find_page("Restaurants").id == page.id
    assert publisher.plan([*rename(), below]).empty


def test_a_moved_page_of_a_renamed_card_is_held(publisher: Publisher) -> None:
    wiki, page = publisher.wiki(), publisher.find_page("Restaurants")
    publisher.demo.world.contents[int(page.id)].parent_id = int(wiki.space("BOOK").homepage_id or 0)
    assert [each.hindrance for each in publisher.plan(rename()).conflicts] == [HoldReason.MOVED]


def test_a_trashed_page_of_a_renamed_card_is_held_or_created_again(publisher: Publisher) -> None:
    page = publisher.find_page("Restaurants")
    publisher.wiki().trash_page(page.id)
    assert [each.hindrance for each in publisher.publish(rename()).held] == [HoldReason.TRASHED]
    check_one_entry_for_each_page(publisher)
    publisher = configure(publisher, trashed_pages="overwrite")
    assert publisher.publish(rename()).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants").id != page.id
    assert list_managed(publisher) == ["model:below", "model:restaurants", "model:tpfy", "page:home"]
    assert publisher.plan(rename()).empty


def test_an_alias_of_a_card_that_exists_changes_nothing(publisher: Publisher) -> None:
    named = [replace(sheet, aliases=("ryl", "restaurants")) if sheet.ref == "model:tpfy" else sheet for sheet in BOOK]
    assert publisher.plan(named).empty
    gone = [sheet for sheet in named if sheet.ref not in ("model:ryl", "model:below")]
    removed = {change.ref for change in publisher.plan(gone, consent=Consent(removals=True)).changes if change.removes}
    assert removed == {"model:ryl", "model:below"}


def test_an_alias_of_another_kind_is_no_former_id(publisher: Publisher) -> None:
    assert find_change(publisher, rename(replace(RENAMED, ref="system:ryl")), "system:ryl").creates


def test_two_cards_with_the_same_former_id_leave_its_page_alone(publisher: Publisher) -> None:
    page = publisher.find_page("Restaurants")
    second = Sheet("model:second", "Second", "page:home", "<p>Text</p>", aliases=("ryl",))
    book = [*rename(replace(RENAMED, title="First")), second]
    for _ in range(2):
        result = publisher.publish(book)
        [held] = result.held
        assert (held.ref, held.hindrance, result.exit_status) == ("model:ryl", HoldReason.CLAIMED, 1)
        assert "model:restaurants and model:second have the alias 'ryl'" in result_text(result)
        assert publisher.find_page("Restaurants") == page
        assert list_managed(publisher)[1:4] == ["model:restaurants", "model:ryl", "model:second"]
    book[-1] = replace(second, aliases=())
    assert publisher.publish(book).exit_status == 0
    assert publisher.wiki().page(page.id).status is not Status.CURRENT


def test_a_card_that_replaces_two_keeps_the_page_of_its_first_alias(publisher: Publisher) -> None:
    page = publisher.find_page("Restaurants")
    merged = replace(RENAMED, ref="model:all", aliases=("ryl", "tpfy"))
    sheets = [HOME, merged, replace(BELOW, parent=merged.ref, html=f"<p>A part of {render_link(merged)}.</p>")]
    assert find_change(publisher, sheets, merged.ref).page_id == page.id


def test_a_card_that_is_renamed_twice_and_back_keeps_its_page(publisher: Publisher) -> None:
    page = publisher.find_page("Restaurants")
    twice = replace(RENAMED, ref="model:places", aliases=("restaurants", "ryl"))
    assert publisher.publish(rename(twice)).outcome is Outcome.DONE
    assert list_managed(publisher) == ["model:below", "model:places", "model:tpfy", "page:home"]
    back = replace(RYL, aliases=("places",))
    assert publisher.publish(rename(back)).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants").id == page.id
    assert publisher.plan(BOOK).empty


# Interrupted


def build_before() -> list[Sheet]:
    changed = replace(RYL, title="Rank Your List", pictures={"ryl.png": b"1"})
    return rename(changed)


def build_after() -> list[Sheet]:
    return rename(replace(RENAMED, pictures={"restaurants.png": b"2"}))


@pytest.mark.parametrize("has_manifest", [True, False], ids=["manifest", "no manifest"])
def test_a_rename_killed_at_any_request_is_completed(
    flavour: Flavour, *, has_manifest: bool, sample: Sample, tmp_path: Path
) -> None:
    expected, [_, total] = publish_without_faults(flavour, build_before, build_after)
    for last in sample(total, 3):
        publisher = publish_book(DemoServer(flavour), tmp_path / "site", build_before())
        page = publisher.find_page("Rank Your List")
        with pytest.raises(Killed):
            publisher.publish(build_after(), wiki=connect_interrupted(publisher, last))
        check_one_entry_for_each_page(publisher)
        publisher.time.passed += LEASE + 1
        if not has_manifest:
            lose_manifest(publisher)
        assert publisher.publish(build_after()).outcome in (Outcome.DONE, Outcome.NOTHING)
        check_one_entry_for_each_page(publisher)
        assert publisher.find_page("Restaurants").id == page.id
        assert read_state(publisher.demo) == expected
        assert publisher.plan(build_after()).empty


def test_a_rename_is_recovered_without_the_manifest(publisher: Publisher) -> None:
    page = publisher.find_page("Restaurants")
    lose_manifest(publisher)
    assert publisher.publish(rename()).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants").id == page.id
    assert list_managed(publisher) == ["model:below", "model:restaurants", "model:tpfy", "page:home"]
    [mark] = [each for each in publisher.wiki().properties(page.id) if each.key == page_key("modelbook")]
    assert isinstance(mark.value, dict)
    assert mark.value["ref"] == "model:restaurants"
    assert publisher.plan(rename()).empty


def test_a_page_that_only_its_title_finds_is_that_of_the_renamed_card(publisher: Publisher) -> None:
    """Check a manifest that has lost the page, as after a kill between the writes of two of its parts."""
    page = publisher.find_page("Restaurants")
    wiki = publisher.wiki()
    host = wiki.space("BOOK").homepage_id or ""
    manifest = read_manifest(wiki.properties(host), "modelbook", host)
    _, values = pack(manifest, {"model:ryl": None})
    assert manifest.head is not None
    wiki.update_property(host, manifest.head, values[manifest_key("modelbook")])
    assert publisher.publish(rename()).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants").id == page.id
    assert publisher.plan(rename()).empty


def test_a_card_that_is_removed_after_its_killed_rename_loses_its_page(
    flavour: Flavour, sample: Sample, tmp_path: Path
) -> None:
    left = [HOME, BOOK[2]]
    expected, _ = publish_without_faults(flavour, lambda: left)
    _, [_, total] = publish_without_faults(flavour, build_before, build_after)
    for last in sample(total, 3):
        publisher = publish_book(DemoServer(flavour), tmp_path / "site", build_before())
        with pytest.raises(Killed):
            publisher.publish(build_after(), wiki=connect_interrupted(publisher, last))
        publisher.time.passed += LEASE + 1
        result = publisher.publish(left, consent=Consent(removals=True))
        assert (result.failures, result.exit_status) == ((), 0)
        assert {**read_state(publisher.demo), "(gone)": []} == expected
        assert publisher.plan(left).empty
