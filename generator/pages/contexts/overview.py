"""The page *What needs attention*: findings and due dates."""

from dataclasses import dataclass
from datetime import date, timedelta

from generator.findings import Finding
from generator.graph.duties import Duty, DutyKind
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import Badge, build_badge

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


@dataclass(frozen=True, slots=True)
class DueItem:
    """Work that is overdue or soon due."""

    day: date
    ref: Ref
    what: str
    badge: Badge
    is_overdue: bool
    is_near: bool
    """Whether it is due within thirty days, so that the number of days says more than the date."""


def sort_worst_first(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings, the most severe first."""
    return tuple(sorted(findings, key=lambda finding: (finding.severity.rank, finding.sort_key)))


def list_due_items(book: Book) -> tuple[DueItem, ...]:
    """Return the reviews, validations, waves and the like that are overdue or due in ninety days, by their day."""
    found: dict[tuple[date, Ref, str], list[Duty]] = {}
    for duty in book.ledger.duties:
        if duty.due is not None and duty.due <= book.today + _DUE_WITHIN and duty.kind in _WORK:
            work = _WORK[duty.kind]
            key = (duty.due, duty.subject, f"wave {duty.key}" if work == "wave" else work)
            found.setdefault(key, []).append(duty)
    items: list[DueItem] = []
    for (day, ref, work), duties in sorted(found.items(), key=lambda item: item[0]):
        what = f"{work}, {len(duties)} open" if duties[0].kind is DutyKind.CLEANUP else work
        is_overdue = duties[0].is_overdue
        badge = build_badge("overdue") if is_overdue else Badge(f"in {(day - book.today).days} days", "grey")
        items.append(DueItem(day, ref, what, badge, is_overdue, day <= book.today + _NEAR))
    return tuple(items)


@dataclass(frozen=True, slots=True)
class AttentionView:
    """Every finding, and everything that is due."""

    findings: tuple[Finding, ...]
    coming: tuple[DueItem, ...]
    known: frozenset[Finding]
    """The findings that the baseline lists."""


def build_attention_view(book: Book) -> AttentionView:
    """Build the list of all findings, worst first, and of all due items."""
    return AttentionView(sort_worst_first(book.findings), list_due_items(book), book.known)
