"""A place in a text that is being read from left to right."""

import re
from dataclasses import dataclass


@dataclass(slots=True)
class Cursor:
    """Where a reader is; it only ever moves on."""

    text: str
    position: int = 0

    def next(self) -> str:
        """The character here, "" at the end."""
        return self.text[self.position : self.position + 1]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Step over what the pattern matches here."""
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match
