"""The change that makes one page match the site, for each way in which it can differ."""

import pytest
from msgspec.structs import replace

from generator.confluence.sync.difference import text_digest
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import HeldFile, file_comment
from generator.confluence.sync.values import Action, Change, FileChange, FileRemoval
from generator.confluence.wiki import Attachment
from tests.confluence.sync.worlds import SETTINGS, World, get_page_id, make_draft, make_entry

HOME = make_draft("page:home")
RYL = make_draft("model:r", "page:home", files={"flow.png": "f1"})
TPFY = make_draft("model:t", "page:home")
PAGE_ID = get_page_id("model:r")


@pytest.fixture
def world() -> World:
    world = World()
    world.settings = SETTINGS.model_copy(update={"manual_moves": "overwrite"})
    world.publish(HOME, TPFY, RYL)
    return world


def find_change(world: World, draft: Draft) -> Change | None:
    world.drafts[2] = draft
    return next((change for change in world.plan().changes if change.ref == draft.ref), None)


def get_change(world: World, draft: Draft) -> Change:
    change = find_change(world, draft)
    assert change is not None
    return change


def test_nothing_to_do(world):
    assert find_change(world, RYL) is None


def test_a_page_to_create(world):
    world.drafts.append(make_draft("model:n", "page:home", labels=("a", "b"), files={"x.png": "d"}))
    [change] = world.plan().changes
    assert change.actions == (Action.CREATE, Action.LABELS, Action.ATTACHMENTS)
    assert (change.page_id, change.version, change.owned) == ("", 0, False)
    assert (change.depth, change.saves, change.message) == (1, True, "First published")
    assert change.new_labels == ("a", "b")
    assert change.uploads == (FileChange("x.png", "d"),)
    assert change.diff == ("+ first",)
    assert change.text == text_digest("<p>first</p>")
    world.drafts[-1] = make_draft("model:b", labels=())
    assert world.plan().changes[0].actions == (Action.CREATE,)


@pytest.mark.parametrize(
    ("draft", "actions", "saves"),
    [
        (replace(RYL, storage="second"), (Action.UPDATE,), True),
        (replace(RYL, title="Other"), (Action.RENAME,), True),
        (replace(RYL, parent="model:t"), (Action.MOVE,), True),
        (replace(RYL, labels=("retired",)), (Action.LABELS,), False),
        (replace(RYL, files={"flow.png": "f2"}), (Action.ATTACHMENTS,), False),
        (replace(RYL, files={}), (Action.ATTACHMENTS,), False),
        (replace(RYL, state="deprecated"), (Action.STATE,), False),
        (replace(RYL, appearance="full-width"), (Action.APPEARANCE,), False),
        (
            replace(RYL, storage="second", title="Other", parent="model:t", labels=(), files={}, state="retired"),
            (Action.UPDATE, Action.RENAME, Action.MOVE, Action.LABELS, Action.ATTACHMENTS, Action.STATE),
            True,
        ),
    ],
    ids=["text", "title", "parent", "labels", "changed file", "removed file", "state", "width", "everything"],
)
def test_a_difference_has_its_actions_and_a_version_only_if_needed(world, draft, actions, saves):
    change = get_change(world, draft)
    assert change.actions == actions
    assert change.saves is saves
    assert bool(change.message) is saves
    assert bool(change.text) is saves
    assert (change.page_id, change.version, change.digest) == (PAGE_ID, 1, draft.digest)


def test_a_change_keeps_what_it_does_not_change(world):
    change = get_change(world, replace(RYL, labels=("model", "new"), files={"flow.png": "f1", "more.png": "m"}))
    assert (change.new_labels, change.old_labels, change.held_labels) == (("new",), (), ("model",))
    assert change.uploads == (FileChange("more.png", "m"),)
    assert change.removals == ()
    assert change.held_files == {"flow.png": "file flow.png"}


def test_a_changed_file_names_the_attachment_that_it_replaces(world):
    assert get_change(world, replace(RYL, files={"flow.png": "f2"})).uploads == (
        FileChange("flow.png", "f2", "file flow.png"),
    )
    assert get_change(world, replace(RYL, files={})).removals == (FileRemoval("flow.png", "file flow.png"),)


@pytest.mark.parametrize(
    ("parent_id", "named"),
    [("host", "the parent page of the book"), ("id of model:t", "Model:T"), ("42", "page 42"),
     (None, "the top of the space")],
)  # fmt: skip
def test_a_move_names_the_page_that_it_leaves(world, parent_id, named):
    world.change_page("model:r", parent_id=parent_id)
    change = get_change(world, RYL)
    assert (change.actions, change.old_parent, change.saves) == ((Action.MOVE,), named, True)
    assert change.message == f"moved from below {named}"


