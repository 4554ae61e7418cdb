"""The pages of teams and people: how to reach them, their work, their models, and how to hand them over."""

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from generator.answers.leave import find_default_successor
from generator.answers.responsibilities import find_responsible_cards
from generator.answers.tasks import Task
from generator.graph.edge_text import RESPONSIBILITY_LABELS
from generator.graph.edges import Relation
from generator.graph.people import find_deputy, get_person, get_team_addresses, list_owning_teams
from generator.names import Ref, build_sort_key
from generator.pages.book import Book
from generator.pages.contexts.contact_facts import (
    build_chat_values,
    build_link_values,
    build_mail_values,
)
from generator.pages.contexts.open_work import list_tasks
from generator.pages.contexts.owned_cards import OwnedRow, build_owned_rows
from generator.pages.contexts.page_parts import cut_rows, find_index_path
from generator.pages.contexts.parts import (
    Badge,
    CardView,
    FactRow,
    GapMarker,
    Value,
    build_badge,
    build_card_view,
    build_link_fact,
    build_optional_fact,
    build_state_badge,
)
from generator.pages.paths import DRAFTS_PATH
from generator.schema import Model, Person, System, Team
from generator.values import FrozenValue

_KINDS = ("model", "system", "flow", "experiment", "migration", "team")
"""The order of the kinds in a table of responsibilities; other kinds follow."""
_STAKE = (RESPONSIBILITY_LABELS[Relation.STAKEHOLDER],)
"""The roles of a stakeholder who has no other role."""
_MOST_ROWS = 60
"""The most rows of a table; the command line lists all of them."""
_MOST_SOLE = 12
"""The most roles without another person that a guide lists."""


class ResponsibilityRow(FrozenValue):
    """A card that a person or a team is responsible for."""

    ref: Ref
    kind: str
    roles: tuple[str, ...]
    badge: Badge | None


class Work(FrozenValue):
    """What a team or a person has to do, and their models and systems."""

    overdue: tuple[Task, ...]
    open: tuple[Task, ...]
    more_tasks: int
    """The number of tasks that are not listed."""
    overdue_count: int
    """The number of overdue items of the ledger."""
    open_count: int
    models: tuple[OwnedRow, ...]
    """The models in use that a team owns, or in which a person has a role; the most critical first."""
    more_models: int
    retired: tuple[Ref, ...]
    systems: tuple[OwnedRow, ...]
    more_systems: int
    stakes: tuple[Ref, ...]
    """The cards that name the team or the person as a stakeholder only."""
    draft_count: int
    """The number of drafts of a team, or of a person without a team."""
    drafts_path: str
    """The page of drafts."""
    models_path: str
    """The page with all models."""
    systems_path: str


class MemberRow(FrozenValue):
    """A person in the table of a team."""

    ref: Ref
    does: str
    email: tuple[Value, ...]
    chat: str
    left_on: date | None
    """The last day of a person who has left."""
    successor: Ref | None
    still_named: int
    """The number of cards that still name a person who has left."""


class LeaveGuide(FrozenValue):
    """What to do when a person leaves."""

    command: str
    successor: Ref | None
    """The person who takes over by default, else the deputy as a proposal."""
    why: str
    """Why this person: `successor on the card`, `lead of Data science`, `deputy`."""
    count: int
    """The number of cards to hand over."""
    sole: tuple[tuple[str, Ref], ...]
    """The roles that no one else has, each with its card."""
    more_sole: int


class PersonView(FrozenValue):
    """The content of a person's page."""

    card: CardView
    duties: tuple[ResponsibilityRow, ...]
    successor: Ref | None
    has_left: bool
    work: Work
    guide: LeaveGuide


class TeamView(FrozenValue):
    """The content of a team's page."""

    card: CardView
    members: tuple[Ref, ...]
    left: tuple[Ref, ...]
    duties: tuple[ResponsibilityRow, ...]
    work: Work
    people: tuple[MemberRow, ...]
    """The lead, the other members, then those who have left."""
    more_people: int
    """The number of people that `people` does not have."""
    has_left: bool = False
    """False, as on the page of a person who is here: both pages share a template."""


