"""MB2xx: owners, contacts and teams."""

from collections.abc import Iterator

from generator.checks.lifecycle import LIVE, find_chain_ends, get_gap_severity
from generator.checks.rule import RuleContext, Violation, report, report_at_key, rule
from generator.findings import Severity
from generator.graph.edges import Relation
from generator.graph.people import find_present_lead, find_successor, has_left, is_reachable
from generator.grouping import group_pairs
from generator.names import Ref, format_names, suggest_name
from generator.schema import Experiment, Flow, Migration, Model, Person, Resource, System, Team
from generator.schema.card import OwnedCard

_OWNED: tuple[tuple[type[OwnedCard], Severity], ...] = (
    (System, Severity.ERROR),
    (Experiment, Severity.ERROR),
    (Migration, Severity.ERROR),
    (Flow, Severity.WARNING),
    (Resource, Severity.WARNING),
)


@rule("MB201", "no-owner", kinds=(Model, *(kind for kind, _ in _OWNED)))
def no_owner(context: RuleContext) -> Iterator[Violation]:
    """Checks that every card has an owner: a team or a person.

    Why: the owner answers when it breaks, and decides whether it can be switched off.
    Fix: add `owners:` with the responsible team, or with a person if there is no team. For a flow or a resource it is
    a warning, for an experimental model a note. A retired model needs no owner.
    """
    fix = "add `owners:` with the responsible team"
    for loaded, model in context.list_cards(Model):
        level = get_gap_severity(model)
        if not model.owners and level is not None:
            yield report(loaded, f"{model.ref} has no owner", fix, "owners", severity=level)
    for kind, severity in _OWNED:
        for loaded, card in context.list_cards(kind):
            if not card.owners:
                yield report(loaded, f"{card.ref} has no owner", fix, "owners", severity=severity)


@rule("MB202", "owner-has-left", kinds=(Person,))
def owner_has_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that every owner is a current employee.

    Why: the card looks owned, but its owner does not answer.
    Fix: name the successor or the team. A team is the better owner, because it stays when people leave.
    """
    return _report_departed(context, Relation.OWNED_BY, "the owner")


@rule("MB203", "function-without-contact", kinds=(Model,))
def function_without_contact(context: RuleContext) -> Iterator[Violation]:
    """Checks that a model has a contact for every function that is configured in mkdocs.yml.

    Why: a change to a model concerns more than its authors, and each function must know who to ask.
    Fix: add the functions under `contacts:`. For an experimental model it is a note. A retired model needs no contacts.
    """
    missing = group_pairs((loaded.ref, duty) for loaded, duty in context.list_duties("MB203"))
    for ref, duties in missing.items():
        model, position = context.find(ref, Model), context.graph.cards[ref].at_key(*duties[0].path)
        led = {duty.key: found for duty in duties if (found := context.facts.find_lead(duty.key)) is not None}
        keys = [f"`{duty.key}: {led[duty.key][0].id}`" if duty.key in led else f"`{duty.key}:`" for duty in duties]
        named = [f"{lead.name} leads the team {team.name}" for lead, team in led.values()]
        fix = f"add {format_names(keys)} under `contacts:`" + (f" ({', '.join(named)})" if named else "")
        message = f"{ref}: no contact for {format_names([context.settings.functions[duty.key] for duty in duties])}"
        severity = get_gap_severity(model) if model is not None else None
        yield Violation(position, message, fix, ref, severity, tuple(duty.text for duty in duties))


@rule("MB204", "contact-has-left", kinds=(Person,))
def contact_has_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that every contact is a current employee.

    Why: a contact who does not answer costs more time than a missing one.
    Fix: name the successor. `modelbook leave PERSON` hands over all responsibilities of a person at once.
    """
    return _report_departed(context, Relation.CONTACT, "the contact")


@rule("MB205", "lead-has-left", kinds=(Person,))
def lead_has_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that the lead of every team is a current employee.

    Why: the lead is the next person to ask if a contact has left.
    Fix: name the new lead.
    """
    return _report_departed(context, Relation.LED_BY, "the lead")


@rule("MB206", "stakeholder-has-left", Severity.WARNING, kinds=(Person,))
def stakeholder_has_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that every stakeholder is a current employee.

    Why: the successor does not hear of changes to the model.
    Fix: name the successor or the team.
    """
    return _report_departed(context, Relation.STAKEHOLDER, "the stakeholder")


