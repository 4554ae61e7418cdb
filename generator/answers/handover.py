"""One page for whoever takes over: what a team or a person owns, who calls it, what is overdue, whom to ask."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from generator.answers.counts import Count, all_counts, counts_on
from generator.answers.debt import DebtItem, Ledger
from generator.answers.reasons import each_once
from generator.errors import UserError
from generator.graph.consumers import list_model_uses
from generator.graph.edges import FLOWING, Graph, Relation
from generator.graph.people import (
    PARTIES,
    find_available_contact,
    get_person,
    get_team,
    has_left,
    list_members,
    require_ref,
)
from generator.names import Ref
from generator.schema import Person


@dataclass(frozen=True, slots=True)
class Caller:
    """Something that counts on what is handed over."""

    ref: Ref
    name: str
    whys: tuple[str, ...]
    """What its people say they use it for; where nobody says, where the book says that it does."""


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that is handed over."""

    ref: Ref
    name: str
    summary: str
    roles: tuple[str, ...]
    callers: tuple[Caller, ...]
    overdue: tuple[DebtItem, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody to ask."""

    person: Ref
    name: str
    email: str
    whys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """The answer to `modelbook handover TEAM|PERSON`."""

    ref: Ref
    name: str
    left_on: date | None
    """The last day of a person, even if it is still ahead."""
    has_left: bool
    channel: str
    held: tuple[Held, ...]
    """What users of the book look for first comes first: models, then systems, then the rest."""
    asks: tuple[Ask, ...]

    @property
    def overdue(self) -> tuple[DebtItem, ...]:
        """All that is overdue, oldest first."""
        return tuple(
            sorted((entry for one in self.held for entry in one.overdue), key=lambda entry: -(entry.days or 0))
        )


_FIRST = ("model", "system", "flow", "experiment", "migration", "team")


def handover(graph: Graph, ref: Ref, ledger: Ledger, today: date) -> Handover:
    """What a team or a person holds; raises UserError for anything else, and for whom the book does not have."""
    require_ref(graph, ref)
    if ref.kind not in PARTIES:
        message = f"{ref} is neither a team nor a person; ask `modelbook who {ref}` for whom to call about it"
        raise UserError(message)
    return _handover(graph, ref, counts_on(graph, ref), _by_subject(ledger.entries), today)


def handovers(graph: Graph, ledger: Ledger, today: date) -> Mapping[Ref, Handover]:
    """What every team and every person holds; the cards are gone through once for all of them."""
    counts, overdue = all_counts(graph), _by_subject(ledger.entries)
    parties = (ref for ref in graph.cards if ref.kind in PARTIES)
    return {ref: _handover(graph, ref, counts.get(ref, ()), overdue, today) for ref in parties}


def _handover(
    graph: Graph, ref: Ref, counts: Iterable[Count], overdue: Mapping[Ref, list[DebtItem]], today: date
) -> Handover:
    person, team = get_person(graph, ref.id), get_team(graph, ref.id)
    roles = _of_team(graph, ref, counts) if ref.kind == "team" else _roles(counts)
    held = tuple(_held(graph, thing, roles[thing], overdue) for thing in sorted(roles, key=_place))
    left_on = person.left_on if person is not None and ref.kind == "person" else None
    channel = team.channel or "" if team is not None and ref.kind == "team" else ""
    return Handover(
        ref,
        graph.get_name(ref),
        left_on,
        has_left(graph, ref, today),
        channel,
        held,
        tuple(_asks(graph, ref, held, today)),
    )


def _by_subject(entries: Iterable[DebtItem]) -> Mapping[Ref, list[DebtItem]]:
    found: dict[Ref, list[DebtItem]] = {}
    for entry in entries:
        found.setdefault(entry.subject, []).append(entry)
    return found


def _place(ref: Ref) -> tuple[int, Ref]:
    return (_FIRST.index(ref.kind) if ref.kind in _FIRST else len(_FIRST), ref)


def _of_team(graph: Graph, team: Ref, counts: Iterable[Count]) -> dict[Ref, tuple[str, ...]]:
    """The roles of the team itself, and what its people own."""
    roles = {ref: list(words) for ref, words in _roles(counts).items()}
    for member in list_members(graph, team):
        for edge in graph.list_incoming_edges(member, Relation.OWNED_BY):
            roles.setdefault(edge.source, []).append(f"owned by {graph.get_name(member)}")
    return {ref: tuple(dict.fromkeys(words)) for ref, words in roles.items()}


def _roles(counts: Iterable[Count]) -> dict[Ref, tuple[str, ...]]:
    """Every role in which somebody answers for something; a stake is no such role."""
    roles: dict[Ref, list[str]] = {}
    for count in counts:
        if count.card.kind != "person" and count.role != "stakeholder":
            roles.setdefault(count.card, []).append(count.role)
    return {ref: tuple(dict.fromkeys(words)) for ref, words in roles.items()}


def _held(graph: Graph, ref: Ref, roles: tuple[str, ...], overdue: Mapping[Ref, list[DebtItem]]) -> Held:
    summary = graph.cards[ref].card.summary or ""
    return Held(ref, graph.get_name(ref), summary, roles, tuple(_callers(graph, ref)), tuple(overdue.get(ref, ())))


def _callers(graph: Graph, ref: Ref) -> Iterator[Caller]:
    said = {use.system: use.whys for use in list_model_uses(graph, ref)} if ref.kind == "model" else {}
    edges = graph.list_incoming_edges(ref, *FLOWING)
    for source in sorted({edge.source for edge in edges}):
        reasons = each_once(edge for edge in edges if edge.source == source)
        yield Caller(source, graph.get_name(source), said.get(source) or reasons)


def _asks(graph: Graph, ref: Ref, held: Iterable[Held], today: date) -> Iterator[Ask]:
    """Who is still here and knows: who took over, the lead, the team, and the other contacts of what is held."""
    whys: dict[Ref, list[str]] = {}
    found = find_available_contact(graph, ref, today)
    if found.person is not None and found.person != ref:
        whys.setdefault(found.person, []).append(found.path[-1])
    team = (
        ref
        if ref.kind == "team"
        else next((edge.target for edge in graph.list_outgoing_edges(ref, Relation.MEMBER_OF)), None)
    )
    for member in list_members(graph, team) if team is not None else ():
        whys.setdefault(member, []).append(f"is in {graph.get_name(team)}" if team else "")
    for one in held:
        for edge in graph.list_outgoing_edges(one.ref, Relation.CONTACT):
            whys.setdefault(edge.target, []).append(f"{edge.role} contact of {one.name}")
    for person, words in whys.items():
        card = get_person(graph, person.id)
        if person != ref and card is not None and not has_left(graph, person, today):
            yield _ask(card, words)


def _ask(card: Person, words: list[str]) -> Ask:
    return Ask(card.ref, card.name, card.email or "", tuple(dict.fromkeys(words)))


def as_markdown(page: Handover) -> str:
    """The page as Markdown: for the terminal, a ticket, or a mail to who takes over."""
    left = f" ({'left' if page.has_left else 'leaves'} on {page.left_on})" if page.left_on else ""
    reached = f"Reached in {_text(page.channel)}.\n\n" if page.channel else ""
    parts = [f"# Handover: {_text(page.name)}{left}\n\n{reached}"]
    parts += [
        "## Overdue\n\n",
        *(_overdue(entry) for entry in page.overdue),
        "" if page.overdue else "Nothing.\n",
        "\n",
    ]
    parts += ["## What is held\n\n", *(_thing(one) for one in page.held), "" if page.held else "Nothing.\n\n"]
    parts += ["## Whom to ask\n\n", *(_person(one) for one in page.asks), "" if page.asks else "Nobody is left.\n"]
    return "".join(parts)


def _overdue(entry: DebtItem) -> str:
    age = f", {entry.days} days" if entry.days is not None else ""
    return f"- {_text(entry.name)}: {entry.kind}{age}; {_text(entry.what)}\n"


def _thing(one: Held) -> str:
    lines = [f"### {_text(one.name)}\n\n`{one.ref}`, {_text(', '.join(one.roles))}."]
    lines += [f" {_text(one.summary)}"] if one.summary else []
    lines += ["\n\nWhat counts on it:\n\n"] if one.callers else ["\n"]
    lines += [f"- {_text(caller.name)}: {_text('; '.join(caller.whys))}\n" for caller in one.callers]
    return "".join([*lines, "\n"])


def _person(one: Ask) -> str:
    email = f" ({_text(one.email)})" if one.email else ""
    return f"- {_text(one.name)}{email}: {_text('; '.join(one.whys))}\n"


def _text(text: str) -> str:
    """Text of the authors as Markdown that shows it as it stands, on one line; `merch_ops` needs no backslash."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


_SPECIAL = re.compile(r"[\\`*\[\]<>|]|^[-+#]|(?<!\w)_|_(?!\w)")
