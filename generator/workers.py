"""Work spread over forked processes: the same results, sooner if there is more than one processor.

A forked process starts with everything that this one has read; only results are sent back.
"""

import gc
import math
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TypeVar

from generator.processes import end_with_parent

Item = TypeVar("Item")
Result = TypeVar("Result")

MINIMUM_ITEMS = 200
"""With fewer items, the work is done before a process has started."""
_MOST_PROCESSES = 4
"""More processes would wait for the process that collects their results."""
_CHUNK_SIZE = 16
"""The processes end after at most a few chunks when this process stops early."""
_ROUND_SIZE = 80 * _CHUNK_SIZE
"""The items after which new processes replace the others.

The memory of a process is shared with this one until either of them writes to it, and reading an object writes its
number of references: a process that made all pages of a large book would have a copy of the whole book.
"""


def count_processes(items: int, minimum: int = MINIMUM_ITEMS) -> int:
    """Return the number of processes for so many items: 1 if more would not help, or are not safe.

    Only Linux ends a process with its parent. A process that is forked while there are other threads, as in
    `mkdocs serve`, may wait forever for a lock that one of them held.
    """
    if items < minimum or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(_MOST_PROCESSES, len(os.sched_getaffinity(0)))


@contextmanager
def share_work(
    work: Callable[[Sequence[Item]], Result],
    items: Sequence[Item],
    processes: int,
    chunk_size: int = _CHUNK_SIZE,
    ahead: float = 0.5,
    early: int = 0,
) -> Iterator[Iterator[Result]]:
    """Start processes that work on chunks of the items, and provide an iterator over the results of all chunks.

    This process can do something else before it asks for results; then it works on chunks too. It repeats the work of
    a process that failed or died, and so raises the original error.

    Args:
        work: What is done with a chunk.
        items: All items.
        processes: The number of processes, with this one.
        chunk_size: The number of items in a chunk.
        ahead: The share of the items of a round that the other processes work on even if this one asks for no results.
        early: The number of items that they work on before this process asks for the first result.

    """
    size = max(_ROUND_SIZE, early)
    rounds = [items[:size], *(items[start : start + _ROUND_SIZE] for start in range(size, len(items), _ROUND_SIZE))]
    is_frozen = processes == 1 or gc.get_freeze_count() > 0  # the count takes a look at every object
    try:
        with ExitStack() as pools:
            yield _run_rounds(work, rounds, processes, chunk_size, ahead, early, pools)
    finally:
        if not is_frozen:
            gc.unfreeze()


def _run_rounds(
    work: Callable[[Sequence[Item]], Result],
    rounds: Sequence[Sequence[Item]],
    processes: int,
    chunk_size: int,
    ahead: float,
    early: int,
    pools: ExitStack,
) -> Iterator[Result]:
    """Start the processes of the first round, and return the results of all rounds, each with processes of its own."""
    before = min(1, max(ahead, early / max(1, len(rounds[0]))))
    first = pools.enter_context(_share_round(work, rounds[0], processes, chunk_size, before))

    def run() -> Iterator[Result]:
        yield from first
        for items in rounds[1:]:
            pools.close()
            yield from pools.enter_context(_share_round(work, items, processes, chunk_size, ahead))

    return run()


@contextmanager
def _share_round(
    work: Callable[[Sequence[Item]], Result], items: Sequence[Item], processes: int, chunk_size: int, ahead: float
) -> Iterator[Iterator[Result]]:
    chunks = [items[start : start + chunk_size] for start in range(0, len(items), chunk_size)]
    if processes == 1 or not items:
        yield map(work, chunks)
        return
    gc.freeze()  # a search for reference cycles writes to every object
    fork = multiprocessing.get_context("fork")
    try:
        pool = ProcessPoolExecutor(processes - 1, fork, _start_worker, (work, os.getpid()))
    except (OSError, NotImplementedError):  # a sandbox without semaphores
        yield map(work, chunks)
        return
    try:
        first = math.ceil(len(chunks) * ahead)
        futures: list[tuple[Future[Result], Sequence[Item]]] = []
        with suppress(BrokenProcessPool):
            for chunk in chunks[:first]:
                futures.append((pool.submit(_run_chunk, chunk), chunk))  # noqa: PERF401 - keeps those before an error
        yield _collect_results(pool, work, futures, chunks[len(futures) :], 3 * (processes - 1))
    finally:
        pool.shutdown(cancel_futures=True)


def _collect_results(
    pool: ProcessPoolExecutor,
    work: Callable[[Sequence[Item]], Result],
    futures: list[tuple[Future[Result], Sequence[Item]]],
    chunks: list[Sequence[Item]],
    most_pending: int,
) -> Iterator[Result]:
    """Yield the results of all chunks as they come; chunks without a future are for any free process.

    This process takes the first of these, whose results are used next: else it would still use its own results after
    the other processes have ended. They are not submitted and then cancelled: with Python 3.11, that can be a deadlock
    if a process dies meanwhile (https://github.com/python/cpython/pull/108974).
    """
    while chunks or futures:
        with suppress(BrokenProcessPool):
            while chunks and sum(not future.done() for future, _ in futures) < most_pending:
                futures.append((pool.submit(_run_chunk, chunks[0]), chunks[0]))
                del chunks[0]
        if futures and (futures[0][0].done() or not chunks):
            yield _get_result(work, *futures.pop(0))
        else:
            yield work(chunks.pop(0))


def _get_result(work: Callable[[Sequence[Item]], Result], future: Future[Result], chunk: Sequence[Item]) -> Result:
    """Return the result of another process, or repeat its work here."""
    return work(chunk) if future.exception() else future.result()


_worker_work: Callable[[Sequence[Any]], Any]
"""The work of a forked process, which inherits it: only chunks of items go through the pipe."""


def _start_worker(work: Callable[[Sequence[Any]], Any], parent: int) -> None:
    global _worker_work  # noqa: PLW0603 - the executor has no other place for the state of a process
    _worker_work = work
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its processes
    end_with_parent(parent, signal.SIGKILL)


def _run_chunk(chunk: Sequence[Any]) -> Any:  # noqa: ANN401 - whatever the work returns
    return _worker_work(chunk)
