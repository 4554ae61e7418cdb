"""The change that makes one page match the site, for each way in which it can differ."""

from dataclasses import replace

import pytest

from generator.confluence.sync.changes import Desk, adjustment, creation
from generator.confluence.sync.draft import Draft
from generator.confluence.sync.manifest import HeldFile
from generator.confluence.sync.marks import file_comment
from generator.confluence.sync.states import Published
from generator.confluence.sync.values import Action, Change, FileChange, FileRemoval
from generator.confluence.wiki import Attachment
from tests.confluence.sync.worlds import SETTINGS, World, get_page_id, make_draft, make_entry

HOME = make_draft("page:home")
RYL = make_draft("model:r", "page:home", files={"flow.png": "f1"})
TPFY = make_draft("model:t", "page:home")


@pytest.fixture
def world() -> World:
    world = World()
    world.publish(HOME, RYL, TPFY)
    return world


def adjust(world: World, draft: Draft, desk: Desk | None = None) -> Change | None:
    world.drafts[1] = draft
    return adjustment(world.get_case("model:r"), desk or world.desk)


def test_nothing_to_do(world):
    assert adjust(world, RYL) is None


def test_a_page_to_create(world):
    world.drafts.append(make_draft("model:n", "page:home", labels=("a", "b"), files={"x.png": "d"}))
    change = creation(world.get_case("model:n"), world.desk)
    assert change.actions == (Action.CREATE, Action.LABELS, Action.ATTACHMENTS)
    assert (change.page_id, change.version, change.parent_id, change.owned) == ("", 0, "", False)
    assert (change.depth, change.saves, change.message) == (1, True, "First published")
    assert change.new_labels == ("a", "b")
    assert change.uploads == (FileChange("x.png", "d"),)
    assert change.diff == ("+ first",)
    bare = make_draft("model:b", labels=())
    world.drafts.append(bare)
    assert creation(world.get_case("model:b"), world.desk).actions == (Action.CREATE,)


@pytest.mark.parametrize(
    ("draft", "actions", "saves"),
    [
        (replace(RYL, body="second"), (Action.UPDATE,), True),
        (replace(RYL, title="Other"), (Action.RENAME,), True),
        (replace(RYL, parent="model:t"), (Action.MOVE,), True),
        (replace(RYL, labels=("retired",)), (Action.LABELS,), False),
        (replace(RYL, files={"flow.png": "f2"}), (Action.ATTACHMENTS,), False),
        (replace(RYL, files={}), (Action.ATTACHMENTS,), False),
        (
            replace(RYL, body="second", title="Other", parent="model:t", labels=(), files={}),
            (Action.UPDATE, Action.RENAME, Action.MOVE, Action.LABELS, Action.ATTACHMENTS),
            True,
        ),
    ],
    ids=["text", "title", "parent", "labels", "changed file", "removed file", "everything"],
)
def test_a_difference_has_its_actions_and_a_version_only_if_needed(world, draft, actions, saves):
    change = adjust(world, draft)
    assert change is not None
    assert change.actions == actions
    assert change.saves is saves
    assert bool(change.message) is saves
    assert (change.page_id, change.version, change.digest) == (get_page_id("model:r"), 1, draft.digest)
    assert change.parent_id == get_page_id("page:home")


def test_a_change_keeps_what_it_does_not_change(world):
    change = adjust(world, replace(RYL, labels=("model", "new"), files={"flow.png": "f1", "more.png": "m"}))
    assert change is not None
    assert (change.new_labels, change.old_labels) == (("new",), ())
    assert change.uploads == (FileChange("more.png", "m"),)
    assert change.removals == ()
    assert change.held_files == {"flow.png": "file flow.png"}


def test_a_changed_file_names_the_attachment_that_it_replaces(world):
    change = adjust(world, replace(RYL, files={"flow.png": "f2"}))
    assert change is not None
    assert change.uploads == (FileChange("flow.png", "f2", "file flow.png"),)
    change = adjust(world, replace(RYL, files={}))
    assert change is not None
    assert change.removals == (FileRemoval("flow.png", "file flow.png"),)