def _report_departed(context: RuleContext, relation: Relation, role: str) -> Iterator[Violation]:
    for _, person in context.list_cards(Person):
        is_departed = has_left(context.graph, person.ref, context.today)
        for edge in context.graph.list_incoming_edges(person.ref, relation) if is_departed else ():
            model = context.find(edge.declared_by, Model)
            if model is None or not model.is_retired:
                where = f"{role} for {edge.role}" if edge.role else f"{role} of {edge.source}"
                message = f"{where}, {describe_departed(person)}"
                yield Violation(edge.position, message, suggest_replacement(context, person), edge.declared_by)


def suggest_replacement(context: RuleContext, person: Person) -> str:
    """Return the fix that names who replaces a person who has left."""
    successor = find_successor(context.graph, person.ref, context.today)
    if successor is not None:
        return f"name the successor, {successor.id} ({successor.name})"
    lead = find_present_lead(context.graph, person.team, context.today)
    if lead is not None:
        return f"ask {lead.id} ({lead.name}), who leads {person.team}: there is no successor"
    return "name a current employee, and add `successor:` to the person's card"


def describe_departed(person: Person) -> str:
    """Describe a person who has left, with the day."""
    return f"{person.id!r} ({person.name}), left on {person.left_on}"


@rule("MB207", "one-person-behind-everything", Severity.WARNING, kinds=(Model,))
def one_person_behind_everything(context: RuleContext) -> Iterator[Violation]:
    """Checks that the contacts of a production model are more than one person.

    Why: during a holiday no one can decide, and functions that should check each other do not.
    Fix: add a second contact for at least one function.
    """
    for loaded, model in context.list_cards(Model):
        people = set(model.contacts.values())
        if model.lifecycle in LIVE and len(model.contacts) > 1 and len(people) == 1:
            message = f"{people.pop()!r} is the only contact of {model.ref}, for {', '.join(model.contacts)}"
            yield report_at_key(loaded, message, "add a second contact for at least one function", "contacts")


@rule("MB208", "team-without-lead", Severity.WARNING, kinds=(Team,))
def team_without_lead(context: RuleContext) -> Iterator[Violation]:
    """Checks that every team has a lead.

    Why: the lead is the next person to ask if a contact has left.
    Fix: add `lead:` with a person.
    """
    for loaded, team in context.list_cards(Team):
        if team.lead is None:
            yield report(loaded, f"{team.ref} has no lead", "add `lead:`", "lead")


@rule("MB209", "team-without-channel", Severity.WARNING, kinds=(Team,))
def team_without_channel(context: RuleContext) -> Iterator[Violation]:
    """Checks that every team has a channel, a mailing list or a rota.

    Why: the channel of a team still works when its members are on holiday or have left.
    Fix: add `channel:` or `email:`.
    """
    for loaded, team in context.list_cards(Team):
        if not is_reachable(context.graph, team.ref):
            message = f"{team.ref} has no channel and no mailing list"
            yield report(loaded, message, "add `channel:` or `email:`", "channel")


@rule("MB210", "person-nobody-refers-to", Severity.INFO, kinds=(Person,))
def person_nobody_refers_to(context: RuleContext) -> Iterator[Violation]:
    """Checks that another card refers to every person.

    Why: a card without references is the first to become outdated.
    Fix: name the person in the card of a team, a model or a system, or remove the person's card. People who have left
    need no reference.
    """
    for loaded, person in context.list_cards(Person):
        is_named = context.graph.list_incoming_edges(person.ref) or context.cards.unread.has_id(person.id)
        if not has_left(context.graph, person.ref, context.today) and not is_named:
            message, fix = f"no card refers to {person.ref}", "refer to the person in another card, or remove this one"
            yield report(loaded, message, fix, "id")


