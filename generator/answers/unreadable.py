"""The cards that could not be read: the graph does not contain them, so every answer from it must name them."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator

from generator.findings import Finding, Position
from generator.grouping import group_pairs
from generator.load.cards import Cards
from generator.load.files import extract_yaml
from generator.load.rules import RULES
from generator.load.yaml_reader import read_documents

_READING = frozenset(rule.code for rule in RULES)


def find_unreadable(cards: Cards, findings: Iterable[Finding]) -> tuple[Position, ...]:
    """Find the place of each card that is not in the graph, and of each key whose value was skipped; sorted.

    `findings` are those of the book. Only suspect files are parsed again: those that have a finding, those without a
    card, and all files if a card is known to be unread, since the code of its finding can be switched off. Missing
    files of other repositories have the place of collect.lock.
    """
    missing = {item.position for item in cards.unread.items if item.position.file not in cards.texts}
    places = (finding.position for finding in findings if finding.code in _READING)
    found = group_pairs((place.file, place) for place in places if place.file in cards.texts)
    loaded = {card.document.at() for card in cards.items}
    with_cards = set() if cards.unread else {place.file for place in loaded}
    suspects = found.keys() | (cards.texts.keys() - with_cards)
    places_in_files = (
        place
        for file in sorted(suspects)
        for place in set(_find_in_file(file, cards.texts[file], loaded, found.get(file, ())))
    )
    return tuple(sorted({*places_in_files, *missing}))


def _find_in_file(
    file: str, text: str, loaded: Collection[Position], found: Collection[Position]
) -> Iterator[Position]:
    start, inner = extract_yaml(text, file)
    documents, problems = read_documents(inner, file, first_line=text.count("\n", 0, start) + 1)
    for document in documents:
        has_kind = isinstance(document.root.content, dict) and "kind" in document.root.content
        has_content = document.root.content is not None or len(documents) == 1
        if document.at() not in loaded and (has_kind or (found and has_content)):
            yield document.at()
    if found:
        yield from (problem.position for problem in problems)
        if not documents and not problems:
            yield min(found)


def list_unread_lines(text: str, places: Collection[Position], loaded: Iterable[Position]) -> list[int]:
    """List the lines of a file that are in no card, or in one that could not be read completely; without prose.

    `places` are those of `find_unreadable` in the file, `loaded` those of its cards in the graph.
    """
    file = next((place.file for place in places), "")
    start, inner = extract_yaml(text, file)
    first = text.count("\n", 0, start) + 1
    spans = list_document_lines(text, [place.line for place in loaded])
    read = {line for span in spans if not any(place.line in span for place in places) for line in span}
    return [line for line in range(first, first + inner.rstrip("\n").count("\n") + 1) if line not in read]


def list_document_lines(text: str, starts: Iterable[int]) -> list[range]:
    """List the lines of the documents that start at some lines."""
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines, 1) if line.startswith("---")] + [len(lines) + 1]
    return [range(start, ends[bisect_right(ends, start)]) for start in starts]
