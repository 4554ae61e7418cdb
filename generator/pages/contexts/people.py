"""The pages of teams and people, with their responsibilities."""

from dataclasses import dataclass, replace

from generator.graph.edge_text import RESPONSIBILITY_LABELS
from generator.graph.edges import Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import (
    Badge,
    CardView,
    FactRow,
    GapMarker,
    LabelledLink,
    build_badge,
    build_card_view,
    build_link_fact,
    build_optional_fact,
    build_state_badge,
)
from generator.schema import Person, Team

_KINDS = ("model", "system", "flow", "experiment", "migration", "team")
"""The order of the kinds in a table of responsibilities; other kinds follow."""


@dataclass(frozen=True, slots=True)
class ResponsibilityRow:
    """A card that a person or a team is responsible for."""

    ref: Ref
    kind: str
    roles: tuple[str, ...]
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """The content of a person's page."""

    card: CardView
    duties: tuple[ResponsibilityRow, ...]
    successor: Ref | None
    has_left: bool


@dataclass(frozen=True, slots=True)
class TeamView:
    """The content of a team's page."""

    card: CardView
    members: tuple[Ref, ...]
    left: tuple[Ref, ...]
    duties: tuple[ResponsibilityRow, ...]


def build_person_view(book: Book, person: Person) -> PersonView:
    """Build the content of a person's page."""
    has_left, left_on = book.has_left(person.ref), person.left_on
    team = Ref("team", person.team) if person.team else None
    successor = Ref("person", person.successor) if person.successor else None
    facts = (
        _build_mail_fact(person.email),
        build_optional_fact("Team", team),
        build_optional_fact("Role", person.role),
        FactRow("Left on", (left_on, build_badge("left")) if has_left and left_on else ()),
        FactRow("Leaves on", (left_on,) if left_on and not has_left else ()),
        build_optional_fact("Successor", successor),
        build_link_fact("Chat", person.chat),
        build_optional_fact("Deputy", Ref("person", person.deputy) if person.deputy else None),
    )
    card = build_card_view(book, person, (build_badge("left"),) if has_left else (), facts)
    sentences = ((person.role or "").rstrip("."), _describe_membership(book, person, team) if team else "")
    lead = card.lead or ". ".join(filter(None, sentences))
    return PersonView(replace(card, lead=lead), list_responsibilities(book, person.ref), successor, has_left)


def _describe_membership(book: Book, person: Person, team: Ref) -> str:
    """Return the part that a person has, or had, in a team: `Member of Growth`."""
    card = book.get_card(team)
    if isinstance(card, Team) and card.lead == person.id:
        verb = "Led" if book.has_left(person.ref) else "Leads"
    else:
        verb = "Was a member of" if book.has_left(person.ref) else "Member of"
    return f"{verb} {book.graph.get_name(team)}"


def build_team_view(book: Book, team: Team) -> TeamView:
    """Build the content of a team's page."""
    function = book.settings.functions.get(team.function or "", team.function)
    facts = (
        build_optional_fact("Function", function),
        FactRow("Lead", (Ref("person", team.lead) if team.lead else GapMarker("nobody"),)),
        FactRow("Channel", (team.channel or GapMarker(),)),
        _build_mail_fact(team.email),
        build_link_fact("On call", team.on_call),
        build_link_fact("Chat", team.chat),
        build_optional_fact("Hours", team.hours),
        build_link_fact("Runbook", team.runbook),
        build_optional_fact("Part of", Ref("team", team.parent) if team.parent else None),
        FactRow("Teams in it", book.list_sources(team.ref, Relation.PART_OF)),
    )
    people = book.list_sources(team.ref, Relation.MEMBER_OF)
    return TeamView(
        card=build_card_view(book, team, (build_badge(function),) if function else (), facts),
        members=tuple(ref for ref in people if not book.has_left(ref)),
        left=tuple(ref for ref in people if book.has_left(ref)),
        duties=list_responsibilities(book, team.ref),
    )


def list_responsibilities(book: Book, ref: Ref) -> tuple[ResponsibilityRow, ...]:
    """Return the cards that a person or a team is responsible for, with every role; by kind and name."""
    roles: dict[Ref, dict[str, None]] = {}
    for edge in book.graph.list_incoming_edges(ref, *RESPONSIBILITY_LABELS):
        roles.setdefault(edge.source, {})[book.edge_text.describe_responsibility(edge)] = None
    found = [
        ResponsibilityRow(source, source.kind, tuple(names), build_state_badge(book.get_card(source)))
        for source, names in roles.items()
    ]
    order = {kind: number for number, kind in enumerate(_KINDS)}
    return tuple(
        sorted(found, key=lambda row: (order.get(row.kind, len(order)), book.graph.get_name(row.ref).casefold()))
    )


def _build_mail_fact(address: str | None) -> FactRow:
    return FactRow("E-mail", (LabelledLink(address, f"mailto:{address}"),) if address else ())
