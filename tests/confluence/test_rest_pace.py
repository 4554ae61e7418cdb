"""The shared pace: who waits, for how long, and never more than four at once."""

import threading
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.confluence.rest.pace import NEAR_LIMIT_SPACING, Clock, Pace, pause_asked, retry_after

NOW = 1_790_000_000.0


class FakeTime:
    """Time that passes only while somebody sleeps."""

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
    ],
)
def test_a_pause_is_read_from_the_headers_of_both_flavours(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    assert pause_asked(status, headers, NOW) == seconds


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_header_can_break_the_pace(text: str) -> None:
    waited = retry_after({"Retry-After": text}, NOW)
    assert waited is None or waited >= 0
    assert pause_asked(429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": text}, NOW) >= 0


def test_everybody_waits_for_the_moment_that_one_was_told() -> None:
    time = FakeTime()
    pace = Pace(time.clock())
    pace.heed(429, {"Retry-After": "5"})
    with pace.turn():
        assert time.passed == 5


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    time = FakeTime()
    pace = Pace(time.clock())
    pace.heed(429, {"Retry-After": "5"})
    pace.heed(429, {"Retry-After": "1"})
    with pace.turn():
        assert time.passed == 5


def test_near_the_limit_the_step_slows_down_until_it_is_far_again() -> None:
    time = FakeTime()
    pace = Pace(time.clock())
    pace.heed(200, {"X-RateLimit-NearLimit": "true"})
    for _ in range(3):
        with pace.turn():
            pass
    assert time.passed == pytest.approx(2 * NEAR_LIMIT_SPACING)
    pace.heed(200, {})
    with pace.turn():
        pass
    before = time.passed
    for _ in range(3):
        with pace.turn():
            pass
    assert time.passed == before


def test_at_most_four_are_in_flight() -> None:
    pace = Pace(Clock())
    inside, most = 0, 0
    lock = threading.Lock()
    gate = threading.Barrier(4)

    def work() -> None:
        nonlocal inside, most
        with pace.turn():
            with lock:
                inside += 1
                most = max(most, inside)
            gate.wait(timeout=5)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 4
