"""MB2xx: whom to call."""

from collections.abc import Iterator

from generator.checks.demands import LIVE, demand
from generator.checks.leavers import counted_on, departed, instead
from generator.checks.rule import CheckedRule, Facts, rule
from generator.findings import Finding, Severity
from generator.graph.edges import Relation
from generator.graph.people import find_present_lead, find_successor, has_left, list_departed
from generator.names import Ref, suggest_name
from generator.schema import Experiment, Flow, Migration, Model, Person, Resource, System, Team
from generator.schema.card import OwnedCard
from generator.schema.model import Lifecycle

_OWNED: tuple[tuple[type[OwnedCard], Severity], ...] = (
    (System, Severity.ERROR),
    (Experiment, Severity.ERROR),
    (Migration, Severity.ERROR),
    (Flow, Severity.WARNING),
    (Resource, Severity.WARNING),
)


@rule("MB201", "no-owner")
def no_owner(facts: Facts) -> Iterator[Finding]:
    """Everything in the book has an owner: a team or a person who answers for it.

    Why: when it breaks at night, or somebody wants to switch it off, there must be one to ask.
    Fix: add `owners:` with a team, or a person where there is no team. A flow or a resource without one is a
    warning, an experimental model a note; a retired model needs none.
    """
    for loaded, model in facts.of(Model):
        severity = demand(model)
        if not model.owners and severity is not None:
            yield no_owner.at(loaded.at("owners"), f"nobody owns {model.ref}", _OWNERS, model.ref, severity)
    for kind, severity in _OWNED:
        for loaded, card in facts.of(kind):
            if not card.owners:
                yield no_owner.at(loaded.at("owners"), f"nobody owns {card.ref}", _OWNERS, card.ref, severity)


_OWNERS = "add `owners:` with the team that answers for it"


@rule("MB202", "owner-has-left")
def owner_has_left(facts: Facts) -> Iterator[Finding]:
    """An owner still works here.

    Why: the card looks owned, and nobody answers. Teams outlive people; a team is the better owner.
    Fix: name the successor, as the hint does, or the team.
    """
    yield from _left(facts, owner_has_left, Relation.OWNED_BY, "the owner")


@rule("MB203", "function-without-contact")
def function_without_contact(facts: Facts) -> Iterator[Finding]:
    """A model has a point of contact in every function that is configured in mkdocs.yml.

    Why: a change to a model concerns more than its authors; each function needs to know whom to ask, and be asked.
    Fix: add the function under `contacts:`. For experimental models it is a note; a retired model needs none.
    """
    leads = _leads(facts)
    for loaded, duty in facts.duties("MB203"):
        model, lead = facts.find(loaded.ref, Model), leads.get(duty.key)
        hint = f"add `{duty.key}:` under `contacts:`"
        if lead is not None:
            hint = f"{hint}, for example `{duty.key}: {lead.id}`; {lead.name} leads a team of that function"
        severity = demand(model) if model is not None else None
        yield function_without_contact.report(loaded, duty, hint, severity, loaded.at_key(*duty.path))


def _leads(facts: Facts) -> dict[str, Person]:
    """For each function somebody to propose: the lead of its first team."""
    found: dict[str, Person] = {}
    for _, team in facts.of(Team):
        lead = find_present_lead(facts.graph, team.id, facts.today)
        if team.function and lead is not None:
            found.setdefault(team.function, lead)
    return found


@rule("MB204", "contact-has-left")
def contact_has_left(facts: Facts) -> Iterator[Finding]:
    """A point of contact still works here.

    Why: a name that does not answer costs more time than an empty field.
    Fix: name the successor, as the hint does; `modelbook leave PERSON` hands over all of somebody's cards at once.
    """
    yield from _left(facts, contact_has_left, Relation.CONTACT, "the contact")


