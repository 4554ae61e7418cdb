"""Spinners and progress bars on the standard error of a terminal, or lines of progress in a log."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from generator.cli.console import print_line

_PAUSE = 5.0
"""Seconds between two lines of progress."""


@contextmanager
def show_spinner(text: str, delay: float = 1.0, console: Console | None = None) -> Iterator[None]:
    """Show a spinner if the work inside takes longer than `delay` seconds."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
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


def create_progress_bar() -> Progress:
    """Return a bar with a description, a count and the elapsed time."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def show_progress(
    text: str, total: int, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int], None]]:
    """Yield a function that shows the number of finished pages: in a bar, or in a line every few seconds."""
    with create_progress_bar() as progress:
        task, last = progress.add_task(text, total=total), clock()

        def update(done: int) -> None:
            nonlocal last
            progress.update(task, completed=done)
            if progress.disable and clock() - last >= _PAUSE:
                last = clock()
                print_line(f"{text} ({done}/{total})", err=True)

        yield update
