"""Sites that other engines build from the folder of `modelbook render`, compared with the site of `modelbook build`."""

import json
import posixpath
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import html
from lxml.html import HtmlElement

from generator.cli.publish.source import read_source
from generator.confluence.sync.draft import Draft, draft_of
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import Flavour
from tests.browser import open_page
from tests.cli.running import run
from tests.conftest import choose_sample
from tests.engines.environments import MATERIALX, MKDOCS, PROPERDOCS, ZENSICAL, Engine
from tests.sites import write_own_book

ENGINES = (MKDOCS, PROPERDOCS, ZENSICAL, MATERIALX)
WITH_MATERIAL = (MKDOCS, PROPERDOCS)
WITH_OWN_SEARCH = (MKDOCS, PROPERDOCS, MATERIALX)
FOREIGN = re.compile(
    r"""(?:src|srcset|poster)="(?:https?:)?//|<link[^>]+href="(?:https?:)?//(?!models\.)|@import|url\((?:"|')?https?:"""
)


@pytest.fixture(scope="module")
def book(shared_books) -> Path:
    return shared_books.build("own", write_own_book)


@pytest.fixture(scope="module")
def own(book) -> Path:
    return book / "site"


@pytest.fixture(scope="module")
def chosen(request) -> tuple[Engine, ...]:
    """Return the engines of this run: all with --all, else Zensical and one of the others."""
    if request.config.getoption("--all"):
        return ENGINES
    others = [engine for engine in ENGINES if engine is not ZENSICAL]
    return (ZENSICAL, others[choose_sample(len(others), 1)[0] - 1])


@pytest.fixture(scope="module")
def build_site(book, chosen, tmp_path_factory) -> Callable[[Engine], Path]:
    """Return the function that builds the demo book with an engine, once for each."""
    folder = tmp_path_factory.mktemp("engines")
    assert run("render", "-C", book, "--out", folder / "rendered").code == 0
    sites: dict[str, Path] = {}

    def build(engine: Engine) -> Path:
        if engine not in chosen:
            pytest.skip(f"{engine.name} is not in the sample; --all builds with every engine")
        if engine.name not in sites:
            copy = folder / engine.name
            shutil.copytree(folder / "rendered", copy)
            sites[engine.name] = engine.build(copy)
        return sites[engine.name]

    return build


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.name)
def engine(request) -> Engine:
    return request.param


@pytest.fixture(scope="module")
def site(engine, build_site) -> Path:
    return build_site(engine)


@dataclass(frozen=True)
class BuiltPage:
    """A page without what differs between engines."""

    frame: Mapping[str, object]
    """Its names, its logo, its tags, the button to edit it, and the sidebar."""
    article: tuple[str, ...]


@pytest.fixture(scope="module")
def expected(own) -> dict[str, BuiltPage]:
    return read_pages(own)


@pytest.fixture(scope="module")
def found(site) -> dict[str, BuiltPage]:
    return read_pages(site)


def read_pages(site: Path) -> dict[str, BuiltPage]:
    """Read the pages of a site that have an article, by their paths."""
    parser = html.HTMLParser(encoding="utf-8")
    pages = {}
    for file in site.rglob("*.html"):
        page, path = html.parse(str(file), parser).getroot(), file.relative_to(site).as_posix()
        if page.xpath("//article") and path != "404.html":
            frame = describe_frame(page, path)
            pages[path] = BuiltPage(frame, tuple(describe_article(page)))
    return pages


_ADDED = (
    ".//a[contains(@class, 'headerlink')] | .//a[@id='__skip'] | .//nav[contains(@class, 'md-tags')]"
    " | .//a[contains(@class, 'md-content__button')]"
)
"""What a theme adds to the article of a page."""


def describe(element: HtmlElement, indent: str = "") -> Iterator[str]:
    """Describe the elements of an article, line by line, without what is of the engine."""
    if not isinstance(element.tag, str):
        return
    attributes = {
        key: value for key, value in element.attrib.items() if not key.startswith(("data-search", "data-page"))
    }
    if "class" in attributes:
        attributes["class"] = attributes["class"].replace(" md-tag-icon", "")
    if "href" in attributes and "://" not in attributes["href"]:
        path, *anchor = attributes["href"].split("#")
        attributes["href"] = "#".join([posixpath.normpath(path) if path else "", *anchor])
    yield f"{indent}{element.tag} {sorted(attributes.items())}"
    for text, child in [(element.text, None), *((child.tail, child) for child in element)]:
        if child is not None:
            yield from describe(child, f"{indent} ")
        if text and text.strip():
            yield f"{indent} {' '.join(text.split())}"


def describe_article(page: HtmlElement) -> list[str]:
    article = page.xpath("//article")[0]
    for element in article.xpath(_ADDED):
        element.drop_tree()
    return [*describe(article)]


