"""The state of a page, compared three ways: the entry, the draft and the wiki."""

import pytest
from msgspec.structs import replace

from generator.confluence.sync.states import (
    Gone,
    Live,
    Missing,
    New,
    Orphan,
)
from generator.confluence.wiki import Status
from tests.confluence.sync.worlds import SETTINGS, World, get_page_id, make_draft, make_entry

HOME = make_draft("page:home")
RYL = make_draft("model:r", "page:home")
TPFY = make_draft("model:t", "page:home")


@pytest.fixture
def world() -> World:
    world = World()
    world.publish(HOME, RYL, TPFY)
    return world


def get_live(world: World, ref: str = "model:r") -> Live:
    state = world.get_state(ref)
    assert isinstance(state, Live)
    return state


def ask(world: World) -> dict[str, tuple[object, ...]]:
    """Return the queries that the states need."""
    assert world.states
    return world.asked


def test_pages_of_the_site_come_in_its_order_and_orphans_by_reference(world):
    world.drafts = [RYL]
    assert [state.ref for state in world.states] == ["model:r", "model:t", "page:home"]


def test_an_unchanged_page_needs_no_query(world):
    live = get_live(world)
    assert not any((live.edited, live.misplaced, live.touched))
    assert ask(world) == {}


def test_a_page_that_was_never_published_is_new(world):
    world.drafts.append(make_draft("model:n", "page:home"))
    assert isinstance(world.get_state("model:n"), New)


def test_a_foreign_version_is_compared_with_the_published_one(world):
    world.edit("model:r", "<p>theirs</p>")
    assert get_live(world).edited
    page_id = get_page_id("model:r")
    assert ask(world) == {"bodies": (page_id,), "versions": ((page_id, 1),)}


def test_the_author_of_a_foreign_version_is_looked_up_if_the_wiki_gives_only_the_id(world):
    world.edit("model:r", "<p>theirs</p>")
    version = world.pages[get_page_id("model:r")].version
    world.change_page("model:r", version=replace(version, author=replace(version.author, name="")))
    assert ask(world)["names"] == ("u1",)


def test_a_foreign_version_with_the_same_text_is_accepted_as_it_is(world):
    world.edit("model:r", "<p>first</p>")
    live = get_live(world)
    assert (live.touched, live.edited, live.published.version) == (True, False, 2)


@pytest.mark.parametrize("missing", ["our version", "their text"])
def test_a_foreign_version_that_cannot_be_compared_is_an_edit(world, missing):
    world.edit("model:r", "<p>first</p>")
    page_id = get_page_id("model:r")
    if missing == "our version":
        world.versions[page_id] = None
    else:
        del world.bodies[page_id]
    assert get_live(world).edited


def test_a_foreign_version_with_another_title_is_an_edit(world):
    world.edit("model:r", "<p>first</p>", title="Mine now")
    assert get_live(world).edited


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.TRASHED, None])
def test_a_page_that_readers_cannot_find_is_missing_or_gone_with_its_card(world, status):
    if status is None:
        del world.pages[get_page_id("model:r")]
    else:
        world.change_page("model:r", status=status)
    assert isinstance(world.get_state("model:r"), Missing)
    world.drafts = [HOME, TPFY]
    assert isinstance(world.get_state("model:r"), Gone)


def test_a_moved_page_is_misplaced_unless_its_parent_is_gone(world):
    world.change_page("model:r", parent_id="elsewhere")
    assert get_live(world).misplaced
    world.change_page("page:home", status=Status.TRASHED)
    assert not get_live(world).misplaced


def test_a_page_that_a_user_moved_to_where_the_book_now_wants_it_is_not_misplaced(world):
    world.change_page("model:r", parent_id=get_page_id("model:t"))
    world.drafts[1] = replace(RYL, parent="model:t")
    assert not get_live(world).misplaced


def test_a_page_at_the_top_of_the_book_is_misplaced_elsewhere(world):
    assert not get_live(world, "page:home").misplaced
    world.change_page("page:home", parent_id="elsewhere")
    assert get_live(world, "page:home").misplaced


def test_a_page_known_only_from_itself_is_not_misplaced(world):
    world.published["model:r"] = make_entry(RYL, files=None, recorded=False)
    world.change_page("model:r", parent_id="elsewhere")
    assert not get_live(world).misplaced


def test_the_children_of_an_orphan_are_read_before_it_is_removed_unless_orphans_are_kept(world):
    world.drafts = [HOME, TPFY]
    assert isinstance(world.get_state("model:r"), Orphan)
    world.plan()
    assert world.asked == {"children": (get_page_id("model:r"),)}
    world.settings = SETTINGS.model_copy(update={"orphans": "keep"})
    world.plan()
    assert world.asked == {}


def test_states_do_not_depend_on_the_order_in_which_pages_were_published(world):
    before = world.states
    world.published = dict(reversed(world.published.items()))
    assert world.states == before
