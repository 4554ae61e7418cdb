"""MB019: names and aliases that two cards share."""

from collections import defaultdict
from collections.abc import Iterator

from generator.checks.rule import RuleContext, rule
from generator.findings import Finding, Severity
from generator.load.bind import LoadedCard

_PARTY = "team or person"
"""Teams and people are looked up together: an owner may be either."""


@rule("MB019", "ambiguous-name", Severity.WARNING)
def ambiguous_name(context: RuleContext) -> Iterator[Finding]:
    """Checks that a name or an alias belongs to one card of its kind, ignoring case.

    Why: `modelbook show NAME` and the other commands take names and aliases. They refuse one that two cards share, and
    readers of the site cannot distinguish the cards. Cards of different kinds may share a name; a team and a person may
    not, because an owner can be either.
    Fix: rename one of the cards, or remove the alias from the card that it does not belong to.
    """
    found: defaultdict[tuple[str, str], list[LoadedCard]] = defaultdict(list)
    for loaded in context.cards.items:
        kind = _PARTY if loaded.ref.kind in {"team", "person"} else loaded.ref.kind
        for label in context.graph.list_labels(loaded.ref):
            found[kind, label].append(loaded)
    for (_, label), sharing in found.items():
        first, *others = sorted(sharing, key=lambda loaded: loaded.card.id.casefold() != label)
        for loaded in others:
            role = _describe_role(first, label)
            aliases = [] if loaded.card.name.casefold() == label else loaded.card.aliases
            index = next((index for index, alias in enumerate(aliases) if alias.casefold() == label), None)
            if index is None:
                message = f"ambiguous name {loaded.card.name!r}: it is also {role} of {first.ref}"
                yield ambiguous_name.report(loaded, message, "rename one of the two cards", "name")
            else:
                message = f"ambiguous alias {loaded.card.aliases[index]!r}: it is also {role} of {first.ref}"
                fix = "remove the alias" + ("" if role == "the id" else " from one of the two cards")
                yield ambiguous_name.report(loaded, message, fix, "aliases", index)


def _describe_role(loaded: LoadedCard, label: str) -> str:
    if loaded.card.id.casefold() == label:
        return "the id"
    return "the name" if loaded.card.name.casefold() == label else "an alias"


RULES = (ambiguous_name,)
