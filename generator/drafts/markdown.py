"""A README as its front matter and its sections; what stands in a block of code is no heading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})\s+(?P<title>.*?)\s*#*\s*")
_UNDERLINE = re.compile(r" {0,3}(?P<mark>=+|-+)\s*")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_ADDRESS = re.compile(r"(?P<image>!?)\[(?P<label>[^\[\]]*)\]\((?P<address>[^()\s]*)(?:\s+\"[^\"]*\")?\)")
_MARKS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what follows it, up to the next heading of any level."""

    level: int
    """0 for what stands before the first heading."""
    title: str
    text: str


def front_matter(text: str) -> tuple[str, str]:
    """The YAML between the first two lines `---`, and the rest; no YAML where there is none."""
    rows = text.lstrip("\ufeff").split("\n")
    if not rows or rows[0].rstrip() != "---":
        return "", text
    end = next((number for number, row in enumerate(rows[1:], 1) if row.rstrip() in {"---", "..."}), None)
    if end is None:
        return "", text
    return "\n".join(rows[1:end]), "\n".join(rows[end + 1 :])


def sections(markdown: str) -> tuple[Section, ...]:
    """The sections in order; comments are left out."""
    found: list[Section] = []
    level, title, held = 0, "", list[str]()
    for row, heading in _rows(_COMMENT.sub("", markdown)):
        if heading is None:
            held.append(row)
            continue
        found.append(Section(level, title, "\n".join(held).strip("\n")))
        level, title, held = *heading, []
    found.append(Section(level, title, "\n".join(held).strip("\n")))
    return tuple(section for section in found if section.level or section.text.strip())


def _rows(markdown: str) -> Iterator[tuple[str, tuple[int, str] | None]]:
    """Each line, with its level and title where it is a heading."""
    fence = ""
    rows = markdown.split("\n")
    skip = False
    for number, row in enumerate(rows):
        if skip:
            skip = False
            continue
        mark = _FENCE.match(row)
        if mark is not None and (not fence or (mark["fence"].startswith(fence) and not row.strip(" `~"))):
            fence = "" if fence else mark["fence"]
        heading = (
            None if fence or mark is not None else _heading(row, rows[number + 1] if number + 1 < len(rows) else "")
        )
        skip = heading is not None and not row.lstrip().startswith("#")
        yield row, heading


def _heading(row: str, following: str) -> tuple[int, str] | None:
    marked = _HEADING.fullmatch(row)
    if marked is not None:
        return len(marked["marks"]), plain(marked["title"])
    underline = _UNDERLINE.fullmatch(following)
    if (
        underline is not None
        and row.strip()
        and re.match(r" {0,3}[^\s>|#*+`~-]", row)
        and len(underline[0].strip()) > 2
    ):
        return (1 if underline["mark"][0] == "=" else 2), plain(row.strip())
    return None


def plain(text: str) -> str:
    """Markdown on a line as the words that a reader sees."""
    return " ".join(_MARKS.sub("", _TAG.sub("", _ADDRESS.sub(r"\g<label>", text))).split())


def first_paragraph(text: str) -> str:
    """The words of the first paragraph that is one: no image, table, list, quote or code."""
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        words = plain(block)
        if words and re.match(r"[\w\"'(*_\[]", block.lstrip()) and not block.lstrip().startswith("[!"):
            return words
    return ""


@dataclass(frozen=True, slots=True)
class Told:
    """A section's text, parted by what a field of a card can hold."""

    text: str
    """Paragraphs and lists as plain text, with the addresses of links in brackets."""
    rest: str
    """Tables and code, as Markdown."""


def told(markdown: str) -> Told:
    """What a section says, as text where text can say it."""
    text: list[str] = []
    rest: list[str] = []
    for block in _blocks(markdown):
        if _FENCE.match(block) or block.lstrip().startswith("|"):
            rest.append(block)
        elif not _RULE.fullmatch(block) and (readable := _readable(block)):
            text.append(readable)
    return Told("\n\n".join(text), "\n\n".join(rest))


def _blocks(markdown: str) -> Iterator[str]:
    """Paragraphs, lists, tables and blocks of code."""
    held: list[str] = []
    fence = ""
    for row in markdown.split("\n"):
        mark = _FENCE.match(row)
        if mark is not None and not fence:
            if held:
                yield "\n".join(held)
            fence, held = mark["fence"], [row]
        elif mark is not None and mark["fence"].startswith(fence) and not row.strip(" `~"):
            yield "\n".join([*held, row])
            fence, held = "", []
        elif fence or row.strip():
            held.append(row)
        elif held:
            yield "\n".join(held)
            held = []
    if held:
        yield "\n".join(held)


def _readable(block: str) -> str:
    """A paragraph on one line, a list on a line an item."""
    rows = [" ".join(_ADDRESS.sub(_spelt, row).split()) for row in block.split("\n")]
    joined: list[str] = []
    for row, source in zip(rows, block.split("\n"), strict=True):
        if joined and not _ITEM.match(source):
            joined[-1] += f" {row}"
        else:
            joined.append(row)
    return "\n".join(words for row in joined if (words := " ".join(_MARKS.sub("", _TAG.sub("", row)).split())))


def _spelt(match: re.Match[str]) -> str:
    return (
        match["label"]
        if match["image"] or match["label"] == match["address"]
        else f"{match['label']} ({match['address']})"
    )
