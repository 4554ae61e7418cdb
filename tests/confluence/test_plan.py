"""The plan: a three-way comparison that keeps edits of users and names every change."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from generator.confluence.demo import DemoServer
from generator.confluence.sync.draft import wiki_labels
from generator.confluence.sync.manifest import manifest_key, page_key
from generator.confluence.sync.report import checksum, plan_file, plan_in
from generator.confluence.sync.values import FORMAT, Action, Consent, HoldReason, Outcome, Plan, PublishSettings
from generator.confluence.wiki import Flavour, PageUpdate, Place, Status
from generator.errors import UserError
from generator.findings import Severity
from tests.confluence.publishing import Publisher, Sheet, configure, read_state, render_facts

HOME = Sheet("page:home", "The book", None, "<p>All models</p>")
RYL = Sheet(
    "model:ryl",
    "Restaurants",
    "page:home",
    f"{render_facts(recall='0.91')}<p>Ranks restaurants nearby.</p>",
    ("model",),
)
TPFY = Sheet("model:tpfy", "Top picks", "page:home", '<p>Picks, see <a href="ryl.html">Restaurants</a></p>')
BOOK = [HOME, RYL, TPFY]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    made = Publisher(demo, tmp_path / "site")
    made.publish(BOOK)
    return made


def actions(plan: Plan) -> dict[str, tuple[Action, ...]]:
    return {change.ref: change.actions for change in plan.changes}


def remember_page(publisher: Publisher, title: str) -> Callable[[], bool]:
    """Return a predicate that is true while a page is unchanged."""
    before = publisher.find_page(title)
    return lambda: publisher.find_page(title) == before


def test_an_unchanged_book_has_an_empty_plan(publisher: Publisher) -> None:
    plan = publisher.plan(BOOK)
    assert plan.empty
    assert not plan.findings
    assert (plan.pages, plan.owned) == (3, 3)


def test_a_change_has_a_description_and_a_diff(publisher: Publisher) -> None:
    [change] = publisher.plan([HOME, replace(RYL, html=RYL.html.replace("0.91", "0.88")), TPFY]).changes
    assert (change.ref, change.card, change.actions) == ("model:ryl", "cards/ryl.yml:1", (Action.UPDATE,))
    assert change.message == "recall 0.91 → 0.88"
    assert change.diff == ("- recall: 0.91", "+ recall: 0.88", "  Ranks restaurants nearby.")


def test_a_renamed_card_renames_its_page_and_updates_links(publisher: Publisher) -> None:
    before = publisher.find_page("Restaurants")
    renamed = replace(RYL, title="Places")
    plan = publisher.plan([HOME, renamed, TPFY])
    assert actions(plan) == {"model:ryl": (Action.RENAME,), "model:tpfy": (Action.UPDATE,)}
    assert publisher.publish([HOME, renamed, TPFY]).outcome is Outcome.DONE
    after = publisher.find_page("Places")
    assert (after.id, after.version.number) == (before.id, before.version.number + 1)
    assert 'ri:content-title="Places"' in (publisher.find_page("Top picks").body or "")


def test_a_moved_card_moves_its_page(publisher: Publisher) -> None:
    moved = replace(TPFY, parent="model:ryl")
    parent, change = publisher.plan([HOME, RYL, moved]).changes
    assert parent.diff[-1] == "+ [children macro]"
    assert (change.actions, change.old_parent) == ((Action.MOVE,), "The book")
    publisher.publish([HOME, RYL, moved])
    assert publisher.find_page("Top picks").parent_id == publisher.find_page("Restaurants").id


def test_a_parent_and_its_child_can_be_swapped(publisher: Publisher) -> None:
    publisher.publish([HOME, RYL, replace(TPFY, parent="model:ryl")])
    swapped = [HOME, replace(TPFY, parent="page:home"), replace(RYL, parent="model:tpfy")]
    assert publisher.publish(swapped).outcome is Outcome.DONE
    assert publisher.find_page("Restaurants").parent_id == publisher.find_page("Top picks").id
    assert publisher.plan(swapped).empty


def test_two_cards_can_swap_names(publisher: Publisher) -> None:
    ids = publisher.find_page("Restaurants").id, publisher.find_page("Top picks").id
    swapped = [HOME, replace(RYL, title="Top picks"), replace(TPFY, title="Restaurants")]
    assert any(change.aside for change in publisher.plan(swapped).changes)
    assert publisher.publish(swapped).outcome is Outcome.DONE
    assert (publisher.find_page("Top picks").id, publisher.find_page("Restaurants").id) == ids
    assert publisher.plan(swapped).empty


def test_labels_added_in_the_wiki_are_kept(publisher: Publisher) -> None:
    page, wiki = publisher.find_page("Restaurants"), publisher.wiki()
    wiki.add_labels(page.id, ["read-me"])
    [change] = publisher.plan([HOME, replace(RYL, labels=("Retired model",)), TPFY]).changes
    assert (change.actions, change.new_labels, change.old_labels) == ((Action.LABELS,), ("retired-model",), ("model",))
    publisher.publish([HOME, replace(RYL, labels=("Retired model",)), TPFY])
    assert wiki.labels(page.id) == {"read-me", "retired-model"}
    assert publisher.find_page("Restaurants").version.number == page.version.number


# Edited by hand


def edit_page(publisher: Publisher) -> None:
    publisher.edit("Restaurants", "nearby", "in the same city", message="clearer")


def test_an_edit_in_the_wiki_stops_everything_if_configured(publisher: Publisher) -> None:
    edit_page(configure(publisher, policy="stop"))
    stands = remember_page(publisher, "Restaurants")
    plan = publisher.plan([HOME, RYL, replace(TPFY, html="<p>New</p>")])
    [conflict] = plan.conflicts
    assert (conflict.ref, conflict.hindrance, conflict.stops) == ("model:ryl", HoldReason.EDITED, True)
    assert (conflict.who, conflict.card) == ("Ada Admin", "cards/ryl.yml:1")
    assert conflict.when == publisher.find_page("Restaurants").version.created_at
    assert "cards/ryl.yml" in conflict.words
    assert conflict.diff == (
        "  recall: 0.91",
        "- Ranks restaurants nearby.",
        "+ Ranks restaurants in the same city.",
    )
    result = publisher.publish([HOME, RYL, replace(TPFY, html="<p>New</p>")])
    assert (result.outcome, result.exit_status) == (Outcome.REFUSED, 1)
    assert stands()
    assert "New" not in (publisher.find_page("Top picks").body or "")


def test_an_edited_page_is_held_and_all_others_are_published(publisher: Publisher) -> None:
    edit_page(publisher)
    stands = remember_page(publisher, "Restaurants")
    book = [HOME, replace(RYL, html="<p>Other</p>"), replace(TPFY, html="<p>New</p>")]
    result = publisher.publish(book)
    assert (result.outcome, result.exit_status) == (Outcome.DONE, 1)
    [held] = result.held
    assert (held.ref, held.url, held.card) == (RYL.ref, publisher.find_page("Restaurants").url, "cards/ryl.yml:1")
    assert stands()
    assert "New" in (publisher.find_page("Top picks").body or "")
    plan = publisher.plan(book)
    assert plan.empty
    assert [conflict.stops for conflict in plan.conflicts] == [False]


def test_an_edit_in_the_wiki_can_be_overwritten(publisher: Publisher) -> None:
    edit_page(configure(publisher, policy="overwrite"))
    [change] = publisher.plan(BOOK).changes
    assert "- Ranks restaurants in the same city." in change.diff
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert "nearby" in (publisher.find_page("Restaurants").body or "")
    assert publisher.plan(BOOK).empty


def test_saving_an_unchanged_page_is_not_an_edit(publisher: Publisher) -> None:
    publisher.edit("Restaurants", "nearby", "nearby")
    plan = publisher.plan(BOOK)
    assert not plan.conflicts
    assert actions(plan) == {"model:ryl": (Action.RECORD,)}
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    assert publisher.plan(BOOK).empty


def test_a_title_changed_in_the_wiki_is_an_edit(publisher: Publisher) -> None:
    page = publisher.find_page("Restaurants")
    publisher.wiki().update_page(PageUpdate(page.id, "Eateries", page.body or "", page.version.number + 1))
    [conflict] = publisher.plan(BOOK).conflicts
    assert conflict.diff[:2] == ("- title: Restaurants", "+ title: Eateries")


@pytest.mark.parametrize("policy", ["stop", "hold", "overwrite"])
def test_a_page_moved_in_the_wiki_follows_the_policy(publisher: Publisher, policy: str) -> None:
    configure(publisher, policy=policy)
    page, target = publisher.find_page("Restaurants"), publisher.find_page("Top picks")
    publisher.wiki().move_page(page.id, Place.APPEND, target.id)
    plan = publisher.plan(BOOK)
    assert [conflict.hindrance for conflict in plan.conflicts] == ([] if policy == "overwrite" else [HoldReason.MOVED])
    assert bool(plan.refusals) == (policy == "stop")
    publisher.publish(BOOK)
    above = publisher.find_page("Restaurants").parent_id
    assert above == (publisher.find_page("The book").id if policy == "overwrite" else target.id)


@pytest.mark.parametrize("policy", ["stop", "hold", "overwrite"])
def test_a_page_deleted_in_the_wiki_follows_the_policy(publisher: Publisher, policy: str) -> None:
    configure(publisher, policy=policy)
    page = publisher.find_page("Restaurants")
    publisher.wiki().trash_page(page.id)
    plan = publisher.plan(BOOK)
    assert [conflict.hindrance for conflict in plan.conflicts] == (
        [] if policy == "overwrite" else [HoldReason.TRASHED]
    )
    publisher.publish(BOOK)
    found = publisher.wiki().page_titled(publisher.wiki().space("BOOK"), "Restaurants")
    assert (found is not None) == (policy == "overwrite")
    if policy == "overwrite":
        assert publisher.plan(BOOK).empty


def test_a_page_archived_in_the_wiki_is_not_created_again(publisher: Publisher) -> None:
    if publisher.demo.flavour is not Flavour.CLOUD:
        pytest.skip("Data Center archives nothing over its API")
    configure(publisher, policy="overwrite")
    publisher.wiki().archive_pages([publisher.find_page("Restaurants").id])
    [conflict] = publisher.plan(BOOK).conflicts
    assert (conflict.hindrance, conflict.stops) == (HoldReason.ARCHIVED, False)


def test_an_edited_page_without_a_card_is_not_removed(publisher: Publisher) -> None:
    edit_page(publisher)
    plan = publisher.plan([HOME, TPFY])
    assert not [change for change in plan.changes if change.removes]
    assert [(conflict.ref, conflict.hindrance) for conflict in plan.conflicts] == [("model:ryl", HoldReason.EDITED)]


# Other people's pages


def test_a_page_with_a_taken_title_is_held_with_its_missing_children(publisher: Publisher) -> None:
    publisher.create_unmanaged_page("Search")
    stands = remember_page(publisher, "Search")
    book = [*BOOK, Sheet("model:search", "Search", "page:home"), Sheet("model:below", "Below", "model:search")]
    plan = publisher.plan(book)
    [finding] = plan.findings
    assert (finding.code, finding.severity, str(finding.position)) == ("MB902", Severity.ERROR, "cards/search.yml:1:1")
    assert publisher.find_page("Search").url in finding.message
    assert plan.empty
    assert [(each.ref, each.hindrance, each.stops) for each in plan.conflicts] == [
        ("model:search", HoldReason.TITLE, False),
        ("model:below", HoldReason.PARENT, False),
    ]
    result = publisher.publish([*book, Sheet("model:new", "New", "page:home")])
    assert ([change.ref for change in result.done], result.exit_status) == (["model:new"], 1)
    assert stands()
    assert configure(publisher, policy="stop").publish(book).outcome is Outcome.REFUSED


def test_a_taken_title_gets_a_suffix_if_configured(publisher: Publisher) -> None:
    configure(publisher, title_suffix=" ({kind} {id})")
    foreign = publisher.create_unmanaged_page("search")
    book = [*BOOK, Sheet("model:s", "Search", "page:home", '<p><a href="ryl.html">x</a></p>')]
    assert publisher.publish(book).outcome is Outcome.DONE
    assert publisher.find_page("Search (model s)").id != foreign.id
    assert publisher.plan(book).empty
    publisher.wiki().trash_page(foreign.id)
    assert publisher.plan(book).empty, "a page keeps the title that it got"


def test_duplicate_titles_in_the_book_are_reported(publisher: Publisher) -> None:
    twin = Sheet("system:ryl", "RESTAURANTS", "page:home")
    [finding] = publisher.plan([*BOOK, twin]).findings
    assert "is taken by the page of model:ryl" in finding.message
    configure(publisher, title_suffix=" ({kind})")
    assert publisher.plan([*BOOK, twin]).titles["system:ryl"] == "RESTAURANTS (system)"


def test_an_archived_page_keeps_its_title(publisher: Publisher) -> None:
    if publisher.demo.flavour is not Flavour.CLOUD:
        pytest.skip("Data Center archives nothing over its API")
    assert publisher.publish([HOME, RYL], consent=Consent(removals=True)).outcome is Outcome.DONE
    [finding] = publisher.plan(BOOK).findings
    assert "archived page" in finding.message
    assert "restore it" in finding.hint


def test_unmanaged_pages_are_never_changed(publisher: Publisher) -> None:
    mine = publisher.create_unmanaged_page("Model of mine", "<p>Mine</p>", publisher.find_page("The book").id)
    stands = remember_page(publisher, "Model of mine")
    publisher.publish([HOME, replace(TPFY, title="Other")], consent=Consent(removals=True))
    publisher.publish(BOOK)
    assert stands()
    assert mine.id


# Orphans


@pytest.mark.parametrize(("policy", "status"), [("archive", Status.ARCHIVED), ("trash", Status.TRASHED)])
def test_a_page_without_a_card_is_removed(publisher: Publisher, policy: str, status: Status) -> None:
    configure(publisher, orphans=policy)
    page = publisher.find_page("Top picks")
    result = publisher.publish([HOME, RYL])
    assert result.outcome is Outcome.DONE
    expected = status if publisher.demo.flavour is Flavour.CLOUD else Status.TRASHED
    assert publisher.wiki().page(page.id).status is expected
    assert publisher.plan([HOME, RYL]).empty


def test_a_page_without_a_card_can_be_kept(publisher: Publisher) -> None:
    assert configure(publisher, orphans="keep").plan([HOME, RYL]).empty


def test_children_of_a_removed_page_are_moved_first(publisher: Publisher) -> None:
    publisher.publish([HOME, RYL, replace(TPFY, parent="model:ryl")])
    assert publisher.publish([HOME, TPFY]).outcome is Outcome.DONE
    assert publisher.find_page("Top picks").parent_id == publisher.find_page("The book").id
    assert publisher.plan([HOME, TPFY]).empty


def test_a_page_with_an_unmanaged_child_is_kept(publisher: Publisher) -> None:
    publisher.create_unmanaged_page("Notes of mine", parent_id=publisher.find_page("Top picks").id)
    plan = publisher.plan([HOME, RYL])
    assert plan.empty
    [conflict] = plan.conflicts
    assert (conflict.hindrance, conflict.stops) == (HoldReason.CHILDREN, False)
    assert "Notes of mine" in conflict.words


def test_many_pages_stay_until_their_removal_is_confirmed_and_all_others_are_published(publisher: Publisher) -> None:
    many = [Sheet(f"model:m{number}", f"Model {number}", "page:home") for number in range(5)]
    publisher.publish([*BOOK, *many])
    result = publisher.publish([HOME, RYL, replace(TPFY, html="<p>New</p>")])
    assert (result.outcome, result.exit_status) == (Outcome.DONE, 0)
    assert [each.title for each in result.unconfirmed] == [sheet.title for sheet in many]
    assert "New" in (publisher.find_page("Top picks").body or "")
    assert publisher.find_page("Model 3").parent_id == publisher.find_page("The book").id
    confirmed = publisher.publish(BOOK, consent=Consent(removals=True))
    assert sum(change.removes for change in confirmed.done) == 5
    assert not confirmed.unconfirmed


@pytest.mark.parametrize("book", [[], [Sheet("page:other", "Another book")]], ids=["empty", "another"])
def test_removing_all_pages_of_a_small_book_needs_confirmation(publisher: Publisher, book: list[Sheet]) -> None:
    result = publisher.publish(book)
    assert (len(result.unconfirmed), result.exit_status) == (3, 0)
    assert not publisher.plan([HOME, *book]).unconfirmed, "most of a small book may go"
    assert publisher.publish(book, consent=Consent(removals=True)).outcome is Outcome.DONE
    assert publisher.plan(book).empty


# A lost manifest


def delete_manifest(publisher: Publisher) -> None:
    """Remove the manifest from the wiki."""
    wiki = publisher.wiki()
    host = wiki.space("BOOK").homepage_id or ""
    [head] = [each for each in wiki.properties(host) if each.key == manifest_key("modelbook")]
    wiki.delete_property(host, head)


def test_a_lost_manifest_is_rebuilt_from_the_pages(publisher: Publisher) -> None:
    before = read_state(publisher.demo)
    publisher.create_unmanaged_page("Somebody's page")
    delete_manifest(publisher)
    plan = publisher.plan(BOOK)
    assert actions(plan) == dict.fromkeys(("page:home", "model:ryl", "model:tpfy"), (Action.RECORD,))
    assert publisher.publish(BOOK).outcome is Outcome.DONE
    after = read_state(publisher.demo)
    del after["Somebody's page"]
    assert after == before
    assert publisher.plan(BOOK).empty


def test_a_damaged_manifest_is_rejected(publisher: Publisher) -> None:
    wiki = publisher.wiki()
    host = wiki.space("BOOK").homepage_id or ""
    [head] = [each for each in wiki.properties(host) if each.key == manifest_key("modelbook")]
    assert isinstance(head.value, dict)
    wiki.update_property(host, head, {**head.value, "recent": []})
    changed = replace(RYL, html="<p>Changed</p>", labels=("other",))
    assert publisher.publish([HOME, changed]).outcome is Outcome.DONE
    assert "Changed" in (publisher.find_page("Restaurants").body or "")
    assert publisher.plan([HOME, changed]).empty


def test_an_edit_in_the_wiki_is_found_without_a_manifest(publisher: Publisher) -> None:
    edit_page(publisher)
    delete_manifest(publisher)
    [conflict] = publisher.plan(BOOK).conflicts
    assert (conflict.ref, conflict.who) == ("model:ryl", "Ada Admin")
    assert [each.ref for each in publisher.publish(BOOK).held] == ["model:ryl"]


def test_a_copy_of_a_managed_page_is_unmanaged(publisher: Publisher) -> None:
    """Check a copy with all properties, as Confluence makes it."""
    wiki = publisher.wiki()
    page = publisher.find_page("Restaurants")
    copy = publisher.create_unmanaged_page("Copy of Restaurants", page.body or "")
    [claim] = [each for each in wiki.properties(page.id) if each.key == page_key("modelbook")]
    wiki.create_property(copy.id, claim.key, claim.value)
    delete_manifest(publisher)
    stands = remember_page(publisher, "Copy of Restaurants")
    publisher.publish([HOME], consent=Consent(removals=True))
    assert stands()


def test_another_book_with_the_same_name_in_the_space_is_unmanaged(publisher: Publisher) -> None:
    configure(publisher, parent=publisher.create_unmanaged_page("Another corner").id)
    with pytest.raises(UserError, match="has a book named 'modelbook' below page"):
        publisher.plan(BOOK)
    configure(publisher, parent=publisher.create_unmanaged_page("A third corner").id, book="other")
    assert {finding.code for finding in publisher.plan(BOOK).findings} == {"MB902"}


# The plan as data


def test_a_plan_is_restored_from_its_file_and_other_files_are_rejected(publisher: Publisher) -> None:
    plan = publisher.plan([HOME, replace(RYL, html="<p>New</p>", labels=("a",)), TPFY])
    text = plan_file(plan)
    assert plan_in(text) == plan
    assert checksum(plan_in(text)) == checksum(plan)
    with pytest.raises(UserError, match="changed after it was made"):
        plan_in(text.replace("Restaurants", "Eateries"))
    with pytest.raises(UserError, match="another release"):
        plan_in(text.replace(f'"format": {FORMAT}', f'"format": {FORMAT - 1}'))
    for broken in ("", "{}", "[]", text[:-30]):
        with pytest.raises(UserError, match="holds no plan"):
            plan_in(broken)


def test_equal_input_gives_an_equal_plan(publisher: Publisher) -> None:
    book = [HOME, replace(RYL, labels=("b", "a"), html="<p>New</p>"), TPFY]
    assert plan_file(publisher.plan(book)) == plan_file(publisher.plan(book))


def test_an_unknown_space_is_rejected(publisher: Publisher) -> None:
    with pytest.raises(UserError, match="there is no space 'GONE'"):
        configure(publisher, space="GONE").plan(BOOK)
    with pytest.raises(UserError, match="there is no page or folder 4711"):
        configure(publisher, space="BOOK", parent="4711").plan(BOOK)


def test_labels_contain_only_characters_that_confluence_accepts() -> None:
    assert wiki_labels(["In Use", "a:b", "..", "Ä"], "mb-") == ("mb-a-b", "mb-in-use", "mb-ä")


def test_a_suffix_with_an_unknown_placeholder_is_rejected() -> None:
    with pytest.raises(ValidationError, match="invalid title suffix"):
        PublishSettings(space="BOOK", title_suffix="{team}")
