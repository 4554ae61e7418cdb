"""Faults of the transport, over sockets and in memory, and the requests that are repeated."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from generator.confluence.demo import DemoServer, Fault, FaultKind, parse_fault, serve
from generator.confluence.rest import RequestAttempt, connect
from generator.confluence.sync.values import Outcome
from generator.confluence.wiki import (
    AlreadyExists,
    LostAnswer,
    NewPage,
    NoPermission,
    NotFound,
    PageUpdate,
    RateLimited,
    TitleTaken,
    TooLarge,
    Unauthorized,
    Unavailable,
    Upload,
    VersionConflict,
    WikiProblem,
)
from tests.confluence.conftest import Bench, access_to, context_of
from tests.confluence.demo.server import Account, count_requests
from tests.confluence.publishing import Publisher, read_state
from tests.confluence.recovering import build_small_book, check_recovery, publish_without_faults
from tests.confluence.rest.test_rate_limit import FakeTime
from tests.confluence.transport import InMemory


class Troubled(Bench):
    """A bench with faults; its `time` passes only during pauses."""

    time: FakeTime

    def trouble(self, kind: FaultKind, method: str = "*", **more: int | float) -> None:
        assert self.demo is not None
        self.sent.clear()
        self.demo.inject([parse_fault({"kind": kind, "method": method, **more})])


@pytest.fixture(params=["memory", "http"])
def troubled(request: pytest.FixtureRequest, demo: DemoServer) -> Iterator[Troubled]:
    with ExitStack() as stack:
        sent: list[RequestAttempt] = []
        time = FakeTime()
        if request.param == "http":
            base, adapter = stack.enter_context(serve(demo)).site, None
        else:
            base, adapter = f"http://localhost{context_of(demo.flavour)}", InMemory(demo, time.sleep)
        wiki = connect(access_to(demo, base), observer=sent.append, clock=time.clock(), adapter=adapter, time_limit=1)
        made = Troubled(wiki, wiki.space("BOOK"), sent, demo)
        made.time = time
        yield made


def statuses(bench: Bench) -> list[int | None]:
    return [one.status for one in bench.sent]


def test_a_read_waits_out_a_rate_limit(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.RATE_LIMITED, count=2, seconds=7)
    assert troubled.wiki.page(page.id).id == page.id
    assert statuses(troubled) == [429, 429, 200]
    assert 14 <= troubled.time.passed < 16


def test_a_write_is_repeated_after_a_rate_limit(troubled: Troubled) -> None:
    troubled.trouble(FaultKind.RATE_LIMITED, "POST", count=2, seconds=1)
    troubled.page("Model")
    assert statuses(troubled) == [429, 429, 200]


def test_a_rate_limit_without_end_is_an_error(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.RATE_LIMITED, count=0, seconds=1)
    with pytest.raises(RateLimited):
        troubled.wiki.page(page.id)
    assert len(troubled.sent) == 6


def test_a_publish_does_not_wait_for_hours(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.RATE_LIMITED, count=0, seconds=7200)
    with pytest.raises(RateLimited, match="run again then"):
        troubled.wiki.page(page.id)
    assert troubled.time.passed == 0
    troubled.trouble(FaultKind.NEAR_LIMIT)
    with pytest.raises(RateLimited):
        troubled.wiki.properties(page.id)
    assert troubled.sent == []
    assert troubled.time.passed == 0


def test_a_pause_of_hours_after_a_lost_response_is_a_lost_answer(troubled: Troubled) -> None:
    """Check that the error does not claim that nothing was done, because the first try may have succeeded."""
    page = troubled.page("Model")
    assert troubled.demo is not None
    troubled.demo.inject(
        [Fault(FaultKind.RESET_AFTER, "PUT"), Fault(FaultKind.RATE_LIMITED, "PUT", first=2, seconds=7200)]
    )
    with pytest.raises(LostAnswer, match="run again then"):
        troubled.wiki.update_page(PageUpdate(page.id, page.title, "<p>New</p>", 2))


def test_a_pause_of_a_day_ends_a_publish_at_once_on_the_real_clock(demo: DemoServer, tmp_path: Path) -> None:
    """Check over sockets that every thread stops, the lock expires and the next run completes the publish."""
    expected, _ = publish_without_faults(demo.flavour, build_small_book)
    publisher = Publisher(demo, tmp_path / "site")
    pages = "*/api/v2/pages" if demo.flavour.archives else "*/rest/api/content"
    demo.inject([Fault(FaultKind.RATE_LIMITED, "POST", pages, first=3, count=0, seconds=86_400)])
    with serve(demo) as address:
        result = publisher.publish(build_small_book(), wiki=connect(access_to(demo, address.site)))
    assert (result.outcome, result.exit_status) == (Outcome.INCOMPLETE, 1)
    assert result.left > 0
    assert all("run again then" in failure.said for failure in result.failures)
    assert count_requests(demo, "POST") < 10
    demo.inject([])
    assert read_state(demo) != expected
    check_recovery(publisher, build_small_book(), expected)


def test_a_pause_of_a_second_is_waited_for_on_the_real_clock(demo: DemoServer) -> None:
    """Check with four concurrent requests that all wait after one is rejected."""
    sent: list[RequestAttempt] = []
    with serve(demo) as address, ThreadPoolExecutor(4) as pool:
        wiki = connect(access_to(demo, address.site), observer=sent.append)
        wiki.account()
        demo.inject([Fault(FaultKind.RATE_LIMITED, seconds=1)])
        began = time.monotonic()
        assert len({each.id for each in pool.map(lambda _: wiki.space("BOOK"), range(8))}) == 1
        assert time.monotonic() - began >= 1
    assert [one.status for one in sent].count(429) == 1


@pytest.mark.parametrize(
    "kind",
    [FaultKind.SERVER_ERROR, FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.TRUNCATED, FaultKind.ERROR_AFTER],
)
def test_a_read_is_repeated(troubled: Troubled, kind: FaultKind) -> None:
    page = troubled.page("Model")
    troubled.trouble(kind, "GET", count=2)
    assert troubled.wiki.page(page.id).id == page.id
    assert len(troubled.sent) == 3


def test_a_slow_read_is_repeated(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.SLOW, "GET", seconds=1.5)
    assert troubled.wiki.page(page.id).id == page.id
    assert statuses(troubled) == [None, 200]


def test_a_wiki_that_stays_down_is_unavailable(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.SERVER_ERROR, "GET", count=0, status=503)
    with pytest.raises(Unavailable):
        troubled.wiki.page(page.id)
    assert len(troubled.sent) == 6


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (FaultKind.RESET_BEFORE, False),
        (FaultKind.RESET_AFTER, True),
        (FaultKind.TRUNCATED, True),
        (FaultKind.ERROR_AFTER, True),
        (FaultKind.SERVER_ERROR, False),
    ],
)
def test_a_create_with_a_lost_response_is_never_repeated(troubled: Troubled, kind: FaultKind, written: bool) -> None:
    troubled.trouble(kind, "POST")
    with pytest.raises(LostAnswer):
        troubled.page("Model")
    assert len(troubled.sent) == 1
    assert (troubled.wiki.page_titled(troubled.space, troubled.title("Model")) is not None) == written


@pytest.mark.parametrize("kind", [FaultKind.RESET_BEFORE, FaultKind.SERVER_ERROR])
def test_an_update_that_was_not_applied_is_repeated(troubled: Troubled, kind: FaultKind) -> None:
    page = troubled.page("Model")
    troubled.trouble(kind, "PUT")
    assert troubled.wiki.update_page(PageUpdate(page.id, page.title, "<p>New</p>", 2)).version.number == 2
    assert len(troubled.sent) == 2


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.TRUNCATED, FaultKind.ERROR_AFTER])
def test_an_update_with_a_lost_response_is_not_a_conflict(troubled: Troubled, kind: FaultKind) -> None:
    page = troubled.page("Model")
    troubled.trouble(kind, "PUT")
    with pytest.raises(LostAnswer):
        troubled.wiki.update_page(PageUpdate(page.id, page.title, "<p>New</p>", 2))
    assert troubled.wiki.page(page.id).version.number == 2


def test_a_conflict_without_a_lost_response_is_a_conflict(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.RATE_LIMITED, "PUT", seconds=0)
    with pytest.raises(VersionConflict):
        troubled.wiki.update_page(PageUpdate(page.id, page.title, "<p>New</p>", 7))


def test_a_property_of_a_new_page_is_repeated_after_growing_pauses(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.UNSETTLED, "POST", count=3)
    assert troubled.wiki.create_property(page.id, "modelbook", 1).version == 1
    assert statuses(troubled) == [409, 409, 409, 200]
    assert [pause for pause in troubled.time.slept if pause] == [0.5, 1, 2]


def test_a_property_that_is_never_accepted_is_a_conflict(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.UNSETTLED, "POST", count=0)
    with pytest.raises(VersionConflict, match="Conflict"):
        troubled.wiki.create_property(page.id, "modelbook", 1)
    assert statuses(troubled) == [409] * 6
    assert troubled.time.passed < 20


def test_a_permanent_conflict_is_not_repeated(troubled: Troubled) -> None:
    page = troubled.page("Model")
    held = troubled.wiki.create_property(page.id, "modelbook", 1)
    with pytest.raises(AlreadyExists):
        troubled.wiki.create_property(page.id, "modelbook", 2)
    troubled.wiki.update_property(page.id, held, 3)
    with pytest.raises(VersionConflict):
        troubled.wiki.update_property(page.id, held, 4)
    assert troubled.time.passed == 0


def test_a_repeated_trashing_of_a_missing_page_is_a_lost_answer(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.RESET_AFTER, "DELETE")
    with pytest.raises(LostAnswer):
        troubled.wiki.trash_page(page.id)
    assert troubled.wiki.page(page.id).status.value == "trashed"


def test_an_upload_with_a_lost_response_is_never_repeated(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.RESET_AFTER, "POST")
    with pytest.raises(LostAnswer):
        troubled.wiki.create_attachment(page.id, Upload("a.png", b"x", "image/png"))
    assert [one.version for one in troubled.wiki.attachments(page.id)] == [1]


def test_an_expired_token_is_not_repeated(troubled: Troubled) -> None:
    troubled.trouble(FaultKind.TOKEN_EXPIRED, first=3, count=0)
    for number in range(2):
        troubled.page(f"Model {number}")
    with pytest.raises(Unauthorized):
        troubled.page("Model 2")
    assert statuses(troubled) == [200, 200, 401]


def test_a_near_limit_slows_requests_down(troubled: Troubled) -> None:
    page = troubled.page("Model")
    troubled.trouble(FaultKind.NEAR_LIMIT, count=0)
    for _ in range(4):
        troubled.wiki.page(page.id)
    assert troubled.time.passed >= 1


def test_pages_outside_of_the_search_index_are_fetched_one_by_one(troubled: Troubled) -> None:
    made = [troubled.page(f"Model {number}") for number in range(3)]
    assert troubled.demo is not None
    troubled.demo.inject([Fault(FaultKind.UNINDEXED, "GET", "*/content/search", count=0)])
    troubled.sent.clear()
    assert set(troubled.wiki.pages([page.id for page in made])) == {page.id for page in made}
    assert len(troubled.sent) == (1 if troubled.wiki.flavour.archives else 4)


def test_a_page_over_five_megabytes_is_too_large(troubled: Troubled) -> None:
    with pytest.raises(TooLarge):
        troubled.page("Huge", "<p>" + "x" * (5 * 1024 * 1024) + "</p>")


def test_a_missing_write_permission_is_an_error(demo: DemoServer) -> None:
    demo.world.people["guest"] = Account("guest", "A guest", "guest@example.com", "guest")
    base = f"http://localhost{context_of(demo.flavour)}"
    access = access_to(demo, base, "guest", "guest@example.com")
    wiki = connect(access, adapter=InMemory(demo))
    space = wiki.space("BOOK")
    expected = NotFound if wiki.flavour.archives else NoPermission
    with pytest.raises(expected):
        wiki.create_page(NewPage(space, "Model", "<p>x</p>", space.homepage_id))


def test_a_missing_read_permission_is_an_error(demo: DemoServer) -> None:
    demo.world.people["guest"] = Account("guest", "A guest", "guest@example.com", "guest", ())
    base = f"http://localhost{context_of(demo.flavour)}"
    wiki = connect(access_to(demo, base, "guest", "guest@example.com"), adapter=InMemory(demo))
    with pytest.raises(NotFound):
        wiki.space("BOOK")


def test_a_refused_connection_is_unavailable_even_for_a_write(demo: DemoServer) -> None:
    with serve(demo) as address:
        wiki = connect(access_to(demo, address.site), clock=FakeTime().clock())
        space = wiki.space("BOOK")
    gone = connect(access_to(demo, address.site), clock=FakeTime().clock())
    with pytest.raises(Unavailable):
        gone.create_page(NewPage(space, "Model", "<p>x</p>", space.homepage_id))


def test_duplicate_titles_have_the_message_of_the_server(troubled: Troubled) -> None:
    troubled.page("Model")
    with pytest.raises(TitleTaken, match="already exists") as raised:
        troubled.page("Model")
    assert raised.value.status == 400
    assert isinstance(raised.value, WikiProblem)
