"""The pages of cards from other repositories: where they live, their links, and no history from the book's git."""

from pathlib import Path

import pytest

from generator.pages.article import ArticleConverter
from generator.pages.site_page import SitePage
from generator.project import Project
from tests.books import MKDOCS, open_book
from tests.confluence.storage.book import converted
from tests.history.repositories import Repository, new_repository
from tests.locked_books import COMMIT, build_model, write_collected_book

FEED = "kind: system\nid: feed\nname: Feed\ntype: service\nsummary: S.\nowners: [kitchen]\n"
USES = "uses: [{model: ryl, why: It orders.}]\n"
FILES = {"shop/web": {"modelbook/ryl.yml": "---\n" + build_model("ryl")}}


def build_pages(project: Project) -> dict[str, SitePage]:
    pages, findings = project.render_pages()
    assert findings == []
    return {page.key: page for page in pages}


def foot(page: SitePage) -> str:
    return next(line for line in page.markdown.split("\n") if "mb-foot-line" in line)


def test_the_page_names_the_repository_of_the_card_and_links_its_editor_history_and_authors(tmp_path):
    page = build_pages(open_book(write_collected_book(tmp_path, FILES)))["model:ryl"]
    base, path = "https://github.com/shop/web", "modelbook/ryl.yml"
    line = foot(page)
    assert f'<code>{path}</code> in <a href="{base}"><code>shop/web</code></a>' in line
    assert f'href="{base}/blob/{COMMIT}/{path}#L2"><code>3f2a91c07b</code></a> of <time datetime="2026-11-02">' in line
    for label, address in [("edit", "edit"), ("history", "commits"), ("blame", "blame")]:
        assert f'<a href="{base}/{address}/HEAD/{path}">{label}</a>' in line
    assert "cards/collected" not in line
    assert f'<a class="edit" href="{base}/edit/HEAD/{path}">Edit this card</a>' in page.markdown
    assert page.build_edit_url("https://book.example.com/{path}") == f"{base}/edit/HEAD/{path}"
    assert page.facts["collected_from"] == "modelbook/ryl.yml:2 in shop/web, commit 3f2a91c07b"


def test_the_page_of_a_local_repository_names_it_without_a_link(tmp_path):
    root = write_collected_book(tmp_path, FILES, url="")
    (root / "mkdocs.yml").write_text(MKDOCS + "repo_url: https://github.com/food/book\n")
    page = build_pages(open_book(root))["model:ryl"]
    assert "<code>modelbook/ryl.yml</code> in <code>shop/web</code>" in foot(page)
    assert "href" not in foot(page)
    assert "Edit this card" not in page.markdown


def test_the_pages_of_the_book_itself_keep_their_links(tmp_path):
    root = write_collected_book(tmp_path, FILES, {"feed.yml": FEED})
    (root / "mkdocs.yml").write_text(MKDOCS + "repo_url: https://github.com/food/book\n")
    page = build_pages(open_book(root))["system:feed"]
    assert 'href="https://github.com/food/book/edit/HEAD/cards/feed.yml"><code>cards/feed.yml</code>' in foot(page)
    assert "collected_from" not in page.facts


def test_a_name_with_html_is_shown_as_text(tmp_path):
    files = {"<b>/&": {'"><img src=x>.yml': build_model("ryl", "nobody")}}
    page = build_pages(open_book(write_collected_book(tmp_path, files, url="https://evil.example/<i>")))["model:ryl"]
    assert "<img" not in page.markdown
    assert "<i>" not in page.markdown


def test_the_page_in_confluence_has_the_links_and_does_not_change_with_each_commit(tmp_path):
    root = write_collected_book(tmp_path, {"shop/web": {"a.yml": build_model("ryl", "nobody")}}, ref="live")
    before = publish(build_pages(open_book(root))["model:ryl"])
    assert '<a href="https://github.com/shop/web/edit/live/a.yml">edit</a>' in before
    assert "<code>a.yml:7 in shop/web</code>" in before
    lock = root / "collect.lock"
    lock.write_text(lock.read_text().replace(COMMIT, "9c" * 20).replace("2026-11-02", "2026-11-09"))
    after = build_pages(open_book(root))["model:ryl"]
    assert "9c" * 20 in after.markdown
    assert publish(after) == before


def publish(page: SitePage) -> str:
    made = converted(ArticleConverter().convert(page.markdown))
    assert {loss.rule.code for loss in made.losses} <= {"MB904"}  # the page of rules is not published here
    return "".join(part if isinstance(part, str) else part.ref for part in made.storage.parts)


@pytest.mark.parametrize(("ref", "branch"), [("refs/heads/live", "live"), ("refs/tags/v1", "HEAD"), ("", "HEAD")])
def test_a_card_is_edited_on_the_branch_that_was_collected(tmp_path, ref, branch):
    page = build_pages(open_book(write_collected_book(tmp_path, FILES, ref=ref)))["model:ryl"]
    assert page.origin_edit_url == f"https://github.com/shop/web/edit/{branch}/modelbook/ryl.yml"


@pytest.fixture
def repository(tmp_path) -> Repository:
    """A book in git to which the card came first as a card of its own, and then from its repository."""
    made = new_repository(tmp_path / "book")
    made.commit("Add", "2026-01-05", {"ryl.yml": build_model("ryl"), "feed.yml": FEED})
    made.commit("Use", "2026-02-05", {"feed.yml": FEED + USES})
    (made.root / "cards/ryl.yml").unlink()
    write_collected_book(made.root, FILES, {"feed.yml": FEED + USES})
    made.commit("Collect", "2026-03-05", {})
    edited = {"shop/web": {"modelbook/ryl.yml": "---\n" + build_model("ryl").replace("experimental", "production")}}
    write_collected_book(made.root, edited, {"feed.yml": FEED + USES})
    made.commit("Collect", "2026-04-05", {})
    return made


def test_the_git_of_the_book_says_nothing_about_collected_cards(repository):
    project = open_book(repository.root)
    assert {str(event.declared_by) for event in project.history.events} & {"model:ryl"} == set()
    page = build_pages(project)["model:ryl"]
    assert "changed" not in foot(page)
    assert "commits/HEAD/modelbook/ryl.yml" in page.markdown.partition("<summary>History")[2]
    assert "Added consumer Feed" in page.markdown
    assert "Created the card" not in page.markdown
    assert "<time" in foot(build_pages(project)["system:feed"]).partition("changed")[2]


def test_a_page_without_events_says_where_the_history_is(tmp_path: Path):
    markdown = build_pages(open_book(write_collected_book(tmp_path, FILES)))["model:ryl"].markdown
    section = markdown.partition("<summary>History")[2].partition("</details>")[0]
    assert "in shop/web" in section
    assert "<a href" in section
    assert "git repository" not in markdown