def describe_frame(page: HtmlElement, path: str) -> dict[str, object]:
    """Return what is around the article of a page: its names, its logo, its tags, and the button to edit it."""
    folder = posixpath.dirname(path)

    def resolve(addresses: list[str]) -> list[str]:
        return [one if "://" in one else posixpath.normpath(posixpath.join(folder, one)) for one in addresses]

    return {
        "title": " ".join(page.xpath("string(//head/title)").split()),
        "description": page.xpath("//meta[@name='description']/@content"),
        "icon": resolve(page.xpath("//link[@rel='icon']/@href")),
        "logo": set(resolve(page.xpath("//a[contains(@class, 'md-logo')]/img/@src"))),
        "edit": page.xpath("//a[@rel='edit']/@href"),
        "tags": [" ".join(tag.text_content().split()) for tag in page.xpath("//nav[contains(@class, 'md-tags')]/a")],
        "contents": "hidden" in page.xpath("//div[@data-md-type='toc']")[0].attrib,
        "sidebar": [
            (" ".join(link.text_content().split()), *resolve([link.get("href").partition("#")[0] or path]))
            for link in page.xpath("//nav[contains(@class, 'md-nav--primary')]//a[contains(@class, 'md-nav__link')]")
            if not link.xpath("ancestor::nav[contains(@class, 'md-nav--secondary')]")
        ],
    }


def test_every_article_is_that_of_the_site(expected, found):
    assert found.keys() == expected.keys()
    assert len(found) > 90
    for path, page in expected.items():
        assert found[path].article == page.article, path


def test_titles_logo_edit_links_tags_and_sidebar_are_those_of_the_site(expected, found):
    edited = "https://git.example.com/food/models/edit/main/cards/models/ryl.yml"
    assert expected["models/ryl.html"].frame["edit"] == [edited]
    assert expected["models/index.html"].frame["edit"] == []
    for path, page in expected.items():
        assert found[path].frame == page.frame, path


def read_files(folder: Path, *patterns: str) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for pattern in patterns
        for path in folder.glob(pattern)
        if path.is_file()
    }


def test_every_other_file_is_that_of_the_site(engine, own, site):
    patterns = [
        "*.json",
        "images/*",
        "assets/modelbook/**/*",
        "reference/codes/MB*",
        "search/words-*.js",
        "search/names.js",
    ]
    expected = read_files(own, *patterns)
    assert {"pages.json", "catalog.json", "search/names.js", "reference/codes/MB203.html"} <= expected.keys()
    del expected["tags.json"]  # a list of Material, in the order in which it reads the pages
    found = read_files(site, *patterns)
    assert {path: found.get(path) == content for path, content in expected.items()} == dict.fromkeys(expected, True)


def test_the_markdown_for_agents_is_beside_the_pages(engine, own, site):
    if engine is ZENSICAL:  # it runs no hooks: the documentation gives this command
        shutil.copytree(site.parent / "markdown", site, dirs_exist_ok=True)
    expected = read_files(own, "**/*.md", "llms*.txt")
    assert {"models/ryl.md", "tags.md", "llms.txt"} <= expected.keys()
    assert read_files(site, "**/*.md", "llms*.txt") == expected


def test_no_page_loads_a_file_from_another_host(site):
    for path in site.rglob("*.html"):
        assert not FOREIGN.search(path.read_text("utf-8")), path


@pytest.mark.parametrize("engine", WITH_MATERIAL, ids=lambda engine: engine.name)
def test_whole_pages_are_those_of_the_site_if_the_theme_is_the_same(engine, own, build_site):
    def read_page(path: Path) -> str:
        text = re.sub(r'<meta name="generator" content="[^"]*">', "", path.read_text("utf-8"))
        return " ".join(text.split())

    site = build_site(engine)
    for path in own.rglob("*.html"):
        assert read_page(site / path.relative_to(own)) == read_page(path), path


@pytest.mark.parametrize("engine", WITH_OWN_SEARCH, ids=lambda engine: engine.name)
def test_the_search_has_the_index_of_the_book_except_in_zensical(engine, own, build_site):
    site = build_site(engine)
    assert read_files(site, "search/*") == read_files(own, "search/*")


def test_the_search_of_zensical_has_every_page_with_its_texts(expected, build_site):
    items = json.loads((build_site(ZENSICAL) / "search.json").read_text("utf-8"))["items"]
    found = {item["location"].partition("#")[0] for item in items}
    assert found == expected.keys() - {"tags.html"}
    texts = [item["text"] for item in items if item["location"].startswith("models/ryl.html")]
    assert "ryl_v2" in " ".join(texts)
    assert {item["title"] for item in items if item["location"] == "models/ryl.html"} == {"Restaurants You'll Like"}


@pytest.mark.browser
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_the_search_box_finds_an_alias_in_a_local_folder(engine, build_site, tab):
    site = build_site(engine)
    page = open_page(tab, site / "models/index.html")
    page.keyboard.press("/")
    page.keyboard.type("ryl_v2")
    if engine is ZENSICAL:  # its list is in a shadow root, which locators look into
        link = page.locator("a[href*='models/ryl.html']").last
    else:
        link = page.locator(".md-search-result__link").first
    link.wait_for()
    assert "models/ryl.html" in (link.get_attribute("href") or "")
    assert "Restaurants You'll Like" in link.inner_text()


@pytest.fixture(scope="module")
def own_drafts(book, own) -> list[Draft]:
    return list_drafts(book, own)


def test_every_site_is_published_as_the_same_pages(own_drafts, book, site):
    assert len(own_drafts) > 90
    assert list_drafts(book, site) == own_drafts


def list_drafts(book: Path, site: Path) -> list[Draft]:
    """List what a publish compares with the pages of the wiki."""
    built = read_source(book, site).built.for_flavour(Flavour.CLOUD)
    return [draft_of(wanted, PublishSettings(space="BOOK"), Flavour.CLOUD) for wanted in built.all_wanted()]
