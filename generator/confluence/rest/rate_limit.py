"""The rate limit of all requests to a wiki: their number at a time, and pauses that the wiki asks for."""

import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from generator.confluence.wiki import RateLimited

IN_FLIGHT = 4
PATIENCE = 600.0
"""Seconds; a publish does not wait for a longer pause."""
GLANCE = 1.0
"""Seconds after which a waiting thread checks whether another thread has given up."""
NEAR_LIMIT_SPACING = 0.5
"""Seconds between two requests while the wiki reports that its limit is near."""
_LONGEST = 1e9
"""Seconds, about thirty years: a later moment may exceed the calendar."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and randomness as arguments."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Returns a number from 0 to 1, which spreads the retries of several threads."""


class RateLimiter:
    """A limiter for requests at the same time, which also delays them until a moment that the wiki names."""

    def __init__(self, clock: Clock, in_flight: int = IN_FLIGHT) -> None:
        self._clock = clock
        self._slots = threading.BoundedSemaphore(in_flight)
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._closed_until = 0.0
        self._spacing = 0.0

    @contextmanager
    def acquire_slot(self, call: str) -> Iterator[None]:
        """Wait for a slot and for the moment, and hold the slot during the request.

        Raises:
            RateLimited: The moment is too far away to wait for it.

        """
        with self._slots:
            while (wait := self._claim(call)) > 0:
                self._clock.sleep(min(wait, GLANCE))
            yield

    def check_open(self, call: str) -> None:
        """Raise RateLimited if the moment is too far away to wait for it."""
        with self._lock:
            self._refuse_closed(call, self._clock.monotonic())

    def _refuse_closed(self, call: str, now: float) -> None:
        left = self._closed_until - now
        if left > 0:
            moment = datetime.fromtimestamp(math.ceil(self._clock.now() + left), UTC)
            said = f"the wiki asks to wait until {moment:%Y-%m-%d %H:%M:%S} UTC; run again then"
            raise RateLimited(call, said)

    def _claim(self, call: str) -> float:
        """Return the seconds to wait; 0 takes the turn and schedules the next one."""
        with self._lock:
            now = self._clock.monotonic()
            self._refuse_closed(call, now)
            wait = self._not_before - now
            if wait <= 0 and self._spacing:
                self._not_before = now + self._spacing
            return max(0.0, wait)

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
    asked = parse_retry_after(headers, now)
    if asked is not None:
        return asked
    reset = headers.get("X-RateLimit-Reset", "")
    return _parse_moment(reset, now) if exhausted and reset else 0.0


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the header `Retry-After` in seconds; None if it is missing or invalid."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return _compute_wait(now, moment)


def _parse_moment(moment: str, now: float) -> float:
    """Return the seconds until an ISO 8601 moment; 0 if it is invalid."""
    try:
        return _compute_wait(now, datetime.fromisoformat(moment))
    except ValueError:
        return 0.0


def _compute_wait(now: float, moment: datetime) -> float:
    """Return the seconds from now to a moment, which is in UTC if it has no zone; 0 if it has passed."""
    then = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return min(max(0.0, then - now), _LONGEST)
