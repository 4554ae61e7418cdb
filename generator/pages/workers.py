"""Work spread over processes: the same results in the same order, sooner where there is more than one processor.

A forked process starts with everything that this one has read, at no cost; only results are sent back. Where forking
is not safe (other threads, other systems than Linux), or a process dies, the work is done here.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_IT = 200
"""Below so many items the work is done before a process has started."""
_MOST = 4
"""More processes would wait for the one that takes their results."""


def processes_for(items: int) -> int:
    """How many processes to spread so many items over: 1 where more would not help, or could do harm.

    A process forked beside other threads may wait for ever for a lock that one of them held: `mkdocs serve` has such.
    """
    if items < WORTH_IT or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(_MOST, len(os.sched_getaffinity(0)))


def spread(work: Callable[[Sequence[Item]], Result], items: Sequence[Item], processes: int) -> list[Result]:
    """What the work makes of each share of the items, the share number n being every item n, n + processes, ...

    The first share is done here. An error of the work is raised here too, as if nothing had been spread.
    """
    shares = [items[number::processes] for number in range(processes)]
    helpers = [_Helper(work, share) for share in shares[1:]]
    return [work(shares[0]), *(helper.result() for helper in helpers)]


class _Helper(Generic[Item, Result]):
    """A forked process that does a share of the work."""

    def __init__(self, work: Callable[[Sequence[Item]], Result], share: Sequence[Item]) -> None:
        context = multiprocessing.get_context("fork")
        self._work, self._share = work, share
        self._results, results = context.Pipe(duplex=False)
        self._process: ForkProcess = context.Process(target=_send, args=(results, work, share), daemon=True)
        self._process.start()
        results.close()

    def result(self) -> Result:
        """What the process sends; where it sends nothing, the work is done again, so that an error shows here."""
        try:
            result: Result = self._results.recv()
        except (EOFError, OSError):
            return self._work(self._share)
        finally:
            self._results.close()
            self._process.join()
        return result


def _send(results: Connection, work: Callable[[Sequence[Item]], Result], share: Sequence[Item]) -> None:
    """The life of a helper: what goes wrong in it is told by whoever does its share again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked is interrupted, and ends its helpers
    with suppress(Exception):
        results.send(work(share))
    results.close()
