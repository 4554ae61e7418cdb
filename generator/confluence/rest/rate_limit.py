"""The rate limit of all requests to a wiki: their number at a time, and pauses that the wiki asks for."""

import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from generator.confluence.wiki import RateLimited
from generator.values import FrozenValue

IN_FLIGHT = 4
"""Requests that run in parallel."""
PATIENCE = 600.0
"""Seconds; a publish does not wait for a longer pause."""
GLANCE = 1.0
"""Seconds after which a waiting thread checks whether another thread has given up."""
NEAR_LIMIT_SPACING = 0.5
"""Seconds between two requests while the wiki reports that its limit is near."""
_LONGEST = 1e9
"""Seconds, about thirty years: a later moment may exceed the calendar."""


class Clock(FrozenValue):
    """Time and randomness as arguments."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Returns a number from 0 to 1, which spreads the retries of several threads."""


class RateLimiter:
    """A limiter for requests at the same time, which also delays them until a moment that the wiki names."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._slots = threading.BoundedSemaphore(IN_FLIGHT)
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._closed_until = 0.0
        self._spacing = 0.0

    @contextmanager
    def acquire_slot(self, call: str) -> Iterator[None]:
        """Hold a slot during a request, after the moment; raise RateLimited if that is too far away."""
        with self._slots:
            while True:
                self.check_open(call)
                with self._lock:
                    now = self._clock.monotonic()
                    wait = self._not_before - now
                    if wait <= 0:
                        if self._spacing:  # the next turn
                            self._not_before = now + self._spacing
                        break
                self._clock.sleep(min(wait, GLANCE))
            yield

    def check_open(self, call: str) -> None:
        """Raise RateLimited if the moment is too far away to wait for it."""
        left = self._closed_until - self._clock.monotonic()
        if left > 0:
            moment = datetime.fromtimestamp(math.ceil(self._clock.now() + left), UTC)
            raise RateLimited(call, f"the wiki asks to wait until {moment:%Y-%m-%d %H:%M:%S} UTC; run again then")

    def update_from_response(self, status: int, headers: Mapping[str, str]) -> None:
        """Apply the rate limit headers of a response: a pause for all requests, or a slower rate."""
        pause = compute_pause(status, headers, self._clock.now())
        near = headers.get("X-RateLimit-NearLimit", "").lower() == "true"
        with self._lock:
            self._spacing = NEAR_LIMIT_SPACING if near else 0.0
            moment = self._clock.monotonic() + pause
            if pause > PATIENCE:
                self._closed_until = max(self._closed_until, moment)
            elif pause:
                self._not_before = max(self._not_before, moment)


def compute_pause(status: int, headers: Mapping[str, str], now: float) -> float:
    """Return the seconds that all requests must wait after a response."""
    # Data Center sends Retry-After with every response, so it counts only for 429, 503, and if no request is left.
    # Cloud then sends the moment in X-RateLimit-Reset:
    # https://developer.atlassian.com/cloud/confluence/rate-limiting/
    exhausted = headers.get("X-RateLimit-Remaining") == "0"
    if not exhausted and status not in (429, 503):
        return 0.0
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    reset = headers.get("X-RateLimit-Reset", "") if exhausted else ""
    for text, parse in ((asked, parsedate_to_datetime), (reset, datetime.fromisoformat)):
        try:
            moment = parse(text)
            then = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
        return min(max(0.0, then - now), _LONGEST)
    return 0.0
