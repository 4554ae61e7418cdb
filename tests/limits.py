"""A limit for the CPU time of a test."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TooSlowError(AssertionError):
    """The code used more CPU time than its limit."""


@contextmanager
def limit_cpu_time(seconds: float = 20) -> Iterator[None]:
    """Fail if the block uses more CPU time than `seconds`, on a busy machine too."""

    def stop(*_: object) -> None:
        raise TooSlowError(f"more than {seconds} s of CPU time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
