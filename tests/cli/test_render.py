"""The configuration that `modelbook render` writes next to the pages."""

import json

import yaml

from generator.project import find_shipped_templates
from tests.books import MODEL, TEAM, write_book
from tests.cli.running import run


def test_a_rendered_book_has_the_palettes_of_a_new_book(tmp_path):
    root = write_book(tmp_path / "book", {"ryl.yml": MODEL, "t.yml": TEAM})
    assert run("render", "-C", root, "--out", tmp_path / "plain").code == 0
    rendered = json.loads((tmp_path / "plain/mkdocs.yml").read_text("utf-8"))
    new = yaml.safe_load((find_shipped_templates() / "book/mkdocs.yml").read_text("utf-8").replace("@BOOK@", "Book"))
    assert [palette["scheme"] for palette in rendered["theme"]["palette"]] == ["default", "slate"]
    assert rendered["theme"]["palette"] == new["theme"]["palette"]
    css = (tmp_path / "plain/docs/assets/modelbook/modelbook.css").read_text("utf-8")
    assert '[data-md-color-scheme="slate"]' in css
