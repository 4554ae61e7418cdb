"""Rules about a book whose cards can be read: one module a family."""

from generator.checks import (
    code,
    collected,
    contracts,
    drafts,
    endpoints,
    experiments,
    inventory,
    lifecycle,
    live,
    migrations,
    people,
    prose,
    redaction,
    shared_names,
    suppressions,
    traffic,
    waves,
)
from generator.checks.rule import CheckedRule, RuleContext, check, rule
from generator.evidence import files as evidence_files
from generator.findings import Rule
from generator.graph import reference_lookup
from generator.load import rules as load_rules

_FAMILIES = (
    code, collected, contracts, drafts, endpoints, experiments, inventory, lifecycle, live, migrations, people,
    prose, redaction, shared_names, traffic, waves,
)  # fmt: skip
RULES = tuple(
    sorted(
        {value for family in _FAMILIES for value in vars(family).values() if isinstance(value, CheckedRule)},
        key=lambda checked: checked.rule.code,
    )
)
"""Every rule with a check, sorted by code."""

ALL_RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *load_rules.RULES,
            *reference_lookup.RULES,
            *suppressions.RULES,
            *evidence_files.RULES,
            *(checked.rule for checked in RULES),
        ),
        key=lambda rule: rule.code,
    )
)
"""These rules and those of the layers below, sorted by code; layers above add their own."""

__all__ = ["ALL_RULES", "RULES", "CheckedRule", "RuleContext", "check", "rule"]
