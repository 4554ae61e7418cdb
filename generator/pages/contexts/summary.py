"""The first paragraph of a card's page: what it is, who owns and uses it, and when it was reviewed."""

from datetime import date

from msgspec.structs import replace

from generator.answers.card_history import find_last_review
from generator.graph.consumers import list_model_uses
from generator.graph.duties import DutyKind
from generator.graph.edges import DEPENDING
from generator.graph.people import find_present_lead
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import resolve_owners
from generator.pages.contexts.people import count_responsibilities
from generator.schema import Experiment, Migration, Model, Person, Resource, System, Team
from generator.schema.card import OwnedCard
from generator.values import FrozenValue

_MOST_USERS = 4
"""The most users with their names; others are counted."""


class Ownership(FrozenValue):
    """An owner with the person to ask."""

    owner: Ref
    lead: Ref | None
    """The lead of the owning team; None if the owner is a person, or if the team has no present lead."""


class Summary(FrozenValue):
    """The facts of the paragraph; each is empty or None if the kind of the card does not have it."""

    owners: tuple[Ownership, ...] = ()
    has_no_owner: bool = False
    users: tuple[Ref, ...] = ()
    """The first users by name."""
    user_count: int = 0
    user_word: str = ""
    """`consumers` of a model, `dependents` of another card; empty if the card has no users by its kind."""
    undeclared: int = 0
    """The number of users that no card declares."""
    reviewed_on: date | None = None
    review_by: date | None = None
    is_review_overdue: bool = False
    started_on: date | None = None
    ended_on: date | None = None
    waves: int = 0
    waves_done: int = 0
    lead: Ref | None = None
    left_on: date | None = None
    """The last day of a person who has left."""
    successor: Ref | None = None
    responsibilities: int = 0


def build_summary(book: Book, ref: Ref) -> Summary:
    """Build the facts of the first paragraph of a card's page, or of a resource that other cards name."""
    card = book.get_card(ref)
    owners = resolve_owners(book, card) if card is not None else ()
    leads = [find_present_lead(book.graph, one.id, book.today) if one.kind == "team" else None for one in owners]
    ownership = tuple(Ownership(one, lead.ref if lead else None) for one, lead in zip(owners, leads, strict=True))
    owned = Summary(owners=ownership, has_no_owner=isinstance(card, OwnedCard) and not owners)
    match card:
        case Model():
            users = book.sort_by_name(use.system for use in list_model_uses(book.graph, ref))
            duties = book.duties.get(ref, ())
            return replace(
                owned,
                users=users[:_MOST_USERS],
                user_count=len(users),
                user_word="consumers",
                undeclared=len(book.sightings.list_undocumented(ref)),
                reviewed_on=find_last_review(book.list_trail(ref)),
                review_by=None if card.is_retired else card.review_by,
                is_review_overdue=any(duty.kind is DutyKind.REVIEW and duty.is_overdue for duty in duties),
            )
        case System() | Resource() | None:
            users = book.list_sources(ref, *DEPENDING)
            return replace(
                owned,
                users=users[:_MOST_USERS],
                user_count=len(users),
                user_word="dependents",
                undeclared=len(book.sightings.list_undocumented(ref)),
            )
        case Experiment():
            return replace(owned, started_on=card.started_on, ended_on=card.ended_on)
        case Migration():
            done = sum(wave.is_done for wave in card.waves)
            return replace(owned, waves=len(card.waves), waves_done=done)
        case Team():
            lead = find_present_lead(book.graph, card.id, book.today)
            count = count_responsibilities(book, ref)
            return Summary(lead=lead.ref if lead else None, responsibilities=count)
        case Person():
            has_left = book.has_left(ref)
            return Summary(
                left_on=card.left_on if has_left else None,
                successor=Ref("person", card.successor) if has_left and card.successor else None,
                responsibilities=count_responsibilities(book, ref),
            )
        case _:
            return owned
