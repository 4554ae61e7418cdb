"""What the search knows of a page: only what people look for.

Code, examples and the words that stand on every page are left out, which makes the difference between a search that
answers at once and one that takes seconds.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.graph.consumers import list_model_uses, list_system_uses
from generator.graph.edges import Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.schema import Card, Model
from generator.schema.card import OwnedCard


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the search index."""

    title: str
    text: str
    boost: float = 1.0


def entry_of(book: Book, ref: Ref) -> Entry:
    """A card's entry: all its names as the title, then what it is, whom it counts on, who counts on it."""
    loaded = book.graph.cards.get(ref)
    card = loaded.card if loaded else None
    title = " · ".join(dict.fromkeys([book.graph.get_name(ref), ref.id, *(card.aliases if card else ())]))
    parts = [(card.summary or "") if card else ""]
    if isinstance(card, OwnedCard):
        parts += [book.graph.get_name(owner) for owner in book.targets(ref, Relation.OWNED_BY)]
    if isinstance(card, Model):
        parts += _of_model(book, card)
    parts += (
        [book.graph.get_name(use.model) for use in list_system_uses(book.graph, ref)] if ref.kind == "system" else []
    )
    parts += [(card.notes or "") if card else "", loaded.body if loaded else ""]
    text = " · ".join(part for part in dict.fromkeys(parts) if part)
    return Entry(title, text, boost=2.0 if isinstance(card, Card) and ref.kind == "model" else 1.0)


def _of_model(book: Book, model: Model) -> list[str]:
    hosts = [urlsplit(url).hostname or "" for url in model.endpoints.values()]
    features = [part for feature in model.features for part in (feature.feature, feature.name)]
    people = [book.graph.get_name(edge.target) for edge in book.graph.list_outgoing_edges(model.ref, Relation.CONTACT)]
    consumers = [
        part for use in list_model_uses(book.graph, model.ref) for part in (book.graph.get_name(use.system), *use.whys)
    ]
    return [*hosts, *features, *people, *consumers]
