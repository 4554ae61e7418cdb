"""Work shared out over processes: the same results, sooner where there is more than one processor.

A forked process starts with everything that this one has read, at no cost; only results are sent back. Where forking
is not safe (other threads, other systems than Linux), or a process dies, the work is done here.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Generic, Self, TypeVar

from generator.processes import end_with_parent

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_IT = 200
"""Below so many items the work is done before a process has started."""
_MOST = 4
"""More processes would wait for the one that takes their results."""
_TICKETS = 1024
_TICKET = 2
"""At most so many portions, with tickets of so many bytes: they fit into a pipe of the smallest size."""


def processes_for(items: int) -> int:
    """How many processes to share so many items out over: 1 where more would not help, or could do harm.

    A process forked beside other threads may wait for ever for a lock that one of them held: `mkdocs serve` has such.
    """
    if items < WORTH_IT or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(_MOST, len(os.sched_getaffinity(0)))


class Crew(Generic[Item, Result]):
    """Processes that work on items, each drawing the next ones when it has done its last; this one helps in the end.

    They begin at once, so that this process can do something else meanwhile. To be used as a context: what is still
    at work when it is left is stopped.
    """

    def __init__(self, work: Callable[[Iterable[Item]], Result], items: Sequence[Item], processes: int) -> None:
        self._work = work
        self._portions = _Portions(items)
        self._helpers = [_Helper(work, self._portions) for _ in range(processes - 1)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for helper in self._helpers:
            helper.stop()
        self._portions.close()

    def results(self) -> Iterator[Result]:
        """What each process made of the items that it drew; this one draws until none is left.

        What a process made that died, that met an error or whose result cannot be sent, is missing: the caller
        does it again, and so meets the error.
        """
        yield self._work(self._portions)
        for helper in self._helpers:
            yield from helper.results()


class _Portions(Generic[Item]):
    """Items in portions, each drawn by one process.

    The tickets of the portions lie in a pipe, from which the kernel gives each to one reader: no lock is left behind
    by a process that is killed.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._count = min(len(items), _TICKETS)
        self._tickets, source = os.pipe()
        os.write(source, b"".join(number.to_bytes(_TICKET) for number in range(self._count)))
        os.close(source)

    def __iter__(self) -> Iterator[Item]:
        while ticket := os.read(self._tickets, _TICKET):
            number, total = int.from_bytes(ticket), len(self._items)
            yield from self._items[number * total // self._count : (number + 1) * total // self._count]

    def close(self) -> None:
        os.close(self._tickets)


class _Helper(Generic[Item, Result]):
    """A forked process."""

    def __init__(self, work: Callable[[Iterable[Item]], Result], portions: _Portions[Item]) -> None:
        context = multiprocessing.get_context("fork")
        self._results, results = context.Pipe(duplex=False)
        self._process: ForkProcess = context.Process(
            target=_send, args=(results, work, portions, os.getpid()), daemon=True
        )
        self._process.start()
        results.close()

    def results(self) -> Iterator[Result]:
        """What the process sends, or nothing."""
        with suppress(EOFError, OSError):
            yield self._results.recv()

    def stop(self) -> None:
        self._results.close()
        self._process.kill()
        self._process.join()


def _send(
    results: Connection, work: Callable[[Iterable[Item]], Result], portions: _Portions[Item], parent: int
) -> None:
    """The life of a helper: what goes wrong in it is told by whoever does its work again."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asked is interrupted, and stops its helpers
    end_with_parent(parent, signal.SIGKILL)
    with suppress(Exception):
        results.send(work(portions))
