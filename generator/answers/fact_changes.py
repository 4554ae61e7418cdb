"""The facts that differ between two books, as in "Added consumer Home feed: Fills the second carousel"."""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import partial

from msgspec.structs import replace

from generator.graph.edges import Graph
from generator.grouping import group_pairs
from generator.history.events import ChangeKind, rename_fact
from generator.history.facts import FactKind, HistoricalFact, parse_facts
from generator.names import Ref
from generator.values import FrozenValue

_NOUNS = {
    FactKind.REVIEW: "review date",
    FactKind.STARTED: "start date",
    FactKind.ENDED: "end date",
    FactKind.DECISION: "winner",
    FactKind.CLEANUP_DUE: "due date of the clean-up",
    FactKind.CLEANUP_ITEM_DUE: "due date of the clean-up item",
    FactKind.LEFT: "last day",
    FactKind.VALIDATED: "day of the validation",
    FactKind.VALIDATION_DUE: "day of the next validation",
}
"""The nouns for facts, where they differ from the kind."""
_KINDS: Mapping[FactKind, tuple[str, ...]] = {
    FactKind.OWNER: ("team", "person"),
    FactKind.CONTACT: ("person", "team"),
    FactKind.LEAD: ("person",),
    FactKind.TEAM: ("team",),
    FactKind.FALLBACK: ("model",),
    FactKind.SUCCESSOR: ("model", "person"),
    FactKind.STAKEHOLDER: (),
    FactKind.CONSUMER: (),
    FactKind.MOVE: (),
    FactKind.CLEANUP_ITEM: (),
    FactKind.CLEANUP_ITEM_DUE: (),
}
"""The facts that name a card, with the kinds that an id without a kind can have."""
_NAMED_BY_KEY = frozenset(
    {
        FactKind.OWNER, FactKind.STAKEHOLDER, FactKind.CONSUMER, FactKind.MOVE, FactKind.CLEANUP_ITEM,
        FactKind.CLEANUP_ITEM_DUE,
    }
)  # fmt: skip
"""The facts whose key names a card; in the others of `_KINDS` it is the value."""


class ChangedFact(FrozenValue):
    """A fact that the change adds, changes or removes."""

    kind: FactKind
    key: str
    change: ChangeKind
    before: str
    after: str
    declared_by: tuple[Ref, ...]
    text: str


class FactText(FrozenValue):
    """Text with the names of cards in the first of some books that has them, and the titles of functions."""

    graphs: Sequence[Graph]
    functions: Mapping[str, str]

    def get_name(self, ref: Ref) -> str:
        """Return the name of a card; its id if no book has it."""
        return next((graph.get_name(ref) for graph in self.graphs if ref in graph.cards), ref.id)

    def describe(self, kind: FactKind, key: str, change: ChangeKind, before: str, after: str) -> str:
        """Describe the change of a fact in a sentence without a full stop."""
        noun, is_named = self._describe_noun(kind, key)
        old, new = before, after
        if kind not in _NAMED_BY_KEY:
            old, new = (self._name_card(kind, value) for value in (before, after))
        if change is ChangeKind.CHANGED:
            return f"Changed {noun}: {old or 'none'} → {new or 'none'}"
        value = new if change is ChangeKind.ADDED else old
        verb = "Added" if change is ChangeKind.ADDED else "Removed"
        return f"{verb} {noun}{(': ' if is_named else ' ') + value if value else ''}"

    def _describe_noun(self, kind: FactKind, key: str) -> tuple[str, bool]:
        """Return the noun for a fact, and whether it has a name of its own, so that a colon precedes the value."""
        match kind:
            case FactKind.CARD:
                return "name", True
            case FactKind.CONTACT:
                return f"contact for {self.functions.get(key, key)}", True
            case FactKind.ENDPOINT:
                return f"{key} endpoint", True
            case FactKind.CONSUMER if key.startswith("system:"):
                return f"consumer {self._name_card(kind, key)}", True
            case FactKind.CONSUMER:
                return f"consumer {self._name_card(kind, key)} ({key.partition(':')[0]})", True
            case _:
                noun = _NOUNS.get(kind, kind.value)
                return f"{noun} {self._name_card(kind, key)}" if key else noun, bool(key)

    def _name_card(self, kind: FactKind, text: str) -> str:
        """Return the name of the card that a fact names; the text itself if no book has that card."""
        candidates = _find_named_cards(kind, text)
        return next((self.get_name(ref) for ref in candidates if any(ref in one.cards for one in self.graphs)), text)


