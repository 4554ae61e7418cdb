"""Indexes of values in all cards of a book. After a change they are updated without reading the other cards."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

from msgspec import field

from generator.evidence.live_requests import is_production, list_addresses
from generator.evidence.ownership import Code, get_code
from generator.graph.changes import Read
from generator.graph.edges import Graph
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.reads import ALL
from generator.schema import Model, System
from generator.values import FrozenValue

_PORTS = {"http": 80, "https": 443}
_MOST_URLS = 65_536
"""The addresses that are kept normalized: an index needs each, and so does the check of its card."""

LABELS, ADDRESSES, PRODUCTION, CODE_OWNERS = "label", "address", "production address", "code owners"
"""The tables of the reads of the indexes."""

KeyIndex = Mapping[str, tuple[Ref, ...]]
"""The cards that have a key."""
Key = TypeVar("Key")
Value = TypeVar("Value")


class BookIndexes(FrozenValue):
    """The cards by values that several can have, and the links that form chains."""

    labels: KeyIndex = field(default_factory=dict)
    """The cards by their names, each after its kind."""
    addresses: KeyIndex = field(default_factory=dict)
    """The models in use by their endpoints."""
    production: KeyIndex = field(default_factory=dict)
    """The models in use by the addresses that users reach, those of their copies included."""
    successors: Mapping[str, str] = field(default_factory=dict)
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    """The successors and the fallbacks of the models that have one, by their ids."""
    code: Mapping[Ref, Code] = field(default_factory=dict)
    """The repository and the paths of the cards with code."""


def build_indexes(graph: Graph, cards: Iterable[LoadedCard]) -> BookIndexes:
    """Build the indexes of some cards."""
    several = list(cards)
    models = [card for loaded in several if isinstance(card := loaded.card, Model)]
    used = [model for model in models if not model.is_retired]
    owners = (card for loaded in several if isinstance(card := loaded.card, Model | System))
    return BookIndexes(
        labels=_index_keys((loaded.ref, list_label_keys(graph, loaded)) for loaded in several),
        addresses=_index_keys((one.ref, map(normalize_url, one.endpoints.values())) for one in used),
        production=_index_keys((one.ref, list_addresses(one, is_production)) for one in used),
        successors={model.id: model.successor for model in models if model.successor},
        fallbacks={model.id: model.fallback for model in models if model.fallback},
        code={card.ref: code for card in owners if (code := get_code(card))[0]},
    )


def update_indexes(
    former: BookIndexes, old: Graph, new: Graph, changed: Collection[Ref]
) -> tuple[BookIndexes, frozenset[Read]]:
    """Return the indexes with the new values of some cards instead of the old ones, and the reads that differ."""
    was, now = (build_indexes(one, (one.cards[ref] for ref in changed if ref in one.cards)) for one in (old, new))
    reads: set[Read] = set() if was.code == now.code else {(CODE_OWNERS, ALL)}
    for table, index, other in (
        (LABELS, was.labels, now.labels),
        (ADDRESSES, was.addresses, now.addresses),
        (PRODUCTION, was.production, now.production),
    ):
        keys = index.keys() | other.keys()
        reads |= {(table, key) for key in keys if set(index.get(key, ())) != set(other.get(key, ()))}
    updated = BookIndexes(
        labels=_update_index(former.labels, was.labels, now.labels),
        addresses=_update_index(former.addresses, was.addresses, now.addresses),
        production=_update_index(former.production, was.production, now.production),
        successors=_replace(former.successors, was.successors, now.successors),
        fallbacks=_replace(former.fallbacks, was.fallbacks, now.fallbacks),
        code=_replace(former.code, was.code, now.code),
    )
    return updated, frozenset(reads)


def _index_keys(pairs: Iterable[tuple[Ref, Iterable[str]]]) -> KeyIndex:
    """Return the cards that have each key."""
    found: defaultdict[str, list[Ref]] = defaultdict(list)
    for ref, keys in pairs:
        for key in dict.fromkeys(keys):
            found[key].append(ref)
    return {key: tuple(refs) for key, refs in found.items()}


def _update_index(index: KeyIndex, was: KeyIndex, now: KeyIndex) -> KeyIndex:
    if was == now:
        return index
    updated = dict(index)
    for key in was.keys() | now.keys():
        kept = tuple(ref for ref in index.get(key, ()) if ref not in was.get(key, ()))
        refs = (*kept, *now.get(key, ()))
        if refs:
            updated[key] = refs
        else:
            del updated[key]
    return updated


def _replace(values: Mapping[Key, Value], was: Mapping[Key, Value], now: Mapping[Key, Value]) -> Mapping[Key, Value]:
    return values if was == now else {**{key: value for key, value in values.items() if key not in was}, **now}


def list_label_keys(graph: Graph, loaded: LoadedCard) -> tuple[str, ...]:
    """List the names of a card in lower case, each after its kind: a team and a person may not share one."""
    kind = "team or person" if loaded.ref.kind in {"team", "person"} else loaded.ref.kind
    return tuple([f"{kind}:{label}" for label in graph.list_labels(loaded.ref)])


@lru_cache(maxsize=_MOST_URLS)
def normalize_url(url: str) -> str:
    """Return an address without a default port and a trailing slash, with its host in lower case."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = f":{parts.port}" if parts.port not in {None, _PORTS.get(parts.scheme)} else ""
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}?{parts.query}"
