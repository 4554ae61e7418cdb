"""The findings of each card with what its checks read, so that a later check repeats only what a change affects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from generator.checks.rule import CheckedRule, RuleContext
from generator.findings import Finding
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.reads import Reads, pack_hashes, record_into, suspend_recording, unpack_reads
from generator.schema import KINDS
from generator.values import FrozenValue


class CardFindings(FrozenValue):
    """The findings of the checks of one card, which may be at other cards."""

    findings: tuple[Finding, ...]
    reads: bytes
    """The packed reads of the checks, without those of the card itself: they run again if it changes."""


FindingsByCard = Mapping[Ref | None, CardFindings]
"""The findings by the card that was checked; None is the rest: files and resources without a card."""


def check_cards(
    context: RuleContext, rules: Iterable[CheckedRule], cards: Sequence[LoadedCard], *, has_rest: bool = True
) -> dict[Ref | None, CardFindings]:
    """Check some cards, each alone, and the rest of the book if asked for."""
    per_card = [checked for checked in rules if checked.scope == "card"]
    by_kind = group_pairs(
        (kind, checked) for kind in KINDS.values() for checked in per_card if not checked.kinds or kind in checked.kinds
    )
    found: dict[Ref | None, CardFindings] = {}
    for start in range(0, len(cards), _CHUNK):
        of_kind = group_pairs((type(loaded.card), loaded) for loaded in cards[start : start + _CHUNK])
        for kind, several in of_kind.items():
            turns = [_Turn(context.narrow([loaded]), loaded) for loaded in several]
            _take_turns(by_kind.get(kind, ()), turns)
            found |= {loaded.ref: turn.finish() for loaded, turn in zip(several, turns, strict=True)}
    if has_rest:
        rest = _Turn(context.narrow([], has_rest=True), None)
        _take_turns(per_card, [rest])
        found[None] = rest.finish()
    derived = context.graph.derived.pack().reads
    return (
        {ref: replace(one, reads=_add_derived(one.reads, derived)) for ref, one in found.items()} if derived else found
    )


def _add_derived(packed: bytes, derived: Mapping[int, bytes]) -> bytes:
    """Return packed reads with those of the derived values among them."""
    found = set(unpack_reads(packed))
    waiting = [read for read in found if read in derived]
    if not waiting:
        return packed
    while waiting:
        added = set(unpack_reads(derived[waiting.pop()])) - found
        found |= added
        waiting += [read for read in added if read in derived]
    return pack_hashes(found)


_CHUNK = 64
"""The cards that take turns: a rule that runs for many cards in a row is quicker, and their contexts take memory."""


class _Turn:
    """A card that is checked while others are."""

    __slots__ = ("context", "findings", "loaded", "reads")

    def __init__(self, context: RuleContext, loaded: LoadedCard | None) -> None:
        self.context, self.loaded = context, loaded
        self.findings: list[Finding] = []
        self.reads = Reads()

    def finish(self) -> CardFindings:
        """Return what was found and read."""
        return CardFindings(tuple(self.findings), self.reads.pack(without=self.loaded and self.loaded.card))


def _take_turns(rules: Iterable[CheckedRule], turns: Iterable[_Turn]) -> None:
    """Run each rule for all cards, and record what it reads for each."""
    with suspend_recording():
        for checked in rules:
            for turn in turns:
                record_into(turn.reads)
                for violation in checked.check(turn.context):
                    turn.findings.append(checked.build_finding(violation))


def check_book(context: RuleContext, rules: Iterable[CheckedRule]) -> Iterator[Finding]:
    """Yield the findings of the rules that check the book as a whole."""
    return (finding for checked in rules if checked.scope == "book" for finding in checked(context))
