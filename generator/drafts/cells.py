"""What people type into cells, as the values of a card: days, lifecycles, people and teams."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from generator.drafts.words import email_of, one_line

LIFECYCLES = {
    "experimental": ("experimental", "experiment", "poc", "pilot", "beta", "alpha", "dev", "development",
                     "in development", "prototype", "ab test", "a b test", "testing", "staging", "wip", "planned"),
    "production": ("production", "prod", "live", "in production", "active", "running", "in use", "deployed", "ga"),
    "deprecated": ("deprecated", "sunset", "sunsetting", "legacy", "to be retired", "phasing out", "end of life"),
    "retired": ("retired", "decommissioned", "off", "dead", "archived", "inactive", "stopped", "removed",
                "switched off"),
}  # fmt: skip
SERVINGS = {
    "online": ("online", "real time", "realtime", "api", "rest", "sync", "synchronous", "streaming", "grpc"),
    "offline": ("offline", "batch", "daily", "nightly", "weekly", "hourly", "job", "scheduled", "async"),
    "both": ("both", "online offline", "online and offline", "batch and online", "online batch", "batch online",
             "hybrid"),
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TEAM_WORDS = re.compile(
    r"\b(team|squad|tribe|guild|chapter|group|engineering|eng|platform|science|ds|ml|dsp|data|growth|merch|product|ops|"
    r"ranking|search|marketing|finance|analytics|infra|backend|frontend)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"[^\W\d_][\w.'\u2019-]*(?: [^\W\d_][\w.'\u2019-]*){1,3}")


def choice(text: str, words: dict[str, tuple[str, ...]]) -> str:
    """The value that a cell means; empty where it is not one of the known words."""
    plain = " ".join(re.findall(r"[a-z]+", text.lower()))
    return next((value for value, known in words.items() if plain in known), "")


@dataclass(frozen=True, slots=True)
class Days:
    """How a column writes its days."""

    day_first: bool | None
    """Whether 03/11 is the third of November; None where the column does not tell."""

    @classmethod
    def of(cls, cells: Iterable[str]) -> "Days":
        """Told by the cells that can be read in one way only."""
        pairs = [
            match for cell in cells if (match := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}", cell.strip()))
        ]
        if any("." in match[0] for match in pairs):
            return cls(day_first=True)
        day, month = (any(int(match[group]) > 12 for match in pairs) for group in (1, 2))
        return cls(day_first=None if day == month else day)

    def read(self, cell: str) -> str | None:
        """The day of a cell as 2025-11-03; None where it is none, or could be two."""
        text = re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?Z?$", "", cell.strip())
        if match := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text):
            return _day(match[1], match[2], match[3])
        if match := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})", text):
            if self.day_first is None and match[1] != match[2]:
                return None
            day, month = (match[1], match[2]) if self.day_first else (match[2], match[1])
            return _day(match[3], month, day)
        if match := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3})[a-z]*\.?[ ,-]+(\d{4}|\d{2})", text):
            return _day(match[3], _month(match[2]), match[1])
        if match := re.fullmatch(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", text):
            return _day(match[3], _month(match[1]), match[2])
        return None


def _month(name: str) -> str:
    return str(_MONTHS.index(name.lower()) + 1) if name.lower() in _MONTHS else "0"


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)).isoformat()
    except ValueError:
        return None


@dataclass(frozen=True, order=True, slots=True)
class Party:
    """A team or a person as a cell names it."""

    kind: str
    name: str
    email: str = ""
    guessed: bool = False
    """Whether the cell does not say that it is one or the other."""


def party(text: str, *, expected: str = "") -> Party:
    """Who is meant: an address is a person's, `#channel` and words such as `team` a team's; else what is expected."""
    line = one_line(text, 120)
    address = email_of(line)
    if address is not None and expected != "team":
        return Party("person", address[0], address[1])
    if expected:
        return Party(expected, line.lstrip("@#") or line)
    if line.startswith("#") or _TEAM_WORDS.search(line.replace("-", " ").replace("_", " ")):
        return Party("team", line.lstrip("#"))
    if line.startswith("@"):
        return Party("person", line.lstrip("@"), guessed=True)
    return Party("person" if _PERSON.fullmatch(line) else "team", line, guessed=True)
