"""What a page is to the planner, compared three ways: the entry, the draft and the wiki."""

from dataclasses import replace

import pytest

from generator.confluence.sync.states import DetailQueries, Published, acknowledged, cases_of, edited, list_queries
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


def ask(world: World) -> DetailQueries:
    return list_queries(world.cases, world.snapshot, world.settings)


def test_pages_of_the_site_come_in_its_order_and_orphans_by_reference(world):
    world.drafts = [RYL]
    assert [case.ref for case in world.cases] == ["model:r", "model:t", "page:home"]


def test_an_unchanged_page_raises_no_question(world):
    case = world.get_case("model:r")
    assert case.as_wanted
    assert not any((case.suspected, case.unrecorded, case.misplaced, case.touched))
    assert ask(world) == DetailQueries()


def test_a_page_that_was_never_published(world):
    world.drafts.append(make_draft("model:n", "page:home"))
    case = world.get_case("model:n")
    assert (case.held, case.page, case.as_wanted, case.suspected) == (None, None, False, False)
    assert ask(world) == DetailQueries()


def test_a_changed_card_asks_for_the_present_text(world):
    world.drafts[1] = replace(RYL, body="second")
    assert not world.get_case("model:r").as_wanted
    assert ask(world) == DetailQueries(bodies=(get_page_id("model:r"),))


def test_changed_labels_ask_for_nothing(world):
    world.drafts[1] = replace(RYL, labels=("retired",))
    assert not world.get_case("model:r").as_wanted
    assert ask(world) == DetailQueries()


def test_a_foreign_version_is_compared_with_the_published_one(world):
    world.edit("model:r", "<p>theirs</p>")
    case = world.get_case("model:r")
    assert case.suspected
    assert edited(case, world.details)
    page_id = get_page_id("model:r")
    assert ask(world) == DetailQueries(bodies=(page_id,), versions=((page_id, 1),))


def test_the_author_of_a_foreign_version_is_looked_up_if_the_wiki_gives_only_the_id(world):
    world.edit("model:r", "<p>theirs</p>")
    version = world.pages[get_page_id("model:r")].version
    world.change_page("model:r", version=replace(version, author=replace(version.author, name="")))
    assert ask(world).accounts == ("u1",)


def test_a_foreign_version_with_the_same_text_is_accepted_as_it_is(world):
    world.edit("model:r", "<p>first</p>")
    case = next(case for case in acknowledged(world.cases, world.details) if case.ref == "model:r")
    assert case.touched
    assert case.entry is not None
    assert case.entry.version == 2
    assert not case.suspected


@pytest.mark.parametrize("missing", ["our version", "their text"])
def test_a_foreign_version_that_cannot_be_compared_is_an_edit(world, missing):
    world.edit("model:r", "<p>first</p>")
    page_id = get_page_id("model:r")
    if missing == "our version":
        world.versions[page_id] = None
    else:
        del world.bodies[page_id]
    assert edited(world.get_case("model:r"), world.details)


def test_a_foreign_version_with_another_title_is_an_edit(world):
    world.edit("model:r", "<p>first</p>", title="Mine now")
    assert edited(world.get_case("model:r"), world.details)


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.TRASHED, None])
def test_a_page_that_readers_cannot_find_is_not_present(world, status):
    if status is None:
        del world.pages[get_page_id("model:r")]
    else:
        world.change_page("model:r", status=status)
    case = world.get_case("model:r")
    assert case.present is None
    assert not any((case.suspected, case.as_wanted, case.misplaced))


def test_a_moved_page_is_misplaced_unless_its_parent_is_gone(world):
    world.change_page("model:r", parent_id="elsewhere")
    assert world.get_case("model:r").misplaced
    world.change_page("page:home", status=Status.TRASHED)
    assert not world.get_case("model:r").misplaced


def test_a_page_at_the_top_of_the_book_is_misplaced_elsewhere(world):
    assert not world.get_case("page:home").misplaced
    world.change_page("page:home", parent_id="elsewhere")
    assert world.get_case("page:home").misplaced


def test_a_page_known_only_from_itself_has_its_labels_and_files_looked_up(world):
    world.published["model:r"] = Published(make_entry(RYL, files=None), recorded=False)
    world.drafts[1] = replace(RYL, body="second")
    assert world.get_case("model:r").unrecorded
    assert ask(world).details == (get_page_id("model:r"),)


def test_an_orphan_asks_for_its_children_unless_orphans_are_kept(world):
    world.drafts = [HOME, TPFY]
    assert ask(world) == DetailQueries(children=(get_page_id("model:r"),))
    world.settings = SETTINGS.model_copy(update={"orphans": "keep"})
    assert ask(world) == DetailQueries()


def test_cases_do_not_depend_on_the_order_in_which_pages_were_published(world):
    before = world.cases
    world.published = dict(reversed(world.published.items()))
    assert cases_of(world.snapshot, world.drafts) == before
