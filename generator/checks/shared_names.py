"""MB019 and MB024: names that two cards share, in one repository or in two."""

from collections.abc import Iterator

from generator.checks.rule import RuleContext, Violation, report, rule
from generator.findings import Severity
from generator.load.bind import LoadedCard
from generator.schema import Model
from generator.values import FrozenValue


@rule("MB019", "ambiguous-name", Severity.WARNING)
def ambiguous_name(context: RuleContext) -> Iterator[Violation]:
    """Checks that a name, an alias or the id of a copy belongs to one card of its kind, ignoring case.

    Why: `modelbook show NAME` and the other commands take names and aliases. They refuse one that two cards share, and
    readers of the site cannot distinguish the cards. Cards of different kinds may share a name; a team and a person may
    not, because an owner can be either.
    Fix: rename one of the cards, or remove the alias from the card that it does not belong to.
    """
    for shared in _list_shared_names(context):
        first, loaded = shared.first, shared.loaded
        if first.repository == loaded.repository:
            role = _describe_role(first, shared.label)
            fix = shared.fix
            if shared.path[0] == "aliases":
                fix = "remove the alias" + ("" if role == "the id" else " from one of the two cards")
            message = f"ambiguous {shared.text}: it is also {role} of {first.ref}"
            yield report(loaded, message, fix, *shared.path)


@rule("MB024", "name-in-two-repositories", Severity.WARNING)
def name_in_two_repositories(context: RuleContext) -> Iterator[Violation]:
    """Checks that a name, an alias or the id of a copy belongs to a card of one repository, ignoring case.

    Why: a reader who searches for the name finds two cards, whose owners may not know of each other. Commands refuse
    the name. The finding names both places, with the owners to ask. A shared id is an error (MB023).
    Fix: agree with the other owners, then rename one of the cards or remove the alias in its own repository.
    """
    for shared in _list_shared_names(context):
        first, loaded = shared.first, shared.loaded
        if first.repository != loaded.repository:
            places = f"{loaded.describe_place(*shared.path)}, and {first.describe_place()}"
            role = _describe_role(first, shared.label)
            message = f"ambiguous {shared.text}: it is also {role} of {first.ref}: {places}"
            yield report(loaded, message, f"{shared.fix}, in {loaded.repository or 'this book'}", *shared.path)


class _SharedName(FrozenValue):
    """A name of a card that another card has too."""

    first: LoadedCard
    """The card that the name belongs to."""
    loaded: LoadedCard
    label: str
    """The name in lower case."""
    text: str
    """The name with its role in the card, as in `alias 'RYL'`."""
    path: tuple[str | int, ...]
    fix: str


def _list_shared_names(context: RuleContext) -> Iterator[_SharedName]:
    for loaded in context.items:
        for key in context.facts.list_labels(loaded):
            first = context.facts.find_owner_of_label(key)
            if first is not loaded:
                yield _describe_shared_name(first, loaded, key.partition(":")[2])


def _describe_shared_name(first: LoadedCard, loaded: LoadedCard, label: str) -> _SharedName:
    """Describe a name of a card that another card has too, with its place and the fix."""
    card = loaded.card
    is_name = card.name.casefold() == label
    aliases = [] if is_name else card.aliases
    index = next((index for index, alias in enumerate(aliases) if alias.casefold() == label), None)
    copies = card.instances if isinstance(card, Model) else ()
    place = next((number for number, copy in enumerate(copies) if copy.id.casefold() == label), None)
    if index is not None:
        alias = f"alias {card.aliases[index]!r}"
        return _SharedName(first, loaded, label, alias, ("aliases", index), "remove the alias")
    if is_name:
        return _SharedName(first, loaded, label, f"name {card.name!r}", ("name",), "rename one of the two cards")
    if place is not None:
        path = ("instances", place, "id")
        return _SharedName(first, loaded, label, f"copy {copies[place].id!r}", path, "give the copy another id")
    # of a team and a person
    return _SharedName(first, loaded, label, f"id {card.id!r}", ("id",), "rename one of the two cards")


def _describe_role(loaded: LoadedCard, label: str) -> str:
    if loaded.card.id.casefold() == label:
        return "the id"
    if loaded.card.name.casefold() == label:
        return "the name"
    is_alias = any(alias.casefold() == label for alias in loaded.card.aliases)
    return "an alias" if is_alias else "a copy"
