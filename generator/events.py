"""Events of a build for the command that started it: findings and progress, as lines of JSON in a file."""

import json
from pathlib import Path
from typing import Any

VARIABLE = "MODELBOOK_EVENTS"
"""The environment variable with the path of the file; unset if the user started MkDocs."""

STAGING = "MODELBOOK_STAGING"
"""The environment variable with the folder to build in, which the command then puts in place of the site."""

ERRORS_IN_CARDS = "in the cards"
"""The end of the plugin's last message if findings stop the build; the command that showed them skips it."""

Event = dict[str, Any]


class EventLog:
    """The file that a build appends its events to; without a path, events are discarded."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None

    @property
    def is_read(self) -> bool:
        """Whether a command reads the events and shows the findings."""
        return self._path is not None

    def emit(self, **event: object) -> None:
        """Append one event."""
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event) + "\n")


def read_events(path: Path, offset: int) -> tuple[list[Event], int]:
    """Return the complete lines after an offset, and the offset after them."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    complete = data[: data.rfind(b"\n") + 1]
    return [json.loads(line) for line in complete.splitlines()], offset + len(complete)
