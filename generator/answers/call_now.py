"""Who to call now: the team for a wrong consumer, for a server that is down, and for wrong answers."""

from collections.abc import Iterable, Mapping
from datetime import date

from generator.graph.edges import Graph
from generator.graph.people import (
    find_available_contact,
    find_team,
    get_contacts,
    get_team,
    get_team_addresses,
    list_function_teams,
    list_owning_teams,
)
from generator.names import Ref
from generator.schema import Model
from generator.schema.model import Serving
from generator.values import FrozenValue

PLATFORM_FUNCTIONS = ("platform", "dsp", "mlops", "infrastructure", "infra", "sre")
"""The ids of the function that runs model servers, the most likely first; else one with `Platform` in its title."""


class EmergencyContact(FrozenValue):
    """The team to call for one kind of trouble: its rota, then its chat, then its lead."""

    trouble: str
    """What the reader sees, as in `Home feed is wrong or slow`."""
    about: Ref
    """The card whose team is called."""
    team: Ref | None
    """None if the card has no owner, or if a person without a team owns it."""
    name: str
    """The name of the team, else of the person; empty if there is neither."""
    on_call: str
    """The link of the rota; empty if none is recorded."""
    chat: str
    """The link to the channel, else its name."""
    channel: str
    hours: str
    runbook: str
    person: Ref | None
    """The lead of the team or the person who replaces the lead."""
    email: str = ""
    """The mailing list of the team."""


def list_emergency_contacts(
    graph: Graph, model: Ref, consumers: Iterable[Ref], functions: Mapping[str, str], today: date
) -> tuple[EmergencyContact, ...]:
    """List who to call: the owner of each consumer, the team that runs the model servers, the owner of the model.

    A retired model without consumers has neither a server nor answers: its owner is called if something still calls it.
    """
    name = graph.get_name
    card = graph.cards[model].card
    troubles = [(f"{name(one)} is wrong or slow", one, _find_owning_party(graph, one)) for one in consumers]
    if isinstance(card, Model) and card.is_retired and not troubles:
        owner = _find_owning_party(graph, model)
        return (_build_contact(graph, "Something still calls it", model, owner, today),)
    serving = card.serving if isinstance(card, Model) else Serving.OFFLINE
    if serving is not Serving.EMBEDDED:
        trouble = "Model server is down" if serving.is_online else "Predictions are late or missing"
        troubles.append((trouble, model, _find_platform_party(graph, model, functions)))
    troubles.append(("Answers look wrong", model, _find_owning_party(graph, model)))
    return tuple(_build_contact(graph, trouble, about, party, today) for trouble, about, party in troubles)


def _find_owning_party(graph: Graph, ref: Ref) -> Ref | None:
    return next(iter(list_owning_teams(graph, ref)), None)


def _find_platform_party(graph: Graph, model: Ref, functions: Mapping[str, str]) -> Ref | None:
    """Find the team of the contact for the platform, else the team with that function; else the owner of the model."""
    contacts = get_contacts(graph, model)
    titled = (function for function, title in functions.items() if "platform" in title.casefold())
    for function in (*PLATFORM_FUNCTIONS, *titled, "engineering"):
        if function in contacts:
            return find_team(graph, contacts[function])
        teams = list_function_teams(graph, function) if function in functions else ()
        if teams:
            return teams[0]
    return _find_owning_party(graph, model)


def _build_contact(graph: Graph, trouble: str, about: Ref, party: Ref | None, today: date) -> EmergencyContact:
    team = get_team(graph, party.id) if party is not None and party.kind == "team" else None
    ways = get_team_addresses(team)
    person = find_available_contact(graph, party, today).person if party is not None else None
    return EmergencyContact(
        trouble=trouble,
        about=about,
        team=team.ref if team is not None else None,
        name=graph.get_name(party) if party is not None else "",
        on_call=ways.on_call,
        chat=ways.chat or ways.channel,
        channel=ways.channel,
        hours=ways.hours,
        runbook=ways.runbook,
        person=person,
        email=ways.email,
    )
