import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from generator.pages import site
from generator.pages.own_pages import build_navigation, list_nav_pages
from generator.pages.paths import NAVIGATION, list_sidebar_features
from tests.books import MODEL, REPOSITORY, TEAM, open_book, write_book

IMPORT = "from generator.pages.contexts.hosts import build_hosts_view\n"
ENDPOINT = "endpoints: {production: 'https://ml.example.com/ryl:predict'}\n"


def test_each_page_of_the_navigation_has_a_view():
    pages = (NAVIGATION.home, *NAVIGATION.answers, *NAVIGATION.help)
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
    assert titles("page:codes") == ["Home", "Rules"]


def test_the_sidebar_has_the_home_page_and_three_groups():
    [home, answers, catalogue, more] = NAVIGATION.select(()).to_mkdocs([], [{"Tags": "tags.md"}])
    assert home == {"Home": "index.md"}
    assert list_titles(answers["Answers"]) == ["Open work", "What needs attention", "Who to call", "Map"]
    kinds = ["Models", "Flows", "Experiments", "Migrations", "Systems", "Data", "Teams", "People"]
    assert list_titles(catalogue["Catalogue"]) == [*kinds, "Tags"]
    assert list_titles(more["Help"]) == ["Fields of a card", "Rules"]


def test_the_page_of_drafts_is_in_the_navigation_of_a_book_that_has_it(tmp_path):
    tagged = MODEL + "tags: [draft]\n"
    for number, (card, titles) in enumerate([(tagged, ["Open work", "Drafts to finish"]), (MODEL, ["Open work"])]):
        pages, _ = open_book(tmp_path / str(number), {"ryl.yml": card, "t.yml": TEAM}).render_pages()
        answers = build_navigation([], [], pages, has_tags=False)[1]["Answers"]
        assert list_titles(answers)[: len(titles)] == titles
        assert len(answers) == len(titles) + 3


def list_titles(group: list[dict[str, str]]) -> list[str]:
    return [title for entry in group for title in entry]


def test_the_guide_comes_first_in_the_help():
    def get_help(*guide: str) -> list[object]:
        entries: list[object] = NAVIGATION.to_mkdocs(guide)[-1]["Help"]
        return entries[:-2]

    assert get_help() == []
    assert get_help("guide.md") == ["guide.md"]
    assert get_help("a.md", "b.md") == [{"Guide": ["a.md", "b.md"]}]


def test_features_of_the_sidebar_are_added_to_those_of_the_author():
    own = ["navigation.indexes", "navigation.top", "navigation.sections"]
    assert list_sidebar_features(own) == ["navigation.top", "navigation.sections", "navigation.prune"]
    assert list_sidebar_features(["navigation.expand"]) == ["navigation.expand", "navigation.sections"]


VIEW = '''
from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.pages.book import Book
from generator.schema import Model


@dataclass(frozen=True, slots=True)
class HostsView:
    """The hosts of all models."""

    hosts: tuple[str, ...]


def build_hosts_view(book: Book) -> HostsView:
    """Build the view of the hosts."""
    urls = (url for model in book.list_cards(Model) for url in model.endpoints.values())
    return HostsView(tuple(sorted({urlsplit(url).netloc for url in urls})))
'''
TEMPLATE = """{% extends "layouts/page.md.j2" %}
{% block body %}
{% for host in view.hosts %}
- {{ host | code }}
{% endfor %}
{% endblock %}
"""


def add_page(copy: Path) -> None:
    """Follow "Add a page" of CONTRIBUTING.md in a copy of the source."""
    (copy / "generator/pages/contexts/hosts.py").write_text(VIEW, "utf-8")
    (copy / "templates/pages/hosts.md.j2").write_text(TEMPLATE, "utf-8")
    page = '        NavigationPage("hosts", "Hosts", "hosts.md"),\n'
    insert(copy / "generator/pages/paths.py", "    ),\n    catalogue=SECTIONS", page)
    insert(copy / "generator/pages/site.py", "from generator.pages.filters", IMPORT)
    insert(copy / "generator/pages/site.py", '    "fields": ', '    "hosts": build_hosts_view,\n')


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
        shutil.copytree(REPOSITORY / name, copy / name)
    add_page(copy)
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
    assert ("hosts.md", "Hosts") in list_nav_pages(configuration["nav"])
    assert (tmp_path / "out/docs/hosts.md").is_file()
