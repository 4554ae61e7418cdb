import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import yaml

from generator.pages import site
from generator.pages.navigation import NAVIGATION
from tests.books import MODEL, REPOSITORY, TEAM, write_book

IMPORT = "from generator.pages.contexts.hosts import build_hosts_view\n"
ENDPOINT = "endpoints: {production: 'https://ml.example.com/ryl:predict'}\n"


def test_each_page_of_the_navigation_has_a_view():
    pages = (NAVIGATION.home, *NAVIGATION.overviews, *NAVIGATION.reference)
    assert [page.name for page in pages] == list(site.VIEWS)


def test_keys_and_paths_are_unique():
    assert len({page.key for page in NAVIGATION.pages}) == len(NAVIGATION.pages)
    assert len({page.path for page in NAVIGATION.pages}) == len(NAVIGATION.pages)


def test_breadcrumbs_lead_from_home_to_the_parent():
    def titles(parent: str | None) -> list[str]:
        return [page.title for page in NAVIGATION.list_breadcrumbs(parent)]

    assert titles(None) == []
    assert titles("page:home") == ["Home"]
    assert titles("page:models") == ["Home", "Models"]
    assert titles("page:codes") == ["Home", "Codes of findings"]


def test_the_guide_is_between_overviews_and_reference():
    def groups(guide: list[str]) -> list[str]:
        return [
            name for entry in NAVIGATION.to_mkdocs(guide) for name, value in entry.items() if isinstance(value, list)
        ]

    assert groups([]) == ["Overviews", "Reference"]
    assert groups(["guide.md"]) == ["Overviews", "Guide", "Reference"]


def add_page_as_described(copy: Path) -> None:
    """Follow "Add a page" of CONTRIBUTING.md in a copy of the source."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a page")[2].partition("\n## ")[0]
    blocks = dict(re.findall(r"^    ```(\w+)\n(.*?)^    ```$", text, re.MULTILINE | re.DOTALL))
    imports = (
        "from dataclasses import dataclass\nfrom urllib.parse import urlsplit\n"
        "from generator.pages.book import Book\nfrom generator.schema import Model\n"
    )
    (copy / "generator/pages/contexts/hosts.py").write_text(imports + textwrap.dedent(blocks["python"]), "utf-8")
    (copy / "templates/pages/hosts.md.j2").write_text(textwrap.dedent(blocks["jinja"]), "utf-8")
    navigation, view = re.findall(r"Add `([^`]+)` to `overviews`.*?`([^`]+)` to `VIEWS`", text, re.DOTALL)[0]
    insert(copy / "generator/pages/navigation.py", "    ),\n    reference=(", f"        {navigation},\n")
    insert(copy / "generator/pages/site.py", "from generator.pages.filters", IMPORT)
    insert(copy / "generator/pages/site.py", '    "fields": ', f"    {view},\n")


def insert(file: Path, before: str, text: str) -> None:
    source = file.read_text("utf-8")
    assert source.count(before) == 1, before
    file.write_text(source.replace(before, text + before), "utf-8")


def run(copy: Path, book: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=book,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_page_that_is_added_as_described_is_built_and_listed(tmp_path):
    copy, book = tmp_path / "copy", tmp_path / "book"
    for name in ("generator", "templates"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    add_page_as_described(copy)
    write_book(book, {"ryl.yml": MODEL + ENDPOINT, "t.yml": TEAM})
    run(copy, book, "build")
    html = (book / "site/hosts.html").read_text("utf-8")
    assert "<code>ml.example.com</code>" in html
    assert re.search(r'aria-label="Breadcrumb".*?<a href="index.html">Test book</a>', html)
    assert 'href="hosts.html"' in (book / "site/map.html").read_text("utf-8").partition("md-content")[0]
    pages = {page["ref"]: page for page in json.loads((book / "site/pages.json").read_text("utf-8"))["pages"]}
    assert (pages["page:hosts"]["title"], pages["page:hosts"]["parent"]) == ("Hosts", "page:home")
    run(copy, book, "render", "--out", str(tmp_path / "out"))
    configuration = yaml.safe_load((tmp_path / "out/mkdocs.yml").read_text("utf-8"))
    assert {"Hosts": "hosts.md"} in configuration["nav"]
    assert (tmp_path / "out/docs/hosts.md").is_file()
