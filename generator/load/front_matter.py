"""Parts a card file into its YAML and, where it is Markdown, its prose."""

from dataclasses import dataclass

_ENDS = frozenset({"---", "..."})


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The YAML of a Markdown file and what follows it."""

    start: int
    """The character of the file at which the YAML begins."""
    yaml: str
    """All lines between the fences, to the character; nothing where no fence closes it."""
    body: str
    is_closed: bool
    """Whether there is a fence that closes it."""


def front_matter(text: str) -> FrontMatter | None:
    """The front matter between the fence `---` on the first line and the next `---` or `...`; None without the first.

    A byte order mark, line breaks of any system and spaces behind a fence are taken as they come.
    """
    lines = text.split("\n")
    if lines[0].removeprefix("\ufeff").rstrip() != "---":
        return None
    start = min(len(lines[0]) + 1, len(text))
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() in _ENDS), None)
    if end is None:
        return FrontMatter(start, "", "", is_closed=False)
    yaml = "".join(f"{line}\n" for line in lines[1:end])
    return FrontMatter(start, yaml, "\n".join(lines[end + 1 :]), is_closed=True)


def yaml_of(text: str, file: str) -> tuple[int, str]:
    """The character at which the YAML of a card file begins, and what it is: in Markdown the front matter, else all."""
    if not file.endswith(".md"):
        mark = 1 if text.startswith("\ufeff") else 0
        return mark, text[mark:]
    matter = front_matter(text)
    return (matter.start, matter.yaml) if matter is not None else (len(text), "")
