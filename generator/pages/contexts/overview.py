"""The page *What needs attention*: findings and due dates."""

from collections import Counter
from datetime import date, timedelta

from generator.findings import Finding, Severity
from generator.graph.duties import Duty, DutyKind
from generator.names import Ref, build_ref_key, build_sort_key
from generator.pages.book import Book
from generator.pages.contexts.page_parts import cut_rows
from generator.pages.contexts.parts import Badge, build_badge
from generator.values import FrozenValue

_DUE_WITHIN, _NEAR = timedelta(days=90), timedelta(days=30)
_WORK = {
    DutyKind.REVIEW: "review",
    DutyKind.CLEANUP: "clean-up",
    DutyKind.WAVE: "wave",
    DutyKind.STUCK: "wave",
    DutyKind.VALIDATION: "validation",
    DutyKind.APPROVAL: "approval of a use",
    DutyKind.EXCEPTION: "exception",
}
"""The kinds of duties with a day, with their word."""


class DueItem(FrozenValue):
    """Work that is overdue or soon due."""

    day: date
    ref: Ref
    what: str
    badge: Badge
    is_overdue: bool
    is_near: bool
    """Whether it is due within thirty days, so that the number of days says more than the date."""


def list_due_items(book: Book) -> tuple[DueItem, ...]:
    """Return the reviews, validations, waves and the like that are overdue or due in ninety days, by their day."""
    found: dict[tuple[date, Ref, str], list[Duty]] = {}
    for duty in book.ledger.duties:
        if duty.due is not None and duty.due <= book.today + _DUE_WITHIN and duty.kind in _WORK:
            work = _WORK[duty.kind]
            key = (duty.due, duty.subject, f"wave {duty.key}" if work == "wave" else work)
            found.setdefault(key, []).append(duty)
    items: list[DueItem] = []
    for day, ref, work in sorted(found, key=lambda key: (key[0], build_ref_key(key[1]), build_sort_key(key[2]))):
        duties = found[day, ref, work]
        what = f"{work}, {len(duties)} open" if duties[0].kind is DutyKind.CLEANUP else work
        is_overdue = duties[0].is_overdue
        badge = build_badge("overdue") if is_overdue else Badge(f"in {(day - book.today).days} days", "grey")
        items.append(DueItem(day, ref, what, badge, is_overdue, day <= book.today + _NEAR))
    return tuple(items)


class RuleCount(FrozenValue):
    """The number of findings of a rule with one severity."""

    severity: Severity
    code: str
    name: str
    count: int


class AttentionView(FrozenValue):
    """Every finding, and everything that is due."""

    findings: tuple[Finding, ...]
    coming: tuple[DueItem, ...]
    known: frozenset[Finding]
    """The findings that the baseline lists."""
    rules: tuple[RuleCount, ...] = ()
    """The findings by rule; empty if the page lists all of them."""
    more: int = 0
    """The number of findings that `findings` does not have."""
    more_coming: int = 0


def build_attention_view(book: Book) -> AttentionView:
    """Build the list of the findings, worst first, and of the due items; of thousands, the page has the first ones."""
    worst_first = sorted(book.findings, key=lambda finding: (finding.severity.rank, finding.sort_key))
    findings, more = cut_rows(tuple(worst_first))
    coming, more_coming = cut_rows(list_due_items(book))
    names = {rule.code: rule.name for rule in book.rules}
    counts = Counter((one.severity.rank, one.code, one.severity) for one in book.findings) if more else Counter()
    return AttentionView(
        findings=findings,
        coming=coming,
        known=book.known,
        rules=tuple(RuleCount(severity, code, names.get(code, ""), counts[rank, code, severity])
                    for rank, code, severity in sorted(counts)),
        more=more,
        more_coming=more_coming,
    )  # fmt: skip
