"""The entries of the search index: names, people, hosts, features and uses.

Code, examples and the words of every page are omitted: with them, a search takes seconds.
"""

import html
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.graph.consumers import list_model_uses, list_system_uses
from generator.graph.edges import Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.paths import get_output_path
from generator.schema import Model
from generator.schema.card import OwnedCard


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """A page in the search index."""

    title: str
    text: str
    boost: float = 1.0

    def to_record(self, path: str, labels: Iterable[str], *, directory_urls: bool) -> dict[str, object]:
        """Return the entry of a page as Material's search index has it."""
        url = get_output_path(path, directory_urls=directory_urls)
        return {
            "location": "" if url == "index.html" else url,
            "title": html.escape(self.title),
            "text": html.escape(self.text),
            "tags": list(labels),
            "boost": self.boost,
        }


def build_search_entry(book: Book, ref: Ref) -> SearchEntry:
    """Build the entry of a card: all its names are the title, and those of its owners, people and uses are the text."""
    get_name = book.graph.get_name
    loaded = book.graph.cards.get(ref)
    card = loaded.card if loaded else None
    parts = [(card.summary or "") if card else ""]
    if isinstance(card, OwnedCard):
        parts += [get_name(owner) for owner in book.list_targets(ref, Relation.OWNED_BY)]
    if isinstance(card, Model):
        parts += [urlsplit(url).hostname or "" for url in card.endpoints.values()]
        parts += [part for feature in card.features for part in (feature.feature, feature.name)]
        parts += [get_name(edge.target) for edge in book.graph.list_outgoing_edges(ref, Relation.CONTACT)]
        parts += [part for use in list_model_uses(book.graph, ref) for part in (get_name(use.system), *use.whys)]
    if ref.kind == "system":
        parts += [get_name(use.model) for use in list_system_uses(book.graph, ref)]
    parts += [(card.notes or "") if card else "", loaded.body if loaded else ""]
    return SearchEntry(
        title=" · ".join(dict.fromkeys([get_name(ref), ref.id, *(card.aliases if card else ())])),
        text=" · ".join(part for part in dict.fromkeys(parts) if part),
        boost=2.0 if isinstance(card, Model) else 1.0,
    )
