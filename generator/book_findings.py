"""The findings of a whole book: as they were found, and as its settings and cards select those that are reported."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import field
from msgspec.structs import replace

from generator.checks import ALL_RULES as CHECKS_RULES
from generator.checks import RULES, CheckedRule, RuleContext
from generator.checks.baseline import Comparison
from generator.checks.collected import add_sources
from generator.checks.drafts import soften_drafts
from generator.checks.lifecycle import omit_notes_on_new_cards
from generator.checks.recheck import BookCheck
from generator.checks.suppressions import Suppressed, apply_suppressions
from generator.confluence.storage import rules as storage_rules
from generator.contracts.openapi import RULES as CONTRACT_RULES
from generator.findings import Finding, Rule, Severity, apply_severities, sort_findings
from generator.load.cards import Cards, add_anchor_places
from generator.load.rules import RULES as READING_RULES
from generator.pages.template_folders import RULES as TEMPLATE_RULES
from generator.secrets.redaction import redact
from generator.values import FrozenValue

ALL_RULES: tuple[Rule, ...] = tuple(
    sorted((*CHECKS_RULES, *CONTRACT_RULES, *TEMPLATE_RULES, *storage_rules.RULES), key=lambda rule: rule.code)
)
"""The rules of all codes that `check` and `publish` can report, sorted."""


class RawFindings(FrozenValue):
    """All findings of a book, by the step that found them. They may quote secrets."""

    inputs: tuple[Finding, ...] = ()
    """Those about the configuration, the lock file and the evidence."""
    reading: tuple[Finding, ...] = ()
    """Those about reading the cards."""
    contracts: tuple[Finding, ...] = ()
    """Those about the OpenAPI documents of contracts."""
    references: tuple[Finding, ...] = ()
    """Those about references that cannot be resolved."""
    checked: BookCheck = field(default_factory=BookCheck)
    """Those of the rules."""


def select_reported(
    raw: RawFindings, context: RuleContext, rules: Collection[CheckedRule]
) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
    """Return the findings as they are reported, with the severities of the book, and those that the cards accept."""
    cards, settings, evidence = context.cards, context.settings, context.evidence
    of_cards = add_anchor_places((*raw.contracts, *raw.references, *raw.checked), cards.anchors)
    findings = (*raw.inputs, *raw.reading, *of_cards)
    # Without evidence no rule about it runs, so that an accepted finding of it may well return with the next scan.
    records = {"MB70": evidence.code, "MB71": evidence.traffic, "MB72": evidence.verifications}
    omitted = {checked.rule.code for checked in RULES} - {checked.rule.code for checked in rules}
    run_rules = [rule for rule in ALL_RULES if records.get(rule.code[:4], True) and rule.code not in omitted]
    kept, suppressed = apply_suppressions(add_sources(findings, cards, settings.source_url), cards, run_rules)
    kept = add_sources(kept, cards, settings.source_url)  # those about `x-allow` are new
    configured = omit_notes_on_new_cards(apply_severities(kept, settings.get_severities()))
    return tuple(sort_findings(redact_findings(tuple(soften_drafts(configured, cards))))), tuple(suppressed)


def redact_findings(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings without secrets. Each text is searched once, since many findings share a hint."""
    texts = {text for finding in findings for text in (finding.message, finding.hint)}
    changed = {text: shown for text in texts if (shown := redact(text)) != text}
    for finding in findings:
        message, hint = changed.get(finding.message, finding.message), changed.get(finding.hint, finding.hint)
        is_same = message is finding.message and hint is finding.hint
        yield finding if is_same else replace(finding, message=message, hint=hint)


def has_all_pages(cards: Cards, compared: Comparison, mistakes: Collection[Finding]) -> bool:
    """Return whether all pages can be made, but for those of cards that the baseline lists as unreadable.

    `mistakes` are the findings about templates.
    """
    codes = {rule.code for rule in READING_RULES}
    errors = [finding for finding in compared.new if finding.severity is Severity.ERROR]
    known_files = {finding.position.file for finding in compared.known if finding.code in codes}
    is_read = all(card.position.file in known_files for card in cards.unread.items)
    return is_read and not any(finding.code in codes or finding in mistakes for finding in errors)
