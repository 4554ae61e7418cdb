"""Pages whose cards are gone: which of them can go, and with what action."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.confluence.sync.changes import find_blocked, plan_removal
from generator.confluence.sync.states import Gone, Orphan, PageDetails
from generator.confluence.sync.values import Action, Change, Consent, HoldReason
from generator.confluence.wiki import Descendant, Flavour, Status
from tests.confluence.sync.worlds import SETTINGS, World, get_page_id, make_draft

HOME = make_draft("page:home")
SECTION = make_draft("page:s", "page:home")
RYL = make_draft("model:r", "page:s")


@pytest.fixture
def world() -> World:
    world = World()
    world.publish(HOME, SECTION, RYL)
    world.drafts = []
    return world


def remove(world: World, ref: str) -> Change:
    state = world.get_state(ref)
    assert isinstance(state, Orphan | Gone)
    return plan_removal(state, world.snapshot, world.settings)


@pytest.mark.parametrize(
    ("flavour", "orphans", "action"),
    [
        (Flavour.CLOUD, "archive", Action.ARCHIVE),
        (Flavour.DATACENTER, "archive", Action.TRASH),
        (Flavour.CLOUD, "trash", Action.TRASH),
        (Flavour.DATACENTER, "trash", Action.TRASH),
    ],
)
def test_the_policy_and_the_flavour_decide_the_action(world, flavour, orphans, action):
    world.flavour = flavour
    world.settings = SETTINGS.model_copy(update={"orphans": orphans})
    change = remove(world, "model:r")
    assert change.actions == (action,)
    assert change.removes
    assert change.forgets
    assert (change.page_id, change.version, change.depth) == (get_page_id("model:r"), 1, 2)


@pytest.mark.parametrize("status", [Status.TRASHED, Status.ARCHIVED, None])
def test_a_page_that_has_left_already_is_only_forgotten(world, status):
    if status is None:
        del world.pages[get_page_id("model:r")]
    else:
        world.change_page("model:r", status=status)
    change = remove(world, "model:r")
    assert (change.actions, change.removes, change.version) == ((Action.RECORD,), False, 0)


def test_a_circle_in_the_manifest_ends(world):
    home = world.published["page:home"]
    world.published["page:home"] = replace(home, parent="model:r")
    assert remove(world, "model:r").depth == 2


@pytest.mark.parametrize(
    ("child", "words"),
    [
        ("Notes", "the foreign page 'Notes' is below it"),
        ("Model:R", "our own page 'Model:R' stays below it: resolve its conflict first"),
    ],
)
def test_a_page_that_stays_names_the_child_that_keeps_it(world, child, words):
    world.drafts = [HOME]
    if child == "Notes":
        world.foreign_children[get_page_id("page:s")] = (Descendant("77", "page", "Notes", Status.CURRENT),)
    else:
        world.edit("model:r", "<p>theirs</p>")
    [conflict] = [each for each in world.plan().conflicts if each.ref == "page:s"]
    assert (conflict.hindrance, conflict.stops, conflict.fails) == (HoldReason.CHILDREN, False, False)
    assert words in conflict.words


@st.composite
def forests(draw: st.DrawFn) -> tuple[dict[str, str | None], set[str], set[str]]:
    """A parent for each page, the orphans, and the pages that move elsewhere."""
    count = draw(st.integers(1, 12))
    parents: dict[str, str | None] = {}
    for number in range(count):
        above = draw(st.none() | st.integers(0, number - 1)) if number else None
        parents[str(number)] = None if above is None else str(above)
    names = st.sets(st.sampled_from(sorted(parents)))
    return parents, draw(names), draw(names)


def read_nothing(_name: str, _keys: tuple[object, ...]) -> dict[object, object]:
    return {}


@given(forests())
@settings(max_examples=200, deadline=None)
def test_a_page_goes_exactly_if_everything_below_it_goes_or_moves(forest):
    parents, gone, leaving = forest
    below: dict[str, list[str]] = {page: [] for page in parents}
    for page, parent in parents.items():
        if parent is not None:
            below[parent].append(page)

    def can_go(page: str) -> bool:
        return page in gone and all(child in leaving or can_go(child) for child in below[page])

    world = World()
    world.publish(*(make_draft(page, None if parents[page] is None else parents[page]) for page in parents))
    world.drafts = [draft for draft in world.drafts if draft.ref not in gone]
    children = {
        get_page_id(page): tuple(Descendant(get_page_id(child), "page", child, Status.CURRENT) for child in found)
        for page, found in below.items()
    }
    orphans = [state for state in world.states if isinstance(state, Orphan)]
    kept = find_blocked(orphans, {get_page_id(page) for page in leaving}, PageDetails(read_nothing, children=children))
    assert kept.keys() == {get_page_id(page) for page in gone if not can_go(page)}
    for page_id, child in kept.items():
        assert child in children[page_id]
        assert child.id in kept or child.id not in {get_page_id(page) for page in gone}


def publish_many(world: World, count: int) -> list[str]:
    """Publish a book whose last pages then lose their cards, and return their references."""
    world.published.clear()
    world.pages.clear()
    models = [make_draft(f"model:{number}", "page:home") for number in range(20)]
    world.publish(HOME, *models)
    world.drafts = [HOME, *models[:-count]]
    return [draft.ref for draft in models[-count:]]


@pytest.mark.parametrize(("count", "confirmed"), [(3, False), (4, False), (5, False), (5, True), (20, True)])
def test_many_removals_wait_for_a_confirmation_and_fail_nothing(world, count, confirmed):
    removed = publish_many(world, count)
    world.consent = Consent(removals=confirmed)
    world.drafts[0] = replace(HOME, storage="second")
    plan = world.plan()
    stays = count > 21 * 0.2 and not confirmed
    assert [each.ref for each in plan.unconfirmed] == (sorted(removed) if stays else [])
    assert sum(change.removes for change in plan.changes) == (0 if stays else count)
    assert [change.ref for change in plan.changes if not change.removes] == ["page:home"]
    assert (plan.conflicts, plan.refusals, plan.exit_status) == ((), (), 0)


def test_the_last_pages_of_a_book_stay_until_their_removal_is_confirmed(world):
    plan = world.plan()
    assert len(plan.unconfirmed) == 3
    assert plan.empty
    world.consent = Consent(removals=True)
    assert [change.removes for change in world.plan().changes] == [True] * 3


def test_a_title_of_a_page_that_stays_is_not_given_to_another(world):
    publish_many(world, 6)
    world.drafts.append(make_draft("model:new", "page:home", title="Model:19"))
    [held] = world.plan().conflicts
    assert (held.ref, held.hindrance) == ("model:new", HoldReason.TITLE)
    world.consent = Consent(removals=True)
    assert world.plan().conflicts == ()
