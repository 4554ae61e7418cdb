"""Cards and texts of a stored project, each read when it is asked for."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.incremental.slices import SliceIndex, StoredMapping
from generator.load.bind import LoadedCard
from generator.load.collected import CardOrigin
from generator.load.files import Folder, read_text
from generator.load.nodes import Document
from generator.names import Ref
from generator.schema import Card
from generator.schema.base import Data

CARDS_TOGETHER = 8
"""The cards that are read at once: each read takes as long as that of a few more cards."""

CardContents = tuple[Card, str, Data]
"""A card, its prose and its OpenAPI document."""


class CardSlices(NamedTuple):
    """The places of cards in the body of a file."""

    body: memoryview
    contents: StoredMapping[int, tuple[CardContents, ...]]
    """The contents of several cards in a row."""
    documents: SliceIndex


class StoredCard(LoadedCard):
    """A card that is read from a state when its values are asked for."""

    __slots__ = ("_contents", "_document", "_file", "_number", "_origin", "_ref", "_source")

    # The method of a frozen class with slots does not work in a subclass: https://github.com/python/cpython/issues/90562
    __setattr__ = object.__setattr__

    def __init__(self, source: CardSlices, number: int, ref: Ref, file: str, origin: CardOrigin | None) -> None:
        """Keep what finds the card; `number` is its place among the cards of the source."""
        self._source, self._number, self._ref, self._file, self._origin = source, number, ref, file, origin
        self._contents: CardContents | None = None
        self._document: Document | None = None

    def _read_contents(self) -> CardContents:
        if self._contents is None:
            group, number = divmod(self._number, CARDS_TOGETHER)
            self._contents = self._source.contents[group][number]
        return self._contents

    @property
    def card(self) -> Card:
        """The card."""
        return self._read_contents()[0]

    @property
    def body(self) -> str:
        """The prose of a Markdown card."""
        return self._read_contents()[1]

    @property
    def openapi(self) -> Data:
        """The OpenAPI document that the contract names, as plain data."""
        return self._read_contents()[2]

    @property
    def document(self) -> Document:
        """The document that it was read from."""
        if self._document is None:
            self._document = self._source.documents.read(self._source.body, self._number)
        return self._document

    @property
    def origin(self) -> CardOrigin | None:
        """The place in the repository that it was collected from; None for a card of the book itself."""
        return self._origin

    @property
    def ref(self) -> Ref:
        """The reference to the card in the graph."""
        return self._ref

    @property
    def file(self) -> str:
        """The name of its file."""
        return self._file

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a pickle is made of: the values, not their places."""
        return LoadedCard, (self.card, self.document, self.body, self.openapi, self.origin)


class StoredTexts(Mapping[str, str]):
    """The texts of files that have not changed since they were listed, read from the disk."""

    def __init__(self, names: tuple[str, ...], folder: Folder) -> None:
        """Keep the names of the files, and the folder of the cards."""
        self._names, self._folder = dict.fromkeys(names), folder

    def __getitem__(self, name: str) -> str:
        if name not in self._names:
            raise KeyError(name)
        return read_text(self._folder.project / name, self._folder)[0]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
