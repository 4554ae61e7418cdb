"""What people did to managed pages, and what each policy makes of it."""

from dataclasses import replace

import pytest

from generator.confluence.sync.conflicts import conflicts_of, removal_of, with_notes
from generator.confluence.sync.values import Conflict, Trouble
from generator.confluence.wiki import Status
from tests.confluence.sync.worlds import SETTINGS, World, get_page_id, make_draft

HOME = make_draft("page:home")
RYL = make_draft("model:r", "page:home")


def edit(world: World) -> None:
    world.edit("model:r", "<p>theirs</p>", title="Mine")


def move(world: World) -> None:
    world.change_page("model:r", parent_id="elsewhere")


def trash(world: World) -> None:
    world.change_page("model:r", status=Status.TRASHED)


def delete(world: World) -> None:
    del world.pages[get_page_id("model:r")]


def archive(world: World) -> None:
    world.change_page("model:r", status=Status.ARCHIVED)


DEEDS = {
    edit: Trouble.EDITED,
    move: Trouble.MOVED,
    trash: Trouble.TRASHED,
    delete: Trouble.TRASHED,
    archive: Trouble.ARCHIVED,
}


@pytest.fixture
def world() -> World:
    world = World()
    world.publish(HOME, RYL)
    return world


def find(world: World, policy: str = "stop", orphans: str = "archive") -> dict[str, Conflict]:
    world.settings = SETTINGS.model_copy(update={"manual_edits": policy, "orphans": orphans})
    return conflicts_of(world.cases, world.snapshot, world.details, world.settings)


def test_an_untouched_book_has_no_conflict(world):
    assert find(world) == {}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("policy", "stops"), [("stop", True), ("hold", False)])
def test_each_deed_is_one_conflict_of_its_page(world, deed, policy, stops):
    deed(world)
    found = find(world, policy)
    assert list(found) == ["model:r"]
    conflict = found["model:r"]
    assert (conflict.hindrance, conflict.stops) == (DEEDS[deed], stops)
    assert (conflict.title, conflict.card) == ("Model:R", "cards/r.yml:3")
    assert conflict.words


@pytest.mark.parametrize("deed", DEEDS)
def test_overwriting_leaves_only_what_cannot_be_undone(world, deed):
    deed(world)
    found = find(world, "overwrite")
    assert list(found) == (["model:r"] if deed is archive else [])


def test_an_edit_names_who_when_and_what(world):
    edit(world)
    conflict = find(world)["model:r"]
    assert (conflict.who, conflict.when) == ("Ada Admin", "2026-11-03T09:12:00Z")
    assert conflict.diff == ("- title: Model:R", "+ title: Mine", "- first", "+ theirs")


def test_an_edit_of_an_unknown_version_says_so(world):
    edit(world)
    world.versions[get_page_id("model:r")] = None
    assert find(world)["model:r"].diff[-1] == "@@ our own version is not known any more"


@pytest.mark.parametrize("deed", [trash, delete, archive])
def test_a_page_whose_card_is_gone_too_is_no_conflict(world, deed):
    deed(world)
    world.drafts = [HOME]
    assert find(world) == {}


@pytest.mark.parametrize(("orphans", "count"), [("archive", 1), ("trash", 1), ("keep", 0)])
def test_an_edited_orphan_is_a_conflict_unless_orphans_are_kept(world, orphans, count):
    edit(world)
    world.drafts = [HOME]
    assert len(find(world, orphans=orphans)) == count


@pytest.mark.parametrize(
    ("deed", "orphaned", "fate"),
    [(edit, False, "written over"), (edit, True, "goes with the page"), (move, False, "undone")],
)
def test_a_change_that_overwrites_notes_what_is_lost(world, deed, orphaned, fate):
    deed(world)
    world.settings = SETTINGS.model_copy(update={"manual_edits": "overwrite"})
    if orphaned:
        world.drafts = [HOME]
        changes = {"model:r": removal_of(world.get_case("model:r"), world.snapshot, world.settings)}
    else:
        world.drafts[1] = replace(RYL, body="second")
        changes = {change.ref: change for change in world.plan().changes}
    noted = with_notes(changes, world.cases, world.snapshot, world.details, world.settings)
    assert fate in noted["model:r"].notes[0]
    assert ("by Ada Admin" in noted["model:r"].notes[0]) == (deed is edit)
    assert "+ theirs" in noted["model:r"].diff or not orphaned
