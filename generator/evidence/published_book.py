"""The book as its site publishes it in catalog.json: cards and dependencies, for the repositories of consumers."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urljoin

import msgspec
from msgspec import field
from pydantic import ValidationError

from generator.errors import UserError
from generator.evidence.records import (
    NO_EVIDENCE,
    CodeUse,
    Evidence,
    EvidenceRecord,
    ScannedRepository,
    SeenCall,
    Verification,
)
from generator.graph.edges import DEPENDING
from generator.names import Ref
from generator.schema import KINDS, Card, Model, System
from generator.values import FrozenValue

Row = TypeVar("Row", bound=EvidenceRecord)
_FORMAT = "modelbook-catalog"
_VERSION = 1


class CatalogSource(msgspec.Struct, frozen=True):
    """The repository that a card was collected from, and its file there."""

    name: str
    """The name of the repository in the book."""
    path: str
    repository: str = ""
    url: str = ""
    """The address for browsers."""
    commit: str = ""


class CatalogNode(msgspec.Struct, frozen=True):
    """A card as the book publishes it, or a resource without a card."""

    ref: str
    card: dict[str, Any] | None = None
    """The values of the card as its author wrote them."""
    page: str = ""
    file: str = ""
    line: int = 1
    owners: tuple[str, ...] = ()
    prose: str = ""
    source: CatalogSource | None = None
    """None for a card of the book itself."""


class _Edge(msgspec.Struct):
    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    relation: str


class _Catalog(msgspec.Struct):
    """The keys of catalog.json that are read here; others are ignored."""

    format: str
    version: int
    nodes: list[CatalogNode]
    edges: list[_Edge]
    name: str = ""
    settings: dict[str, Any] = {}
    evidence: dict[str, Any] = {}


class CardSource(FrozenValue):
    """The places and the people behind a card: what a reader of a finding needs next."""

    file: str
    page: str
    """The address of the page; empty if catalog.json is a file."""
    owners: tuple[str, ...]


class PublishedBook(FrozenValue):
    """The cards of a book and the dependencies between them."""

    cards: tuple[Card, ...]
    named: tuple[Ref, ...]
    """The resources without a card."""
    dependencies: frozenset[tuple[Ref, Ref]]
    """Each dependent with its dependency."""
    unreadable: int = 0
    """The number of cards that this version cannot read."""
    sources: Mapping[str, CardSource] = field(default_factory=dict)
    """The source of each card."""
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings of the book that rules read; empty if an older version of Modelbook wrote catalog.json."""
    nodes: tuple[CatalogNode, ...] = ()
    """The cards as they are published, also those that this version cannot read."""
    evidence: Evidence = NO_EVIDENCE
    """The uses that were found in code, seen in traffic or verified."""

    def is_documented(self, user: Ref, target: Ref) -> bool:
        """Return whether a card declares a dependency between two cards, in either direction."""
        return (user, target) in self.dependencies or (target, user) in self.dependencies

    def find_retired(self) -> frozenset[Ref]:
        """Find the models and systems that are out of use."""
        return frozenset(card.ref for card in self.cards if isinstance(card, Model | System) and card.is_retired)


def parse_catalog(content: bytes, origin: str) -> PublishedBook:
    """Parse catalog.json; raise UserError for any other content.

    `origin` is its file, or its address, beside which the pages are.
    """
    try:
        catalog = msgspec.json.decode(content, type=_Catalog)
        dependencies = frozenset(
            (Ref.parse(edge.source), Ref.parse(edge.target))
            for edge in catalog.edges
            if edge.relation in {relation.value for relation in DEPENDING}
        )
        refs = [Ref.parse(node.ref) for node in catalog.nodes]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UserError(f"{origin} is not a catalog.json of a book: {error}") from None
    if catalog.format != _FORMAT or catalog.version != _VERSION:
        message = f"{origin} has the format {catalog.format!r} {catalog.version}: expected {_FORMAT!r} {_VERSION}"
        raise UserError(message)
    named = tuple(ref for ref, node in zip(refs, catalog.nodes, strict=True) if node.card is None)
    cards: list[Card] = []
    stated = [node.card for node in catalog.nodes if node.card is not None]
    for values in stated:
        kind = KINDS.get(str(values.get("kind")))
        try:
            cards += [kind.model_validate(values)] if kind is not None else []
        except ValidationError:  # a newer version of Modelbook may write keys that this one does not know
            continue
    with_card = tuple(node for node in catalog.nodes if node.card is not None)
    is_page = "://" in origin
    pages = (urljoin(origin, node.page) if is_page and node.page else "" for node in with_card)
    return PublishedBook(
        tuple(cards),
        named,
        dependencies,
        len(stated) - len(cards),
        {node.ref: CardSource(node.file, page, node.owners) for node, page in zip(with_card, pages, strict=True)},
        catalog.name,
        catalog.settings,
        with_card,
        _read_evidence(catalog.evidence),
    )


def _read_evidence(stated: Mapping[str, Any]) -> Evidence:
    """Return the published evidence, without the records of a newer version that this one cannot read."""

    def read(key: str, kind: type[Row]) -> Iterator[Row]:
        rows = stated.get(key)
        for row in rows if isinstance(rows, list) else ():
            with suppress(msgspec.ValidationError):
                yield msgspec.convert(row, kind)

    return Evidence(
        (*read("repositories", ScannedRepository), *read("uses", CodeUse)),
        tuple(read("calls", SeenCall)),
        tuple(read("verifications", Verification)),
    )
