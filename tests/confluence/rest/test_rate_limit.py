"""Pauses of requests, and their number at the same time."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.confluence.rest.rate_limit import (
    NEAR_LIMIT_SPACING,
    PATIENCE,
    Clock,
    RateLimiter,
    compute_pause,
)
from generator.confluence.wiki import RateLimited

NOW = 1_790_000_000.0


class FakeTime:
    """A clock that advances only during `sleep`."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.passed, lambda: NOW + self.passed, self.sleep, lambda: 0.5)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (200, {}, 0),
        (429, {"Retry-After": "7"}, 7),
        (429, {"Retry-After": formatdate(NOW + 12, usegmt=True)}, 12),
        (429, {"Retry-After": "soon"}, 0),
        (429, {}, 0),
        (503, {"Retry-After": "3"}, 3),
        (500, {"Retry-After": "3"}, 0),
        (200, {"X-RateLimit-Remaining": "0", "Retry-After": "9", "X-RateLimit-Interval-Seconds": "9"}, 9),
        (200, {"X-RateLimit-Remaining": "4", "Retry-After": "0"}, 0),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-09-21T14:13:30Z"}, 10),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "never"}, 0),
        (429, {"Retry-After": f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"}, 0),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999-12-31T23:59:59.999999Z"}, 1e9),
    ],
)
def test_a_pause_is_read_from_the_headers_of_both_flavours(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    assert compute_pause(status, headers, NOW) == seconds


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_header_breaks_the_rate_limiter(text: str) -> None:
    assert compute_pause(429, {"Retry-After": text}, NOW) >= 0
    assert compute_pause(429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": text}, NOW) >= 0


def test_all_requests_wait_after_a_pause_in_one_response() -> None:
    fake = FakeTime()
    pace = RateLimiter(fake.clock())
    pace.update_from_response(429, {"Retry-After": "5"})
    with pace.acquire_slot("GET /x"):
        assert fake.passed == 5


def test_a_short_pause_is_waited_for() -> None:
    fake = FakeTime()
    pace = RateLimiter(fake.clock())
    pace.update_from_response(429, {"Retry-After": f"{PATIENCE:.0f}"})
    with pace.acquire_slot("GET /x"):
        assert fake.passed == PATIENCE


UNENDING = {
    "seconds": (429, {"Retry-After": "86400"}),
    "too many seconds for a date": (429, {"Retry-After": "9" * 400}),
    "a date": (503, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2359"}),
    "a good answer with none left": (200, {"X-RateLimit-Remaining": "0", "Retry-After": "999999999"}),
    "a reset of another century": (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2099-01-01T00:00:00Z"}),
}


@pytest.mark.parametrize("asked", UNENDING)
def test_a_long_pause_raises_until_it_is_over(asked: str) -> None:
    """Check that the last minutes of a pause raise too, because the run ends by then."""
    fake = FakeTime()
    pace = RateLimiter(fake.clock())
    pace.update_from_response(*UNENDING[asked])
    pace.update_from_response(200, {})
    left = time_left(pace)
    fake.passed += left - PATIENCE / 2
    assert time_left(pace) == pytest.approx(PATIENCE / 2, abs=1)
    fake.passed += PATIENCE / 2 + 1
    with pace.acquire_slot("GET /x"):
        assert fake.slept == []


def time_left(pace: RateLimiter) -> float:
    """Return the remaining seconds in the error of the limiter."""
    with pytest.raises(RateLimited) as raised:
        pace.acquire_slot("GET /x").__enter__()
    told = re.fullmatch(r"GET /x: .* wait until (\d{4}-\d\d-\d\d .*) UTC; run again then", str(raised.value))
    assert told
    return datetime.fromisoformat(f"{told[1]}+00:00").timestamp() - pace._clock.now()


def test_the_error_contains_the_moment_of_the_wiki() -> None:
    pace = RateLimiter(FakeTime().clock())
    pace.update_from_response(200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-09-22T14:13:30Z"})
    with pytest.raises(RateLimited, match="until 2026-09-22 14:13:30 UTC"):
        pace.acquire_slot("GET /x").__enter__()


def test_a_waiting_request_stops_after_a_long_pause() -> None:
    """Check on the real clock that four sleeping and eight queued threads all get the error."""

    def told(pace: RateLimiter) -> bool:
        try:
            with pace.acquire_slot("GET /x"):
                return False
        except RateLimited:
            return True

    pace = RateLimiter(Clock())
    pace.update_from_response(429, {"Retry-After": "300"})
    with ThreadPoolExecutor(12) as pool:
        waiting = [pool.submit(told, pace) for _ in range(12)]
        time.sleep(0.1)
        assert not any(each.done() for each in waiting)
        pace.update_from_response(429, {"Retry-After": "86400"})
        assert all(each.result(timeout=60) for each in waiting)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    fake = FakeTime()
    pace = RateLimiter(fake.clock())
    pace.update_from_response(429, {"Retry-After": "5"})
    pace.update_from_response(429, {"Retry-After": "1"})
    with pace.acquire_slot("GET /x"):
        assert fake.passed == 5


def test_requests_slow_down_near_the_limit() -> None:
    fake = FakeTime()
    pace = RateLimiter(fake.clock())
    pace.update_from_response(200, {"X-RateLimit-NearLimit": "true"})
    for _ in range(3):
        with pace.acquire_slot("GET /x"):
            pass
    assert fake.passed == pytest.approx(2 * NEAR_LIMIT_SPACING)
    pace.update_from_response(200, {})
    with pace.acquire_slot("GET /x"):
        pass
    before = fake.passed
    for _ in range(3):
        with pace.acquire_slot("GET /x"):
            pass
    assert fake.passed == before


def test_at_most_four_requests_run_at_the_same_time() -> None:
    pace = RateLimiter(Clock())
    inside, most = 0, 0
    lock = threading.Lock()
    gate = threading.Barrier(4)

    def work() -> None:
        nonlocal inside, most
        with pace.acquire_slot("GET /x"):
            with lock:
                inside += 1
                most = max(most, inside)
            gate.wait(timeout=60)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 4
