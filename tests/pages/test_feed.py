"""The Atom feed: valid by RFC 4287, the same for the same history, with addresses of pages that exist."""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from generator.pages.assets import list_assets
from generator.pages.feed import FEED_PATH, add_feed_link
from generator.project import Project, open_project
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.history.repositories import Repository, new_repository
from tests.sites import build, run_modelbook

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = MKDOCS.replace("site_name: Test book", "site_name: Test <book>\nsite_url: https://book.example.com/ml/")
HOSTILE = "Serve <b>it</b> & more \U0001f600 ]]> café"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    write_book(tmp_path, {}, SITE)
    repository = new_repository(tmp_path)
    repository.commit("start", "2026-01-01", {"ryl.yml": MODEL.lstrip(), "t.yml": TEAM})
    card = MODEL.lstrip() + "endpoints: {production: https://ml.example.com/ryl}\n"
    repository.commit(HOSTILE, "2026-02-02", {"ryl.yml": card}, author="Jo & Co <jo@example.com>")
    return repository


def render(project: Project) -> str:
    return dict(list_assets(project.book, directory_urls=False))[FEED_PATH]


def parse(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


def check_feed(feed: etree._Element) -> None:
    """Check the rules of RFC 4287, section 4.1: the required elements, each as often as allowed."""
    assert feed.tag == f"{ATOM}feed"
    for parent in (feed, *feed.findall(f"{ATOM}entry")):
        for tag in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{tag}")) == 1, tag
        assert urlsplit(parent.findtext(f"{ATOM}id") or "").scheme
        day = datetime.fromisoformat(parent.findtext(f"{ATOM}updated") or "")
        assert day.tzinfo is not None  # RFC 3339, as section 3.3 requires
        links = [(link.get("rel"), link.get("type")) for link in parent.findall(f"{ATOM}link")]
        assert len(set(links)) == len(links)
        assert ("alternate", "text/html") in links
        assert all(urlsplit(link.get("href") or "").scheme == "https" for link in parent.findall(f"{ATOM}link"))
    ids = [one.text for one in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    assert all(entry.findtext(f"{ATOM}author/{ATOM}name") for entry in feed.findall(f"{ATOM}entry"))
    allowed = {"id", "title", "updated", "published", "link", "generator", "entry", "author", "name", "summary"}
    assert {str(element.tag).removeprefix(ATOM) for element in feed.iter()} - {"feed"} <= allowed


def test_the_feed_has_an_entry_for_each_card_and_commit_the_latest_first(repository: Repository) -> None:
    feed = parse(render(open_project(repository.root)))
    check_feed(feed)
    assert feed.findtext(f"{ATOM}title") == "Changes of Test <book>"
    first, *others = feed.findall(f"{ATOM}entry")
    assert first.findtext(f"{ATOM}title") == "Restaurants: Added production endpoint: https://ml.example.com/ryl"
    assert first.findtext(f"{ATOM}author/{ATOM}name") == "Jo & Co"
    assert "Serve <b>it</b> & more" in (first.findtext(f"{ATOM}summary") or "")
    assert first.find(f"{ATOM}link").get("href") == "https://book.example.com/ml/models/ryl.html"  # type: ignore[union-attr]
    assert len(others) == 3
    assert feed.findtext(f"{ATOM}updated") == first.findtext(f"{ATOM}updated")


def test_the_same_history_gives_the_same_bytes_and_ids_stay(repository: Repository) -> None:
    before = render(open_project(repository.root))
    assert render(open_project(repository.root)) == before
    card = MODEL.lstrip() + "version: 2.0.0\n"
    repository.commit("later", "2026-03-03", {"ryl.yml": card})
    after = render(open_project(repository.root))
    old, new = ([one.text for one in parse(text).iter(f"{ATOM}id")] for text in (before, after))
    assert new[0] == old[0]
    assert new[2:] == old[1:]


def test_a_book_without_changes_has_a_valid_feed_and_one_without_an_address_has_none(tmp_path: Path) -> None:
    root = write_book(tmp_path / "a", {"ryl.yml": MODEL, "t.yml": TEAM}, SITE)
    check_feed(parse(render(open_project(root))))
    plain = write_book(tmp_path / "b", {"ryl.yml": MODEL, "t.yml": TEAM})
    assert FEED_PATH not in dict(list_assets(open_project(plain).book, directory_urls=False))


def test_the_site_has_the_feed_and_home_links_to_it(repository: Repository) -> None:
    root = repository.root
    build(root, root / "site")
    check_feed(parse((root / "site" / FEED_PATH).read_text("utf-8")))
    home, model = ((root / "site" / path).read_text("utf-8") for path in ("index.html", "models/ryl.html"))
    (link,) = [one for one in etree.HTML(home).iter("link") if one.get("type") == "application/atom+xml"]
    assert "alternate" in (link.get("rel") or "").split()
    assert link.get("href") == FEED_PATH
    assert f'href="{FEED_PATH}"' in home.partition("<article")[2]
    assert "application/atom+xml" not in model
    done = run_modelbook("render", "--out", str(root / "plain"), cwd=root)
    assert done.returncode == 0, done.stderr
    check_feed(parse((root / "plain/docs" / FEED_PATH).read_text("utf-8")))


def test_a_page_without_a_head_stays_as_it_is() -> None:
    assert add_feed_link("<p>a</p>") == "<p>a</p>"
