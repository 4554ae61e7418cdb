"""The shared pace: so many requests in flight, and all of them wait when the wiki says so."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

IN_FLIGHT = 4
NEAR_LIMIT_SPACING = 0.5
"""Seconds between two requests while the wiki says that its limit is near."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, as arguments."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Between 0 and 1; it spreads the retries of several threads."""


class Pace:
    """Lets at most `in_flight` requests run, none before the moment the wiki named."""

    def __init__(self, clock: Clock, in_flight: int = IN_FLIGHT) -> None:
        self._clock = clock
        self._slots = threading.BoundedSemaphore(in_flight)
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._spacing = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a slot and for the moment, and holds the slot while the request runs."""
        with self._slots:
            while (wait := self._claim()) > 0:
                self._clock.sleep(wait)
            yield

    def _claim(self) -> float:
        """Seconds still to wait; 0 takes the turn and puts the next one behind it."""
        with self._lock:
            now = self._clock.monotonic()
            wait = self._not_before - now
            if wait <= 0 and self._spacing:
                self._not_before = now + self._spacing
            return max(0.0, wait)

    def heed(self, status: int, headers: Mapping[str, str]) -> None:
        """Takes in what an answer says about the limit: a pause for everybody, or a slower step."""
        pause = pause_asked(status, headers, self._clock.now())
        near = headers.get("X-RateLimit-NearLimit", "").lower() == "true"
        with self._lock:
            self._spacing = NEAR_LIMIT_SPACING if near else 0.0
            if pause:
                self._not_before = max(self._not_before, self._clock.monotonic() + pause)


def pause_asked(status: int, headers: Mapping[str, str], now: float) -> float:
    """Seconds that everybody has to wait after this answer.

    `Retry-After` counts on 429 and 503, and, as Data Center sends it with every answer, wherever no
    request is left; Cloud then names the moment in `X-RateLimit-Reset`.
    """
    exhausted = headers.get("X-RateLimit-Remaining") == "0"
    if not exhausted and status not in (429, 503):
        return 0.0
    asked = retry_after(headers, now)
    if asked is not None:
        return asked
    reset = headers.get("X-RateLimit-Reset", "")
    return _until(reset, now) if exhausted and reset else 0.0


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The header `Retry-After` in seconds, whether it holds a number or a date; None where it says nothing."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, _timestamp(moment) - now)


def _until(moment: str, now: float) -> float:
    """Seconds until an ISO 8601 moment; 0 where it is none."""
    try:
        return max(0.0, _timestamp(datetime.fromisoformat(moment)) - now)
    except ValueError:
        return 0.0


def _timestamp(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
