"""Events of a build for the command that started it: findings and progress, as lines of JSON in a file."""

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

VARIABLE = "MODELBOOK_EVENTS"
"""The environment variable with the path of the file; unset if the user started MkDocs."""

STAGING = "MODELBOOK_STAGING"
"""The environment variable with the folder to build in, which the command then puts in place of the site."""

BASELINE = "MODELBOOK_BASELINE"
"""The environment variable with the file of known findings that replaces the configured one."""

ERRORS_IN_CARDS = "in the cards"
"""The end of the plugin's last message if findings stop the build; the command that showed them skips it."""

_PAUSE = 0.1
"""The seconds between two events of progress: the command reads them as often."""

Event = dict[str, Any]


class EventLog:
    """The file that a build appends its events to; without a path, events are discarded."""

    def __init__(self, path: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = Path(path) if path else None
        self._clock = clock
        self._steps = [""]
        """The steps of the events of progress so far."""
        self._reported = float("-inf")
        """The time of the last one."""
        self._done = Counter[str]()
        """The finished items of each step that is counted here."""

    @property
    def is_read(self) -> bool:
        """Whether a command reads the events and shows the findings."""
        return self._path is not None

    def emit(self, **event: object) -> None:
        """Append one event."""
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event) + "\n")

    def report(self, step: str, done: int, total: int) -> None:
        """Append the progress of a step: its start, its end, and a few events between them.

        Nothing is appended for a step that goes on while the next one has begun.
        """
        if step in self._steps[:-1]:
            return
        if step != self._steps[-1] or done == total or self._clock() - self._reported >= _PAUSE:
            self._steps += [step] if step != self._steps[-1] else []
            self._reported = self._clock()
            self.emit(step=step, done=done, total=total)

    def report_next(self, step: str, total: int) -> None:
        """Report one more finished item of a step."""
        self._done[step] += 1
        self.report(step, self._done[step], total)


def read_events(path: Path, offset: int) -> tuple[list[Event], int]:
    """Return the complete lines after an offset, and the offset after them."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    complete = data[: data.rfind(b"\n") + 1]
    return [json.loads(line) for line in complete.splitlines()], offset + len(complete)
