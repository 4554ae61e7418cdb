"""MB020-MB022: findings that a card accepts under `x-allow`, each with a reason."""

import re
from collections.abc import Collection, Iterable, Iterator

from generator.findings import Finding, Rule, get_rule, is_reason, sort_findings
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import MOST_SEARCHES, Ref, suggest_name
from generator.values import FrozenValue

WITHOUT_EFFECT = get_rule("MB020")
WITHOUT_REASON = get_rule("MB021")
REFUSED = get_rule("MB022")

RULES = (WITHOUT_EFFECT, WITHOUT_REASON, REFUSED)

SECRET = "MB312"  # noqa: S105 - a code, no password
"""The code of secrets, which no reason makes safe."""

ACCEPTABLE = frozenset({"MB019", "MB024", "MB026"})
"""The codes below MB200 that a card can accept: names that two cards share, as two versions of a model do for a while,
and links to the former place of a card."""


class Suppressed(FrozenValue):
    """A finding that its card accepts."""

    finding: Finding
    reason: str


def may_be_suppressed(code: str) -> bool:
    """Return whether a card can accept the findings of a code."""
    return code in ACCEPTABLE or (not code.startswith(("MB0", "MB1")) and code != SECRET)


def apply_suppressions(
    findings: Iterable[Finding], cards: Cards, rules: Collection[Rule]
) -> tuple[list[Finding], list[Suppressed]]:
    """Separate the findings that count from those that their cards accept; both are sorted.

    The findings about `x-allow` itself count. `rules` are the rules that were run: entries for other codes are not
    checked for an effect. Apply the configured severities afterwards, so that a code that is switched off does not
    make its entries look unused.
    """
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    used = set[tuple[Ref, str]]()
    for finding in sort_findings(findings):
        loaded = cards.by_ref[finding.subject] if finding.subject in cards.accepting else None
        reason = loaded.card.allow.get(finding.code, "") if loaded is not None else ""
        if loaded is not None and is_reason(reason) and may_be_suppressed(finding.code):
            used.add((loaded.ref, finding.code))
            suppressed.append(Suppressed(finding, reason))
        else:
            kept.append(finding)
    known = {rule.code: rule for rule in rules}
    found = [found for ref in cards.accepting for found in _check_entries(cards.by_ref[ref], known, used)]
    # A card that cannot be read may have the finding that an entry accepts.
    kept += [one for one in found if not cards.unread or one.code != WITHOUT_EFFECT.code]
    return sort_findings(kept), suppressed


def _check_entries(loaded: LoadedCard, known: dict[str, Rule], used: set[tuple[Ref, str]]) -> Iterator[Finding]:
    ref = loaded.ref
    codes = {rule.name: code for code, rule in known.items()}
    for number, (code, reason) in enumerate(loaded.card.allow.items()):
        place = loaded.at_key("x-allow", code)
        named = f"{code} ({known[code].name})" if code in known else code
        if re.fullmatch(r"MB\d{3}", code) is None:
            near = suggest_name(code, known) if number < MOST_SEARCHES else ""
            fix = f"write its code, {codes[code]}" if code in codes else near or "write a code such as MB203"
            yield REFUSED.at(place, f"unknown code {code!r}", fix, ref)
        elif not may_be_suppressed(code):
            yield REFUSED.at(place, f"{named} cannot be suppressed", "fix the finding, and remove this entry", ref)
        elif not is_reason(reason):
            fix = "write a reason such as `hiring until June`"
            yield WITHOUT_REASON.at(loaded.at("x-allow", code), f"invalid reason {reason!r}", fix, ref)
        elif code in known and (ref, code) not in used:
            yield WITHOUT_EFFECT.at(place, f"{named} has no findings on {ref}", "remove the entry", ref)
