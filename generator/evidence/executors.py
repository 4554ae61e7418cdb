"""Workers of a scan: this process, processes of this machine, or a Dask cluster."""

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from generator.errors import UserError
from generator.processes import end_with_parent

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class InlineExecutor(Executor):
    """An executor that does the work at once, in this process."""

    def submit(
        self, work: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Future[Result]:
        """Do the work."""
        future: Future[Result] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the caller of result() gets it
            future.set_exception(error)
        return future


@contextmanager
def open_process_executor(processes: int | None = None) -> Iterator[Executor]:
    """Start processes, which end with this block also if it is interrupted, and with this process.

    By default, there is one for each processor that this process may use.
    """
    if processes is None:
        processes = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    if processes == 1:
        yield InlineExecutor()
        return
    before = set(multiprocessing.active_children())
    # A process that is forked while there are other threads may wait forever for a lock that one of them held.
    method = "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"
    with tempfile.TemporaryDirectory(prefix="modelbook-scan-", ignore_cleanup_errors=True) as folder:
        try:
            context = multiprocessing.get_context(method)
            executor = ProcessPoolExecutor(processes, context, _start_worker, (os.getpid(), folder))
            executor.submit(os.getpid)  # forks all of them, before there is a thread
        except (OSError, NotImplementedError):  # a sandbox without semaphores
            yield InlineExecutor()
            return
        try:
            yield executor
        except BaseException:
            for worker in set(multiprocessing.active_children()) - before:
                worker.kill()
            raise
        finally:
            executor.shutdown()


def _start_worker(parent: int, folder: str) -> None:
    tempfile.tempdir = folder  # the parent removes it, so a worker can be killed
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its processes
    end_with_parent(parent, signal.SIGKILL)


@contextmanager
def connect_cluster(address: str) -> Iterator[Executor]:
    """Connect to a Dask cluster. Its workers need the repositories, and the cache, at the same paths.

    Raises:
        UserError: Dask is not installed, or the cluster does not answer.

    """
    try:
        from distributed import Client  # noqa: PLC0415 - only the extra installs it
    except ModuleNotFoundError as error:
        raise UserError("Dask is not installed: run `pip install modelbook[cluster]`") from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise UserError(f"the cluster {address!r} does not answer: expected the address of a Dask scheduler") from error
    with client:
        executor: Executor = client.get_executor()
        yield executor
