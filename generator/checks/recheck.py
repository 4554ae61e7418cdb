"""The check of a book after a change of some cards: only what has read something that changed runs again."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from generator.checks.book_facts import (
    ADDRESSES,
    CODE_OWNERS,
    LABELS,
    LEADS,
    RETIRED,
    KeyIndex,
    list_address_keys,
    list_fallbacks,
    list_label_keys,
    list_successors,
)
from generator.checks.card_findings import check_book, check_cards
from generator.checks.rule import CheckedRule, RuleContext
from generator.evidence.ownership import get_code_repository
from generator.findings import Finding
from generator.graph.changes import Read, list_graph_changes
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.reads import ALL, hash_read, unpack_reads
from generator.schema import Model, System


@dataclass(frozen=True, slots=True)
class BookCheck:
    """The findings of the rules in a book, and what a later check of it needs."""

    reads: Mapping[Ref | None, bytes] = field(default_factory=dict)
    """What the check of each card has read besides that card, packed; None is what belongs to no card."""
    by_card: Mapping[Ref | None, tuple[Finding, ...]] = field(default_factory=dict)
    """The findings of the cards that have any."""
    of_book: tuple[Finding, ...] = ()
    """The findings of the rules that check the book as a whole."""
    labels: KeyIndex = field(default_factory=dict)
    addresses: KeyIndex = field(default_factory=dict)
    successors: Mapping[str, str] = field(default_factory=dict)
    fallbacks: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Finding]:
        """Yield all findings: by the card that was checked, then those of the whole book."""
        return chain(chain.from_iterable(self.by_card[ref] for ref in self.reads if ref in self.by_card), self.of_book)


def check_whole_book(context: RuleContext, rules: Collection[CheckedRule]) -> BookCheck:
    """Check all cards of a book."""
    found = check_cards(context, rules, context.cards.items)
    reads = {ref: of_card.reads for ref, of_card in found.items()}
    by_card = {ref: of_card.findings for ref, of_card in found.items() if of_card.findings}
    facts = context.facts
    return BookCheck(
        reads, by_card, tuple(check_book(context, rules)), facts.labels, facts.addresses, facts.successors,
        facts.fallbacks,
    )  # fmt: skip


def recheck(
    former: BookCheck, old: RuleContext, context: RuleContext, changed: Collection[Ref], rules: Collection[CheckedRule]
) -> BookCheck:
    """Return what `check_whole_book` returns after a change of values in some cards.

    Both books have the same cards and nodes in the same order, and the same day, settings, history and evidence.

    Args:
        former: The check before the change, with the same rules.
        old: The book before the change.
        context: The book after it.
        changed: The cards of the files that have changed.
        rules: The rules.

    """
    affected = find_affected(former, old, context, changed)
    cards = [context.graph.cards[ref] for ref in affected if ref is not None]
    found = check_cards(context, rules, cards, has_rest=None in affected)
    by_card = {ref: findings for ref, findings in former.by_card.items() if ref not in found}
    by_card |= {ref: of_card.findings for ref, of_card in found.items() if of_card.findings}
    reads = {**former.reads, **{ref: of_card.reads for ref, of_card in found.items()}}
    of_book, facts = tuple(check_book(context, rules)), context.facts
    return BookCheck(reads, by_card, of_book, facts.labels, facts.addresses, facts.successors, facts.fallbacks)


def find_affected(
    former: BookCheck, old: RuleContext, context: RuleContext, changed: Collection[Ref]
) -> frozenset[Ref | None]:
    """Find the cards to check again: the changed ones, the readers of a change, and those with findings in a file.

    The facts of the new book are taken from the former check.
    """
    facts = context.facts
    facts.labels, labels = _update_index(former.labels, _list_labels(old, changed), _list_labels(context, changed))
    addresses = _list_addresses(old, changed), _list_addresses(context, changed)
    facts.addresses, urls = _update_index(former.addresses, *addresses)
    facts.successors = _update_links(former.successors, context, changed, list_successors)
    facts.fallbacks = _update_links(former.fallbacks, context, changed, list_fallbacks)
    changes: set[Read] = {
        *list_graph_changes(old.graph, context.graph, changed),
        *((LABELS, label) for label in labels),
        *((ADDRESSES, url) for url in urls),
        *_compare_facts(old, context),
        *_compare_owners(old, context, changed),
    }
    hashes = frozenset(hash_read(table, key) for table, key in changes)
    readers = (ref for ref, packed in former.reads.items() if not hashes.isdisjoint(unpack_reads(packed)))
    files = {context.graph.cards[ref].file for ref in changed}
    holders = (
        ref for ref, findings in former.by_card.items() if any(finding.position.file in files for finding in findings)
    )
    return frozenset((*changed, *readers, *holders))


_Keys = Iterable[tuple[Ref, Collection[str]]]
"""The keys of some cards."""


def _list_labels(context: RuleContext, refs: Iterable[Ref]) -> _Keys:
    return [(ref, list_label_keys(context.graph, context.graph.cards[ref])) for ref in refs]


def _list_addresses(context: RuleContext, refs: Iterable[Ref]) -> _Keys:
    return [(ref, list_address_keys(context.graph.cards[ref])) for ref in refs]


def _update_index(index: KeyIndex, old: _Keys, new: _Keys) -> tuple[KeyIndex, set[str]]:
    """Return an index with the new keys of some cards instead of the old ones, and the keys whose cards differ."""
    removed: defaultdict[str, set[Ref]] = defaultdict(set)
    added: defaultdict[str, set[Ref]] = defaultdict(set)
    for (ref, was), (_, now) in zip(old, new, strict=True):
        for key in set(was) - set(now):
            removed[key].add(ref)
        for key in set(now) - set(was):
            added[key].add(ref)
    keys = removed.keys() | added.keys()
    updated = dict(index) if keys else index
    for key in keys:
        refs = tuple(ref for ref in (*index.get(key, ()), *added[key]) if ref not in removed[key])
        if refs:
            updated[key] = refs
        else:
            del updated[key]
    return updated, keys


def _update_links(
    links: Mapping[str, str],
    context: RuleContext,
    refs: Iterable[Ref],
    list_links: Callable[[LoadedCard], Iterable[tuple[str, str]]],
) -> Mapping[str, str]:
    """Return the links between models with the new ones of some cards."""
    changed = [context.graph.cards[ref] for ref in refs]
    ids = {loaded.ref.id for loaded in changed if loaded.ref.kind == "model"}
    kept = {start: end for start, end in links.items() if start not in ids} if ids else links
    return {**kept, **dict(chain.from_iterable(map(list_links, changed)))}


def _compare_facts(old: RuleContext, new: RuleContext) -> Iterator[Read]:
    """Compare the facts that are computed from a few cards."""
    leads = [
        {function: (lead.ref, team.ref) for function, (lead, team) in facts.leads.items()}
        for facts in (old.facts, new.facts)
    ]
    was, now = leads
    yield from ((LEADS, function) for function in was.keys() | now.keys() if was.get(function) != now.get(function))
    retired = [
        {text: migration.ref for text, migration in facts.retired_texts.items()} for facts in (old.facts, new.facts)
    ]
    if retired[0] != retired[1]:
        yield RETIRED, ALL


def _compare_owners(old: RuleContext, new: RuleContext, changed: Iterable[Ref]) -> Iterator[Read]:
    """Compare the code that belongs to the changed cards."""
    if any(_get_code(old.graph.cards[ref]) != _get_code(new.graph.cards[ref]) for ref in changed):
        yield CODE_OWNERS, ALL


def _get_code(loaded: LoadedCard) -> tuple[str, tuple[str, ...]]:
    card = loaded.card
    return get_code_repository(card), card.paths if isinstance(card, Model | System) else ()