@rule("MB205", "lead-has-left")
def lead_has_left(facts: Facts) -> Iterator[Finding]:
    """The lead of a team still works here.

    Why: the lead is whom everybody falls back to when a contact is gone.
    Fix: name the new lead.
    """
    yield from _left(facts, lead_has_left, Relation.LED_BY, "the lead")


@rule("MB206", "stakeholder-has-left", Severity.WARNING)
def stakeholder_has_left(facts: Facts) -> Iterator[Finding]:
    """A stakeholder still works here.

    Why: whoever took over would want to hear of changes, and does not.
    Fix: name the successor, or the team.
    """
    yield from _left(facts, stakeholder_has_left, Relation.STAKEHOLDER, "the stakeholder")


def _left(facts: Facts, broken: CheckedRule, relation: Relation, who: str) -> Iterator[Finding]:
    for person in list_departed(facts.graph, facts.today):
        for edge in counted_on(facts, person, relation):
            role = f"{who} for {edge.role}" if edge.role else f"{who} of {edge.source}"
            yield broken.at(edge.position, f"{role}, {departed(person)}", instead(facts, person), edge.declared_by)


@rule("MB207", "one-person-behind-everything", Severity.WARNING)
def one_person_behind_everything(facts: Facts) -> Iterator[Finding]:
    """The functions of a production model do not all rest on one person.

    Why: a holiday, and nobody can decide; and functions that should check each other are one pair of eyes.
    Fix: name another person in at least one function.
    """
    for loaded, model in facts.of(Model):
        people = set(model.contacts.values())
        if model.lifecycle in LIVE and len(model.contacts) > 1 and len(people) == 1:
            functions = ", ".join(model.contacts)
            message = f"{people.pop()!r} is the only person behind {model.ref}, in {functions}"
            hint = "name somebody else in at least one function"
            yield one_person_behind_everything.at(loaded.at_key("contacts"), message, hint, model.ref)


@rule("MB208", "team-without-lead", Severity.WARNING)
def team_without_lead(facts: Facts) -> Iterator[Finding]:
    """A team has a lead.

    Why: when a contact has left, the lead is the next to call.
    Fix: add `lead:` with a person.
    """
    for loaded, team in facts.of(Team):
        if team.lead is None:
            yield team_without_lead.at(loaded.at("lead"), f"{team.ref} has no lead", "add `lead:`", team.ref)


@rule("MB209", "team-without-channel", Severity.WARNING)
def team_without_channel(facts: Facts) -> Iterator[Finding]:
    """A team can be reached: it has a channel or a mailing list.

    Why: people go on holiday and leave; the team's channel stays.
    Fix: add `channel:` or `email:`.
    """
    for loaded, team in facts.of(Team):
        if team.channel is None and team.email is None:
            message = f"{team.ref} has neither a channel nor a mailing list"
            yield team_without_channel.at(loaded.at("channel"), message, "add `channel:` or `email:`", team.ref)


@rule("MB210", "person-nobody-refers-to", Severity.INFO)
def person_nobody_refers_to(facts: Facts) -> Iterator[Finding]:
    """Somebody's card is there because another card names the person.

    Why: cards that nothing leads to are the first to grow stale.
    Fix: name the person where it belongs, or remove the card. People who have left may stand for themselves.
    """
    for loaded, person in facts.of(Person):
        is_named = facts.graph.list_incoming_edges(person.ref) or facts.cards.unread.has_id(person.id)
        if not has_left(facts.graph, person.ref, facts.today) and not is_named:
            message = f"no card names {person.ref}"
            yield person_nobody_refers_to.at(loaded.at("id"), message, "name the person, or remove it", person.ref)


