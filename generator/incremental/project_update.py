"""A project after a change of card files or of their history, made from the former one without reading other files."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from generator.book_findings import redact_findings, select_reported
from generator.checks import RULES, RuleContext
from generator.checks.recheck import recheck
from generator.checks.redaction import redact_cards
from generator.checks.suppressions import SECRET
from generator.contracts.openapi import resolve_contracts
from generator.findings import Finding, Severity
from generator.git import list_state_files
from generator.graph.resolve import update_graph
from generator.history.events import History, list_versions
from generator.input_state import BuildInputs, InputState, read_history_state
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

    It is unusual if a file cannot be read without findings, or is part of a contract.

    Args:
        former: The project before the change, which `can_be_updated`.
        changed_files: The files that were changed, added or removed, relative to the folder of the cards.

    """
    settings, root = former.configuration.settings, former.root
    folder = find_cards_folder(root, settings.cards)
    return reload_files(former.cards, changed_files, folder, root, settings.linked_folders)


def update_history_files(root: Path, inputs: BuildInputs, state: InputState) -> tuple[BuildInputs, InputState]:
    """Return the inputs of a build and their state with the present files of git: another branch has others."""
    updated = structs.replace(inputs, history=tuple(str(each.absolute()) for each in list_state_files(root)))
    history, changed = read_history_state(updated)
    return updated, structs.replace(state, history=history, changed=max(state.changed, changed))


def replace_cards(former: Project, reloaded: Cards, history: History | None = None) -> Project | None:
    """Return the project that `open_project` would return with these cards; None for an unusual change.

    It is unusual if a reference cannot be resolved, if two cards have one page, if the cards have another order, or if
    there is a secret. `history` is the new history of the cards.
    """
    settings, raw = former.configuration.settings, former.raw
    if any(reloaded.has_file(finding.position.file) for finding in raw.reading):
        return None
    changed, unresolved = resolve_contracts(reloaded)
    cards, touched = former.cards.update(changed), former.cards.list_touched(changed)
    graph = update_graph(former.graph, cards, touched) if former.cards.can_become(cards) else None
    if graph is None:
        return None
    history = former.history if history is None else history
    versions = list_versions(former.history)
    new_versions = versions if history is former.history else list_versions(history)
    old = RuleContext(former.cards, former.graph, former.today, settings, versions, former.evidence)
    context = RuleContext(cards, graph, former.today, settings, new_versions, former.evidence)
    kept = (finding for finding in raw.contracts if finding.subject not in touched)
    raw = structs.replace(
        raw, contracts=(*kept, *unresolved), checked=recheck(raw.checked, old, context, touched, RULES)
    )
    findings, suppressed = select_reported(raw, context, RULES)
    has_secrets = redact_cards(changed) is not changed
    updated = replace(
        former,
        cards=cards,
        graph=graph,
        findings=findings,
        suppressed=suppressed,
        history=history,
        raw=raw,
        has_secrets=has_secrets,
    )
    return None if _has_secrets(updated) else updated


def _has_secrets(project: Project) -> bool:
    return project.has_secrets or any(finding.code == SECRET for finding in project.raw.checked)


def _is_about_contract_file(finding: Finding) -> bool:
    """Return whether a finding is the note about a contract that no card refers to."""
    return finding.code == NO_CARD.code and finding.severity is Severity.INFO
