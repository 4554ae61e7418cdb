"""A publish to a failing wiki: completed pages and reported errors."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import DemoServer, Fault, FaultKind, serve
from generator.confluence.rest import Wiki, connect
from generator.confluence.sync.values import Outcome
from generator.confluence.wiki import Flavour
from tests.confluence.conftest import access_to, context_of
from tests.confluence.demo.server import Account, VariantServer
from tests.confluence.publishing import Publisher, read_state
from tests.confluence.recovering import build_changed_book, build_small_book, check_recovery, publish_without_faults
from tests.confluence.transport import InMemory

STORMS = {
    "a rate limit every third time": [Fault(FaultKind.RATE_LIMITED, count=0, every=3, seconds=2)],
    "a storm of them": [Fault(FaultKind.RATE_LIMITED, first=20, count=4, seconds=30)],
    "near the limit": [Fault(FaultKind.NEAR_LIMIT, count=0)],
    "failing reads": [Fault(FaultKind.SERVER_ERROR, "GET", count=0, every=2, status=503)],
    "failing saves": [Fault(FaultKind.SERVER_ERROR, "PUT", count=0, every=3)],
    "creates that never came": [Fault(FaultKind.RESET_BEFORE, "POST", count=0, every=4)],
    "creates whose answers are lost": [Fault(FaultKind.RESET_AFTER, "POST", count=0, every=3)],
    "saves whose answers are lost": [Fault(FaultKind.RESET_AFTER, "PUT", count=0, every=2)],
    "saves done and denied": [Fault(FaultKind.ERROR_AFTER, "PUT", count=0, every=3)],
    "creates done and denied": [Fault(FaultKind.ERROR_AFTER, "POST", count=0, every=3)],
    "answers cut in the middle": [Fault(FaultKind.TRUNCATED, count=0, every=4)],
    "removals whose answers are lost": [Fault(FaultKind.RESET_AFTER, "DELETE", count=0, every=2)],
    "slow answers": [Fault(FaultKind.SLOW, count=0, every=5, seconds=100)],
    "a search that lags": [Fault(FaultKind.UNINDEXED, "GET", "*/content/search", count=0)],
}


@pytest.mark.sample(12)
@pytest.mark.parametrize("storm", STORMS)
def test_intermittent_faults_create_no_duplicate_pages(flavour: Flavour, storm: str, tmp_path: Path) -> None:
    """Check that the result is the same as without faults, in one run even if responses are lost."""
    expected, _ = publish_without_faults(flavour, build_small_book, build_changed_book)
    publisher = Publisher(DemoServer(flavour), tmp_path / "site")
    for sheets in (build_small_book(), build_changed_book()):
        publisher.demo.inject(STORMS[storm])
        lost = "lost" in storm or "denied" in storm
        assert any(publisher.publish(sheets).exit_status == 0 for _ in range(1 if lost else 4))
        publisher.demo.inject([])
        assert publisher.publish(sheets).outcome in (Outcome.DONE, Outcome.NOTHING)
    assert read_state(publisher.demo) == expected
    assert publisher.plan(build_changed_book()).empty


def test_many_faults_over_sockets_create_no_duplicate_pages(flavour: Flavour, tmp_path: Path) -> None:
    expected, _ = publish_without_faults(flavour, build_small_book)
    for storm in ("answers cut in the middle", "creates whose answers are lost", "saves done and denied"):
        demo = DemoServer(flavour)
        demo.inject(STORMS[storm])
        publisher = Publisher(demo, tmp_path / "site")
        with serve(demo) as address:
            wiki = connect(access_to(demo, address.site), clock=publisher.time.clock())
            assert any(publisher.publish(build_small_book(), wiki=wiki).exit_status == 0 for _ in range(4))
        demo.inject([])
        check_recovery(publisher, build_small_book(), expected)


def test_an_expired_token_is_reported_once_and_the_next_run_continues(flavour: Flavour, tmp_path: Path) -> None:
    expected, [total] = publish_without_faults(flavour, build_small_book)
    publisher = Publisher(DemoServer(flavour), tmp_path / "site")
    publisher.demo.inject([Fault(FaultKind.TOKEN_EXPIRED, first=total // 2, count=0)])
    result = publisher.publish(build_small_book())
    assert (result.outcome, result.exit_status) == (Outcome.INCOMPLETE, 1)
    assert 1 <= len(result.failures) <= 4
    assert result.left + len(result.done) + len(result.failures) == len(build_small_book())
    publisher.demo.inject([])
    check_recovery(publisher, build_small_book(), expected)


def guest(publisher: Publisher, *verbs: str) -> Wiki:
    """Return the wiki for a user with the given permissions only."""
    demo = publisher.demo
    demo.world.people["guest"] = Account("guest", "A guest", "guest@example.com", "guest", ("read", *verbs))
    base = f"http://localhost{context_of(demo.flavour)}"
    return connect(access_to(demo, base, "guest", "guest@example.com"), adapter=InMemory(demo))


def test_a_space_without_permission_is_rejected_with_a_fix(flavour: Flavour, tmp_path: Path) -> None:
    publisher = Publisher(VariantServer(flavour), tmp_path / "site")
    result = publisher.publish(build_small_book(), wiki=guest(publisher))
    assert (result.outcome, result.exit_status) == (Outcome.REFUSED, 1)
    assert "let this account edit it, or set `parent`" in result.refusals[0]


def test_a_page_without_delete_permission_is_reported_and_kept(flavour: Flavour, tmp_path: Path) -> None:
    publisher = Publisher(VariantServer(flavour), tmp_path / "site")
    publisher.publish(build_small_book())
    result = publisher.publish(build_small_book()[:-1], wiki=guest(publisher, "write"))
    assert result.outcome is Outcome.INCOMPLETE
    assert [failure.title for failure in result.failures] == [build_small_book()[-1].title]
    check_recovery(publisher, build_small_book(), publish_without_faults(flavour, build_small_book)[0])


def test_rejected_storage_format_is_reported_with_page_and_card(flavour: Flavour, tmp_path: Path) -> None:
    """Check that the error has the server's message, the title and the card, and that other pages are written."""
    publisher = Publisher(VariantServer(flavour), tmp_path / "site")
    publisher.publish(build_small_book())
    huge = replace(build_small_book()[-1], html=f"<p>{'x' * (5 * 1024 * 1024)}</p>")
    other = replace(build_small_book()[-2], html="<p>New</p>")
    result = publisher.publish([*build_small_book()[:-2], other, huge])
    assert result.outcome is Outcome.INCOMPLETE
    [failure] = result.failures
    assert (failure.title, failure.card) == (huge.title, f"{huge.card}:1")
    assert "too large" in failure.said.lower() or "5 MB" in failure.said
    assert [change.title for change in result.done] == [other.title]
    assert publisher.publish([*build_small_book()[:-2], other, build_small_book()[-1]]).outcome in (
        Outcome.NOTHING,
        Outcome.DONE,
    )
