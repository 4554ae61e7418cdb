"""The sitemap after a change of the pages has the bytes of the one that MkDocs writes."""

import gzip
from collections.abc import Collection
from pathlib import Path

import pytest

from generator.sitemap import update_sitemap
from tests.sites import run_mkdocs

SITE = "https://models.example.com/a&b/"
NAMES = ("sitemap.xml", "sitemap.xml.gz")
OLD, NEW = ("guide", "one", "two"), ("guide", "other", "two", "zebra")


def write_sitemap(root: Path, pages: Collection[str]) -> dict[str, bytes]:
    """Return the sitemap of MkDocs for a site with these pages."""
    (root / "docs").mkdir(parents=True)
    for page in pages:
        (root / f"docs/{page}.md").write_text(f"# {page}\n", "utf-8")
    nav = ", ".join(f"{page}.md" for page in pages)
    (root / "mkdocs.yml").write_text(f"site_name: Site\nsite_url: {SITE}\ntheme: mkdocs\nnav: [{nav}]\n", "utf-8")
    done = run_mkdocs("build", cwd=root)
    assert done.returncode == 0, done.stderr
    return {name: (root / "site" / name).read_bytes() for name in NAMES}


def list_addresses(pages: Collection[str]) -> list[str]:
    return [f"{SITE}{page}/" for page in pages if page != "guide"]


@pytest.fixture(scope="module")
def sitemap(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1795132800")
        return write_sitemap(tmp_path_factory.mktemp("old") / "site", OLD)


def test_pages_are_added_and_removed_as_mkdocs_does(sitemap, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795132800")
    new = write_sitemap(tmp_path / "new", NEW)
    before, after = list_addresses(OLD), list_addresses(NEW)
    # The pages of the author are before those of the book.
    assert update_sitemap(before, before, sitemap.get) == sitemap
    assert update_sitemap(before, after, sitemap.get) == new


def test_the_order_of_pages_is_that_of_the_entries(sitemap):
    before = list_addresses(OLD)
    found = update_sitemap(before, before[::-1], sitemap.get)
    assert found is not None
    text = found["sitemap.xml"].decode()
    assert text.index("/two/") < text.index("/one/")
    assert gzip.decompress(found["sitemap.xml.gz"]).decode() == text
    assert update_sitemap(before[::-1], before, found.get) == sitemap


@pytest.mark.parametrize("name", NAMES)
def test_a_sitemap_of_another_origin_is_left_to_mkdocs(sitemap, name):
    before = list_addresses(OLD)
    assert update_sitemap(before, before, {**sitemap, name: sitemap[name] + b" "}.get) is None
    assert update_sitemap(before, before, {name: sitemap[name]}.get) is None
    assert update_sitemap(before[1:], before[:1], sitemap.get) is not None
    assert update_sitemap([*before, f"{SITE}three/"], before, sitemap.get) is None


def test_a_site_without_a_sitemap_gets_none():
    assert update_sitemap(["a"], ["b"], lambda _: None) == {}
