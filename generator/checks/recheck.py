"""The check of a book after a change of some cards: only what has read something that changed runs again."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain

from msgspec import field

from generator.checks.book_facts import (
    LEADS,
    RETIRED,
)
from generator.checks.book_indexes import BookIndexes, update_indexes
from generator.checks.card_findings import check_book, check_cards
from generator.checks.rule import CheckedRule, RuleContext
from generator.findings import Finding
from generator.graph.changes import Read, list_graph_changes
from generator.graph.edges import NODES
from generator.names import Ref
from generator.reads import ALL, hash_read, unpack_reads
from generator.values import FrozenValue


class BookCheck(FrozenValue):
    """The findings of the rules in a book, and what a later check of it needs."""

    reads: Mapping[Ref | None, bytes] = field(default_factory=dict)
    """What the check of each card has read besides that card, packed; None is what belongs to no card."""
    by_card: Mapping[Ref | None, tuple[Finding, ...]] = field(default_factory=dict)
    """The findings of the cards that have any."""
    of_book: tuple[Finding, ...] = ()
    """The findings of the rules that check the book as a whole."""
    indexes: BookIndexes = field(default_factory=BookIndexes)

    def __iter__(self) -> Iterator[Finding]:
        """Yield all findings: by the card that was checked, then those of the whole book."""
        return chain(chain.from_iterable(self.by_card[ref] for ref in self.reads if ref in self.by_card), self.of_book)


def check_whole_book(context: RuleContext, rules: Collection[CheckedRule]) -> BookCheck:
    """Check all cards of a book."""
    found = check_cards(context, rules, context.cards.items)
    reads = {ref: of_card.reads for ref, of_card in found.items()}
    by_card = {ref: of_card.findings for ref, of_card in found.items() if of_card.findings}
    return BookCheck(reads, by_card, tuple(check_book(context, rules)), context.facts.indexes)


def recheck(
    former: BookCheck, old: RuleContext, context: RuleContext, changed: Collection[Ref], rules: Collection[CheckedRule]
) -> BookCheck:
    """Return what `check_whole_book` returns after a change of some cards, and of the history.

    The cards that both books have are in the same order. Both have the same day, settings and evidence.

    `former` is the check before the change. `changed` are the cards of the files that have changed, with those that
    were added or removed.
    """
    affected = find_affected(former, old, context, changed)
    known = context.graph.cards
    cards = [known[ref] for ref in affected if ref is not None and ref in known]
    found = check_cards(context, rules, cards, has_rest=None in affected)
    by_card = {ref: findings for ref, findings in former.by_card.items() if ref not in affected}
    by_card |= {ref: of_card.findings for ref, of_card in found.items() if of_card.findings}
    reads = {ref: packed for ref, packed in former.reads.items() if ref not in affected or ref in found}
    reads |= {ref: of_card.reads for ref, of_card in found.items()}
    return BookCheck(reads, by_card, tuple(check_book(context, rules)), context.facts.indexes)


def find_affected(
    former: BookCheck, old: RuleContext, context: RuleContext, changed: Collection[Ref]
) -> frozenset[Ref | None]:
    """Find the cards to check again: the changed ones, the readers of a change, and those with findings in a file.

    Those that were removed are among them. What belongs to no card is checked again if there are other nodes.

    The facts of the new book are taken from the former check.
    """
    context.facts.indexes, differing = update_indexes(former.indexes, old.graph, context.graph, changed)
    changes: set[Read] = {
        *list_graph_changes(old.graph, context.graph, changed), *differing, *_compare_facts(old, context, changed)
    }  # fmt: skip
    hashes = frozenset(hash_read(table, key) for table, key in changes)
    readers = (ref for ref, packed in former.reads.items() if not hashes.isdisjoint(unpack_reads(packed)))
    books = (old.graph, context.graph)
    files = {graph.cards[ref].file for graph in books for ref in changed if ref in graph.cards}
    holders = (
        ref for ref, findings in former.by_card.items() if any(finding.position.file in files for finding in findings)
    )
    # The former versions of a model are read by its own check only.
    pairs = old.versions.items() ^ context.versions.items()
    versioned = {ref for ref, _ in pairs if ref in context.graph.cards}
    rest = (None,) if (NODES, ALL) in changes else ()
    return frozenset((*changed, *readers, *holders, *versioned, *rest))


def _compare_facts(old: RuleContext, new: RuleContext, changed: Iterable[Ref]) -> Iterator[Read]:
    """Compare the facts that are computed from a few cards, if one of these has changed."""
    kinds = {ref.kind for ref in changed}
    if kinds & {"team", "person"}:
        was, now = (
            {function: (lead.ref, team.ref) for function, (lead, team) in facts.leads.items()}
            for facts in (old.facts, new.facts)
        )
        yield from ((LEADS, function) for function in was.keys() | now.keys() if was.get(function) != now.get(function))
    if "migration" in kinds:
        former, present = (
            {text: migration.ref for text, migration in facts.retired_texts.items()} for facts in (old.facts, new.facts)
        )
        if former != present:
            yield RETIRED, ALL