@rule("MB211", "unknown-function", Severity.WARNING)
def unknown_function(facts: Facts) -> Iterator[Finding]:
    """The functions in cards are those that are configured in mkdocs.yml.

    Why: a mistyped function looks like a contact, and the real function stays without one.
    Fix: correct the word as the hint says, or add it under `functions:` in mkdocs.yml.
    """
    known = facts.settings.functions
    add = "add it under `functions:` in mkdocs.yml"
    for loaded, model in facts.of(Model):
        for function in model.contacts:
            if function not in known and model.lifecycle is not Lifecycle.RETIRED:
                message = f"{function!r} is not a configured function"
                hint = suggest_name(function, known) or add
                yield unknown_function.at(loaded.at_key("contacts", function), message, hint, model.ref)
    for loaded, team in facts.of(Team):
        if team.function and team.function not in known:
            message = f"{team.function!r} is not a configured function"
            hint = suggest_name(team.function, known) or add
            yield unknown_function.at(loaded.at("function"), message, hint, team.ref)


@rule("MB212", "contact-without-address", Severity.WARNING)
def contact_without_address(facts: Facts) -> Iterator[Finding]:
    """A point of contact can be reached: by mail, or in the team's channel.

    Why: a name is not an address, least of all two years later.
    Fix: add `email:` to the person, or `channel:` to the team.
    """
    for loaded, person in facts.of(Person):
        if person.email or has_left(facts.graph, person.ref, facts.today):
            continue
        if not facts.graph.list_incoming_edges(person.ref, Relation.CONTACT):
            continue
        if person.team and facts.cards.unread.find([Ref("team", person.team)]):
            continue
        team = facts.find(Ref("team", person.team), Team) if person.team else None
        if team is None or not (team.channel or team.email):
            message = f"{person.ref} is a contact without an address"
            hint = "add `email:`" if team is None else f"add `email:`, or `channel:` to {team.ref}"
            yield contact_without_address.at(loaded.at("email"), message, hint, person.ref)


@rule("MB213", "successor-has-left", Severity.WARNING)
def successor_has_left(facts: Facts) -> Iterator[Finding]:
    """Whoever took over from somebody who left is still here, or has a successor in turn.

    Why: the trail of who knows about it ends.
    Fix: name another successor, one who is still here.
    """
    for loaded, person in facts.of(Person):
        following = facts.find(Ref("person", person.successor), Person) if person.successor else None
        if following is None or not has_left(facts.graph, person.ref, facts.today):
            continue
        if find_successor(facts.graph, person.ref, facts.today) is None:
            message = f"the successor of {person.id!r}, {departed(following)}"
            yield successor_has_left.at(loaded.at("successor"), message, instead(facts, person), person.ref)


@rule("MB214", "team-that-left", Severity.WARNING)
def team_that_left(facts: Facts) -> Iterator[Finding]:
    """A team that owns something has somebody in it who is still here.

    Why: the team's name looks like an owner, and everybody who was behind it is gone.
    Fix: hand what it owns to another team, or name who belongs to it now. A team whose members have no cards is
    judged by its lead alone.
    """
    for loaded, team in facts.of(Team):
        refs = [edge.source for edge in facts.graph.list_incoming_edges(team.ref, Relation.MEMBER_OF)]
        refs += [edge.target for edge in facts.graph.list_outgoing_edges(team.ref, Relation.LED_BY)]
        people = [person for ref in refs if (person := facts.find(ref, Person)) is not None]
        owned = facts.graph.list_incoming_edges(team.ref, Relation.OWNED_BY)
        is_left = bool(people) and all(has_left(facts.graph, person.ref, facts.today) for person in people)
        if owned and is_left and not facts.cards.unread.has_id(team.id):
            message = f"everybody of {team.ref} has left; it owns {owned[0].source}"
            more = f" and {len(owned) - 1} more" if len(owned) > 1 else ""
            hint = "hand what it owns to another team"
            yield team_that_left.at(loaded.at("id"), message + more, hint, team.ref)


RULES = (
    no_owner, owner_has_left, function_without_contact, contact_has_left, lead_has_left, stakeholder_has_left,
    one_person_behind_everything, team_without_lead, team_without_channel, person_nobody_refers_to, unknown_function,
    contact_without_address, successor_has_left, team_that_left,
)  # fmt: skip
