"""A small book with every kind of card, and the changes that its authors make."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generator.history.events import History
from generator.incremental.project_update import reload_cards, replace_cards
from generator.project import Project

Card = dict[str, Any]
Files = dict[str, list[Card]]
"""The cards of each file below `cards/`."""

MKDOCS = """\
site_name: {title}
site_url: https://models.example.com/
theme: {{name: material, font: false{theme}}}
plugins:
  - search
  - offline
  - tags
  - modelbook:
      as_of: {day}
      functions: {{ds: Data Science, engineering: Engineering}}
      severities: {{MB405: {severity}}}
markdown_extensions: [attr_list, md_in_html, tables, toc, pymdownx.highlight, pymdownx.superfences]
extra_css: [assets/modelbook/diagrams.css]
{nav}"""
SETTINGS = {"title": "Rich book", "theme": "", "day": "2026-11-20", "severity": "warning", "nav": ""}
NAV = "nav: [index.md, guide.md, models/index.md]\n"
CONTRACT = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "string"}}}}


def write_cards() -> Files:
    """Return the cards as the author has written them at first."""
    return {
        "teams/cooks.yml": [
            {"kind": "team", "id": "cooks", "name": "Cooks", "lead": "asha", "channel": "#cooks"},
            {"kind": "person", "id": "asha", "name": "Asha Rao", "team": "cooks", "email": "asha@example.com"},
            {"kind": "person", "id": "rohan", "name": "Rohan Kulkarni", "team": "cooks"},
        ],
        "teams/riders.yml": [
            {"kind": "team", "id": "riders", "name": "Riders", "lead": "li", "channel": "#riders"},
            {"kind": "person", "id": "li", "name": "Li Wei", "team": "riders"},
        ],
        "models/ranker.yml": [
            build_model("ranker", "Ranker", "production", deployed_on="2026-03-01", review_by="2027-03-31")
            | {"aliases": ["RNK"], "fallback": "popular", "features": ["profile:taste"], "timeout_ms": 150}
        ],
        "models/popular.yml": [build_model("popular", "Popular nearby", "production", deployed_on="2025-05-19")],
        "models/old.yml": [build_model("old", "Old ranker", "deprecated", successor="ranker")],
        "models/draft.yml": [build_model("guess", "Guessed model", "experimental", tags=["draft"])],
        "systems/home.yml": [
            {
                "kind": "system", "id": "home", "name": "Home page", "summary": "Shows the home page.",
                "type": "service", "owners": ["riders"], "repo": "https://git.example.com/core/home",
                "uses": [{"model": "ranker", "why": "First row", "criticality": "high"}],
            }
        ],
        "flows/ordering.yml": [
            {
                "kind": "flow", "id": "ordering", "name": "Ordering", "owners": ["cooks"],
                "summary": "From the home page to the order.", "trigger": "The customer opens the app",
                "steps": [
                    {"from": "model:ranker", "reads": "feature_view:profile"},
                    {"from": "system:home", "calls": "model:ranker", "note": "150 ms at most"},
                ],
            }
        ],
        "experiments/test.yml": [
            {
                "kind": "experiment", "id": "test", "name": "Ranker against popular", "owners": ["cooks"],
                "summary": "Is ranking worth it?", "status": "running", "started_on": "2026-11-01",
                "where": "system:home", "metric": "Orders", "hypothesis": "More orders.",
                "variants": {
                    "control": {"model": "popular", "traffic": 50}, "treatment": {"model": "ranker", "traffic": 50},
                },
            }
        ],
        "migrations/move.yml": [
            {
                "kind": "migration", "id": "move", "name": "Move the ranker", "owners": ["riders"],
                "summary": "The ranker leaves the old servers.", "status": "running", "moves": ["model:ranker"],
                "fallback": "popular", "rollback": "Switch back.",
                "waves": [
                    {"scope": {"city": ["pune"]}, "traffic": 5, "planned_on": "2026-10-05", "done_on": "2026-10-05"},
                    {"scope": {"city": ["all"]}, "traffic": 100, "planned_on": "2026-12-05"},
                ],
            }
        ],
        "resources/profile.yml": [
            {"kind": "resource", "type": "feature_view", "id": "profile", "name": "Profile", "owners": ["cooks"]}
        ],
    }  # fmt: skip


def build_model(name: str, title: str, lifecycle: str, **fields: object) -> Card:
    return {
        "kind": "model", "id": name, "name": title, "summary": f"{title} orders lists.", "lifecycle": lifecycle,
        "serving": "online", "owners": ["cooks"], "contacts": {"ds": "asha", "engineering": "li"}, "version": "1.0.0",
        "endpoints": {"production": f"https://ml.example.com/{name}"},
        "contract": {"request": {"type": "object"}, "response": {"$ref": "../contracts/items.json"}},
        "consumers": [{"system": "home", "why": f"Shows {title}", "criticality": "high"}],
        **fields,
    }  # fmt: skip


EVIDENCE: Card = {
    "row": "call", "ref": "model:old", "name": "old:predict", "caller": "core/home", "system": "system:home",
    "requests": 12, "errors": 0, "first_on": "2026-10-20", "last_on": "2026-11-19", "window": "30d",
    "source": "prometheus",
}  # fmt: skip


def write_card_file(root: Path, file: str, cards: list[Card]) -> None:
    """Write a file with one line for each field of a card."""
    path = root / "cards" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = ("".join(f"{key}: {json.dumps(value)}\n" for key, value in card.items()) for card in cards)
    path.write_text("---\n".join(texts), "utf-8")


def write_settings(root: Path, settings: Mapping[str, str]) -> None:
    (root / "mkdocs.yml").write_text(MKDOCS.format(**settings), "utf-8")


def write_rich_book(root: Path) -> None:
    """Write the book, in a new folder."""
    for folder in ("docs", "evidence", "cards/contracts"):
        (root / folder).mkdir(parents=True)
    write_settings(root, SETTINGS)
    (root / "docs/guide.md").write_text("---\ntags: [home]\n---\n# Guide\n\nThe [ranker](models/ranker.md).\n", "utf-8")
    (root / "cards/contracts/items.json").write_text(json.dumps(CONTRACT), "utf-8")
    write_evidence(root, EVIDENCE)
    for file, cards in write_cards().items():
        write_card_file(root, file, cards)


def write_evidence(root: Path, row: Card) -> None:
    (root / "evidence/traffic.jsonl").write_text(json.dumps(row) + "\n", "utf-8")


def update_project(former: Project, changed_files: Iterable[str], history: History | None = None) -> Project | None:
    """Return a project after a change of files, relative to the folder of the cards; None for an unusual change."""
    reloaded = reload_cards(former, changed_files)
    return replace_cards(former, reloaded, history) if reloaded is not None else None
