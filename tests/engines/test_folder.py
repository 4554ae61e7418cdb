"""The folder that `modelbook render` writes, compared with the site that `modelbook build` makes of the same book."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.pages.article import ArticleConverter
from generator.pages.assets import OwnPage
from generator.pages.own_pages import OwnText, list_search_records
from generator.pages.paths import list_sidebar_features
from generator.pages.template_folders import find_shipped_templates
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.cli.running import run
from tests.sites import write_own_book

RICH = """
site_name: Rich & <small>
site_url: https://models.example.com/
repo_url: https://git.example.com/food/models
theme: {name: material, font: false, custom_dir: overrides}
plugins:
  - search
  - tags
  - modelbook: {as_of: 2026-11-20}
nav:
  - index.md
  - Teams: teams/index.md
  - Handbook: [Our way: guide/README.md, how-to.md, "https://example.com/"]
exclude_docs: drafts/
markdown_extensions: [attr_list, md_in_html, tables, toc, pymdownx.highlight, pymdownx.superfences]
hooks: [hooks/own.py]
extra:
  analytics: {property: !ENV [MODELBOOK_TEST_PROPERTY, none]}
"""
OWN_PAGES = {
    "guide/README.md": "Before *all*.\n\n# Way\n\nText with [RYL](../models/ryl.md) and [how](../how-to.md#two).\n"
    "See [MB203](../reference/codes/MB203.md).\n",
    "how-to.md": "---\ntitle: How & why\ntags: [guide, ryl]\nsearch: {boost: 2}\n---\n"
    "# How\n\nzebra\n\n## Two\n\nokapi `x y`\n",
    "quiet page.md": "---\nsearch: {exclude: true}\nsection: guide\n---\nNo heading, tapir.\n",
    "drafts/secret.md": "# Draft\n",
    ".hidden.md": "# Hidden\n",
    "teams/index.md": "# Our teams\n\n| a | b |\n|---|---|\n| emu | ibis |\n",
    "images/logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}


def write_rich_book(root: Path) -> None:
    """Write a book that uses what mkdocs.yml offers: directory URLs, a navigation, own pages, a theme and hooks."""
    write_book(root, {"ryl.yml": MODEL, "t.yml": TEAM}, RICH)
    files = {f"docs/{path}": text for path, text in OWN_PAGES.items()}
    files["overrides/partials/copyright.html"] = "<p>Ours only</p>"
    files["overrides/partials/actions.html"] = "<p>Our own buttons</p>"
    files["hooks/own.py"] = "def on_post_page(output, page, config):\n    return output.replace('zebra', 'quagga')\n"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


BOOKS = {"own": write_own_book, "rich": write_rich_book}


@pytest.fixture(scope="module", params=BOOKS)
def rendered(request, shared_books, tmp_path_factory) -> tuple[Path, Path]:
    """Return the built site and the rendered folder of a book."""
    root = shared_books.build(request.param, BOOKS[request.param])
    out = tmp_path_factory.mktemp("rendered") / "out"
    assert run("render", "-C", root, "--out", out).code == 0
    return root / "site", out


def read_below(folder: Path, pattern: str) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob(pattern)}


@pytest.mark.parametrize("name", ["pages.json", "catalog.json"])
def test_the_lists_of_pages_and_cards_are_those_of_the_site(rendered, name):
    site, out = rendered
    assert (out / "docs" / name).read_text("utf-8") == (site / name).read_text("utf-8")


def test_the_markdown_for_agents_is_that_of_the_site(rendered):
    site, out = rendered
    assert read_below(out / "markdown", "*.md") == read_below(site, "*.md")
    assert read_below(out / "markdown", "llms*.txt") == read_below(site, "llms*.txt")


def test_the_search_index_is_that_of_the_site(rendered):
    site, out = rendered
    assert read_below(out / "docs/search", "*.js") == {
        name: text for name, text in read_below(site / "search", "*.js").items() if name != "search_index.js"
    }
    (record,) = json.loads((site / "search/search_index.json").read_text("utf-8"))["docs"]
    assert json.loads((out / "search.json").read_text("utf-8")) == record


def test_files_of_the_author_and_of_the_theme_are_copied(shared_books, tmp_path):
    root = shared_books.build("rich", write_rich_book)
    assert run("render", "-C", root, "--out", tmp_path / "out").code == 0
    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*")}
    assert {"docs/images/logo.svg", "docs/assets/modelbook/logo.svg", "theme/partials/copyright.html"} <= written
    assert {"hooks/own.py", "modelbook_hooks.py"} <= written
    assert (tmp_path / "out/theme/partials/actions.html").read_text("utf-8") == "<p>Our own buttons</p>"
    assert (tmp_path / "out/theme/404.html").is_file()  # a template, which no engine may copy as it is
    assert not (tmp_path / "out/docs/404.html").exists()
    assert not {path for path in written if "hidden" in path or "drafts" in path}
    configuration = (tmp_path / "out/mkdocs.yml").read_text("utf-8")
    assert "analytics: {property: !ENV [MODELBOOK_TEST_PROPERTY, none]}" in configuration
    assert "as_of" not in configuration


def test_a_rendered_book_has_the_palettes_of_a_new_book(tmp_path):
    text = (find_shipped_templates() / "book/mkdocs.yml").read_text("utf-8").replace("@BOOK@", "Book")
    root = write_book(tmp_path / "book", {"ryl.yml": MODEL, "t.yml": TEAM}, text)
    assert run("render", "-C", root, "--out", tmp_path / "plain").code == 0
    rendered = yaml.safe_load((tmp_path / "plain/mkdocs.yml").read_text("utf-8"))
    new = yaml.safe_load(text)
    assert [palette["scheme"] for palette in rendered["theme"]["palette"]] == ["default", "slate"]
    features = list_sidebar_features(new["theme"].pop("features"))
    assert {**rendered["theme"], **new["theme"], "features": features} == rendered["theme"]
    css = (tmp_path / "plain/docs/assets/modelbook/modelbook.css").read_text("utf-8")
    assert '[data-md-color-scheme="slate"]' in css


def test_the_configuration_has_what_the_pages_need_if_the_book_does_not_name_it(tmp_path):
    root = write_book(tmp_path, {"t.yml": TEAM}, "site_name: B\nplugins: [modelbook: {as_of: 2026-11-20}]\n")
    assert run("render", "-C", root, "--out", tmp_path / "out").code == 0
    rendered = yaml.safe_load((tmp_path / "out/mkdocs.yml").read_text("utf-8"))
    names = {next(iter(entry)) if isinstance(entry, dict) else entry for entry in rendered["markdown_extensions"]}
    assert {"attr_list", "md_in_html", "tables", "pymdownx.highlight", "pymdownx.superfences"} <= names
    assert rendered["plugins"] == {}
    assert not (tmp_path / "out/materialx.yml").exists()
    assert not (tmp_path / "out/docs/search").exists()


def test_text_of_cards_cannot_leave_the_metadata_of_a_page(tmp_path):
    hostile = MODEL.replace("name: Restaurants", "name: '</title><script>x</script>'").replace(
        "summary: Ranks restaurants.", "summary: '\"><script>x</script>'"
    )
    root = write_book(tmp_path, {"ryl.yml": hostile, "t.yml": TEAM})
    assert run("render", "-C", root, "--out", tmp_path / "out").code == 0
    front_matter = (tmp_path / "out/docs/models/ryl.md").read_text("utf-8").split("---\n")[1]
    meta = yaml.safe_load(front_matter)
    assert meta["title"] == "&lt;/title&gt;&lt;script&gt;x&lt;/script&gt;"
    assert meta["description"] == "&quot;&gt;&lt;script&gt;x&lt;/script&gt;"


def test_a_second_run_removes_the_pages_of_deleted_cards(tmp_path):
    root = write_book(tmp_path / "book", {"ryl.yml": MODEL, "t.yml": TEAM})
    for expected in (True, False):
        assert run("render", "-C", root, "--out", tmp_path / "out").code == 0
        assert (tmp_path / "out/docs/models/ryl.md").exists() is expected
        assert (tmp_path / "out/markdown/models/ryl.md").exists() is expected
        (root / "cards/ryl.yml").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("mkdocs", "message"),
    [
        ("INHERIT: base.yml\n" + MKDOCS, "mkdocs.yml inherits from 'base.yml'"),
        (MKDOCS.replace("- search", "- search: {enabled: !ENV [SEARCH, true]}"), "unexpected YAML tag under `plugins`"),
        ("{site_name: !ENV X, plugins: [modelbook: {as_of: 2026-11-20}]}", "unexpected YAML tag '!ENV'"),
        (MKDOCS + "hooks: [../outside.py]\n", "unexpected hook '../outside.py'"),
    ],
)
def test_a_configuration_that_another_engine_cannot_get_is_a_usage_error(tmp_path, mkdocs, message):
    root = write_book(tmp_path / "book", {"t.yml": TEAM}, mkdocs)
    (tmp_path / "outside.py").write_text("", "utf-8")
    ran = run("render", "-C", root, "--out", tmp_path / "out")
    assert ran.code == 2
    assert message in ran.err
    assert not (tmp_path / "out").exists()


def test_a_page_of_the_author_that_is_not_text_is_named(tmp_path):
    root = write_book(tmp_path / "book", {"t.yml": TEAM})
    (root / "docs/bad.md").write_bytes(b"\xff\xfe\x00")
    ran = run("render", "-C", root, "--out", tmp_path / "out")
    assert ran.code == 2
    assert "docs/bad.md cannot be read" in ran.err


def test_a_page_of_the_author_at_the_place_of_a_card_is_a_finding(tmp_path):
    root = write_book(tmp_path / "book", {"ryl.yml": MODEL, "t.yml": TEAM})
    (root / "docs/models").mkdir()
    (root / "docs/models/ryl.md").write_text("# Mine\n", "utf-8")
    ran = run("render", "-C", root, "--out", tmp_path / "out")
    assert ran.code == 1
    assert "its page models/ryl.md exists already as a file of yours" in ran.err


def test_a_folder_with_files_of_the_book_is_never_replaced(tmp_path):
    root = write_book(tmp_path / "book", {"t.yml": TEAM})
    (root / "docs/own.md").write_text("# Own\n", "utf-8")
    for out in (root / "docs/rendered", root):
        ran = run("render", "-C", root, "--out", out)
        assert ran.code == 2
        assert "is a folder of the book" in ran.err
    assert not (root / "docs/rendered").exists()


WORDS = st.from_regex(r"[a-z]{2,8}( [a-z]{2,8}){0,3}", fullmatch=True)
BLOCKS = st.one_of(
    WORDS,
    WORDS.map(lambda text: f"## {text}"),
    WORDS.map(lambda text: f"- {text}\n- other"),
    WORDS.map(lambda text: f"| {text} | b |\n|---|---|\n| c | {text} |"),
    WORDS.map(lambda text: f"```python\n{text}\n```"),
)


@given(st.lists(BLOCKS, max_size=6))
def test_every_word_of_an_own_page_is_in_the_search_once(blocks):
    article = ArticleConverter().convert("\n\n".join(["# Title", *blocks]))
    page = OwnText(OwnPage("a.md", "Title", "a.html"), {}, "", article)
    records = [*list_search_records(page, directory_urls=False)]
    headings = [block for block in blocks if block.startswith("## ")]
    assert [record["title"] for record in records] == ["Title", *(block[3:] for block in headings)]
    assert len({record["location"] for record in records}) == len(records)
    text = " ".join(record["text"] for record in records).split()
    written = [word for block in blocks if block not in headings for word in block.split() if word.isalpha()]
    assert sorted(text) == sorted(word for word in written if word != "python")
