"""A book for a test: real cards in a temporary folder, read by the real loader."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from generator.checks import RuleContext
from generator.checks.examples import split_files
from generator.evidence.files import read_evidence
from generator.findings import Finding
from generator.graph.resolve import build_graph
from generator.load.cards import load_cards
from generator.load.collected import read_lock
from generator.load.configuration import read_configuration
from generator.names import Ref
from generator.settings import Settings

TODAY = date(2026, 11, 20)
FUNCTIONS = {"ds": "ds", "merch": "Merchandising"}


def build_context(
    files: Mapping[str, str], folder: Path, versions: Mapping[Ref, tuple[str, ...]] | None = None
) -> tuple[RuleContext, list[Finding]]:
    """The context of some card files by name, and what reading and resolving found."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_context(folder, folder.parent, Settings(functions=FUNCTIONS), versions)


def build_section_context(
    section: str, root: Path, versions: Mapping[Ref, tuple[str, ...]] | None = None
) -> tuple[RuleContext, list[Finding]]:
    """The context of a section of an example, which may have several files, and what reading and resolving found."""
    for name, text in split_files(section).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = Settings()
    if (root / "mkdocs.yml").is_file():
        settings = read_configuration(root)[0].settings
    return read_context(root / "cards", root, settings.model_copy(update={"functions": FUNCTIONS}), versions)


def read_context(
    cards_folder: Path, project: Path, settings: Settings, versions: Mapping[Ref, tuple[str, ...]] | None = None
) -> tuple[RuleContext, list[Finding]]:
    """The context of a folder of cards with the evidence next to it, and what reading and resolving found."""
    cards, unreadable = load_cards(cards_folder, project, read_lock(project)[0])
    graph, dangling = build_graph(cards)
    evidence, unread = read_evidence(project / "evidence", project)
    context = RuleContext(cards, graph, TODAY, settings, versions or {}, evidence)
    return context, [*unread, *unreadable, *dangling]