def test_a_page_whose_text_is_unknown_is_written_whole(world):
    world.published["model:r"] = make_entry(RYL, body="", digest="unfinished", recorded=False)
    world.bodies[PAGE_ID] = "<p>other</p>"
    change = get_change(world, RYL)
    assert (change.actions, change.saves, change.owned) == ((Action.UPDATE,), True, False)


def test_a_page_that_looks_as_before_gets_no_version(world):
    world.bodies[PAGE_ID] = '<p local-id="1">second</p>'
    change = get_change(world, replace(RYL, storage="second"))
    assert (change.actions, change.saves, change.text, change.diff) == ((Action.RECORD,), False, "", ())


def test_a_page_with_the_wanted_text_that_a_killed_run_left_is_completed_without_a_version(world):
    world.published["model:r"] = make_entry(RYL, digest="unfinished", labels=(), files=None, recorded=False)
    world.labels[PAGE_ID], world.files[PAGE_ID] = frozenset(), ()
    change = get_change(world, RYL)
    assert (change.actions, change.saves) == ((Action.LABELS, Action.ATTACHMENTS), False)


def test_a_page_that_is_as_wanted_and_not_in_the_manifest_is_only_recorded(world):
    world.published["model:r"] = make_entry(RYL, files=None, recorded=False)
    assert get_change(world, RYL).actions == (Action.RECORD,)


def test_our_labels_and_files_that_users_removed_come_back_with_the_next_change(world):
    world.labels[PAGE_ID], world.files[PAGE_ID] = frozenset(), ()
    assert find_change(world, RYL) is None
    change = get_change(world, replace(RYL, storage="second"))
    assert change.new_labels == ("model",)
    assert change.uploads == (FileChange("flow.png", "f1"),)


def test_labels_and_files_are_read_only_for_pages_that_change(world):
    assert find_change(world, RYL) is None
    assert world.asked == {}
    get_change(world, replace(RYL, storage="second"))
    assert world.asked == {"bodies": (PAGE_ID,), "labels": (PAGE_ID,), "files": (PAGE_ID,)}


def test_a_label_that_a_user_set_before_is_never_taken_away(world):
    world.labels[PAGE_ID] = frozenset({"model", "read-me"})
    change = get_change(world, replace(RYL, labels=("model", "read-me"), storage="second"))
    assert (change.new_labels, change.old_labels, change.held_labels) == ((), (), ("model",))
    assert get_change(world, replace(RYL, labels=())).old_labels == ("model",)


def test_a_label_of_a_user_that_the_book_wants_too_is_no_change(world):
    world.published["model:r"] = make_entry(RYL, labels=())
    world.labels[PAGE_ID] = frozenset({"model"})
    assert find_change(world, RYL) is None


def test_files_of_users_are_left(world):
    world.files[PAGE_ID] = (
        Attachment("7", "flow.png", file_comment("modelbook", "abcdef0123"), 1),
        Attachment("8", "theirs.png", "holiday", 1),
        Attachment("9", "old.png", file_comment("modelbook", "abcdef0124"), 1),
    )
    change = get_change(world, replace(RYL, files={"flow.png": "abcdef0123"}))
    assert change.removals == (FileRemoval("old.png", "9"),)
    assert change.held_files == {"flow.png": "7"}


def test_a_file_that_a_user_put_in_the_place_of_ours_is_left_until_ours_changes(world):
    world.files[PAGE_ID] = (Attachment("7", "flow.png", "a better one", 2),)
    assert get_change(world, replace(RYL, storage="second")).uploads == ()
    assert get_change(world, replace(RYL, files={"flow.png": "f2"})).uploads == (
        FileChange("flow.png", "f2", "file flow.png"),
    )


def test_labels_with_the_prefix_of_the_book_are_managed(world):
    world.published["model:r"] = make_entry(RYL, labels=(), files=None, recorded=False)
    world.settings = SETTINGS.model_copy(update={"label_prefix": "ml-"})
    world.labels[PAGE_ID], world.files[PAGE_ID] = frozenset({"ml-old", "theirs"}), ()
    change = get_change(world, replace(RYL, labels=("ml-new",), files={}))
    assert (change.new_labels, change.old_labels) == (("ml-new",), ("ml-old",))


def test_a_file_without_a_known_id_is_replaced_by_name(world):
    world.published["model:r"] = make_entry(RYL, files={"flow.png": HeldFile("f1", "")})
    assert get_change(world, replace(RYL, files={})).removals == (FileRemoval("flow.png", ""),)
