"""A project after a change of card files, made from the former one without reading the other files."""

from collections.abc import Iterable
from dataclasses import replace

from generator.book_findings import redact_findings, select_reported
from generator.checks import RULES, RuleContext
from generator.checks.recheck import recheck
from generator.checks.redaction import redact_cards
from generator.checks.suppressions import SECRET
from generator.contracts.openapi import resolve_contracts
from generator.findings import Finding, Severity
from generator.graph.resolve import update_graph
from generator.history.events import list_versions
from generator.load.cards import Cards, reload_files
from generator.load.configuration import find_cards_folder
from generator.load.rules import NO_CARD
from generator.project import Project


def can_be_updated(project: Project) -> bool:
    """Return whether the cards of a project can be replaced; it can then be stored, since it contains no secrets."""
    raw = project.raw
    found = (*raw.inputs, *raw.contracts, *raw.checked)
    return (
        not project.cards.unread
        and not raw.references
        and all(map(_is_about_contract_file, raw.reading))
        and not _has_secrets(project)
        and found == tuple(redact_findings(found))
    )


def reload_cards(former: Project, changed_files: Iterable[str]) -> Cards | None:
    """Read changed files again, and return their cards; None for an unusual change.

    A change of values in cards is usual. It is unusual if the cards are no longer the same ones, or if a file cannot be
    read without findings or is part of a contract.

    Args:
        former: The project before the change, which `can_be_updated`.
        changed_files: The paths of the changed files, relative to the folder of the cards.

    """
    settings, root = former.configuration.settings, former.root
    folder = find_cards_folder(root, settings.cards)
    return reload_files(former.cards, changed_files, folder, root, settings.linked_folders)


def replace_cards(former: Project, reloaded: Cards) -> Project | None:
    """Return the project that `open_project` would return with these cards; None for an unusual change.

    It is unusual if a reference cannot be resolved, or if there is a secret.
    """
    settings, raw = former.configuration.settings, former.raw
    if any(finding.position.file in reloaded.texts for finding in raw.reading):
        return None
    changed, unresolved = resolve_contracts(reloaded)
    cards = former.cards.update(changed)
    graph = update_graph(former.graph, cards, changed.items)
    if graph is None:
        return None
    versions = list_versions(former.history)
    old = RuleContext(former.cards, former.graph, former.today, settings, versions, former.evidence)
    context = RuleContext(cards, graph, former.today, settings, versions, former.evidence)
    kept = (finding for finding in raw.contracts if finding.subject not in changed.by_ref)
    raw = replace(
        raw, contracts=(*kept, *unresolved), checked=recheck(raw.checked, old, context, changed.by_ref, RULES)
    )
    findings, suppressed = select_reported(raw, context, RULES)
    has_secrets = redact_cards(changed, {}) is not changed
    updated = replace(
        former, cards=cards, graph=graph, findings=findings, suppressed=suppressed, raw=raw, has_secrets=has_secrets
    )
    return None if _has_secrets(updated) else updated


def _has_secrets(project: Project) -> bool:
    return project.has_secrets or any(finding.code == SECRET for finding in project.raw.checked)


def _is_about_contract_file(finding: Finding) -> bool:
    """Return whether a finding is the note about a contract that no card refers to."""
    return finding.code == NO_CARD.code and finding.severity is Severity.INFO