@pytest.mark.parametrize(
    ("parent_id", "named"),
    [("host", "the page that the book hangs under"), ("id of model:t", "Model:T"), ("42", "page 42"),
     (None, "the top of the space")],
)  # fmt: skip
def test_a_move_names_the_page_that_it_leaves(world, parent_id, named):
    world.change_page("model:r", parent_id=parent_id)
    change = adjust(world, RYL)
    assert change is not None
    assert (change.actions, change.old_parent, change.saves) == ((Action.MOVE,), named, True)
    assert change.message == f"moved from below {named}"


def test_an_unfinished_page_is_written_whole(world):
    world.published["model:r"] = Published(make_entry(RYL, digest="", body="", labels=(), files=None), owned=False)
    change = adjust(world, RYL)
    assert change is not None
    assert change.actions == (Action.UPDATE, Action.LABELS, Action.ATTACHMENTS)
    assert (change.message, change.owned) == ("First published", False)
    assert change.uploads == (FileChange("flow.png", "f1"),)
    assert change.diff == ("+ first",)


def test_a_recovered_page_that_is_as_wanted_is_only_recorded(world):
    world.published["model:r"] = Published(make_entry(RYL, files=None), recorded=False)
    change = adjust(world, RYL)
    assert change is not None
    assert (change.actions, change.saves) == ((Action.RECORD,), False)


def test_labels_and_files_of_other_people_are_left(world):
    page_id = get_page_id("model:r")
    world.published["model:r"] = Published(make_entry(RYL, files=None), recorded=False)
    desk = world.desk
    files = (
        Attachment("7", page_id, "flow.png", "image/png", 1, file_comment("modelbook", "abcdef0123"), 1),
        Attachment("8", page_id, "theirs.png", "image/png", 1, "holiday", 1),
        Attachment("9", page_id, "old.png", "image/png", 1, file_comment("modelbook", "abcdef0124"), 1),
    )
    labels = frozenset({"model", "read-me"})
    desk = replace(desk, details=replace(desk.details, labels={page_id: labels}, files={page_id: files}))
    change = adjust(world, replace(RYL, labels=("model", "read-me"), files={"flow.png": "abcdef0123"}), desk)
    assert change is not None
    assert (change.new_labels, change.old_labels) == ((), ())
    assert change.removals == (FileRemoval("old.png", "9"),)
    assert change.held_files == {"flow.png": "7"}
    change = adjust(world, replace(RYL, labels=(), files={"flow.png": "abcdef0123"}), desk)
    assert change is not None
    assert change.old_labels == ("model",)


def test_labels_with_the_prefix_of_the_book_are_managed(world):
    page_id = get_page_id("model:r")
    world.published["model:r"] = Published(make_entry(RYL, labels=(), files=None), recorded=False)
    world.settings = SETTINGS.model_copy(update={"label_prefix": "ml-"})
    desk = world.desk
    labels = frozenset({"ml-old", "theirs"})
    desk = replace(desk, details=replace(desk.details, labels={page_id: labels}, files={page_id: ()}))
    change = adjust(world, replace(RYL, labels=("ml-new",), files={}), desk)
    assert change is not None
    assert (change.new_labels, change.old_labels) == (("ml-new",), ("ml-old",))


def test_inline_comments_keep_their_markers_or_are_named(world):
    marker = '<ac:inline-comment-marker ac:ref="{}">{}</ac:inline-comment-marker>'
    page_id = get_page_id("model:r")
    world.bodies[page_id] = f"<p>first {marker.format('a', 'words')} and {marker.format('b', 'lost ones')}</p>"
    change = adjust(world, replace(RYL, body="first words and others"))
    assert change is not None
    assert [each.ref for each in change.markers] == ["a"]
    assert [(each.marker, each.selection) for each in change.remarks] == [("b", "lost ones")]


def test_a_file_without_a_known_id_is_replaced_by_name(world):
    world.published["model:r"] = Published(make_entry(RYL, files={"flow.png": HeldFile("f1", "")}))
    change = adjust(world, replace(RYL, files={}))
    assert change is not None
    assert change.removals == (FileRemoval("flow.png", ""),)
