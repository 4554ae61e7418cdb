"""The execution of a plan: notifications, comments, files, locks and progress."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer, Fault, FaultKind
from generator.confluence.sync.apply import apply
from generator.confluence.sync.lock import LEASE
from generator.confluence.sync.manifest import parse_claim
from generator.confluence.sync.prepare import prepare
from generator.confluence.sync.values import Consent, HoldReason, Outcome, Result
from generator.confluence.wiki import Status, Upload
from tests.confluence.demo.server import count_notifications
from tests.confluence.publishing import SETTINGS, Publisher, Sheet, build_library, read_state, render_facts
from tests.confluence.recovering import Killed, connect_interrupted
from tests.confluence.rest.test_rate_limit import FakeTime

TEXT = "<p>Ranks the restaurants nearby that a customer has not ordered from.</p><p>Serves the home page.</p>"
HOME = Sheet("page:home", "The book")
RYL = Sheet("model:ryl", "Restaurants", "page:home", render_facts(recall="0.91", latency="30 ms") + TEXT)
BOOK = [HOME, RYL]


@pytest.fixture
def publisher(demo: DemoServer, tmp_path: Path) -> Publisher:
    made = Publisher(demo, tmp_path / "site")
    made.publish(BOOK)
    return made


def states(publisher: Publisher, title: str) -> dict[str, str]:
    page_id = publisher.find_page(title).id
    return {comment.marker: comment.state for comment in publisher.wiki().inline_comments(page_id)}


# Quiet


def test_notifications_are_sent_only_for_new_pages(publisher: Publisher) -> None:
    announced = count_notifications(publisher.demo)
    assert announced == len(BOOK)
    publisher.publish([HOME, replace(RYL, html="<p>New</p>", pictures={"a.png": b"a"})])
    assert count_notifications(publisher.demo) == announced


def test_notifications_are_sent_if_configured(publisher: Publisher) -> None:
    announced = count_notifications(publisher.demo)
    publisher.settings = SETTINGS.model_copy(update={"notify": True})
    publisher.publish([HOME, replace(RYL, html="<p>New</p>")])
    assert count_notifications(publisher.demo) == announced + 1


def test_the_version_message_describes_the_change(publisher: Publisher) -> None:
    book = [HOME, replace(RYL, html=RYL.html.replace("0.91", "0.88").replace("Serves the home page.", "Serves it."))]
    result = publisher.publish(book)
    page = publisher.find_page("Restaurants")
    assert page.version.message == "recall 0.91 → 0.88; Text changed"
    claim = parse_claim(publisher.wiki().properties(page.id), "modelbook", page.id)
    assert claim is not None
    assert (claim.version, claim.digest) == (page.version.number, result.done[0].digest)


# Comments


def test_a_comment_keeps_its_place_if_its_text_exists(publisher: Publisher) -> None:
    marker = publisher.add_comment("Restaurants", "restaurants nearby")
    book = [HOME, replace(RYL, html=RYL.html.replace("Ranks the", "It orders all the").replace("0.91", "0.88"))]
    [change] = publisher.plan(book).changes
    assert ([each.ref for each in change.markers], change.remarks) == ([marker], ())
    result = publisher.publish(book)
    assert (result.outcome, result.dangling) == (Outcome.DONE, ())
    assert states(publisher, "Restaurants") == {marker: "open"}
    assert publisher.plan(book).empty


def test_a_page_whose_change_would_detach_a_comment_is_held_until_that_is_confirmed(publisher: Publisher) -> None:
    marker = publisher.add_comment("Restaurants", "0.91")
    book = [HOME, replace(RYL, html=RYL.html.replace("0.91", "0.88"))]
    [change] = publisher.plan(book, consent=Consent(comments=True)).changes
    [remark] = change.remarks
    assert (remark.marker, remark.selection, remark.author, remark.body) == (
        *(marker, "0.91"),
        *("Ada Admin", "Is that so?"),
    )
    result = publisher.publish([HOME, book[1], Sheet("model:new", "New", "page:home")])
    [held] = result.held
    assert (held.ref, held.hindrance, result.exit_status) == ("model:ryl", HoldReason.COMMENTS, 1)
    assert held.words.startswith("resolve the comment of Ada Admin on '0.91': Is that so?")
    assert [change.ref for change in result.done] == ["model:new"]
    assert publisher.publish([HOME, RYL]).exit_status == 0
    assert states(publisher, "Restaurants") == {marker: "open"}
    assert publisher.publish(book, consent=Consent(comments=True)).outcome is Outcome.DONE
    assert states(publisher, "Restaurants") == {marker: "dangling"}


def test_detaching_a_resolved_comment_needs_no_confirmation(publisher: Publisher) -> None:
    publisher.add_comment("Restaurants", "0.91")
    publisher.resolve_comments()
    book = [HOME, replace(RYL, html=RYL.html.replace("0.91", "0.88"))]
    assert publisher.publish(book).outcome is Outcome.DONE


def test_a_comment_detached_against_the_plan_is_reported(publisher: Publisher) -> None:
    marker = publisher.add_comment("Restaurants", "Serves the home page")
    publisher.lose_comments()
    result = publisher.publish([HOME, replace(RYL, html=RYL.html.replace("0.91", "0.88"))])
    assert [(title, remark.marker) for title, remark in result.dangling] == [("Restaurants", marker)]
    assert result.exit_status == 1


# Files


def test_a_deleted_file_is_uploaded_again_with_its_next_change(publisher: Publisher) -> None:
    publisher.publish([HOME, replace(RYL, pictures={"a.png": b"1"})])
    wiki = publisher.wiki()
    page_id = publisher.find_page("Restaurants").id
    [file] = wiki.attachments(page_id)
    wiki.delete_attachment(file.id)
    assert publisher.publish([HOME, replace(RYL, pictures={"a.png": b"2"})]).outcome is Outcome.DONE
    assert [each.name for each in wiki.attachments(page_id)] == ["model-a.png"]


def test_an_unmanaged_file_is_not_replaced(publisher: Publisher) -> None:
    wiki, page = publisher.wiki(), publisher.find_page("Restaurants")
    wiki.create_attachment(page.id, Upload("model-a.png", b"mine", "image/png", "my own"))
    result = publisher.publish([HOME, replace(RYL, pictures={"a.png": b"1"})])
    assert result.outcome is Outcome.INCOMPLETE
    assert "a file of a user is named model-a.png" in result.failures[0].said
    assert [each.comment for each in wiki.attachments(page.id)] == ["my own"]


def test_a_page_with_hundreds_of_files_fits_the_manifest(publisher: Publisher) -> None:
    book = [HOME, replace(RYL, pictures={f"picture-number-{number}.png": b"1" for number in range(160)})]
    assert publisher.publish(book).outcome is Outcome.DONE
    assert publisher.plan(book).empty
    fewer = [HOME, replace(RYL, pictures={"picture-number-7.png": b"2"})]
    assert publisher.publish(fewer).outcome is Outcome.DONE
    assert len(publisher.wiki().attachments(publisher.find_page("Restaurants").id)) == 1
    assert publisher.plan(fewer).empty


# A plan from a file


def test_the_saved_plan_is_applied(publisher: Publisher) -> None:
    book = [HOME, replace(RYL, title="Places", html="<p>New</p>"), Sheet("model:new", "New", "model:ryl")]
    assert publisher.apply_saved(publisher.plan(book), book).outcome is Outcome.DONE
    assert publisher.plan(book).empty


def test_a_plan_is_rejected_after_an_edit_of_its_page(publisher: Publisher) -> None:
    book = [HOME, replace(RYL, html="<p>New</p>")]
    plan = publisher.plan(book)
    publisher.edit("Restaurants", "nearby", "close by")
    before = read_state(publisher.demo)
    result = publisher.apply_saved(plan, book)
    assert result.refusals == (
        "the plan is out of date for 'Restaurants': make it again with `modelbook publish plan`",
    )
    assert read_state(publisher.demo) == before


def test_a_plan_is_rejected_after_another_publish(publisher: Publisher) -> None:
    book = [HOME, replace(RYL, html="<p>New</p>")]
    plan = publisher.plan(book)
    publisher.publish([HOME, replace(RYL, labels=("x",))])
    assert publisher.apply_saved(plan, book).refusals[0].startswith("the book was published since")


def test_a_plan_is_rejected_after_a_new_build_of_the_site(publisher: Publisher) -> None:
    plan = publisher.plan([HOME, replace(RYL, html="<p>New</p>")])
    for book in ([HOME, RYL], [HOME, replace(RYL, html="<p>Newer</p>")]):
        assert publisher.apply_saved(plan, book).refusals[0].startswith("the plan is out of date for 'Restaurants'")


def test_a_page_with_a_child_added_after_the_plan_is_not_removed(publisher: Publisher) -> None:
    built = publisher.build([HOME])
    prepared = publisher.prepared(built)
    publisher.create_unmanaged_page("A child", parent_id=publisher.find_page("Restaurants").id)
    result = apply(prepared.plan, publisher.wiki(), built, publisher.environment(), manifest=prepared.manifest)
    assert result.outcome is Outcome.INCOMPLETE
    assert "'A child' is below it" in result.failures[0].said
    assert publisher.find_page("Restaurants").status is Status.CURRENT


def test_a_page_edited_after_the_plan_is_not_removed(publisher: Publisher) -> None:
    built = publisher.build([HOME])
    prepared = publisher.prepared(built)
    publisher.edit("Restaurants", "nearby", "close by")
    environment = publisher.environment()
    result = apply(prepared.plan, publisher.wiki(), built, environment, manifest=prepared.manifest)
    assert "a user saved version" in result.failures[0].said
    assert publisher.find_page("Restaurants").status is Status.CURRENT


# One at a time


def test_a_second_run_reports_the_lock_owner(publisher: Publisher) -> None:
    with pytest.raises(Killed):
        publisher.publish(build_library(9), wiki=connect_interrupted(publisher, 12))
    plan = publisher.plan(build_library(9))
    assert plan.busy is not None
    result = publisher.publish(build_library(9))
    assert result.outcome is Outcome.REFUSED
    assert f"{plan.busy.owner} is publishing now" in result.refusals


def test_a_second_run_can_wait(publisher: Publisher) -> None:
    with pytest.raises(Killed):
        publisher.publish(build_library(9), wiki=connect_interrupted(publisher, 12))
    before = publisher.time.passed
    built = publisher.build(build_library(9))
    prepared = prepare(publisher.wiki(), built, SETTINGS, publisher.waiting(patience=2 * LEASE))
    assert prepared.plan.busy is None
    assert LEASE - 5 <= publisher.time.passed - before <= LEASE + 15


def apply_both(publisher: Publisher, book: list[Sheet]) -> tuple[Result, Result]:
    """Apply two plans from one state, one after the other."""
    built = publisher.build(book)
    first, second = publisher.prepared(built), publisher.prepared(built)
    done = apply(first.plan, publisher.wiki(), built, publisher.environment(), manifest=first.manifest)
    late = apply(second.plan, publisher.wiki(), built, publisher.environment(), manifest=second.manifest)
    return done, late


def test_two_plans_from_the_same_state_are_not_both_applied(publisher: Publisher) -> None:
    done, late = apply_both(publisher, [replace(HOME, html="<p>New</p>"), replace(RYL, html="<p>New</p>")])
    assert done.outcome is Outcome.DONE
    assert late.outcome is Outcome.REFUSED
    assert late.refusals == ("another run has published this book in the meantime",)


def test_the_second_of_two_plans_for_one_page_saves_nothing(publisher: Publisher) -> None:
    done, late = apply_both(publisher, [HOME, replace(RYL, html="<p>New</p>")])
    version = publisher.find_page(RYL.title).version.number
    assert done.outcome is Outcome.DONE
    assert late.refusals == ("another run has published this book in the meantime",)
    assert publisher.find_page(RYL.title).version.number == version
    assert publisher.plan([HOME, replace(RYL, html="<p>New</p>")]).empty


def test_a_run_that_lost_its_lock_stops(publisher: Publisher) -> None:
    """Check that a slow run does not overwrite the changes of the run that replaced it."""
    book = [HOME, RYL]
    for number in range(4):
        book.append(Sheet(f"model:m{number}", f"Model {number}", book[-1].ref))
    built = publisher.build(book)
    prepared = publisher.prepared(built)
    ahead = FakeTime()
    ahead.passed = publisher.time.passed + LEASE + 1
    other = Publisher(publisher.demo, publisher.folder, time=ahead, runs=publisher.runs)

    def overtake(done: int, _total: int) -> None:
        if done == 1:
            assert other.publish(book).outcome is Outcome.DONE

    environment = publisher.environment()
    result = apply(prepared.plan, publisher.wiki(), built, environment, manifest=prepared.manifest, progress=overtake)
    assert (result.outcome, len(result.done)) == (Outcome.INCOMPLETE, 1)
    assert any("another run has published" in failure.said for failure in result.failures)
    assert publisher.plan(book).empty


def test_a_long_run_keeps_its_lock(publisher: Publisher) -> None:
    book = build_library(30)
    built = publisher.build(book)
    prepared = publisher.prepared(built)
    publisher.demo.inject([Fault(FaultKind.SLOW, count=0, seconds=8)])
    held: list[bool] = []

    def look(done: int, _total: int) -> None:
        if done % 10 == 0:
            held.append(publisher.prepared(built).plan.busy is not None)

    environment = publisher.environment()
    result = apply(prepared.plan, publisher.wiki(), built, environment, manifest=prepared.manifest, progress=look)
    assert result.outcome is Outcome.DONE
    assert publisher.time.passed > 3 * LEASE
    assert held
    assert all(held)


def test_progress_is_reported_for_each_page(publisher: Publisher) -> None:
    told: list[tuple[int, int]] = []
    built = publisher.build(build_library(9))
    prepared = publisher.prepared(built)
    result = apply(
        prepared.plan,
        publisher.wiki(),
        built,
        publisher.environment(),
        manifest=prepared.manifest,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(number, len(prepared.plan.changes)) for number in range(1, len(prepared.plan.changes) + 1)]
    assert sum(change.creates for change in result.done) == 8
