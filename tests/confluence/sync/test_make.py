"""The plan as a whole: laws that hold for any book, any history and any deeds in the wiki."""

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.confluence.storage.rules import TITLE_TAKEN
from generator.confluence.sync.manifest import Run
from generator.confluence.sync.planner import make_plan
from generator.confluence.sync.titles import Titles, same
from generator.confluence.sync.values import Action, Plan, Trouble
from generator.confluence.wiki import TITLE_LIMIT, Child, Flavour, Status
from tests.confluence.sync.worlds import SETTINGS, World, get_page_id, make_draft

HOME = make_draft("page:home")
SECTION = make_draft("page:s", "page:home")
RYL = make_draft("model:r", "page:s")
TPFY = make_draft("model:t", "page:s")


@pytest.fixture
def world() -> World:
    world = World()
    world.publish(HOME, SECTION, RYL, TPFY)
    return world


def actions(plan: Plan) -> dict[str, tuple[Action, ...]]:
    return {change.ref: change.actions for change in plan.changes}


def test_a_published_book_needs_nothing(world):
    plan = world.plan()
    assert plan.empty
    assert (plan.pages, plan.owned, plan.head_version) == (4, 4, 0)
    assert not plan.refusals()


def test_a_page_below_a_page_that_is_not_created_waits(world):
    long = make_draft("page:n", "page:home", title="n" * (TITLE_LIMIT + 1))
    world.drafts += [long, make_draft("model:n", "page:n")]
    plan = world.plan()
    assert actions(plan) == {}
    [conflict] = plan.conflicts
    assert (conflict.ref, conflict.hindrance, conflict.stops) == ("model:n", Trouble.PARENT, True)
    assert "page:n" in conflict.words


@pytest.mark.parametrize(("policy", "stops"), [("stop", True), ("hold", False)])
def test_a_page_below_one_that_people_deleted_waits_as_that_one_does(world, policy, stops):
    world.settings = SETTINGS.model_copy(update={"manual_edits": policy})
    world.change_page("page:s", status=Status.TRASHED)
    plan = world.plan()
    assert {conflict.ref: conflict.stops for conflict in plan.conflicts} == {
        "page:s": stops, "model:r": stops, "model:t": stops,
    }  # fmt: skip


def test_a_title_passes_to_another_page_by_way_of_an_unused_one(world):
    world.drafts = [HOME, SECTION, replace(RYL, title=TPFY.title), replace(TPFY, title=RYL.title)]
    aside = {change.ref: change.aside for change in world.plan().changes}
    assert set(aside) == {"model:r", "model:t"}
    taken = {same(page.title) for page in world.pages.values()}
    assert all(title and same(title) not in taken for title in aside.values())


def test_a_title_waits_for_a_page_that_keeps_it(world):
    world.edit("model:t", "<p>theirs</p>")
    world.settings = SETTINGS.model_copy(update={"manual_edits": "hold"})
    world.drafts = [HOME, SECTION, replace(RYL, title=TPFY.title), replace(TPFY, title="Free")]
    plan = world.plan()
    assert actions(plan) == {}
    [finding] = plan.findings
    assert "is taken by the page of model:t" in finding.message
    assert finding.position.file == "cards/r.yml"


@pytest.mark.parametrize(("policy", "reported"), [("stop", True), ("hold", False)])
def test_a_page_that_is_left_as_it_is_needs_no_title(world, policy, reported):
    world.settings = SETTINGS.model_copy(update={"manual_edits": policy})
    world.edit("model:t", "<p>theirs</p>")
    finding = TITLE_TAKEN.at(TPFY.source, "the title 'Model:T' is taken")
    world.refused = {"model:t": finding}
    assert [each.message for each in world.plan().findings] == ([finding.message] if reported else [])


def test_removed_cards_remove_their_pages_unless_a_foreign_page_is_below(world):
    world.drafts = [HOME]
    foreign = Child("77", "page", "Notes", Status.CURRENT)
    world.foreign_children[get_page_id("model:r")] = (foreign,)
    plan = world.plan()
    assert actions(plan) == {"model:t": (Action.ARCHIVE,)}
    assert {conflict.ref: conflict.hindrance for conflict in plan.conflicts} == {
        "model:r": Trouble.CHILDREN, "page:s": Trouble.CHILDREN,
    }  # fmt: skip


