"""The text of a card file with its secrets blacked out and every line where it was, for excerpts."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from generator.checks.hidden import Hidden, hidden_secrets
from generator.load.files import extract_yaml
from generator.load.nodes import Mark, Node
from generator.load.yaml_reader import read_documents
from generator.secrets.scanner import Finders, find_secrets, finders_for
from generator.secrets.values import MARK

_Span = tuple[int, int]

_ROUNDS = 8
_SHORTEST_PIECE = 4
_MOST_IN_A_VALUE = 100
"""A value with more secrets is redacted as a whole: each of them is searched for in all of it."""
_BEFORE_THE_NEXT = " \t\r\n-?[{"
"""What may stand before the value that follows, on its own line."""


def mask(text: str, file: str) -> str:
    """The text without what it shows of a secret, be it in plain sight or only once the YAML in it is read.

    Repeated because a token may only be recognised once its neighbour is gone.
    """
    finders = finders_for(text)
    if not finders:
        return text
    spans = [*_plain(text, finders), *_hidden(text, file, finders)]
    for _ in range(_ROUNDS):
        if not spans:
            break
        text = _blacked_out(text, spans)
        spans = list(_plain(text, finders))
    return text


def _plain(text: str, finders: Finders) -> Iterator[_Span]:
    return ((secret.start, secret.end) for secret in find_secrets(text, finders))


def _hidden(text: str, file: str, finders: Finders) -> Iterator[_Span]:
    start, yaml = extract_yaml(text, file)
    documents, _ = read_documents(yaml, file)
    found: dict[int, dict[str, Hidden]] = {}
    for document in documents:
        for each in hidden_secrets(document.root, finders):
            found.setdefault(id(each.node), {})[each.words] = each
    if found:
        places = _Places(yaml, (document.root for document in documents))
        for of_value in found.values():
            first = next(iter(of_value.values()))
            begin, end = places.source_of(first.node)
            if len(of_value) > _MOST_IN_A_VALUE:
                yield start + begin, start + _end_of_value(yaml, begin, end)
                continue
            for each in of_value.values():
                yield from ((start + one, start + other) for one, other in _within(yaml, begin, end, each))


class _Places:
    """Where the values of a text stand in it."""

    def __init__(self, text: str, roots: Iterable[Node]) -> None:
        self._text = text
        self._lines = [0]
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._starts = sorted({self._offset(mark) for root in roots for mark in _marks(root)})

    def _offset(self, mark: Mark) -> int:
        return min(self._lines[min(mark.line, len(self._lines)) - 1] + mark.column - 1, len(self._text))

    def source_of(self, node: Node) -> _Span:
        """From the start of a value to that of whatever comes next."""
        start = self._offset(node.mark)
        index = bisect_right(self._starts, start)
        return start, self._starts[index] if index < len(self._starts) else len(self._text)


def _marks(root: Node) -> Iterator[Mark]:
    waiting, met = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in met:
            continue
        met.add(id(node))
        yield node.mark
        yield from node.keys.values()
        match node.content:
            case dict() as mapping:
                waiting.extend(mapping.values())
            case list() as sequence:
                waiting.extend(sequence)


def _end_of_value(text: str, start: int, end: int) -> int:
    """Return the end of a value whose source is followed by another one at `end`."""
    return start + len(text[start:end].rstrip(_BEFORE_THE_NEXT))


def _within(text: str, start: int, end: int, hidden: Hidden) -> Iterator[_Span]:
    """Where the source of a value shows the secret; all of it where the secret is written in another way there."""
    pieces = [piece.strip() for piece in hidden.words.splitlines() if piece.strip()]
    if any(len(piece) < _SHORTEST_PIECE or text.find(piece, start, end) < 0 for piece in pieces):
        yield start, _end_of_value(text, start, end)
        return
    for piece in pieces:
        place = text.find(piece, start, end)
        while place >= 0:
            yield place, place + len(piece)
            place = text.find(piece, place + len(piece), end)


def _blacked_out(text: str, spans: Iterable[_Span]) -> str:
    pieces: list[str] = []
    after = 0
    for start, end in sorted(spans):
        if end > after:
            hidden = text[max(start, after) : end].split("\n")
            pieces += [text[after:start], "\n".join(MARK if line.strip() else line for line in hidden)]
            after = end
    return "".join([*pieces, text[after:]])


class MaskedTexts(Mapping[str, str]):
    """The texts of files by name, each masked when it is asked for: a report shows lines of few of them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, name: str) -> str:
        return mask(self._texts[name], name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
