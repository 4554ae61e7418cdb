"""Small books on disk for tests."""

import functools
import textwrap
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from generator.load.configuration import Configuration, read_configuration
from generator.project import Project, open_project

REPOSITORY = Path(__file__).parent.parent

MKDOCS = """
site_name: Test book
theme: {name: material, font: false}
plugins:
  - search
  - offline
  - modelbook: {as_of: 2026-11-20}
markdown_extensions: [attr_list, md_in_html, tables, toc, pymdownx.highlight, pymdownx.superfences]
extra_css: [assets/modelbook/diagrams.css]
"""


def write_book(root: Path, cards: dict[str, str], mkdocs: str = MKDOCS) -> Path:
    """Write a book with the given card files (path below cards/ to text, which is dedented)."""
    (root / "docs").mkdir(parents=True, exist_ok=True)
    (root / "cards").mkdir(exist_ok=True)
    (root / "mkdocs.yml").write_text(mkdocs, encoding="utf-8")
    for name, text in cards.items():
        path = root / "cards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return root


def open_book(root: Path, cards: dict[str, str] | None = None) -> Project:
    """Open a book as of 2026-11-20, and write the given cards first."""
    if cards is not None:
        write_book(root, cards)
    configuration, findings = read_configuration(root)
    assert not findings
    return open_project(root, date(2026, 11, 20), configuration)


@functools.cache
def open_own_book() -> Project:
    """Open the demo book of the repository, once for all tests of a process."""
    return open_project(REPOSITORY)


def replace_templates_folder(configuration: Configuration, folder: str) -> Configuration:
    """Return the configuration with another folder for templates."""
    return replace(configuration, settings=configuration.settings.model_copy(update={"templates": folder}))


TEAM = "kind: team\nid: t\nname: Team\nlead: p\nchannel: '#t'\n---\nkind: person\nid: p\nname: Person\nteam: t\n"

MODEL = """
kind: model
id: ryl
name: Restaurants
summary: Ranks restaurants.
lifecycle: experimental
serving: offline
owners: [t]
"""