def test_a_section_can_go_once_its_pages_move(world):
    world.drafts = [HOME, replace(RYL, parent="page:home"), replace(TPFY, parent="page:home")]
    assert actions(world.plan()) == {
        "model:r": (Action.MOVE,), "model:t": (Action.MOVE,), "page:s": (Action.ARCHIVE,),
    }  # fmt: skip


def test_an_orphan_that_has_left_already_is_forgotten_even_if_orphans_are_kept(world):
    world.settings = SETTINGS.model_copy(update={"orphans": "keep"})
    world.change_page("model:t", status=Status.TRASHED)
    world.drafts = [HOME, SECTION]
    assert actions(world.plan()) == {"model:t": (Action.RECORD,)}


RUN = Run("another run", 1, 2)


@pytest.mark.parametrize(
    ("run", "busy", "interrupted"), [(None, None, False), (RUN, None, True), (RUN, RUN, False)],
    ids=["no run", "a run that was killed", "a run that is working"],
)  # fmt: skip
def test_a_killed_run_leaves_work_for_the_next(world, run, busy, interrupted):
    snapshot = replace(world.snapshot, manifest=replace(world.snapshot.manifest, run=run), busy=busy)
    titles = Titles({draft.ref: draft.title for draft in world.drafts}, {})
    plan = make_plan(world.cases, replace(world.desk, snapshot=snapshot), titles, {})
    assert (plan.interrupted, plan.empty, plan.busy) == (interrupted, not interrupted, busy)
    assert bool(plan.refusals()) == (busy is not None)


@dataclass(frozen=True)
class Deed:
    """Something that happened since the book was published, to one page."""

    what: str
    number: int
    target: int


DEEDS = [
    "edit", "touch", "move", "trash", "archive", "delete", "foreign child", "change text", "change title", "reparent",
    "change labels", "remove card", "add card", "forget",
]  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> World:
    count = draw(st.integers(1, 8))
    drafts = [make_draft("page:0")]
    for number in range(1, count):
        parent = drafts[draw(st.integers(0, number - 1))]
        drafts.append(make_draft(f"model:{number}", parent.ref, title=f"Title {number}"))
    world = World(flavour=draw(st.sampled_from(Flavour)))
    world.publish(*drafts)
    policies = {
        "manual_edits": draw(st.sampled_from(["stop", "hold", "overwrite"])),
        "orphans": draw(st.sampled_from(["archive", "trash", "keep"])),
    }
    world.settings = SETTINGS.model_copy(update=policies)
    deeds = st.builds(Deed, st.sampled_from(DEEDS), st.integers(0, 7), st.integers(0, 7))
    for deed in draw(st.lists(deeds, max_size=10)):
        happen(world, deed)
    return world


def happen(world: World, deed: Deed) -> None:
    if not world.drafts:
        return
    number = deed.number % len(world.drafts)
    page_id = get_page_id(world.drafts[number].ref)
    if deed.what in {"change text", "change title", "reparent", "change labels", "remove card", "add card"}:
        change_book(world, deed, number)
    elif page_id in world.pages:
        change_wiki(world, deed, world.drafts[number].ref, page_id)
    world.foreign_children = {key: value for key, value in world.foreign_children.items() if key in world.pages}


def change_book(world: World, deed: Deed, number: int) -> None:
    draft = world.drafts[number]
    match deed.what:
        case "change text":
            world.drafts[number] = replace(draft, body=f"text {deed.target}")
        case "change title":
            title = f"Title {deed.target}"
            if title not in [each.title for each in world.drafts]:
                world.drafts[number] = replace(draft, title=title)
        case "reparent":
            parent = world.drafts[deed.target % number].ref if number else None
            world.drafts[number] = replace(draft, parent=parent)
        case "change labels":
            world.drafts[number] = replace(draft, labels=(f"label-{deed.target}",))
        case "remove card" if not any(each.parent == draft.ref for each in world.drafts):
            del world.drafts[number]
        case "add card":
            ref = f"model:new{len(world.drafts)}{deed.target}"
            if ref not in [each.ref for each in world.drafts]:
                world.drafts.append(make_draft(ref, draft.ref))


