"""The conversion of a page that MkDocs and Material built with every extension, without a loss."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.confluence.storage.convert import convert_page
from generator.confluence.storage.page import SourcePage, SourceSite
from generator.confluence.storage.write import ConvertedPage
from tests.confluence.parity import Surroundings, parity
from tests.confluence.storage.book import format_storage
from tests.confluence.storage.test_convert import GOLDENS
from tests.conftest import Golden

CONFIG = """
site_name: Book
site_url: https://book.example.com/
use_directory_urls: false
theme: {name: material, font: false, features: [content.code.copy, content.action.edit]}
repo_url: https://git.example.com/book
edit_uri: edit/main/docs/
plugins: []
validation: {nav: {omitted_files: ignore}}
markdown_extensions:
  - admonition
  - attr_list
  - md_in_html
  - def_list
  - footnotes
  - abbr
  - tables
  - toc: {permalink: true}
  - pymdownx.highlight: {anchor_linenums: true, line_spans: __span, pygments_lang_class: true}
  - pymdownx.inlinehilite
  - pymdownx.superfences:
      custom_fences:
        - {name: mermaid, class: mermaid, format: !!python/name:pymdownx.superfences.fence_code_format }
  - pymdownx.tabbed: {alternate_style: true}
  - pymdownx.tasklist: {custom_checkbox: true}
  - pymdownx.keys
  - pymdownx.mark
  - pymdownx.caret
  - pymdownx.tilde
  - pymdownx.betterem
  - pymdownx.critic
  - pymdownx.details
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
      emoji_generator: !!python/name:material.extensions.emoji.to_svg
"""
PATHS = {"models/ryl.html": "Restaurants You'll Like", "other.html": "Other"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("book")
    (root / "docs" / "models").mkdir(parents=True)
    (root / "mkdocs.yml").write_text(CONFIG)
    source = Path(__file__).with_name("material.md").read_text("utf-8")
    (root / "docs" / "models" / "ryl.md").write_text(source, "utf-8")
    (root / "docs" / "other.md").write_text("# Other\n\n## Use\n\n[a](models/ryl.md)\n")
    for name in ("plot.png", "report.pdf"):
        (root / "docs" / "models" / name).write_bytes(name.encode())
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q", "-s"], cwd=root, env=quiet, check=True)
    return root / "site"


def _converted(site: Path) -> ConvertedPage:
    def read_file(path: str) -> bytes | None:
        return (site / path).read_bytes() if (site / path).is_file() else None

    book = SourceSite(PATHS, read_file, lambda _svg: (), "https://book.example.com/")
    page = SourcePage("models/ryl.html", PATHS["models/ryl.html"])
    return convert_page((site / page.path).read_bytes(), page, book)


PLACES = {title: title for title in PATHS.values()}


def test_every_extension_is_converted(site: Path, golden: Golden):
    result = _converted(site)
    assert {loss.rule.code for loss in result.losses} == {"MB907"}
    golden(GOLDENS.parent / "material.xml", format_storage(result.storage.resolve(PLACES)))


def test_the_wiki_page_contains_all_content_of_the_site(site: Path):
    html = (site / "models/ryl.html").read_text("utf-8")
    around = Surroundings("models/ryl.html", PATHS["models/ryl.html"], PATHS, "https://book.example.com/")
    verdict = parity(html, _converted(site).storage.resolve(PLACES), around)
    assert verdict.missing == ()
    counts = {tally.kind: tally.on_site for tally in verdict.tallies}
    assert counts["heading"] == 4
    assert counts["cell"] == 9
    assert counts["code"] == 4
    assert counts["list item"] == 10
    assert counts["link"] == 11
    assert counts["image"] == 2
    assert dict(verdict.dropped)["md-content__button"] == 1
