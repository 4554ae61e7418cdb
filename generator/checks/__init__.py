"""Rules about a book whose cards can be read: one module a family."""

from generator.checks import (
    ambiguous_names,
    cleanups,
    contracts,
    endpoints,
    experiments,
    exposed_secrets,
    lifecycle,
    migration_order,
    people,
    post_migration,
    suppressions,
    waves,
)
from generator.checks.rule import CheckedRule, RuleContext, check, rule
from generator.findings import Rule
from generator.graph import reference_lookup
from generator.load import rules as load_rules

RULES: tuple[CheckedRule, ...] = (
    *ambiguous_names.RULES,
    *people.RULES,
    *endpoints.RULES,
    *contracts.RULES,
    *exposed_secrets.RULES,
    *lifecycle.RULES,
    *cleanups.RULES,
    *experiments.RULES,
    *migration_order.RULES,
    *waves.RULES,
    *post_migration.RULES,
)
"""Every rule with a check, by family."""

ALL_RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*load_rules.RULES, *reference_lookup.RULES, *suppressions.RULES, *(checked.rule for checked in RULES)),
        key=lambda rule: rule.code,
    )
)
"""These rules and those of the layers below, sorted by code; layers above add their own."""

__all__ = ["ALL_RULES", "RULES", "CheckedRule", "RuleContext", "check", "rule"]
