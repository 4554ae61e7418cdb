"""Spinners and progress bars on the standard error of a terminal; nothing if it is not a terminal."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


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