def build_person_view(book: Book, person: Person) -> PersonView:
    """Build the content of a person's page."""
    has_left, left_on = book.has_left(person.ref), person.left_on
    team = Ref("team", person.team) if person.team else None
    successor = Ref("person", person.successor) if person.successor else None
    deputy = Ref("person", person.deputy) if person.deputy else None
    left = FactRow("Left on", (left_on,) if has_left and left_on else ())
    leaves = FactRow("Leaves on", (left_on,) if left_on and not has_left else ())
    facts = (
        FactRow("E-mail", build_mail_values(person.email)),
        build_optional_fact("Team", team),
        build_optional_fact("Role", person.role),
        left,
        leaves,
        build_optional_fact("Successor", successor),
        build_link_fact("Chat", person.chat),
        build_optional_fact("Deputy", deputy),
    )
    strip = (
        FactRow("Chat", build_link_values("Chat", person.chat or "")),
        FactRow("E-mail", () if has_left else build_mail_values(person.email)),
        build_optional_fact("Team", team),
        build_optional_fact("Deputy", deputy),
        left,
        leaves,
        build_optional_fact("Successor", successor),
    )
    shown = tuple(fact for fact in strip if fact.values)
    card = build_card_view(book, person, (build_badge("left"),) if has_left else (), facts, strip=shown)
    team_card = book.get_card(team) if team else None
    if isinstance(team_card, Team) and team_card.lead == person.id:
        verb = "Led" if has_left else "Leads"
    else:
        verb = "Was a member of" if has_left else "Member of"
    member = f"{verb} {book.graph.get_name(team)}" if team else ""
    lead = card.lead or ". ".join(part.rstrip(".") for part in (person.role or "", member) if part)
    duties = list_responsibilities(book, person.ref)
    return PersonView(
        card=replace(card, lead=lead),
        duties=duties,
        successor=successor,
        has_left=has_left,
        work=_build_work(book, person.ref, duties),
        guide=_build_guide(book, person),
    )


def build_team_view(book: Book, team: Team) -> TeamView:
    """Build the content of a team's page."""
    function = book.settings.functions.get(team.function or "", team.function)
    ways = get_team_addresses(team)
    lead = Ref("person", team.lead) if team.lead else GapMarker("No lead")
    parent = build_optional_fact("Part of", Ref("team", team.parent) if team.parent else None)
    parts = FactRow("Teams in it", book.list_sources(team.ref, Relation.PART_OF))
    facts = (
        build_optional_fact("Function", function),
        FactRow("Lead", (lead,)),
        FactRow("Channel", (team.channel or GapMarker(),)),
        FactRow("E-mail", build_mail_values(team.email)),
        build_link_fact("On call", team.on_call),
        build_link_fact("Chat", team.chat),
        build_optional_fact("Hours", team.hours),
        build_link_fact("Runbook", team.runbook),
        parent,
        parts,
    )
    deputy = find_deputy(book.graph, lead, book.today) if isinstance(lead, Ref) else None
    strip = (
        FactRow("On call", build_link_values("On call", ways.on_call) or (GapMarker("No on-call"),)),
        FactRow("Chat", build_chat_values(ways) or (GapMarker("No chat"),)),
        FactRow("Lead", (lead,), f"deputy: {deputy.name}" if deputy else ""),
        FactRow("E-mail", build_mail_values(team.email)),
        build_optional_fact("Hours", ways.hours),
        FactRow("Runbook", build_link_values("Runbook", ways.runbook)),
        parent,
        parts,
    )
    shown = tuple(fact for fact in strip if fact.values)
    people = book.list_sources(team.ref, Relation.MEMBER_OF)
    duties = list_responsibilities(book, team.ref)
    is_named_so = function is None or function.casefold() == team.name.casefold()
    badges = () if is_named_so or function is None else (build_badge(function),)
    members = [row for ref in people if (row := _build_member(book, team, ref)) is not None]
    rows, more_people = cut_rows(sorted(members, key=lambda row: (row.left_on is not None, row.ref.id != team.lead)))
    return TeamView(
        card=build_card_view(book, team, badges, facts, strip=shown),
        members=tuple(ref for ref in people if not book.has_left(ref)),
        left=tuple(ref for ref in people if book.has_left(ref)),
        duties=duties,
        work=_build_work(book, team.ref, duties),
        people=rows,
        more_people=more_people,
    )


