"""What an answer cannot know: the places of the cards that could not be read.

The graph stands without them, so every answer that is taken from it has to say so, or it would be wrong in silence.
"""

from collections.abc import Collection, Iterable, Iterator

from generator.findings import Finding, Position
from generator.load.cards import Cards
from generator.load.front_matter import yaml_of
from generator.load.rules import RULES
from generator.load.yaml_reader import read_documents

_READING = frozenset(rule.code for rule in RULES)


def left_out(cards: Cards, findings: Iterable[Finding]) -> tuple[Position, ...]:
    """Where each card begins that the graph does not hold, and each key whose value was passed over; sorted.

    `findings` are those of the book. Only files that one of them is about are looked at again, those that gave no
    card, and all where a card is known to be unread: a code that is switched off hides no card.
    """
    of_file: dict[str, list[Position]] = {}
    for finding in findings:
        if finding.code in _READING and finding.position.file in cards.texts:
            of_file.setdefault(finding.position.file, []).append(finding.position)
    loaded = {card.document.at() for card in cards.items}
    with_cards = set() if cards.unread else {place.file for place in loaded}
    suspects = of_file.keys() | (cards.texts.keys() - with_cards)
    return tuple(
        place
        for file in sorted(suspects)
        for place in sorted(set(_of_file(file, cards.texts[file], loaded, of_file.get(file, ()))))
    )


def lines_left_out(text: str, places: Iterable[Position], loaded: Iterable[Position]) -> frozenset[int]:
    """The lines of a file that no card stands for, or only in part; `places` and `loaded` are those in the file.

    The prose of a Markdown file is not among them.
    """
    file = next(iter(places), Position("")).file
    start, inner = yaml_of(text, file)
    first = text.count("\n", 0, start) + 1
    spans = [document_lines(text, place.line) for place in loaded]
    read = {line for span in spans if not any(place.line in span for place in places) for line in span}
    return frozenset(range(first, first + inner.rstrip("\n").count("\n") + 1)) - read


def document_lines(text: str, first: int) -> range:
    """The lines of the document that starts at a line."""
    lines = text.split("\n")
    last = next(
        (number for number, line in enumerate(lines[first:], first + 1) if line.startswith("---")), len(lines) + 1
    )
    return range(first, last)


def _of_file(file: str, text: str, loaded: Collection[Position], found: Collection[Position]) -> Iterator[Position]:
    start, inner = yaml_of(text, file)
    documents, problems = read_documents(inner, file, first_line=text.count("\n", 0, start) + 1)
    for document in documents:
        says_kind = isinstance(document.root.content, dict) and "kind" in document.root.content
        is_something = document.root.content is not None or len(documents) == 1
        if document.at() not in loaded and (says_kind or (found and is_something)):
            yield document.at()
    if found:
        yield from (problem.position for problem in problems)
    if found and not documents and not problems:
        yield min(found)
