"""What users did to managed pages, and what each policy makes of it."""

import pytest
from msgspec.structs import replace

from generator.confluence.storage.rules import NOT_CARRIED
from generator.confluence.sync.changes import get_policy
from generator.confluence.sync.values import NO_CONSENT, Conflict, Consent, HoldReason
from generator.confluence.wiki import InlineComment, Status
from tests.confluence.publishing import apply_policy
from tests.confluence.sync.worlds import ADA, SETTINGS, World, get_page_id, make_draft

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
    edit: HoldReason.EDITED,
    move: HoldReason.MOVED,
    trash: HoldReason.TRASHED,
    delete: HoldReason.TRASHED,
    archive: HoldReason.ARCHIVED,
}
SETTING = {edit: "manual_edits", move: "manual_moves", trash: "trashed_pages", archive: "archived_pages"}


@pytest.fixture
def world() -> World:
    world = World()
    world.publish(HOME, RYL)
    return world


def find(world: World, policy: str = "hold", orphans: str = "archive") -> dict[str, Conflict]:
    world.settings = apply_policy(policy).model_copy(update={"orphans": orphans})
    return {conflict.ref: conflict for conflict in world.plan().conflicts}


def test_an_untouched_book_has_no_conflict(world):
    assert find(world) == {}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("policy", "stops"), [("stop", True), ("hold", False)])
def test_each_deed_is_one_conflict_of_its_page(world, deed, policy, stops):
    deed(world)
    found = find(world, policy)
    assert list(found) == ["model:r"]
    conflict = found["model:r"]
    assert (conflict.hindrance, conflict.stops, conflict.fails) == (DEEDS[deed], stops, True)
    assert (conflict.title, conflict.card) == ("Model:R", "cards/r.yml:3")
    assert conflict.words


@pytest.mark.parametrize("deed", DEEDS)
def test_overwriting_leaves_only_what_cannot_be_undone(world, deed):
    deed(world)
    found = find(world, "overwrite")
    assert list(found) == (["model:r"] if deed is archive else [])


@pytest.mark.parametrize("deed", SETTING)
def test_each_deed_has_a_policy_of_its_own(world, deed):
    deed(world)
    world.settings = SETTINGS.model_copy(update={SETTING[deed]: "stop"})
    [conflict] = world.plan().conflicts
    assert conflict.stops
    world.settings = apply_policy("stop").model_copy(update={SETTING[deed]: "hold"})
    [conflict] = world.plan().conflicts
    assert not conflict.stops


def test_an_edit_names_who_when_and_what(world):
    edit(world)
    conflict = find(world)["model:r"]
    assert (conflict.who, conflict.when, conflict.url) == ("Ada Admin", "2026-11-03T09:12:00Z", "https://w/model:r")
    assert conflict.diff == ("- title: Model:R", "+ title: Mine", "- first", "+ theirs")


def test_an_edit_of_an_unknown_version_says_so(world):
    edit(world)
    world.versions[get_page_id("model:r")] = None
    assert find(world)["model:r"].diff[-1] == "@@ the published version is unknown"


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
    world.settings = apply_policy("overwrite")
    world.drafts = [HOME] if orphaned else [HOME, replace(RYL, storage="second")]
    [change] = world.plan().changes
    assert fate in change.notes[0]
    assert ("by Ada Admin" in change.notes[0]) == (deed is edit)


def test_a_page_with_an_error_is_held_and_all_others_are_published(world):
    error = NOT_CARRIED.at(RYL.source, "a video", "remove it")
    error = replace(error, severity=type(error.severity).ERROR)
    world.drafts = [HOME, replace(RYL, storage="second", findings=(error,)), make_draft("model:n", "page:home")]
    plan = world.plan()
    [conflict] = plan.conflicts
    assert (conflict.ref, conflict.hindrance, conflict.stops) == ("model:r", HoldReason.ERRORS, False)
    assert "a video" in conflict.words
    assert [change.ref for change in plan.changes] == ["model:n"]
    assert not plan.refusals
    assert plan.exit_status == 1


MARKED = '<p>first <ac:inline-comment-marker ac:ref="{}">{}</ac:inline-comment-marker></p>'


def comment(world: World, state: str = "open", words: str = "lost ones") -> None:
    """Comment on words of the page, which the book then changes."""
    page_id = get_page_id("model:r")
    world.bodies[page_id] = world.versions[page_id] = MARKED.format("a", words)
    world.comments[page_id] = (InlineComment("a", words, "<p>Is that so?</p>", state, ADA),)
    world.drafts = [HOME, replace(RYL, storage="first words", title="Renamed")]


def test_a_page_whose_commented_words_change_is_held_with_its_title(world):
    comment(world)
    plan = world.plan()
    [conflict] = plan.conflicts
    assert (conflict.hindrance, conflict.stops, conflict.title) == (HoldReason.COMMENTS, False, "Model:R")
    assert "Ada Admin on 'lost ones': Is that so?" in conflict.words
    assert plan.changes == ()
    assert plan.titles["model:r"] == "Model:R", "links still contain its title in the wiki"


@pytest.mark.parametrize("how", ["policy", "confirmation"])
def test_a_confirmed_page_is_published_and_names_the_comments_that_lose_their_place(world, how):
    comment(world)
    if how == "policy":
        world.settings = SETTINGS.model_copy(update={"inline_comments": "overwrite"})
    else:
        world.consent = Consent(comments=True)
    plan = world.plan()
    [change] = plan.changes
    assert plan.conflicts == ()
    assert [(each.marker, each.selection, each.author) for each in change.remarks] == [("a", "lost ones", "Ada Admin")]


@pytest.mark.parametrize(("state", "words"), [("resolved", "lost ones"), ("open", "words")])
def test_a_settled_comment_and_one_whose_words_stand_hold_nothing(world, state, words):
    comment(world, state, words)
    [change] = world.plan().changes
    assert change.remarks == ()
    assert [each.ref for each in change.markers] == (["a"] if state == "open" else [])


def test_a_confirmation_counts_only_for_comments():
    policies = {trouble: get_policy(trouble, SETTINGS, Consent(removals=True, comments=True)) for trouble in HoldReason}
    assert {trouble for trouble, policy in policies.items() if policy == "overwrite"} == {HoldReason.COMMENTS}
    assert {get_policy(trouble, SETTINGS, NO_CONSENT) for trouble in HoldReason} == {"hold"}