def _find_named_cards(kind: FactKind, text: str) -> tuple[Ref, ...]:
    """Find the cards that the text of a fact can name, the most likely first."""
    if kind not in _KINDS or not text:
        return ()
    try:
        return (Ref.parse(text),) if ":" in text else tuple(Ref.parse(f"{one}:{text}") for one in _KINDS[kind])
    except ValueError:
        return ()


def parse_changed_facts(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[frozenset[HistoricalFact], frozenset[HistoricalFact]]:
    """Parse the facts in the files that differ between two books, given by their names."""
    names = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    old, new = (
        frozenset(fact for name in names if name in texts for fact in parse_facts(texts[name], name)[0])
        for texts in (before, after)
    )
    return old, new


def rename_named_cards(fact: HistoricalFact, renamed: Mapping[Ref, Ref]) -> HistoricalFact:
    """Replace the old names of cards in a fact, also where its key or its value names a card."""

    def rename(text: str) -> str:
        new = next((renamed[ref] for ref in _find_named_cards(fact.kind, text) if ref in renamed), None)
        return text if new is None else str(new) if ":" in text else new.id

    changed = rename_fact(fact, renamed)
    return replace(changed, key=rename(changed.key), value=rename(changed.value))


def compare_facts(
    old: Set[HistoricalFact],
    new: Set[HistoricalFact],
    graphs: tuple[Graph, Graph],
    renamed: Mapping[Ref, Ref],
    text: FactText,
) -> Mapping[Ref, tuple[ChangedFact, ...]]:
    """Return the facts that differ, by the card that they are about.

    `old` has the new names of cards already. `graphs` are the book before and the book after, as some consumers are
    declared in files that do not differ.
    """
    sides = group_pairs(
        ((fact.subject, fact.kind, fact.key), (is_new, fact))
        for is_new, facts in ((False, old - new), (True, new - old))
        for fact in sorted(facts)
    )
    originals = {after: before for before, after in renamed.items()}
    changed: list[tuple[Ref, ChangedFact]] = []
    for (subject, kind, key), several in sorted(sides.items()):
        had, has = (any(is_new is side for is_new, _ in several) for side in (False, True))
        if kind is FactKind.CONSUMER:
            source = Ref.parse(key)
            had = had or graphs[0].depends_on(originals.get(source, source), originals.get(subject, subject))
            has = has or graphs[1].depends_on(source, subject)
        found = _describe_change(kind, key, several, text, had=had, has=has)
        if found is not None:
            changed.append((subject, found))
    return group_pairs(changed)


def _describe_change(
    kind: FactKind, key: str, several: Iterable[tuple[bool, HistoricalFact]], text: FactText, *, had: bool, has: bool
) -> ChangedFact | None:
    """Describe the change of a fact that one or more cards declare; None if it is only declared elsewhere now."""
    sides = group_pairs(several)
    olds, news = sides.get(False, ()), sides.get(True, ())
    before, after = ("; ".join(dict.fromkeys(fact.value for fact in side if fact.value)) for side in (olds, news))
    declared_by = tuple(dict.fromkeys(fact.declared_by for fact in (*news, *olds)))
    build = partial(ChangedFact, kind, key, before=before, after=after, declared_by=declared_by)
    if not (had and has):
        change = ChangeKind.ADDED if has else ChangeKind.REMOVED
    elif olds and news:
        if before == after:
            return None
        change = ChangeKind.CHANGED
    else:
        verb = "is also declared by" if news else "is no longer declared by"
        name = text.describe(kind, key, ChangeKind.ADDED, "", "").removeprefix("Added ")
        sentence = f"{name[:1].upper()}{name[1:]} {verb} {' and '.join(map(text.get_name, declared_by))}"
        return build(change=ChangeKind.CHANGED, text=sentence)
    return build(change=change, text=text.describe(kind, key, change, before, after))
