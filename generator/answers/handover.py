"""The handover of a team or a person: their cards with the users, the overdue work, the people to ask."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice

from generator.answers.debt import DebtItem, Ledger
from generator.answers.responsibilities import Responsibility, find_responsibilities
from generator.errors import UserError
from generator.graph.consumers import list_model_uses
from generator.graph.edge_text import EdgeText, NamedEdgeText
from generator.graph.edges import FLOWING, Graph, Relation
from generator.graph.people import (
    PARTIES,
    find_available_contact,
    find_team,
    get_person,
    has_left,
    list_members,
    require_ref,
)
from generator.grouping import group_pairs
from generator.names import Ref, build_ref_key, sort_refs
from generator.schema import Person, Team
from generator.values import FrozenValue


class Caller(FrozenValue):
    """A user of a card that is handed over."""

    ref: Ref
    name: str
    whys: tuple[str, ...]
    """The reasons that it states, else the edges that show the use."""


class HandoverItem(FrozenValue):
    """A card that is handed over."""

    ref: Ref
    name: str
    summary: str
    roles: tuple[str, ...]
    callers: tuple[Caller, ...]
    overdue: tuple[DebtItem, ...]


class HandoverContact(FrozenValue):
    """A person to ask about the handover."""

    person: Ref
    name: str
    email: str
    whys: tuple[str, ...]


class Handover(FrozenValue):
    """The answer to `modelbook handover TEAM|PERSON`."""

    ref: Ref
    name: str
    left_on: date | None
    """The last day of a person, even if it is still ahead."""
    has_left: bool
    channel: str
    held: tuple[HandoverItem, ...]
    """Models, then systems, then the rest."""
    asks: tuple[HandoverContact, ...]

    @property
    def overdue(self) -> tuple[DebtItem, ...]:
        """All overdue items, oldest first."""
        items = (item for one in self.held for item in one.overdue)
        return tuple(sorted(items, key=lambda item: -(item.days or 0)))


_FIRST = ("model", "system", "flow", "experiment", "migration", "team")


def build_handover(graph: Graph, ref: Ref, ledger: Ledger, today: date, functions: Mapping[str, str]) -> Handover:
    """Build the handover of a team or a person; raise UserError for anything else, and if the book does not have it.

    `functions` are the functions of the company with their titles.
    """
    if require_ref(graph, ref).kind not in PARTIES:
        raise UserError(f"{ref} is neither a team nor a person: run `modelbook who {ref}` for its contacts")
    text = NamedEdgeText(graph, functions)
    responsibilities = sorted(find_responsibilities(graph, ref, text), key=lambda one: one.position)
    overdue = group_pairs((item.subject, item) for item in ledger.entries)
    return build_party_handover(graph, ref, today, text, responsibilities, overdue)


def build_party_handover(
    graph: Graph,
    ref: Ref,
    today: date,
    text: EdgeText,
    responsibilities: Iterable[Responsibility],
    overdue: Mapping[Ref, tuple[DebtItem, ...]],
    most_contacts: int = sys.maxsize,
) -> Handover:
    """Build the handover of a team or a person.

    `overdue` is the overdue work in each card.
    """
    roles = _collect_roles(graph, ref, responsibilities)
    order = sorted(
        roles, key=lambda one: (_FIRST.index(one.kind) if one.kind in _FIRST else len(_FIRST), build_ref_key(one))
    )
    held = tuple(
        HandoverItem(one, graph.get_name(one), graph.cards[one].card.summary or "", roles[one],
                     tuple(_list_callers(graph, one, text)), overdue.get(one, ()))
        for one in order
    )  # fmt: skip
    card = graph.cards[ref].card
    left_on = card.left_on if isinstance(card, Person) else None
    channel = card.channel or "" if isinstance(card, Team) else ""
    team = find_team(graph, ref)
    members = graph.derived.get(  # each member asks for them
        f"members on {today}",
        team,
        lambda: tuple(one for one in list_members(graph, team) if not has_left(graph, one, today)),
    )[: most_contacts + 1]  # one of them may be the party itself
    asks = tuple(islice(_list_asks(graph, ref, members, held, text, today), most_contacts))
    return Handover(ref, graph.get_name(ref), left_on, has_left(graph, ref, today), channel, held, asks)


def _collect_roles(graph: Graph, ref: Ref, own: Iterable[Responsibility]) -> Mapping[Ref, tuple[str, ...]]:
    """Collect the roles in each card, stakes excluded; a team also hands over the cards that its members own."""
    roles = [(one.card, one.role) for one in own if one.card.kind != "person" and one.role != "stakeholder"]
    roles += [
        (edge.source, f"owned by {graph.get_name(member)}")
        for member in list_members(graph, ref)
        for edge in graph.list_incoming_edges(member, Relation.OWNED_BY)
    ]
    return group_pairs(dict.fromkeys(roles))


def _list_callers(graph: Graph, ref: Ref, text: EdgeText) -> Iterator[Caller]:
    stated = {use.system: use.whys for use in list_model_uses(graph, ref)} if ref.kind == "model" else {}
    edges = group_pairs((edge.source, edge) for edge in graph.list_incoming_edges(ref, *FLOWING))
    for source in sort_refs(edges):
        whys = stated.get(source) or text.describe_edges(edges[source])
        yield Caller(source, graph.get_name(source), whys)


def _list_asks(
    graph: Graph, ref: Ref, members: Iterable[Ref], held: Iterable[HandoverItem], text: EdgeText, today: date
) -> Iterator[HandoverContact]:
    """List the people who are still here: the successor, the lead, the team, and the other contacts of the cards."""
    found = find_available_contact(graph, ref, today)
    whys = [(found.person, found.path[-1])] if found.person is not None and found.path else []
    team = find_team(graph, ref)
    whys += [(member, f"is in {graph.get_name(team)}") for member in members]
    contacts = [edge for one in held for edge in graph.list_outgoing_edges(one.ref, Relation.CONTACT)]
    whys += [(edge.target, text.describe_role(edge)) for edge in contacts]
    for person, several in group_pairs(dict.fromkeys(whys)).items():
        card = get_person(graph, person.id)
        if person != ref and card is not None and not has_left(graph, person, today):
            yield HandoverContact(card.ref, card.name, card.email or "", several)


def render_handover(handover: Handover) -> str:
    """Render a handover as Markdown for a terminal, a ticket or a mail."""
    left = f" ({'left' if handover.has_left else 'leaves'} on {handover.left_on})" if handover.left_on else ""
    lines = [f"# Handover: {_escape(handover.name)}{left}", ""]
    lines += [f"Channel: {_escape(handover.channel)}", ""] if handover.channel else []
    lines += ["## Overdue", ""]
    for item in handover.overdue:
        age = f", {item.days} days" if item.days is not None else ""
        lines.append(f"- {_escape(item.name)}: {item.kind}{age}; {_escape(item.what)}")
    lines += ["" if handover.overdue else "No overdue work.\n", "## Cards to hand over", ""]
    for one in handover.held:
        summary = f" {_escape(one.summary)}" if one.summary else ""
        lines += [f"### {_escape(one.name)}", "", f"`{one.ref}`, {_escape(', '.join(one.roles))}.{summary}", ""]
        lines += ["Used by:", ""] if one.callers else []
        lines += [f"- {_escape(caller.name)}: {_escape('; '.join(caller.whys))}" for caller in one.callers]
        lines += [""] if one.callers else []
    lines += ([] if handover.held else ["No cards.", ""]) + ["## People to ask", ""]
    for ask in handover.asks:
        email = f" ({_escape(ask.email)})" if ask.email else ""
        lines.append(f"- {_escape(ask.name)}{email}: {_escape('; '.join(ask.whys))}")
    return "\n".join([*lines, *([] if handover.asks else ["There are no contacts."]), ""])


_SPECIAL = re.compile(r"[\\`*\[\]<>|]|^[-+#]|(?<!\w)_|_(?!\w)")


def _escape(text: str) -> str:
    """Escape the text of an author, so that Markdown shows it as typed, on one line."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
