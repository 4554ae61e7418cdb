"""The plan as a whole: laws that hold for any book, any history and any deeds in the wiki."""

import dataclasses
import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.confluence.storage.rules import NOT_CARRIED
from generator.confluence.sync.draft import TitleHolder, fold_title
from generator.confluence.sync.manifest import Run
from generator.confluence.sync.planner import make_plan
from generator.confluence.sync.values import Action, Consent, HoldReason, Plan
from generator.confluence.wiki import TITLE_LIMIT, Descendant, Flavour, InlineComment, Status
from generator.findings import Severity
from tests.confluence.publishing import apply_policy
from tests.confluence.sync.worlds import ADA, SETTINGS, World, get_page_id, make_draft, make_page
from tests.confluence.test_plan_comments import wrap_in_marker

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
    assert not plan.refusals


def test_a_page_below_a_page_that_is_not_created_waits(world):
    long = make_draft("page:n", "page:home", title="n" * (TITLE_LIMIT + 1))
    world.drafts += [long, make_draft("model:n", "page:n")]
    plan = world.plan()
    assert actions(plan) == {}
    assert [(each.ref, each.hindrance) for each in plan.conflicts] == [
        ("page:n", HoldReason.TITLE),
        ("model:n", HoldReason.PARENT),
    ]
    assert "page:n" in plan.conflicts[1].words


@pytest.mark.parametrize(("policy", "stops"), [("stop", True), ("hold", False)])
def test_a_new_page_below_one_that_users_deleted_waits_as_that_one_does(world, policy, stops):
    world.settings = apply_policy(policy)
    world.change_page("page:s", status=Status.TRASHED)
    world.drafts.append(make_draft("model:n", "page:s"))
    plan = world.plan()
    assert {conflict.ref: conflict.stops for conflict in plan.conflicts} == {"page:s": stops, "model:n": stops}


def test_a_page_below_one_that_users_deleted_is_published_where_it_is(world):
    world.change_page("page:s", status=Status.TRASHED)
    world.change_page("model:r", parent_id=get_page_id("page:home"))
    world.drafts[2] = replace(RYL, storage="second")
    assert actions(world.plan()) == {"model:r": (Action.UPDATE,)}


def test_a_page_below_one_that_is_created_again_moves_there(world):
    world.settings = apply_policy("overwrite")
    world.change_page("page:s", status=Status.TRASHED)
    plan = world.plan()
    assert actions(plan) == {
        "page:s": (Action.CREATE, Action.LABELS), "model:r": (Action.MOVE,), "model:t": (Action.MOVE,),
    }  # fmt: skip


def test_a_page_is_published_where_it_is_if_its_new_parent_stays_below_it(world):
    world.change_page("page:s", parent_id=get_page_id("page:home"))
    world.drafts = [HOME, replace(RYL, parent="page:home"), replace(SECTION, parent="model:r", storage="second"), TPFY]
    world.edit("model:r", "<p>theirs</p>")
    [change] = world.plan().changes
    assert (change.ref, change.actions, change.parent) == ("page:s", (Action.UPDATE,), "page:home")
    world.settings = apply_policy("overwrite")
    assert actions(world.plan()) == {"model:r": (Action.UPDATE, Action.MOVE), "page:s": (Action.UPDATE, Action.MOVE)}


def test_a_title_passes_to_another_page_by_way_of_an_unused_one(world):
    world.drafts = [HOME, SECTION, replace(RYL, title=TPFY.title), replace(TPFY, title=RYL.title)]
    aside = {change.ref: change.aside for change in world.plan().changes}
    assert set(aside) == {"model:r", "model:t"}
    taken = {fold_title(page.title) for page in world.pages.values()}
    assert all(title and fold_title(title) not in taken for title in aside.values())


def test_a_title_waits_for_a_page_that_keeps_it(world):
    world.edit("model:t", "<p>theirs</p>")
    world.drafts = [HOME, SECTION, replace(RYL, title=TPFY.title), replace(TPFY, title="Free")]
    plan = world.plan()
    assert actions(plan) == {}
    [finding] = plan.findings
    assert "is taken by the page of model:t" in finding.message
    assert finding.position.file == "cards/r.yml"
    assert {each.ref: each.hindrance for each in plan.conflicts} == {
        "model:r": HoldReason.TITLE, "model:t": HoldReason.EDITED,
    }  # fmt: skip