@rule("MB211", "unknown-function", Severity.WARNING, kinds=(Model, Team))
def unknown_function(context: RuleContext) -> Iterator[Violation]:
    """Checks that the functions in cards are configured in mkdocs.yml.

    Why: a mistyped function looks like a contact, and the intended function has none.
    Fix: correct the name, or add it to `functions:` in mkdocs.yml.
    """
    known = context.settings.functions
    add = "add it to `functions:` in mkdocs.yml"
    for loaded, model in context.list_current_models():
        for function in model.contacts:
            if function not in known:
                message, fix = f"unknown function {function!r}", suggest_name(function, known) or add
                yield report_at_key(loaded, message, fix, "contacts", function)
    for loaded, team in context.list_cards(Team):
        if team.function and team.function not in known:
            message, fix = f"unknown function {team.function!r}", suggest_name(team.function, known) or add
            yield report(loaded, message, fix, "function")


@rule("MB212", "contact-without-address", Severity.WARNING, kinds=(Person,))
def contact_without_address(context: RuleContext) -> Iterator[Violation]:
    """Checks that every contact has an email address or a team with a channel.

    Why: a name alone does not help a reader to reach the contact.
    Fix: add `email:` to the person, or `channel:` to the team.
    """
    for loaded, person in context.list_cards(Person):
        if person.email or has_left(context.graph, person.ref, context.today):
            continue
        if not context.graph.list_incoming_edges(person.ref, Relation.CONTACT):
            continue
        if person.team and context.cards.unread.find([Ref("team", person.team)]):
            continue
        team = context.find(Ref("team", person.team), Team) if person.team else None
        if team is None or not (team.channel or team.email):
            fix = "add `email:`" if team is None else f"add `email:`, or `channel:` to {team.ref}"
            yield report(loaded, f"contact {person.ref} has no address", fix, "email")


@rule("MB213", "successor-has-left", Severity.WARNING, kinds=(Person,))
def successor_has_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that the successor of a person who has left is a current employee or has a successor.

    Why: otherwise no one knows the work that the person did.
    Fix: name a successor who is a current employee.
    """
    for loaded, person in context.list_cards(Person):
        successor = context.find(Ref("person", person.successor), Person) if person.successor else None
        if successor is None or not has_left(context.graph, person.ref, context.today):
            continue
        if find_successor(context.graph, person.ref, context.today) is None:
            message = f"the successor of {person.id!r}, {describe_departed(successor)}"
            yield report(loaded, message, suggest_replacement(context, person), "successor")


@rule("MB214", "team-that-left", Severity.WARNING, kinds=(Team,))
def team_that_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that a team that owns something has a member who is a current employee.

    Why: the card looks owned, but all people behind the owner have left.
    Fix: name another owner, or add the current members of the team. If no member has a card, only the lead is checked.
    """
    for loaded, team in context.list_cards(Team):
        refs = [edge.source for edge in context.graph.list_incoming_edges(team.ref, Relation.MEMBER_OF)]
        refs += [edge.target for edge in context.graph.list_outgoing_edges(team.ref, Relation.LED_BY)]
        people = [person for ref in refs if (person := context.find(ref, Person)) is not None]
        owned = context.graph.list_incoming_edges(team.ref, Relation.OWNED_BY)
        is_left = bool(people) and all(has_left(context.graph, person.ref, context.today) for person in people)
        if owned and is_left and not context.cards.unread.has_id(team.id):
            more = f" and {len(owned) - 1} more" if len(owned) > 1 else ""
            message = f"all members of {team.ref} have left: it still owns {owned[0].source}{more}"
            yield report(loaded, message, "name another owner", "id")


@rule("MB215", "deputy-has-left", Severity.WARNING, kinds=(Person,))
def deputy_has_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that the deputy of every person is a current employee.

    Why: the deputy is asked during an absence, and does not answer either.
    Fix: name another deputy, or remove `deputy:`.
    """
    return _report_departed(context, Relation.DEPUTY, "the deputy")


@rule("MB216", "team-in-a-circle", scope="book")
def team_in_a_circle(context: RuleContext) -> Iterator[Violation]:
    """Checks that the tree of teams has a root: no team is part of itself.

    Why: the work of a team is counted with the teams above it, and a circle has no top.
    Fix: remove `parent:` from one of the teams.
    """
    ends = find_chain_ends({team.id: team.parent for _, team in context.list_cards(Team) if team.parent})
    for loaded, team in context.list_cards(Team):
        if ends.get(team.id) == team.id:
            yield report(loaded, f"{team.ref} is part of itself", "remove `parent:` from one of the teams", "parent")
