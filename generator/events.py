"""What a build tells the command that started it: findings and progress, as lines of JSON in a file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VARIABLE = "MODELBOOK_EVENTS"
"""The environment variable that names the file; unset when MkDocs was started by hand."""

STAGING = "MODELBOOK_STAGING"
"""The environment variable that names the folder to build in; the command then puts it in place of the site."""

IN_THE_CARDS = "in the cards"
"""How the plugin's last word ends where findings stop the build; the command that showed them leaves it out."""

Event = dict[str, Any]


class Events:
    """Appends events to the file, or to nothing when nobody listens."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None

    @property
    def is_heard(self) -> bool:
        """Whether a command listens and will show what is told."""
        return self._path is not None

    def tell(self, **event: object) -> None:
        """Append one event."""
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event) + "\n")


def read_events(path: Path, offset: int) -> tuple[list[Event], int]:
    """The whole lines from an offset on, and the offset after them."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    whole = data[: data.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], offset + len(whole)


def told(path: Path) -> Iterator[Event]:
    """Everything that was told."""
    yield from read_events(path, 0)[0]