def test_a_page_that_waits_for_a_title_keeps_its_own_from_the_next(world):
    world.edit("model:t", "<p>theirs</p>")
    world.drafts = [HOME, SECTION, replace(RYL, title=TPFY.title), TPFY, make_draft("model:n", title=RYL.title)]
    plan = world.plan()
    assert {each.ref: each.hindrance for each in plan.conflicts} == {
        "model:r": HoldReason.TITLE, "model:t": HoldReason.EDITED, "model:n": HoldReason.TITLE,
    }  # fmt: skip
    assert (plan.titles["model:r"], plan.titles["model:n"]) == (RYL.title, "Model:R (model:n)")


def make_holder(title: str) -> dict[str, TitleHolder]:
    page = make_page(make_draft("model:x", title=title))
    return {fold_title(title): TitleHolder(page)}


def test_a_page_that_is_held_needs_no_title(world):
    world.edit("model:t", "<p>theirs</p>", title="Mine")
    world.holders = make_holder(TPFY.title)
    plan = world.plan()
    assert not plan.findings
    assert [each.hindrance for each in plan.conflicts] == [HoldReason.EDITED]


def test_a_taken_title_holds_one_page_or_gives_it_a_suffix(world):
    world.holders = make_holder("New")
    world.drafts.append(make_draft("model:n", "page:s", title="New"))
    plan = world.plan()
    [conflict] = plan.conflicts
    assert (conflict.hindrance, plan.changes) == (HoldReason.TITLE, ())
    assert "https://w/model:x, which the book does not own" in conflict.words
    world.settings = SETTINGS.model_copy(update={"title_suffix": " ({kind})"})
    [change] = world.plan().changes
    assert change.title == "New (model)"


def test_the_title_of_an_archived_page_without_a_card_is_taken(world):
    world.change_page("model:t", status=Status.ARCHIVED)
    world.drafts = [HOME, SECTION, RYL, make_draft("model:n", "page:s", title=TPFY.title)]
    assert [(each.ref, each.hindrance) for each in world.plan().conflicts] == [("model:n", HoldReason.TITLE)]


def test_a_title_that_changes_only_its_case_needs_no_temporary_one(world):
    world.drafts = [HOME, SECTION, replace(RYL, title=RYL.title.upper()), TPFY]
    [change] = world.plan().changes
    assert (change.old_title, change.aside) == (RYL.title, "")


def test_links_contain_the_present_title_of_a_page_that_is_held(world):
    world.drafts = [HOME, SECTION, replace(RYL, title="Other"), replace(TPFY, links=frozenset({"model:r"}))]
    world.publish(*world.drafts)
    assert world.plan().empty
    world.edit("model:r", "<p>theirs</p>", title="Theirs")
    plan = world.plan()
    assert plan.titles["model:r"] == "Theirs"
    assert actions(plan) == {"model:t": (Action.UPDATE,)}


