"""Findings that a card accepts under `x-allow`, each with the reason; and what may be wrong with that."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from generator.findings import Finding, Rule, Severity, is_reason, sort_findings
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import MOST_SEARCHES, Ref, suggest_name

WITHOUT_EFFECT = Rule(
    "MB020",
    "suppression-without-effect",
    Severity.WARNING,
    """A suppression under `x-allow` suppresses something.

    Why: the reason has gone, and the suppression would hide the next mistake of its kind.
    Fix: remove it; where the mistake comes back, so does the finding.
    """,
)
WITHOUT_REASON = Rule(
    "MB021",
    "suppression-without-reason",
    Severity.ERROR,
    """A suppression says why: in words that the next person understands.

    Why: "todo" and "n/a" tell nobody whether the reason still holds.
    Fix: write the reason, and until when it holds: `x-allow: {MB203: the merch contact starts in June}`.
    """,
)
REFUSED = Rule(
    "MB022",
    "suppression-refused",
    Severity.ERROR,
    """A suppression names the code of a rule that may be suppressed.

    Why: what cannot be read (MB0xx, except MB019), leads nowhere (MB1xx) or gives a secret away cannot be accepted with
    a reason; and a code that no rule has suppresses nothing.
    Fix: correct the code as the hint says, or mend what it is about.
    """,
)

RULES = (WITHOUT_EFFECT, WITHOUT_REASON, REFUSED)

SECRET = "MB312"  # noqa: S105 - a code, no password
"""The code of secrets: a reason makes no secret safe."""

AMBIGUOUS_NAME = "MB019"
"""The code of names that two cards share: two versions of a model may do so for a while."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that its card accepts."""

    finding: Finding
    reason: str


def may_be_suppressed(code: str) -> bool:
    """Whether a reason can make up for what a code stands for."""
    return code == AMBIGUOUS_NAME or (not code.startswith(("MB0", "MB1")) and code != SECRET)


def apply_suppressions(
    findings: Iterable[Finding], cards: Cards, rules: Collection[Rule]
) -> tuple[list[Finding], list[Suppressed]]:
    """The findings that count, and those that their cards accept; both sorted.

    Among the first are those of the suppressions themselves. `rules` are the rules that were run: whether the
    suppression of another one has an effect cannot be told. Configured severities come afterwards, so that
    a code that is switched off does not make its suppressions look idle.
    """
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    used = set[tuple[Ref, str]]()
    for finding in sort_findings(findings):
        reason = _reason(finding, cards)
        if reason is None or finding.subject is None:
            kept.append(finding)
        else:
            used.add((finding.subject, finding.code))
            suppressed.append(Suppressed(finding, reason))
    known = {rule.code: rule for rule in rules}
    kept += [found for loaded in cards.items if loaded.card.allow for found in _judged(loaded, known, used)]
    return sort_findings(kept), suppressed


def _reason(finding: Finding, cards: Cards) -> str | None:
    loaded = cards.by_ref.get(finding.subject) if finding.subject is not None else None
    if loaded is None or not may_be_suppressed(finding.code):
        return None
    reason = loaded.card.allow.get(finding.code)
    return reason if reason is not None and is_reason(reason) else None


def _judged(loaded: LoadedCard, known: dict[str, Rule], used: set[tuple[Ref, str]]) -> Iterator[Finding]:
    """What is wrong with the suppressions of one card."""
    ref = loaded.ref
    codes = {rule.name: code for code, rule in known.items()}
    for number, (code, reason) in enumerate(loaded.card.allow.items()):
        place = loaded.at_key("x-allow", code)
        if re.fullmatch(r"MB\d{3}", code) is None:
            near = suggest_name(code, known) if number < MOST_SEARCHES else ""
            hint = f"write its code, {codes[code]}" if code in codes else near or "a code looks like MB203"
            yield REFUSED.at(place, f"{code!r} is no code of a rule", hint, ref)
        elif not may_be_suppressed(code):
            what = f"{code} ({known[code].name})" if code in known else code
            yield REFUSED.at(place, f"{what} cannot be suppressed", "mend what it is about, and remove this", ref)
        elif not is_reason(reason):
            yield WITHOUT_REASON.at(loaded.at("x-allow", code), f"{reason!r} is no reason", "say why, in words", ref)
        elif code in known and (ref, code) not in used:
            message = f"{code} ({known[code].name}) finds nothing on {ref}"
            yield WITHOUT_EFFECT.at(place, message, "remove the suppression", ref)
