"""The plugin under MkDocs itself, without the command `modelbook`."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from lxml import html

from generator.settings import PageSection
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.sites import run_mkdocs, run_modelbook

CARDS = {"models/ryl.yml": MODEL, "teams/t.yml": TEAM}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Build the site of a book with many models and a guide."""
    models = {
        f"models/m{number}.yml": MODEL.replace("id: ryl", f"id: m{number}").replace("Restaurants", f"Model {number}")
        for number in range(30)
    }
    root = write_book(
        tmp_path_factory.mktemp("book"), models | CARDS, "repo_url: https://git.example.com/ds/book\n" + MKDOCS
    )
    (root / "docs/guide.md").write_text("# Our guide\n\n```python\nx = 1\n```\n", encoding="utf-8")
    done = run_mkdocs("build", "--strict", cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "site"


def test_mkdocs_builds_the_pages_of_cards(site):
    assert "Restaurants" in (site / "models/ryl.html").read_text(encoding="utf-8")


def test_an_error_in_a_card_ends_the_build_with_its_position(tmp_path):
    done = run_mkdocs("build", cwd=write_book(tmp_path, {"ryl.yml": MODEL.replace("offline", "ofline")}))
    assert done.returncode == 1
    assert "cards/ryl.yml:6:10 MB013" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("severity", ["warning", "off", "'off'"])
def test_the_site_builds_if_an_unresolved_reference_is_lowered_or_switched_off(tmp_path, severity):
    options = MKDOCS.replace("{as_of: 2026-11-20}", f"{{as_of: 2026-11-20, severities: {{MB101: {severity}}}}}")
    root = write_book(tmp_path, {**CARDS, "ryl.yml": MODEL.replace("id: ryl", "id: x\nfallback: gone")}, options)
    done = run_mkdocs("build", cwd=root)
    assert done.returncode == 0, done.stderr
    assert ("MB101" in done.stderr) == (severity == "warning")
    assert (tmp_path / "site/models/x.html").exists()


def test_an_unknown_option_is_refused_with_a_suggestion(tmp_path):
    done = run_mkdocs("build", cwd=write_book(tmp_path, CARDS, MKDOCS.replace("as_of", "as_off")))
    assert done.returncode == 1
    assert "did you mean 'as_of'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_single_cards_are_not_in_the_navigation_of_every_page(site):
    page = (site / "models/m1.html").read_text(encoding="utf-8")
    assert "models/index.html" in page or 'href="index.html"' in page
    assert "m17.html" not in page


def test_pages_json_lists_every_page_with_its_card(site):
    book = json.loads((site / "pages.json").read_text(encoding="utf-8"))
    pages = {page["ref"]: page for page in book["pages"]}
    assert pages["model:ryl"]["source"] == {"file": "cards/models/ryl.yml", "line": 1}
    assert pages["model:ryl"]["parent"] == "page:models"
    assert pages["model:ryl"]["labels"] == ["model", "experimental"]
    assert pages["page:guide"]["title"] == "Our guide"
    assert all((site / page["path"]).is_file() for page in book["pages"])


def test_pages_json_names_the_section_of_every_page(tmp_path):
    root = write_book(tmp_path, CARDS, MKDOCS.replace("- search", "- search\n  - tags"))
    (root / "docs/guide.md").write_text("---\nsection: guide\n---\n# How to edit\n", encoding="utf-8")
    (root / "docs/deploy.md").write_text("# Deploy\n", encoding="utf-8")
    (root / "docs/index.md").write_text("# Ours\n", encoding="utf-8")
    assert run_mkdocs("build", cwd=root).returncode == 0
    pages = json.loads((root / "site/pages.json").read_text(encoding="utf-8"))["pages"]
    sections = {page["path"]: page["section"] for page in pages}
    expected = {"index.html": "home", "models/index.html": "models", "models/ryl.html": "models", "guide.html": "guide"}
    expected |= {"deploy.html": "docs", "tags.html": "tags", "debt.html": "views", "reference/fields.html": "guide"}
    expected |= {"reference/codes/index.html": "rules"}
    assert expected.items() <= sections.items()
    assert set(sections.values()) == set(get_args(PageSection))


def list_siblings(root: Path, parent: str) -> list[str]:
    pages = json.loads((root / "site/pages.json").read_text(encoding="utf-8"))["pages"]
    return [page["ref"] for page in pages if page["parent"] == parent]


def test_pages_json_lists_siblings_in_the_order_of_the_navigation(tmp_path):
    root = write_book(tmp_path, CARDS)
    (root / "docs/guide.md").write_text("# Guide\n", encoding="utf-8")
    assert run_mkdocs("build", cwd=root).returncode == 0
    home = (root / "site/index.html").read_text(encoding="utf-8").partition("md-content")[0]
    links = [
        href for href in re.findall(r'<a href="([^"#:]+\.html)" class="md-nav__link"', home) if href != "index.html"
    ]
    pages = json.loads((root / "site/pages.json").read_text(encoding="utf-8"))["pages"]
    listed = [page["path"] for page in pages if page["parent"] == "page:home"]
    assert listed == links
    refs = [page["ref"] for page in pages]
    assert refs.index("page:models") < refs.index("model:ryl") < refs.index("page:flows")

    nav = "nav: [{Home: index.md}, {Debt: debt.md}, {Guide: guide.md}, {Models: models/index.md}]\n"
    root = write_book(tmp_path / "own", CARDS, nav + MKDOCS)
    (root / "docs/guide.md").write_text("# Guide\n", encoding="utf-8")
    assert run_mkdocs("build", cwd=root).returncode == 0
    assert list_siblings(root, "page:home")[:4] == ["page:debt", "page:guide", "page:models", "page:attention"]


def test_pages_json_has_the_state_the_aliases_and_the_account_of_a_card(tmp_path):
    cards = {
        **CARDS,
        "old.yml": MODEL.replace("id: ryl", "id: old").replace("experimental", "retired"),
        "late.yml": MODEL.replace("id: ryl", "id: late\nreview_by: 2026-11-01"),
        "soon.yml": MODEL.replace("id: ryl", "id: soon\nreview_by: 2026-12-01\naliases: [r_y_l, RYL, RYL2]"),
        "named.yml": MODEL.replace("id: ryl", "id: named\naliases: [REST, former]"),
        "ada.yml": "kind: person\nid: ada\nname: Ada\naliases: [ADA2]\nconfluence_account: 557058:2954-f3\n",
    }
    root = write_book(tmp_path, cards)
    assert run_mkdocs("build", cwd=root).returncode == 0
    pages = json.loads((root / "site/pages.json").read_text(encoding="utf-8"))["pages"]
    found = {
        page["ref"]: {key: page[key] for key in ("state", "alias", "aliases", "account") if key in page}
        for page in pages
        if not page["ref"].startswith("page:")
    }
    assert found == {
        "model:ryl": {},
        "model:old": {"state": "retired"},
        "model:late": {"state": "review overdue"},
        "model:soon": {"alias": "RYL", "aliases": ["r_y_l", "RYL", "RYL2"]},
        "model:named": {"aliases": ["REST", "former"]},
        "person:ada": {"aliases": ["ADA2"], "account": "557058:2954-f3"},
        "team:t": {},
        "person:p": {},
    }


def list_sidebar(page: Path) -> list[str]:
    """List the titles in the sidebar of a page, groups included, with a star before the marked ones."""
    sidebar = html.parse(str(page)).xpath("//nav[contains(@class, 'md-nav--primary')]")[0]
    found = []
    for item in sidebar.xpath(".//li[not(ancestor::nav[contains(@class, 'md-nav--secondary')])]"):
        title = " ".join(item.xpath("./a | ./label | ./div/a")[-1].text_content().split())
        is_page = not item.xpath("./nav[@data-md-level]")
        found.append(f"{'*' if 'md-nav__item--active' in item.get('class') and is_page else ''}{title}")
    return found


SIDEBAR = ["Home", "Answers", "Open work", "What needs attention", "Who to call", "Map", "Catalogue", "Models", "Flows",
           "Experiments", "Migrations", "Systems", "Data", "Teams", "People", "Help"]  # fmt: skip


def mark(titles: list[str], marked: str) -> list[str]:
    return [f"*{title}" if title == marked else title for title in titles]


def test_the_sidebar_has_three_groups_and_marks_the_page_or_the_kind_of_its_card(site):
    shown = [*SIDEBAR, "Our guide", "Fields of a card", "Rules"]
    for path, marked in {
        "models/ryl.html": "Models",
        "teams/t.html": "Teams",
        "models/index.html": "Models",
        "debt.html": "Open work",
        "reference/codes/index.html": "Rules",
        "guide.html": "Our guide",
        "index.html": "Home",
    }.items():
        assert list_sidebar(site / path) == mark(shown, marked), path
    missing = (site / "404.html").read_text("utf-8")
    assert "md-nav__item--active" not in missing
    assert "Search for a name or an alias" in missing


def test_a_guide_of_several_pages_is_listed_only_on_its_own_pages(tmp_path):
    root = write_book(tmp_path, CARDS, MKDOCS.replace("font: false", "font: false, features: [navigation.indexes]"))
    for name in ("first", "index/index", "last"):
        (root / f"docs/guide/{name}.md").parent.mkdir(parents=True, exist_ok=True)
        (root / f"docs/guide/{name}.md").write_text(f"# The {name.partition('/')[0]}\n", encoding="utf-8")
    assert run_mkdocs("build", cwd=root).returncode == 0
    assert list_sidebar(root / "site/models/ryl.html") == mark(
        [*SIDEBAR, "Guide", "Fields of a card", "Rules"], "Models"
    )
    shown = list_sidebar(root / "site/guide/last.html")
    assert shown == mark(
        [*SIDEBAR, "Guide", "The first", "The index", "The last", "Fields of a card", "Rules"], "The last"
    )


def test_an_own_navigation_stays_with_its_features(tmp_path):
    nav = "nav: [{Home: index.md}, {Cards: [models/index.md, {Duties: debt.md}]}]\n"
    root = write_book(tmp_path, CARDS, nav + MKDOCS)
    assert run_mkdocs("build", cwd=root).returncode == 0
    assert list_sidebar(root / "site/models/ryl.html") == mark(["Home", "Cards", "Models", "Duties"], "Models")
    assert list_sidebar(root / "site/teams/t.html") == ["Home", "Cards", "Models", "Duties"]
    assert "navigation.sections" not in (root / "site/index.html").read_text("utf-8")


def test_the_contents_of_a_generated_page_are_at_most_eight_headings_of_one_level(tmp_path):
    headings = "".join(f"## H{number}\n### Sub{number}\n" for number in range(10))
    root = write_book(tmp_path, CARDS)
    (root / "docs/own.md").write_text(f"# Own\n{headings}", encoding="utf-8")
    (root / "templates/pages").mkdir(parents=True)
    template = f'{{% extends "shipped/pages/team.md.j2" %}}{{% block body %}}\n{headings}{{% endblock %}}'
    (root / "templates/pages/team.md.j2").write_text(template, encoding="utf-8")
    assert run_mkdocs("build", cwd=root).returncode == 0

    def list_contents(name: str) -> list[str]:
        page = html.parse(str(root / "site" / name))
        links = page.xpath("//div[@data-md-type='toc']//nav[contains(@class, 'md-nav--secondary')]//a")
        return [link.text_content().strip() for link in links]

    assert list_contents("teams/t.html") == [f"H{number}" for number in range(8)]
    assert len(list_contents("own.html")) == 20


def test_an_own_page_may_replace_an_overview_but_not_a_card(tmp_path):
    root = write_book(tmp_path, CARDS)
    (root / "docs/index.md").write_text("# Ours\n", encoding="utf-8")
    assert run_mkdocs("build", cwd=root).returncode == 0
    assert "Ours" in (tmp_path / "site/index.html").read_text(encoding="utf-8")
    (root / "docs/models").mkdir()
    (root / "docs/models/ryl.md").write_text("# Mine\n", encoding="utf-8")
    done = run_mkdocs("build", cwd=root)
    assert done.returncode == 1
    assert "MB014" in done.stderr


def test_the_edit_link_points_to_the_card(site):
    page = (site / "models/ryl.html").read_text(encoding="utf-8")
    assert 'href="https://git.example.com/ds/book/edit/HEAD/cards/models/ryl.yml"' in page


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("repo_url: https://github.com/ds/book", "https://github.com/ds/book/edit/HEAD/"),
        ("repo_url: https://gitlab.com/ds/book", "https://gitlab.com/ds/book/-/edit/HEAD/"),
        ("repo_url: https://bitbucket.org/ds/book", "https://bitbucket.org/ds/book/src/HEAD/"),
        (
            "repo_url: https://github.com/ds/book\nedit_uri: edit/main/own/docs\ndocs_dir: own/docs",
            "https://github.com/ds/book/edit/main/",
        ),
    ],
)
def test_the_edit_link_of_a_known_host_leads_to_the_cards(options: str, expected: str, tmp_path: Path):
    settings = "".join(line for line in MKDOCS.splitlines(keepends=True) if not line.startswith("repo_url"))
    root = write_book(tmp_path, CARDS, f"{options}\n{settings}")
    (root / "own/docs").mkdir(parents=True)
    assert run_mkdocs("build", cwd=root).returncode == 0
    page = (tmp_path / "site/models/ryl.html").read_text(encoding="utf-8")
    assert f'href="{expected}cards/models/ryl.yml' in page


