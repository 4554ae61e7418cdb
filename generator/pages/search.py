"""The entries of the search: the names of each page, and every word of each card."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import replace
from pydantic import BaseModel

from generator.graph.consumers import list_model_uses, list_system_uses
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.card_labels import list_labels
from generator.pages.paths import get_card_path
from generator.pages.search_words import cut_tokens
from generator.reads import record_read
from generator.schema.card import WHOLE_CARD
from generator.values import FrozenValue

_WEIGHTS = {"model": 1.5, "system": 1.5, "flow": 1.3, "migration": 1.3, "experiment": 1.3, "team": 1.1, "person": 1.1}
"""The weights of cards by kind; resources have the least."""
CARD_WEIGHT = 1.0
"""The least weight of a card."""
PAGE_WEIGHT = 0.7
_SECTION_WEIGHT = 0.15
"""Puts the sections of the author's pages after cards with the same words."""
RULE_WEIGHT = 0.001
"""Puts rules after all other results, except if the query is the code: `MB203`."""
_INLINE_TAG = re.compile(r"</?(?:code|sub|sup)>")
_TAG = re.compile(r"<[^>]+>")


class SearchEntry(FrozenValue):
    """A page, or a section of a page, in the search."""

    names: tuple[str, ...]
    """The name, then the id and the aliases."""
    summary: str = ""
    labels: tuple[str, ...] = ()
    words: str = ""
    """The words and identifiers of its text, sorted and separated by spaces: a large book has millions."""
    weight: float = PAGE_WEIGHT
    """The factor of its rank."""
    location: str = ""
    """Its address relative to the site; a section has an anchor."""


def build_search_entry(book: Book, ref: Ref, labels: tuple[str, ...]) -> SearchEntry:
    """Build the entry of a card. Its words are those of all fields, of its prose, and of the names around it."""
    loaded = book.graph.cards.get(ref)
    card = loaded.card if loaded else None
    names = (book.graph.get_name(ref), ref.id, *(card.aliases if card else ()))
    if card is not None:
        record_read(WHOLE_CARD, card)
    # The reasons of guesses name values that the card does not have.
    stated = card.model_copy(update={"guessed": {}}) if card and card.guessed else card
    texts = [*list_texts(stated), loaded.body if loaded else ""]
    for edge in book.graph.list_outgoing_edges(ref):
        texts += [book.graph.get_name(edge.target), edge.why]
    for edge in book.graph.list_incoming_edges(ref):
        texts += [book.graph.get_name(edge.source), edge.why, edge.role]
    for use in (*list_model_uses(book.graph, ref), *list_system_uses(book.graph, ref)):
        texts += [*use.surfaces, *use.fields, *use.configured_in]
    return SearchEntry(
        names=tuple(dict.fromkeys(names)),
        summary=(card.summary or "") if card else "",
        labels=labels,
        words=join_words(texts),
        weight=_WEIGHTS.get(ref.kind, CARD_WEIGHT),
    )


def list_texts(value: object) -> list[str]:
    """List all texts in a value, in any order, with the keys that the author chose but not the names of fields."""
    texts: list[str] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, BaseModel):
            # Most fields are not stated: None, and empty.
            waiting += [each for each in one.__dict__.values() if each or each == 0]
        elif isinstance(one, dict):
            waiting += one.keys()
            waiting += one.values()
        elif one is not None and not isinstance(one, bool):
            texts.append(str(one))
    return texts


def join_words(texts: Iterable[str]) -> str:
    """Return the words and the identifiers of texts, sorted and without duplicates."""
    found = set[str]().union(*map(_list_words, set(texts)))
    return " ".join(sorted(found))


@lru_cache(maxsize=4_096)
def _list_words(text: str) -> frozenset[str]:
    """List the words and identifiers of a text; cached, since cards share many texts."""
    words: set[str] = set()
    for token in cut_tokens(text):
        words.update(token.words)
        words.add(token.identifier)
    return frozenset(words - {""})


def convert_own_pages(records: Iterable[Mapping[str, Any]]) -> Iterator[SearchEntry]:
    """Convert the index of Material, in which each section of a page of the author is a record with HTML text.

    A page comes before its sections. If its start is excluded from the search, its first section replaces it.
    """
    page = None
    for record in records:
        location = str(record["location"])
        address = location.partition("#")[0]
        is_first, page = address != page, address
        text = _strip_tags(str(record["text"]))
        boost = record.get("boost")  # from the front matter, which nobody has checked
        yield SearchEntry(
            names=(_strip_tags(str(record["title"])),),
            summary=text,
            labels=tuple(record.get("tags", ())),
            words=join_words([text]),
            weight=(PAGE_WEIGHT if is_first else _SECTION_WEIGHT) * (boost if isinstance(boost, int | float) else 1),
            location=address if is_first else location,
        )


def _strip_tags(text: str) -> str:
    text = text.replace("\u200b", "")  # Material puts it between Chinese words, if jieba is installed
    return html.unescape(" ".join(_TAG.sub(" ", _INLINE_TAG.sub("", text)).split()))


def list_card_entries(book: Book) -> list[SearchEntry]:
    """List the entries of the search for all cards and resources; their locations are the Markdown files of pages."""
    entries = ((ref, build_search_entry(book, ref, list_labels(book, ref))) for ref in book.graph.refs)
    return [replace(entry, location=get_card_path(ref)) for ref, entry in entries]
