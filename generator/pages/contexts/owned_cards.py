"""The models and systems of a team or a person: by criticality, with their users and their next change."""

from collections.abc import Iterable, Mapping

from generator.answers.tasks import NextChange
from generator.answers.used_by import CONSUMER_ORDER
from generator.graph.consumers import ModelUse, list_model_uses, list_system_uses
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import Badge, build_badge
from generator.schema import Model, System
from generator.schema.card import Criticality, Lifecycle
from generator.values import FrozenValue

_MOST_NAMES = 4
"""The most users or models that a row names."""


class OwnedRow(FrozenValue):
    """A model or a system in the table of its owner."""

    ref: Ref
    state: Badge | None
    """The lifecycle of a model that is not in production."""
    criticality: Badge | None
    """The highest that a card states for its uses; None if no card states one."""
    others: tuple[Ref, ...]
    """The first users of a model by name, or the first models that a system uses."""
    more_others: int
    next: NextChange | None
    roles: tuple[str, ...]
    """The roles of the person whose page it is; empty on the page of a team."""


def find_criticality(uses: Iterable[ModelUse]) -> Criticality | None:
    """Find the highest stated criticality of some uses; None if no card states one."""
    stated = (use.stated_criticality for use in uses)
    return min((one for one in stated if one is not None), key=CONSUMER_ORDER.index, default=None)


def build_owned_rows(
    book: Book, cards: Iterable[Model | System], roles: Mapping[Ref, tuple[str, ...]]
) -> tuple[OwnedRow, ...]:
    """Build the rows of models or systems, those of the highest criticality first."""
    by_ref = {card.ref: card for card in cards}
    rows: list[tuple[int, OwnedRow]] = []
    for ref in book.sort_by_name(by_ref):
        card, state = by_ref[ref], None
        if isinstance(card, Model):
            uses = list_model_uses(book.graph, ref)
            others = book.sort_by_name(use.system for use in uses)
            state = None if card.lifecycle is Lifecycle.PRODUCTION else build_badge(card.lifecycle)
        else:
            uses = list_system_uses(book.graph, ref)
            others = book.sort_by_name(use.model for use in uses)
        criticality = find_criticality(uses)
        row = OwnedRow(
            ref=ref,
            state=state,
            criticality=build_badge(criticality) if criticality else None,
            others=others[:_MOST_NAMES],
            more_others=max(0, len(others) - _MOST_NAMES),
            next=book.next_changes.get(ref),
            roles=roles.get(ref, ()),
        )
        rows.append((CONSUMER_ORDER.index(criticality), row))
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))
