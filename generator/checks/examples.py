"""Examples of rules: a card or a page that breaks the rule, and the same one corrected.

Each file `examples/<code>.yml` has the sections `# bad` and `# good`. A comment with the code marks each finding. A
comment with a path begins a file, if the example is not a single file of cards.
"""

import re
from importlib.resources import files

from generator.secrets.redaction import redact
from generator.values import FrozenValue

_SECTIONS = re.compile(r"^# (?:bad|good)\n", re.MULTILINE)
_FILE = re.compile(r"^# (\S+\.(?:yml|md|jsonl?|j2|lock))\n", re.MULTILINE)


class RuleExample(FrozenValue):
    """The cards of a rule."""

    bad: str
    good: str

    @property
    def language(self) -> str:
        """The language of the example, for its colours: one that Confluence supports too."""
        file = next(iter(split_files(self.bad)))
        return {"j2": "html+jinja", "md": "html"}.get(file.rpartition(".")[2], "yaml")

    def redacted(self) -> "RuleExample":
        """Return the example for readers: that of secrets has one."""
        return RuleExample(redact(self.bad), redact(self.good))


def read_example(code: str) -> RuleExample | None:
    """Read the example of a rule; None if no card can show it, as with a file that is too large."""
    file = files("generator.checks") / "examples" / f"{code}.yml"
    if not file.is_file():
        return None
    _, bad, good = _SECTIONS.split(file.read_text(encoding="utf-8"))
    return RuleExample(bad, good)


def split_files(section: str) -> dict[str, str]:
    """Return the files of a section by name; one without names is a single file of cards."""
    first, *rest = _FILE.split(section)
    return {"cards/all.yml": first} if not rest else dict(zip(rest[::2], rest[1::2], strict=True))
