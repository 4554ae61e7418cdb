"""What may be wrong with a book whose cards can all be read: one module a family, one tuple of rules."""

from generator.checks import (
    aftermath,
    ambiguous_names,
    cleanups,
    consumed_fields,
    curls,
    endpoints,
    experiments,
    life,
    moves,
    people,
    plain_sight,
    samples,
    suppressions,
    waves,
)
from generator.checks.rule import CheckedRule, Facts, check, rule
from generator.findings import Rule
from generator.graph import rules as graph_rules
from generator.load import rules as load_rules

RULES: tuple[CheckedRule, ...] = (
    *ambiguous_names.RULES,
    *people.RULES,
    *endpoints.RULES,
    *samples.RULES,
    *curls.RULES,
    *consumed_fields.RULES,
    *plain_sight.RULES,
    *life.RULES,
    *cleanups.RULES,
    *experiments.RULES,
    *moves.RULES,
    *waves.RULES,
    *aftermath.RULES,
)
"""Every rule with a check, in the order of the codes."""

ALL_RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*load_rules.RULES, *graph_rules.RULES, *suppressions.RULES, *(checked.rule for checked in RULES)),
        key=lambda rule: rule.code,
    )
)
"""These and the rules of the floors below, sorted by code; floors above add their own."""

__all__ = ["ALL_RULES", "RULES", "CheckedRule", "Facts", "check", "rule"]
