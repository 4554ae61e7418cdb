"""Spinners and progress bars on the standard error of a terminal, or lines of progress in a log."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from generator.cli.console import is_terminal, print_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_PAUSE = 5.0
"""Seconds between two lines of progress."""


class Report(Protocol):
    """A function that shows the progress of a step, such as `Writing pages (120/276)`."""

    def __call__(self, step: str, done: int = 0, total: int | None = None) -> None:
        """Show the step, with its number of finished items if their total is known."""


def _create_console() -> "Console | None":
    """Return the standard error; None for a log, which gets no control codes even if FORCE_COLOR is set."""
    if not is_terminal():
        return None
    from rich.console import Console  # noqa: PLC0415 - it takes 0.1 s to import

    return Console(stderr=True, force_terminal=True)


@contextmanager
def show_spinner(text: str, delay: float = 1.0, console: "Console | None" = None) -> Iterator[None]:
    """Show a spinner if the work inside takes longer than `delay` seconds."""
    console = console or _create_console()
    if console is None or not console.is_terminal:
        yield
        return
    status = console.status(text)
    timer = threading.Timer(delay, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


@contextmanager
def show_progress(
    *, is_quiet: bool = False, console: "Console | None" = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Report]:
    """Yield a function that shows progress: in a bar, or in a line every few seconds.

    The bar is drawn only when the function is called, because a thread would prevent that pages are made in several
    processes.
    """
    console = console or _create_console()
    if is_quiet:
        yield _Log(clock, float("inf"))
    elif console is not None and console.is_terminal and not console.is_dumb_terminal:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
            yield _Bar(progress, clock)
    else:
        yield _Log(clock, _PAUSE)


class _Bar:
    """A bar for the present step, drawn at most ten times a second."""

    def __init__(self, progress: "Progress", clock: Callable[[], float]) -> None:
        self._progress, self._clock = progress, clock
        self._task = progress.add_task("", total=None)
        self._drawn = float("-inf")

    def __call__(self, step: str, done: int = 0, total: int | None = None) -> None:
        self._progress.tasks[0].total = total  # `update` would ignore None
        self._progress.update(self._task, description=step, completed=done)
        if done == total or self._clock() - self._drawn >= 0.1:
            self._drawn = self._clock()
            self._progress.refresh()


class _Log:
    """Lines for a log: the first after a few seconds, so that a quick command prints none."""

    def __init__(self, clock: Callable[[], float], pause: float) -> None:
        self._clock, self._pause = clock, pause
        self._printed = clock()

    def __call__(self, step: str, done: int = 0, total: int | None = None) -> None:
        if self._clock() - self._printed >= self._pause:
            self._printed = self._clock()
            print_line(step if total is None else f"{step} ({done}/{total})", err=True)
