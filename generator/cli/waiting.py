"""A word on the terminal while work takes longer than a second; nothing elsewhere, nothing when it is quick."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

PATIENCE = 1.0
"""Seconds that pass in silence."""


@contextmanager
def waiting(words: str, patience: float = PATIENCE, console: Console | None = None) -> Iterator[None]:
    """Turn a spinner on the terminal's error stream while the work inside takes longer than one has patience."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    status = console.status(words)
    timer = threading.Timer(patience, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
