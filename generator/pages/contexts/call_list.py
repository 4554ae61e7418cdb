"""The page *Who to call*: how to reach each team and each contact, and the contacts of every model by function."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator.graph.people import find_deputy, find_present_lead, get_person, get_team, get_team_addresses
from generator.grouping import group_pairs
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.contact_facts import build_chat_values, build_link_values, build_mail_values
from generator.pages.contexts.contacts import ContactRow, list_main_contacts, resolve_contact
from generator.pages.contexts.page_parts import (
    Division,
    PagePart,
    RowGroup,
    cut_rows,
    divide_rows,
    has_too_many,
    list_team_groups,
)
from generator.pages.contexts.parts import Badge, Value, build_badge, resolve_owners
from generator.reads import keep_derived
from generator.schema import Model
from generator.values import FrozenValue

CALL_TITLE = "Who to call"


class CallRow(FrozenValue):
    """A model with its contacts."""

    ref: Ref
    lifecycle: Badge
    owners: tuple[Ref, ...]
    contacts: tuple[ContactRow, ...]
    gaps: int
    """The number of functions without a contact, or with one who has left."""


class TeamCallRow(FrozenValue):
    """The ways to reach a team."""

    ref: Ref
    on_call: tuple[Value, ...]
    chat: tuple[Value, ...]
    email: tuple[Value, ...]
    hours: str
    lead: Ref | None
    """The lead, unless the lead has left."""
    deputy: Ref | None
    model_count: int
    path: str = ""
    """The page with the contacts of its models, if the page of all contacts is divided."""


class PersonCallRow(FrozenValue):
    """The ways to reach a person who is a contact or a lead."""

    ref: Ref
    team: Ref | None
    chat: str
    email: tuple[Value, ...]
    deputy: Ref | None


class ModelGroup(FrozenValue):
    """The models of one owner that have the same contacts."""

    refs: tuple[Ref, ...]
    contacts: tuple[ContactRow, ...]
    other_owners: tuple[Ref, ...]


class OwnerGroup(FrozenValue):
    """The models with the same first owner."""

    owner: Ref | None
    """None for models without an owner."""
    groups: tuple[ModelGroup, ...]
    count: int


class CallView(FrozenValue):
    """The content of the page: teams, people, and models by owner, with the gaps."""

    functions: tuple[str, ...]
    rows: tuple[CallRow, ...]
    gaps: int
    teams: tuple[TeamCallRow, ...]
    people: tuple[PersonCallRow, ...]
    owners: tuple[OwnerGroup, ...]
    divisions: tuple[Division[Ref], ...] = ()
    """The models of each team, on pages of their own; empty if this page has all models."""
    others: tuple[Division[Ref], ...] = ()
    """Those of them whose team has no row on this page."""
    more_teams: int = 0
    """The number of teams that have no row."""
    part: PagePart[Ref] | None = None
    """The part of a divided page that this page has; None on the page of all teams."""


def build_call_view(book: Book) -> CallView:
    """Build the ways to reach every team, and the contacts of every model that is not retired."""
    refs = [model.ref for model in book.list_cards(Model) if not model.is_retired]
    teams = book.sort_by_name(ref for ref in book.graph.cards if ref.kind == "team")
    view = _build_view(book, refs, teams)
    groups = sum(len(owner.groups) for owner in view.owners)
    if not has_too_many(groups + len(view.people) + len(view.teams)):
        return _build_view(book, book.sort_by_name(refs), teams)

    def list_groups(ref: Ref) -> Iterator[RowGroup]:
        groups = list_team_groups(book, ref, CALL_TITLE)
        return (replace(group, title=f"{CALL_TITLE}: {group.name}") for group in groups)

    divisions = divide_rows(refs, "who-to-call", CALL_TITLE, list_groups, book.sort_by_name)
    pages = {one.group.ref: one for one in divisions}
    teams_shown, more_teams = cut_rows(view.teams)
    shown = tuple(
        replace(row, path=pages[row.ref].parts[0].path, model_count=pages[row.ref].count) if row.ref in pages else row
        for row in teams_shown
    )
    reached = {row.path for row in shown}
    return replace(
        view,
        teams=shown,
        more_teams=more_teams,
        divisions=divisions,
        others=tuple(one for one in divisions if one.parts[0].path not in reached),
    )


def build_call_part(book: Book, part: PagePart[Ref]) -> CallView:
    """Build the page with the contacts of the models of one team."""
    made = _build_view(book, book.sort_by_name(part.rows), [part.group.ref] if part.group.ref else ())
    return replace(made, part=part)


def _build_view(book: Book, refs: Iterable[Ref], teams: Iterable[Ref]) -> CallView:
    rows = tuple(_get_row(book, ref) for ref in refs)
    owned = group_pairs((next(iter(row.owners), None), row) for row in rows)
    owners = (*book.sort_by_name(owner for owner in owned if owner), *([None] if None in owned else []))
    counts = group_pairs((owner, row.ref) for row in rows for owner in row.owners)
    team_rows = tuple(row for ref in teams if (row := _build_team(book, ref, len(counts.get(ref, ())))) is not None)
    named = [contact.person for row in rows for contact in row.contacts if contact.person and not contact.has_left]
    leads = [row.lead for row in team_rows if row.lead]
    groups: list[OwnerGroup] = []
    for owner in owners:
        same = group_pairs(((row.contacts, row.owners[1:]), row.ref) for row in owned[owner])
        models = tuple(ModelGroup(found, contacts, others) for (contacts, others), found in same.items())
        groups.append(OwnerGroup(owner, models, len(owned[owner])))
    return CallView(
        functions=tuple(book.settings.functions.values()),
        rows=rows,
        gaps=sum([row.gaps for row in rows]),
        teams=team_rows,
        people=tuple(
            person for ref in book.sort_by_name((*named, *leads)) if (person := _build_person(book, ref)) is not None
        ),
        owners=tuple(groups),
    )


def count_gaps(book: Book) -> int:
    """Count the functions of models in use that have no contact, or one who has left."""
    gaps = 0
    for model in book.list_cards(Model):
        if not model.is_retired:
            written = [model.contacts.get(function) for function in book.settings.functions]
            gaps += sum(not one or book.has_left(resolve_contact(book, one)) for one in written)
    return gaps


@keep_derived("call rows")
def _get_row(book: Book, ref: Ref) -> CallRow:
    """Return the row of a model, which the page of all teams and its parts share."""
    model = book.get_card(ref)
    assert isinstance(model, Model)
    contacts = tuple(list_main_contacts(book, model))
    return CallRow(
        ref=ref,
        lifecycle=build_badge(model.lifecycle),
        owners=resolve_owners(book, model),
        contacts=contacts,
        gaps=sum(one.person is None or one.has_left for one in contacts),
    )


def _build_team(book: Book, ref: Ref, model_count: int) -> TeamCallRow | None:
    team = get_team(book.graph, ref.id)
    if team is None:
        return None
    ways, lead = get_team_addresses(team), find_present_lead(book.graph, ref.id, book.today)
    deputy = find_deputy(book.graph, lead.ref, book.today) if lead else None
    return TeamCallRow(
        ref=ref,
        on_call=build_link_values("On call", ways.on_call),
        chat=build_chat_values(ways),
        email=build_mail_values(team.email),
        hours=ways.hours,
        lead=lead.ref if lead else None,
        deputy=deputy.ref if deputy else None,
        model_count=model_count,
    )


def _build_person(book: Book, ref: Ref) -> PersonCallRow | None:
    person = get_person(book.graph, ref.id) if ref.kind == "person" else None
    if person is None:
        return None
    deputy = find_deputy(book.graph, ref, book.today)
    return PersonCallRow(
        ref=ref,
        team=Ref("team", person.team) if person.team else None,
        chat=person.chat or "",
        email=build_mail_values(person.email),
        deputy=deputy.ref if deputy else None,
    )