def _build_member(book: Book, team: Team, ref: Ref) -> MemberRow | None:
    person = get_person(book.graph, ref.id)
    if person is None:
        return None
    role, has_left = person.role or "", book.has_left(ref)
    does = role
    if team.lead == person.id and not role.casefold().startswith("lead"):
        does = f"Lead; {role}" if role else "Lead"
    return MemberRow(
        ref=ref,
        does=does,
        email=() if has_left else build_mail_values(person.email),
        chat=person.chat or "",
        left_on=person.left_on if has_left else None,
        successor=Ref("person", person.successor) if has_left and person.successor else None,
        still_named=len({one.card for one in book.responsibilities.get(ref, ())}) if has_left else 0,
    )


def _build_work(book: Book, party: Ref, duties: Iterable[ResponsibilityRow]) -> Work:
    """Build the work of a team, that of its members included, or of a person."""
    entries, still_open = book.list_party_debts(party)
    overdue, still = list_tasks(book, entries), list_tasks(book, still_open)
    cards = [book.get_card(ref) for ref in _list_cards(book, party, duties)]
    models = [card for card in cards if isinstance(card, Model)]
    systems = [card for card in cards if isinstance(card, System) and not card.is_retired]
    roles = {row.ref: row.roles for row in duties} if party.kind == "person" else {}
    rows = build_owned_rows(book, [model for model in models if not model.is_retired], roles)
    system_rows = build_owned_rows(book, systems, roles)
    shown_overdue = overdue[:_MOST_ROWS]
    shown_open = still[: _MOST_ROWS - len(shown_overdue)]
    return Work(
        overdue=shown_overdue,
        open=shown_open,
        more_tasks=len(overdue) + len(still) - len(shown_overdue) - len(shown_open),
        overdue_count=len(entries),
        open_count=len(still_open),
        models=rows[:_MOST_ROWS],
        more_models=max(0, len(rows) - _MOST_ROWS),
        retired=book.sort_by_name(model.ref for model in models if model.is_retired),
        systems=system_rows[:_MOST_ROWS],
        more_systems=max(0, len(system_rows) - _MOST_ROWS),
        stakes=tuple(row.ref for row in duties if row.roles == _STAKE),
        draft_count=len(book.drafts.get(party, ())),
        drafts_path=DRAFTS_PATH,
        models_path=find_index_path(book, "model", party),
        systems_path=find_index_path(book, "system", party),
    )


def _list_cards(book: Book, party: Ref, duties: Iterable[ResponsibilityRow]) -> tuple[Ref, ...]:
    """List the cards that name a person in a role, or that a team owns through its own name or through a member."""
    if party.kind == "person":
        return tuple(row.ref for row in duties if row.roles != _STAKE)
    owners = (party, *book.list_sources(party, Relation.MEMBER_OF))
    owned = dict.fromkeys(
        edge.source for owner in owners for edge in book.graph.list_incoming_edges(owner, Relation.OWNED_BY)
    )
    return tuple(ref for ref in owned if party in list_owning_teams(book.graph, ref))


def _build_guide(book: Book, person: Person) -> LeaveGuide:
    successor = find_default_successor(book.graph, person, book.today)
    deputy = find_deputy(book.graph, person.ref, book.today)
    options, why = ["--on", str(person.left_on or "YYYY-MM-DD")], ""
    if successor is not None and successor.id == person.successor:
        why = "the successor on the card"
    elif successor is not None:
        why = f"the lead of {book.graph.get_name(Ref('team', person.team or ''))}" if person.team else "the successor"
    elif deputy is not None:
        successor, why = deputy.ref, "the deputy"
        options += ["--successor", deputy.id]
    else:
        options += ["--successor", "PERSON"]
    handover = book.handovers.get(person.ref)
    sole = [(one.role, one.card) for one in book.responsibilities.get(person.ref, ()) if one.sole]
    return LeaveGuide(
        command=" ".join(["modelbook leave", person.id, *options]),
        successor=successor,
        why=why,
        count=len(handover.held) if handover else 0,
        sole=tuple(sole[:_MOST_SOLE]),
        more_sole=max(0, len(sole) - _MOST_SOLE),
    )


def count_responsibilities(book: Book, ref: Ref) -> int:
    """Count the cards that a person or a team is responsible for."""
    return len(find_responsible_cards(book.graph, ref))


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
        sorted(found, key=lambda row: (order.get(row.kind, len(order)), build_sort_key(book.graph.get_name(row.ref))))
    )
