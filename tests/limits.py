"""A guard against input that would keep the code busy for years."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TooSlowError(AssertionError):
    """The code used more CPU time than any reasonable algorithm needs."""


@contextmanager
def cpu_limit(seconds: float = 20) -> Iterator[None]:
    """Fail once the block has used so many seconds of CPU time, however busy the machine is."""

    def stop(*_: object) -> None:
        message = f"more than {seconds} s of CPU time"
        raise TooSlowError(message)

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