def test_code_keeps_its_language_unless_the_book_disables_it(site, tmp_path):
    assert 'class="language-python highlight"' in (site / "guide.html").read_text(encoding="utf-8")
    silent = MKDOCS.replace("pymdownx.highlight", "{pymdownx.highlight: {pygments_lang_class: false}}")
    root = write_book(tmp_path, CARDS, silent)
    (root / "docs/guide.md").write_text("# Guide\n\n```python\nx = 1\n```\n", encoding="utf-8")
    assert run_mkdocs("build", cwd=root).returncode == 0
    assert 'class="language-python highlight"' not in (root / "site/guide.html").read_text(encoding="utf-8")


def test_the_gitignore_of_the_site_folder_stays(tmp_path):
    root = write_book(tmp_path, CARDS)
    (root / "site").mkdir()
    (root / "site/.gitignore").write_text("*\n", encoding="utf-8")
    assert run_modelbook("build", cwd=root).returncode == 0
    assert (root / "site/.gitignore").exists()


def test_a_configuration_without_extensions_and_styles_has_the_same_pages(site, tmp_path):
    short = re.sub(r"^(markdown_extensions|extra_css): .*\n", "", MKDOCS, flags=re.MULTILINE)
    assert len(short.splitlines()) == len(MKDOCS.splitlines()) - 2
    root = write_book(tmp_path, CARDS, short)
    done = run_mkdocs("build", "--strict", cwd=root)
    assert done.returncode == 0, done.stderr
    full = write_book(tmp_path / "full", CARDS)
    assert run_mkdocs("build", "--strict", cwd=full).returncode == 0
    for name in ("models/ryl.html", "teams/t.html", "index.html"):
        page = (root / "site" / name).read_text(encoding="utf-8")
        assert "<table" in page or name == "index.html"
        assert 'markdown="1"' not in page
        assert page == (full / "site" / name).read_text(encoding="utf-8")


def test_files_of_the_book_replace_those_of_the_author_unless_they_are_excluded(tmp_path):
    root = write_book(tmp_path, CARDS, f"{MKDOCS}exclude_docs: /assets/modelbook/map.svg\n")
    (root / "docs/catalog.json").write_text("{}", encoding="utf-8")
    assert run_mkdocs("build", cwd=root).returncode == 0
    assert json.loads((root / "site/catalog.json").read_text(encoding="utf-8"))["format"] == "modelbook-catalog"
    assert [path.name for path in (root / "site").glob(".*")] == []
    assert (root / "site/assets/modelbook/map.svg").exists() is False
    assert (root / "site/assets/modelbook/diagrams.css").exists()
