"""MB019: names and aliases that two cards share."""

from collections import defaultdict
from collections.abc import Iterator

from generator.checks.rule import Facts, rule
from generator.findings import Finding, Severity
from generator.load.bind import LoadedCard
from generator.load.nodes import Path

_PARTY = "team or person"
"""Teams and people are looked up together: an owner may be either."""


@rule("MB019", "ambiguous-name", Severity.WARNING)
def ambiguous_name(facts: Facts) -> Iterator[Finding]:
    """Checks that a name or an alias belongs to one card of its kind, ignoring case.

    Why: `modelbook show NAME` and the other commands take names and aliases. They refuse one that two cards share, and
    a reader of the site cannot tell the cards apart. Cards of different kinds may share a name; a team and a person may
    not, because an owner can be either.
    Fix: rename one of the cards, or remove the alias from the card that it does not belong to.
    """
    for (_, label), sharing in _shared_labels(facts).items():
        first, *others = sorted(sharing, key=lambda loaded: loaded.card.id.casefold() != label)
        for loaded in others:
            path, written = _place(loaded, label)
            what = "name" if path == ("name",) else "alias"
            role = _role(first, label)
            message = f"ambiguous {what} {written!r}: it is also {role} of {first.ref}"
            alias_fix = "remove the alias" if role == "the id" else "remove the alias from one of the two cards"
            fix = "rename one of the two cards" if what == "name" else alias_fix
            yield ambiguous_name.at(loaded.at(*path), message, fix, loaded.ref)


def _shared_labels(facts: Facts) -> dict[tuple[str, str], list[LoadedCard]]:
    """Return the cards that share an id, a name or an alias, by kind and label."""
    found: defaultdict[tuple[str, str], list[LoadedCard]] = defaultdict(list)
    for loaded in facts.cards.items:
        kind = _PARTY if loaded.ref.kind in {"team", "person"} else loaded.ref.kind
        for label in facts.graph.list_labels(loaded.ref):
            found[kind, label].append(loaded)
    return {key: sharing for key, sharing in found.items() if len(sharing) > 1}


def _place(loaded: LoadedCard, label: str) -> tuple[Path, str]:
    """Return where a card has a label, and as it is written there: its name, else an alias."""
    card = loaded.card
    for index, alias in enumerate(card.aliases):
        if alias.casefold() == label != card.name.casefold():
            return ("aliases", index), alias
    return ("name",), card.name


def _role(loaded: LoadedCard, label: str) -> str:
    if loaded.card.id.casefold() == label:
        return "the id"
    return "the name" if loaded.card.name.casefold() == label else "an alias"


RULES = (ambiguous_name,)
