"""Where files name a person beside the references that the graph knows: in prose, and in cards nobody could read."""

import re
from collections.abc import Iterable, Iterator, Mapping

from generator.answers.left_out import document_lines, lines_left_out
from generator.findings import Position
from generator.graph.edges import Graph
from generator.names import Ref
from generator.schema import Person

Line = tuple[Position, str]
"""A line of a file with its place."""


def unread_references(
    graph: Graph, texts: Mapping[str, str], person: Ref, missing: Iterable[Position]
) -> Iterator[Line]:
    """The lines of cards that could not be read where the person stands like a reference, alone as a value.

    `missing` is what `left_out` tells. Whether the card counts on the person nobody knows before it is mended.
    """
    word = rf"['\"]?(?:person:)?{re.escape(person.id)}['\"]?"
    before = r"(?:^\s*|(?:^|\s)-\s+|[\[{,]\s*|(?<!\bid)(?<!\bname):\s+)(?:&\S+\s+)?"
    pattern = re.compile(rf"{before}{word}\s*(?=[,\]}}]|$)")
    for file, places in _by_file(missing).items():
        text = texts.get(file, "")
        lines = text.split("\n")
        loaded = [card.document.at() for card in graph.cards.values() if card.document.file == file]
        for number in sorted(lines_left_out(text, places, loaded)):
            if pattern.search(_COMMENT.sub("", lines[number - 1])):
                yield Position(file, number), lines[number - 1]


_COMMENT = re.compile(r"(?:^|\s)#.*")


def in_prose(graph: Graph, texts: Mapping[str, str], person: Person, references: Iterable[Position]) -> Iterator[Line]:
    """The lines that name a person where no reference does, but for the person's own card.

    `references` are the places of the references to the person in the same texts.
    """
    words = [re.escape(word) for word in (person.id, person.name, person.email) if word]
    pattern = re.compile(rf"(?<![\w.@-])({'|'.join(words)})(?![\w@-])")
    own, by_file = graph.cards[person.ref].document, _by_file(references)
    for file, text in sorted(texts.items()):
        skipped = document_lines(text, own.at().line) if file == own.file else range(0)
        left = _without(text, by_file.get(file, ()), pattern)
        for number, (line, whole) in enumerate(zip(left.split("\n"), text.split("\n"), strict=True), 1):
            if number not in skipped and pattern.search(line):
                yield Position(file, number), whole


def _by_file(places: Iterable[Position]) -> dict[str, list[Position]]:
    found: dict[str, list[Position]] = {}
    for place in places:
        found.setdefault(place.file, []).append(place)
    return found


def _without(text: str, references: Iterable[Position], pattern: re.Pattern[str]) -> str:
    """The text with the name blotted out at each reference; an alias (`*a`) has none of its own."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for place in references:
        start = starts[place.line - 1] + place.column - 1
        found = pattern.search(text, start)
        if found is not None and not text.startswith("*", start):
            text = f"{text[: found.start()]}{'.' * len(found[0])}{text[found.end() :]}"
    return text
