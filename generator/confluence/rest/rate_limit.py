"""The shared pace: so many requests in flight, and all of them wait when the wiki says so, within reason."""

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
"""Seconds: a wiki that asks for a longer pause than this is not worth waiting for."""
GLANCE = 1.0
"""Seconds after which a thread that waits looks up: another one may have been told that it waits in vain."""
NEAR_LIMIT_SPACING = 0.5
"""Seconds between two requests while the wiki says that its limit is near."""
_LONGEST = 1e9
"""Seconds, some thirty years: a moment further away has no date that could be shown."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, as arguments."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Between 0 and 1; it spreads the retries of several threads."""


class RateLimiter:
    """Lets at most `in_flight` requests run, none before the moment the wiki named."""

    def __init__(self, clock: Clock, in_flight: int = IN_FLIGHT) -> None:
        self._clock = clock
        self._slots = threading.BoundedSemaphore(in_flight)
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._closed_until = 0.0
        self._spacing = 0.0

    @contextmanager
    def acquire_slot(self, call: str) -> Iterator[None]:
        """Waits for a slot and for the moment, and holds the slot while the request runs.

        RateLimited, instead of the wait, where the wiki has named a moment that nobody is to wait for.
        """
        with self._slots:
            while (wait := self._claim(call)) > 0:
                self._clock.sleep(min(wait, GLANCE))
            yield

    def check_open(self, call: str) -> None:
        """RateLimited until the moment has come that nobody is to wait for."""
        with self._lock:
            self._refuse_closed(call, self._clock.monotonic())

    def _refuse_closed(self, call: str, now: float) -> None:
        left = self._closed_until - now
        if left > 0:
            moment = datetime.fromtimestamp(math.ceil(self._clock.now() + left), UTC)
            said = f"the wiki asks to wait until {moment:%Y-%m-%d %H:%M:%S} UTC; run again then"
            raise RateLimited(call, said, None, left)

    def _claim(self, call: str) -> float:
        """Seconds still to wait; 0 takes the turn and puts the next one behind it."""
        with self._lock:
            now = self._clock.monotonic()
            self._refuse_closed(call, now)
            wait = self._not_before - now
            if wait <= 0 and self._spacing:
                self._not_before = now + self._spacing
            return max(0.0, wait)

    def update_from_response(self, status: int, headers: Mapping[str, str]) -> None:
        """Takes in what an answer says about the limit: a pause for everybody, or a slower step."""
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
    """Seconds that everybody has to wait after this answer.

    `Retry-After` counts on 429 and 503, and, as Data Center sends it with every answer, wherever no
    request is left; Cloud then names the moment in `X-RateLimit-Reset`.
    """
    exhausted = headers.get("X-RateLimit-Remaining") == "0"
    if not exhausted and status not in (429, 503):
        return 0.0
    asked = parse_retry_after(headers, now)
    if asked is not None:
        return asked
    reset = headers.get("X-RateLimit-Reset", "")
    return _parse_moment(reset, now) if exhausted and reset else 0.0


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The header `Retry-After` in seconds, whether it holds a number or a date; None where it says nothing."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return _compute_wait(now, moment)


def _parse_moment(moment: str, now: float) -> float:
    """Seconds until an ISO 8601 moment; 0 where it is none."""
    try:
        return _compute_wait(now, datetime.fromisoformat(moment))
    except ValueError:
        return 0.0


def _compute_wait(now: float, moment: datetime) -> float:
    """Seconds from now to a moment, which is in UTC unless it says otherwise; 0 once it has passed."""
    then = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return min(max(0.0, then - now), _LONGEST)