def change_wiki(world: World, deed: Deed, ref: str, page_id: str) -> None:
    match deed.what:
        case "edit":
            world.edit(ref, f"<p>theirs {deed.target}</p>")
        case "touch":
            world.edit(ref, world.bodies[page_id])
        case "move":
            world.change_page(ref, parent_id="elsewhere")
        case "trash" | "archive":
            world.change_page(ref, status=Status.TRASHED if deed.what == "trash" else Status.ARCHIVED)
        case "delete":
            del world.pages[page_id]
        case "foreign child":
            world.foreign_children[page_id] = (Child("77", "page", "Notes", Status.CURRENT),)
        case "forget":
            published = world.published[ref]
            entry = replace(published.entry, digest="", body="", labels=(), files=None)
            world.published[ref] = replace(published, entry=entry)


@given(worlds())
@settings(max_examples=400, deadline=None)
def test_the_laws_of_a_plan(world):
    plan = world.plan()
    changes = {change.ref: change for change in plan.changes}
    conflicts = {conflict.ref: conflict for conflict in plan.conflicts}
    drafts = {draft.ref: draft for draft in world.drafts}
    current = {page.id: page for page in world.pages.values() if page.status is Status.CURRENT}
    refs = {get_page_id(ref): ref for ref in world.published}

    assert not changes.keys() & conflicts.keys(), "a page is changed or in conflict, not both"
    assert changes.keys() | conflicts.keys() <= drafts.keys() | world.published.keys()
    order = [case.ref for case in world.cases]
    assert list(changes) == [ref for ref in order if ref in changes]
    assert [finding.code for finding in plan.findings if not drafts] == []

    for ref, change in changes.items():
        if change.removes:
            assert ref not in drafts, "only pages without a card are removed"
            assert world.settings.orphans != "keep"
            left = [page for page in current.values() if page.parent_id == change.page_id]
            for page in left:
                moved = changes.get(refs[page.id])
                assert moved is not None, "nothing is left below a removed page"
                assert moved.removes or moved.old_parent
            assert change.page_id not in world.foreign_children
        elif ref in drafts and drafts[ref].parent is not None and (change.creates or change.old_parent):
            parent = drafts[ref].parent
            assert parent is not None
            above = changes.get(parent)
            assert get_page_id(parent) in current or (above is not None and above.creates)
            assert change.depth == changes[parent].depth + 1 if parent in changes else True
        if change.creates:
            assert change.page_id == ""
        else:
            assert change.page_id == get_page_id(ref)

    titles = {page_id: page.title for page_id, page in current.items()}
    for ref, change in changes.items():
        if change.removes:
            titles.pop(change.page_id)
        elif not change.forgets:
            titles[change.page_id or ref] = change.title
    assert len({same(title) for title in titles.values()}) == len(titles), "no two pages end with one title"

    edited = {ref for ref, page_id in ((ref, get_page_id(ref)) for ref in world.published) if is_edited(world, page_id)}
    if world.settings.manual_edits != "overwrite":
        assert not edited & changes.keys(), "an edited page is not touched"
    else:
        assert all(changes[ref].notes for ref in edited & changes.keys()), "an overwritten edit is named"


def is_edited(world: World, page_id: str) -> bool:
    page = world.pages.get(page_id)
    edited = page is not None and page.status is Status.CURRENT and page.version.number > 1
    return edited and world.bodies[page_id] != world.versions[page_id]


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_plan_does_not_depend_on_the_order_of_what_was_read(world, shuffler: random.Random):
    plan = world.plan()
    for name in ("published", "pages", "bodies", "versions"):
        items = list(getattr(world, name).items())
        shuffler.shuffle(items)
        setattr(world, name, dict(items))
    assert world.plan() == plan
