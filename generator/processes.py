"""Child processes that end when their parent ends, and locks that end with their process, however it ends."""

import ctypes
import os
import signal
import sqlite3
import sys
import threading
from contextlib import suppress
from pathlib import Path

PARENT = "MODELBOOK_PARENT"
"""The environment variable with the process id of the command that started MkDocs."""

_PR_SET_PDEATHSIG = 1
"""https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html"""


def end_with_parent(parent: int, signal_number: int) -> None:
    """Have the kernel send this process a signal when its parent ends; Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)
    require_parent(parent)


def require_parent(parent: int) -> None:
    """Exit if the parent has ended: another process has adopted this one."""
    if os.name == "posix" and os.getppid() != parent:
        sys.exit(128 + signal.SIGTERM)


def exit_on_sigterm() -> None:
    """Leave through SystemExit on SIGTERM, so that `finally` blocks and context managers run."""
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def acquire_lock(path: Path, seconds: float = 0) -> sqlite3.Connection | None:
    """Lock a file until the connection is closed; None if another process has it. SQLite does so on every system."""
    with suppress(sqlite3.Error):
        connection = sqlite3.connect(path, timeout=seconds, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            connection.close()
        else:
            return connection
    return None
