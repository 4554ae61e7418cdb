"""The pages of teams and people: what each answers for."""

from dataclasses import dataclass, replace

from generator.graph.edges import Edge, Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import Address, Badge, CardView, Fact, Missing, Value, badge, card_view, optional
from generator.schema import Person, Team
from generator.schema.card import Card

_COUNTING = (
    Relation.OWNED_BY,
    Relation.CONTACT,
    Relation.STAKEHOLDER,
    Relation.LED_BY,
    Relation.REMOVED_BY,
    Relation.DECIDED_BY,
)


@dataclass(frozen=True, slots=True)
class ResponsibilityRow:
    """A card that a person or a team is responsible for."""

    ref: Ref
    kind: str
    roles: tuple[str, ...]
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """Everything that counts on a person."""

    card: CardView
    duties: tuple[ResponsibilityRow, ...]
    successor: Ref | None
    has_left: bool


@dataclass(frozen=True, slots=True)
class TeamView:
    """What a team answers for, and who is in it."""

    card: CardView
    members: tuple[Ref, ...]
    left: tuple[Ref, ...]
    duties: tuple[ResponsibilityRow, ...]


def person_view(book: Book, person: Person) -> PersonView:
    """Everything that counts on a person."""
    gone = book.has_left(person.ref)
    successor = Ref("person", person.successor) if person.successor else None
    facts = (
        Fact("E-mail", (_mail(person.email),) if person.email else ()),
        optional("Team", Ref("team", person.team) if person.team else None),
        optional("Role", person.role),
        Fact("Left on", (person.left_on, badge("left")) if gone and person.left_on else ()),
        Fact("Leaves on", (person.left_on,) if person.left_on and not gone else ()),
        optional("Successor", successor),
    )
    badges = (badge("left"),) if gone else ()
    card = card_view(book, person, badges, facts)
    team = book.graph.get_name(Ref("team", person.team)) if person.team else ""
    lead = card.lead or ", ".join(part for part in (person.role, team) if part)
    return PersonView(replace(card, lead=lead), list_responsibilities(book, person.ref), successor, gone)


def team_view(book: Book, team: Team) -> TeamView:
    """What a team answers for."""
    function = book.settings.functions.get(team.function or "", team.function)
    lead: Value = Ref("person", team.lead) if team.lead else Missing("nobody")
    facts = (
        optional("Function", function),
        Fact("Lead", (lead,)),
        Fact("Channel", (team.channel or Missing(),)),
        Fact("E-mail", (_mail(team.email),) if team.email else ()),
    )
    people = book.list_sources(team.ref, Relation.MEMBER_OF)
    return TeamView(
        card=card_view(book, team, (badge(function),) if function else (), facts),
        members=tuple(ref for ref in people if not book.has_left(ref)),
        left=tuple(ref for ref in people if book.has_left(ref)),
        duties=list_responsibilities(book, team.ref),
    )


def list_responsibilities(book: Book, ref: Ref) -> tuple[ResponsibilityRow, ...]:
    """List what a person or a team is responsible for, with every role; by kind and name."""
    roles: dict[Ref, list[str]] = {}
    for edge in book.graph.list_incoming_edges(ref, *_COUNTING):
        roles.setdefault(edge.source, []).append(_role(book, edge))
    found = [
        ResponsibilityRow(source, source.kind, tuple(dict.fromkeys(words)), _state(book.get_card(source)))
        for source, words in roles.items()
    ]
    kinds = ["model", "system", "flow", "experiment", "migration", "team"]
    order = {kind: number for number, kind in enumerate(kinds)}
    return tuple(sorted(found, key=lambda duty: (order.get(duty.kind, 9), book.graph.get_name(duty.ref).casefold())))


def _role(book: Book, edge: Edge) -> str:
    match edge.relation:
        case Relation.OWNED_BY:
            return "owner"
        case Relation.CONTACT:
            return book.edge_text.describe_contact(edge.role)
        case Relation.STAKEHOLDER:
            return "stakeholder"
        case Relation.LED_BY:
            return "lead"
        case Relation.REMOVED_BY:
            return "clean-up"
        case _:
            return "decided"


def _state(card: Card | None) -> Badge | None:
    word = getattr(card, "lifecycle", None) or getattr(card, "status", None)
    return badge(word) if word else None


def _mail(address: str) -> Value:
    return Address(address, f"mailto:{address}")
