"""The page of rules and the redirects from the former pages of single rules."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from generator.book_findings import ALL_RULES
from generator.pages.paths import RULES_PATH, replace_old_rule_links
from tests.books import MKDOCS, MODEL, TEAM, open_book, write_book
from tests.sites import run_modelbook, serve_folder

OPTIONS = "site_url: https://book.example.com/\ncopyright: Food Inc.\nextra: {generator: false}\n"
GUIDE = "# Guide\n\nSee [MB203](reference/codes/MB203.md#fix) and [all](reference/codes/index.md).\n"
FINDINGS = """{% extends "shipped/pages/attention.md.j2" %}
{% block body %}
{% for finding in view.findings %}
[{{ finding.code }}]({{ ("reference/codes/" ~ finding.code ~ ".md") | page }})
{% endfor %}
{% endblock %}
"""


def write_old_book(root: Path, mkdocs: str) -> Path:
    """Write a book whose guide and template link to the former pages of rules."""
    write_book(root, {"ryl.yml": MODEL, "t.yml": TEAM}, mkdocs)
    (root / "docs/guide.md").write_text(GUIDE, "utf-8")
    (root / "templates/pages").mkdir(parents=True)
    (root / "templates/pages/attention.md.j2").write_text(FINDINGS, "utf-8")
    return root


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_old_book(tmp_path_factory.mktemp("book"), OPTIONS + MKDOCS)
    done = run_modelbook("build", cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    return root / "site"


def test_links_of_authors_and_their_templates_to_the_former_pages_lead_to_the_anchor(site):
    assert 'href="reference/codes/index.html#MB203"' in (site / "guide.html").read_text("utf-8")
    links = re.findall(r'href="(reference/codes/[^"]*)"', (site / "attention.html").read_text("utf-8"))
    assert [link for link in links if "#" in link]
    assert all(link.startswith("reference/codes/index.html") for link in links)


def test_other_links_stay():
    text = "[a](MB203.md) [b](codes.md) `codes/MB203.md` [c](codes/MB203.html) [d](https://x.example/MB203.md)"
    assert replace_old_rule_links(text) == text
    assert replace_old_rule_links("[a](../codes/MB203.md)") == "[a](../codes/index.md#MB203)"


def test_redirects_are_not_in_lists_of_pages(site):
    for name in ("sitemap.xml", "llms.txt", "pages.json", "catalog.json", "search/names.js"):
        assert not re.search(r"codes/MB\d", (site / name).read_text("utf-8")), name
    assert not list(site.rglob("MB*.md"))


@pytest.mark.parametrize("directory_urls", [False, True])
def test_each_rule_has_a_redirect_with_relative_addresses(tmp_path, directory_urls):
    options = MKDOCS.replace("  - offline\n", "") + f"use_directory_urls: {str(directory_urls).lower()}\n"
    root = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM}, options)
    assert run_modelbook("build", cwd=root).returncode == 0
    for rule in ALL_RULES:
        old = root / "site/reference/codes" / (f"{rule.code}/index.html" if directory_urls else f"{rule.code}.html")
        html = old.read_text("utf-8")
        [target] = re.findall(r'content="0; url=([^"]*)"', html)
        assert f'<a href="{target}">' in html
        page, _, anchor = target.partition("#")
        assert not urlsplit(page).scheme
        file = old.parent / page
        file = file / "index.html" if page.endswith("/") else file
        assert f'id="{anchor}"' in file.resolve().read_text("utf-8")
        assert anchor == rule.code


@pytest.mark.browser
@pytest.mark.parametrize("opens", ["http", "file"])
def test_the_former_address_of_a_rule_opens_its_anchor_without_scripts(plain_tab, site, opens):
    page = plain_tab
    with serve_folder(site, below="books/models") as address:
        page.goto(f"{address if opens == 'http' else site.as_uri() + '/'}reference/codes/MB203.html")
        page.wait_for_url("**/reference/codes/index.html#MB203")
        expect(page.locator("h3#MB203")).to_be_in_viewport()
        fold = page.locator("h3#MB203 ~ details").first
        assert not fold.locator("pre").first.is_visible()
        expect(page.locator(".md-footer")).to_contain_text("Food Inc.")
        assert page.locator(".md-footer").is_visible()
        fold.locator("summary").click()
        assert fold.locator("pre").count() == 2
        assert fold.locator("pre").first.is_visible()


def test_render_writes_the_redirects(tmp_path):
    write_old_book(tmp_path, MKDOCS)
    done = run_modelbook("render", "--out", str(tmp_path / "out"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'url=index.html#MB203"' in (tmp_path / "out/docs/reference/codes/MB203.html").read_text("utf-8")
    assert (tmp_path / "out/docs" / RULES_PATH).is_file()
    assert "codes/index.md#MB" in (tmp_path / "out/docs/attention.md").read_text("utf-8")


def test_an_own_template_of_a_single_rule_is_reported_as_unused(tmp_path):
    project = open_book(tmp_path, {"ryl.yml": MODEL, "t.yml": TEAM})
    (tmp_path / "templates/pages").mkdir(parents=True)
    (tmp_path / "templates/pages/code.md.j2").write_text("{{ view.rule.code }}", "utf-8")
    pages, [finding] = project.render_pages()
    assert pages
    assert (str(finding.position), finding.severity) == ("templates/pages/code.md.j2:1:1", "info")
    assert "pages/codes.md.j2" in finding.hint
