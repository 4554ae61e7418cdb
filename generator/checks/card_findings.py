"""The findings of each card with what its checks read, so that a later check repeats only what a change affects."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.checks.rule import CheckedRule, RuleContext
from generator.findings import Finding
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.reads import record_reads
from generator.schema import KINDS


@dataclass(frozen=True, slots=True)
class CardFindings:
    """The findings of the checks of one card, which may be at other cards."""

    findings: tuple[Finding, ...]
    reads: bytes
    """The packed reads of the checks, without those of the card itself: they run again if it changes."""


FindingsByCard = Mapping[Ref | None, CardFindings]
"""The findings by the card that was checked; None is the rest: files and resources without a card."""


def check_cards(
    context: RuleContext, rules: Iterable[CheckedRule], cards: Iterable[LoadedCard], *, has_rest: bool = True
) -> dict[Ref | None, CardFindings]:
    """Check some cards, each alone, and the rest of the book if asked for."""
    per_card = [checked for checked in rules if checked.scope == "card"]
    by_kind = group_pairs(
        (kind, checked) for kind in KINDS.values() for checked in per_card if not checked.kinds or kind in checked.kinds
    )
    found: dict[Ref | None, CardFindings] = {}
    for loaded in cards:
        found[loaded.ref] = _check(context.narrow([loaded]), by_kind.get(type(loaded.card), ()))
    if has_rest:
        found[None] = _check(context.narrow([], has_rest=True), per_card)
    return found


def _check(context: RuleContext, rules: Collection[CheckedRule]) -> CardFindings:
    with record_reads() as reads:
        findings = tuple([checked.build_finding(each) for checked in rules for each in checked.check(context)])
    return CardFindings(findings, reads.pack())


def check_book(context: RuleContext, rules: Iterable[CheckedRule]) -> Iterator[Finding]:
    """Yield the findings of the rules that check the book as a whole."""
    return (finding for checked in rules if checked.scope == "book" for finding in checked(context))
