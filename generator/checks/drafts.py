"""MB430: the findings on drafts, which are notes as long as the card has the tag `draft`, and guesses that are left."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator.checks.rule import RuleContext, Violation, report_at_key, rule
from generator.checks.suppressions import ACCEPTABLE, SECRET
from generator.findings import DRAFT_TAG, Finding, Severity
from generator.load.cards import Cards


def soften_drafts(findings: Iterable[Finding], cards: Cards) -> Iterator[Finding]:
    """Yield the findings; an error or a warning about the content of a draft becomes a note.

    One about reading the draft or about secrets in it stays as it is, and so does one on a card that refers to it.
    """
    drafts = cards.drafts
    for finding in findings:
        code, is_note = finding.code, finding.severity is Severity.INFO
        is_about_content = code in ACCEPTABLE or (not code.startswith("MB0") and code != SECRET)
        if is_note or finding.subject not in drafts or not is_about_content:
            yield finding
        else:
            yield replace(finding, severity=Severity.INFO, softened_from=finding.severity)


@rule("MB430", "guess-left", Severity.WARNING)
def guess_left(context: RuleContext) -> Iterator[Violation]:
    """Checks that a card that is no longer a draft has no value that `modelbook import` guessed.

    Why: readers take the value for a fact. Checks that rest on it, such as those for the endpoint of a model whose
    `serving` is guessed, do not report anything.
    Fix: correct the value or leave it as it is, and remove its entry under `x-guessed`. A card with the tag `draft` may
    have guesses.
    """
    for loaded in context.items:
        for key, reason in loaded.card.guessed.items() if not loaded.card.is_draft else ():
            message = f"`{key}` of {loaded.ref} is still a guess: {reason}"
            fix = f"check the value, then remove `{key}` from `x-guessed`, or add the tag `{DRAFT_TAG}` again"
            yield report_at_key(loaded, message, fix, "x-guessed", key)