def test_removed_cards_remove_their_pages_unless_a_foreign_page_is_below(world):
    world.drafts = [HOME]
    foreign = Descendant("77", "page", "Notes", Status.CURRENT)
    world.foreign_children[get_page_id("model:r")] = (foreign,)
    plan = world.plan()
    assert actions(plan) == {"model:t": (Action.ARCHIVE,)}
    assert {conflict.ref: conflict.hindrance for conflict in plan.conflicts} == {
        "model:r": HoldReason.CHILDREN, "page:s": HoldReason.CHILDREN,
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


def test_an_unchanged_order_is_not_looked_at(world):
    assert world.plan().orders == {}


def test_a_new_order_of_the_site_is_planned_for_its_parent_alone(world):
    world.drafts = [HOME, SECTION, TPFY, RYL]
    plan = world.plan()
    assert (plan.changes, plan.orders, plan.empty) == ((), {"page:s": ("model:t", "model:r")}, False)


def test_a_new_page_is_put_in_order_below_its_parent(world):
    world.drafts.insert(2, make_draft("model:n", "page:s"))
    assert world.plan().orders == {"page:s": ("model:n", "model:r", "model:t")}
    world.change_page("page:s", status=Status.TRASHED)
    assert world.plan().orders == {}, "nothing is sorted below a page that is not there"


def test_a_page_that_is_moved_back_is_put_in_order(world):
    world.change_page("model:r", parent_id="elsewhere")
    world.settings = apply_policy("overwrite")
    assert world.plan().orders == {"page:s": ("model:r", "model:t")}


def test_a_page_that_is_not_created_is_in_no_order(world):
    world.holders = make_holder("New")
    world.drafts.insert(2, make_draft("model:n", "page:s", title="New"))
    assert world.plan().orders == {}


RUN = Run("another run", 1, 2)


@pytest.mark.parametrize(
    ("run", "busy", "interrupted"), [(None, None, False), (RUN, None, True), (RUN, RUN, False)],
    ids=["no run", "a run that was killed", "a run that is working"],
)  # fmt: skip
def test_a_killed_run_leaves_work_for_the_next(world, run, busy, interrupted):
    snapshot = dataclasses.replace(world.snapshot, manifest=replace(world.snapshot.manifest, run=run), busy=busy)
    plan = make_plan(replace(world.given, snapshot=snapshot))
    assert (plan.interrupted, plan.empty, plan.busy) == (interrupted, not interrupted, busy)
    assert bool(plan.refusals) == (busy is not None)


@dataclass(frozen=True)
class Deed:
    """Something that happened since the book was published, to one page."""

    what: str
    number: int
    target: int


DEEDS = [
    "edit", "touch", "move", "trash", "archive", "delete", "foreign child", "change text", "change title", "reparent",
    "swap with parent", "change labels", "remove card", "add card", "forget", "comment", "error", "take title",
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
    orphans = draw(st.sampled_from(["archive", "trash", "keep"]))
    world.settings = apply_policy(draw(st.sampled_from(["stop", "hold", "overwrite"]))).model_copy(
        update={"orphans": orphans, "removal_percent": draw(st.sampled_from([0, 20, 100]))}
    )
    world.consent = Consent(draw(st.booleans()), draw(st.booleans()))
    deeds = st.builds(Deed, st.sampled_from(DEEDS), st.integers(0, 7), st.integers(0, 7))
    for deed in draw(st.lists(deeds, max_size=10)):
        happen(world, deed)
    return world


def happen(world: World, deed: Deed) -> None:
    if not world.drafts:
        return
    number = deed.number % len(world.drafts)
    page_id = get_page_id(world.drafts[number].ref)
    if deed.what in {*DEEDS[7:14], "error", "take title"}:
        change_book(world, deed, number)
    elif page_id in world.pages:
        change_wiki(world, deed, world.drafts[number].ref, page_id)
    world.foreign_children = {key: value for key, value in world.foreign_children.items() if key in world.pages}


def change_book(world: World, deed: Deed, number: int) -> None:
    draft = world.drafts[number]
    match deed.what:
        case "error":
            error = replace(NOT_CARRIED.at(draft.source, "a video", ""), severity=Severity.ERROR)
            world.drafts[number] = replace(draft, findings=(error,))
        case "take title":
            world.holders = make_holder(f"Title {deed.target}")
        case "change text":
            world.drafts[number] = replace(draft, storage=f"text {deed.target}")
        case "change title" if f"Title {deed.target}" not in [each.title for each in world.drafts]:
            world.drafts[number] = replace(draft, title=f"Title {deed.target}")
        case "reparent":
            parent = world.drafts[deed.target % number].ref if number else None
            world.drafts[number] = replace(draft, parent=parent)
        case "swap with parent" if draft.parent is not None:
            above = next(each for each in world.drafts if each.ref == draft.parent)
            at = world.drafts.index(above)
            world.drafts[number : number + 1] = []
            world.drafts[at : at + 1] = [replace(draft, parent=above.parent), replace(above, parent=draft.ref)]
        case "change labels":
            world.drafts[number] = replace(draft, labels=(f"label-{deed.target}",))
        case "remove card" if not any(each.parent == draft.ref for each in world.drafts):
            del world.drafts[number]
        case "add card" if f"model:new{len(world.drafts)}{deed.target}" not in [each.ref for each in world.drafts]:
            world.drafts.append(make_draft(f"model:new{len(world.drafts)}{deed.target}", draft.ref))


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
            world.foreign_children[page_id] = (Descendant("77", "page", "Notes", Status.CURRENT),)
        case "forget":
            world.published[ref] = replace(world.published[ref], digest="", body="", labels=(), files=None)
        case "comment":
            world.bodies[page_id] = f"<p>{wrap_in_marker('gone')}</p>"
            if world.pages[page_id].version.number == 1:
                world.versions[page_id] = world.bodies[page_id]
            world.comments[page_id] = (InlineComment("8b1f", "gone", "<p>?</p>", "open", ADA),)


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
    order = [state.ref for state in world.states]
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
    assert len({fold_title(title) for title in titles.values()}) == len(titles), "no two pages end with one title"

    held = {*conflicts, *(each.ref for each in plan.unconfirmed)}
    assert not held & changes.keys(), "a held page is not touched"
    edited = {ref for ref in world.published if is_edited(world, get_page_id(ref))}
    if world.settings.manual_edits != "overwrite":
        assert not edited & changes.keys(), "an edited page is not touched"
    else:
        assert all(changes[ref].notes for ref in edited & changes.keys()), "an overwritten edit is named"
    assert {change.page_id for change in plan.changes if change.page_id} <= {
        each.page_id for each in world.published.values()
    }, "no page that is not ours is changed"


@given(worlds())
@settings(max_examples=400, deadline=None)
def test_no_page_moves_below_itself(world):
    """Check the moves in their order, with the pages that are held in their places."""
    current = {page.id: page.parent_id for page in world.pages.values() if page.status is Status.CURRENT}
    parents: dict[str, str | None] = dict(current)
    for change in sorted(world.plan().changes, key=lambda change: (not change.creates, change.depth)):
        if change.creates or change.old_parent:
            page_id, parent_id = change.page_id or change.ref, get_page_id(change.parent or "")
            parents[page_id] = parent_id if parent_id in current else change.parent
            chain = [page_id]
            while (parent := parents.get(chain[-1])) is not None:
                assert parent not in chain
                chain.append(parent)


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_each_draft_is_changed_unchanged_or_held(world):
    plan = world.plan()
    changed, held = {change.ref for change in plan.changes}, {each.ref for each in plan.conflicts}
    for draft in world.drafts:
        if draft.ref not in changed | held:
            page = world.pages[get_page_id(draft.ref)]
            assert (page.status, page.title) == (Status.CURRENT, plan.titles[draft.ref])
            linked = draft.with_titles(plan.titles)
            assert world.published[draft.ref].digest == linked.digest


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_with_overwrite_only_pages_are_held_that_cannot_be_overwritten(world):
    world.settings = apply_policy("overwrite").model_copy(update={"orphans": world.settings.orphans})
    plan = world.plan()
    always = {HoldReason.ARCHIVED, HoldReason.TITLE, HoldReason.ERRORS, HoldReason.PARENT, HoldReason.CHILDREN}
    assert {each.hindrance for each in plan.conflicts} <= always
    assert not plan.refusals


@given(worlds(), st.integers(0, 7))
@settings(max_examples=200, deadline=None)
def test_a_held_page_holds_no_other_but_its_missing_children(world, number):
    """Check the changes of other pages after an error holds one, except for a page that would get its title.

    A page below it can stay in its place: its parent is missing, or is now below it.
    """
    world.settings = apply_policy("hold").model_copy(update={"orphans": "keep"})
    before = world.plan()
    if not world.drafts:
        return
    number %= len(world.drafts)
    draft = world.drafts[number]
    error = replace(NOT_CARRIED.at(draft.source, "a video", ""), severity=Severity.ERROR)
    world.drafts[number] = replace(draft, findings=(error,))
    after = world.plan()
    waiting = {draft.ref} if draft.ref not in world.snapshot.holding else set[str]()
    below = {draft.ref}
    for each in world.drafts:
        below |= {each.ref} if each.parent in below else set()
        if each.parent in waiting and each.ref not in world.snapshot.holding:
            waiting.add(each.ref)
    retitled = {ref for ref, title in before.titles.items() if after.titles[ref] != title}
    published = {change.ref: change.actions for change in after.changes}
    for change in before.changes:
        if change.ref not in {draft.ref, *waiting, *retitled}:
            moves = (Action.MOVE,) if change.ref in below else ()
            assert set(published.get(change.ref, ())) >= {*change.actions} - {*moves}


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
