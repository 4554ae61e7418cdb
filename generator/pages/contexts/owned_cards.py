"""The models and systems of a team or a person: by criticality, with their users and their next change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.answers.tasks import NextChange
from generator.answers.used_by import CONSUMER_ORDER
from generator.graph.consumers import ModelUse, list_model_uses, list_system_uses
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import Badge, build_badge
from generator.schema import Model, System
from generator.schema.card import Criticality, Lifecycle

_MOST_NAMES = 4
"""The most users that a row names."""
"""The order of the criticalities; one that no card states counts as medium."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model in the table of its owner."""

    ref: Ref
    state: Badge | None
    """Its lifecycle, unless it is in production."""
    criticality: Badge | None
    """The highest that a card states; None if no card states one."""
    users: tuple[Ref, ...]
    """The first of its users by name."""
    more_users: int
    next: NextChange | None
    roles: tuple[str, ...]
    """The roles of the person whose page it is; empty on the page of a team."""


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A system in the table of its owner."""

    ref: Ref
    criticality: Badge | None
    """The highest criticality of its uses."""
    models: tuple[Ref, ...]
    more_models: int
    next: NextChange | None
    roles: tuple[str, ...]
    """The roles of the person whose page it is; empty on the page of a team."""


def find_criticality(uses: Iterable[ModelUse]) -> Criticality | None:
    """Find the highest stated criticality of some uses; None if no card states one."""
    stated = (use.stated_criticality for use in uses)
    return min((one for one in stated if one is not None), key=CONSUMER_ORDER.index, default=None)


def build_model_rows(book: Book, models: Iterable[Ref], roles: Mapping[Ref, tuple[str, ...]]) -> tuple[ModelRow, ...]:
    """Build the rows of models, the most critical first."""
    rows: list[tuple[int, ModelRow]] = []
    for ref in book.sort_by_name(models):
        card, uses = book.get_card(ref), list_model_uses(book.graph, ref)
        criticality = find_criticality(uses)
        users = book.sort_by_name(use.system for use in uses)
        is_ordinary = not isinstance(card, Model) or card.lifecycle is Lifecycle.PRODUCTION
        row = ModelRow(
            ref=ref,
            state=None if is_ordinary or not isinstance(card, Model) else build_badge(card.lifecycle),
            criticality=build_badge(criticality) if criticality else None,
            users=users[:_MOST_NAMES],
            more_users=max(0, len(users) - _MOST_NAMES),
            next=book.next_changes.get(ref),
            roles=roles.get(ref, ()),
        )
        rows.append((CONSUMER_ORDER.index(criticality), row))
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))


def build_system_rows(
    book: Book, systems: Iterable[Ref], roles: Mapping[Ref, tuple[str, ...]]
) -> tuple[SystemRow, ...]:
    """Build the rows of systems that are in use, those with the most critical models first."""
    rows: list[tuple[int, SystemRow]] = []
    for ref in book.sort_by_name(systems):
        card, uses = book.get_card(ref), list_system_uses(book.graph, ref)
        if isinstance(card, System) and card.is_retired:
            continue
        criticality = find_criticality(uses)
        models = book.sort_by_name(use.model for use in uses)
        row = SystemRow(
            ref=ref,
            criticality=build_badge(criticality) if criticality else None,
            models=models[:_MOST_NAMES],
            more_models=max(0, len(models) - _MOST_NAMES),
            next=book.next_changes.get(ref),
            roles=roles.get(ref, ()),
        )
        rows.append((CONSUMER_ORDER.index(criticality), row))
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))
