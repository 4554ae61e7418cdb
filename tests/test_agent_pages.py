"""The files of a built site for agents: llms.txt and the Markdown beside each page."""

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html

from generator.drafts.huggingface import split_front_matter
from tests.corpus import write_corpus_book
from tests.sites import list_pages, write_own_book

LINK = re.compile(r"(?<!\\)\]\(<?([^)>]+)>?\)")


@pytest.fixture(scope="module", params=["own", "corpus"])
def site(request, shared_books) -> Path:
    write = {"own": write_own_book, "corpus": write_corpus_book}[request.param]
    return Path(shared_books.build(request.param, write) / "site")


def find_broken_links(site: Path, file: Path) -> list[str]:
    targets = LINK.findall(re.sub(r"(`+).*?\1", "", file.read_text("utf-8"), flags=re.S))
    paths = [unquote(target.partition("#")[0]) for target in targets if not re.match(r"[a-z]+:|#|//", target)]
    folder = file.parent.relative_to(site).as_posix()
    return [path for path in paths if path and not (site / posixpath.join(folder, path)).exists()]


def test_every_page_links_a_markdown_file_beside_it(site):
    for page in list_pages(site):
        links = html.parse(page).xpath("//head/link[@rel='alternate describedby'][@type='text/markdown']/@href")
        if page.name == "404.html":
            assert links == []
        else:
            assert [page.parent / unquote(link) for link in links] == [page.with_suffix(".md")]
            assert page.with_suffix(".md").is_file()


def test_links_in_markdown_lead_to_files_of_the_site(site):
    broken = {file: found for file in site.rglob("*.md") if (found := find_broken_links(site, file))}
    assert broken == {}


def test_llms_txt_has_at_most_50000_characters_and_working_links(site):
    files = [*site.glob("llms*.txt")]
    assert site / "llms.txt" in files
    for file in files:
        assert len(file.read_text("utf-8")) <= 50_000
        assert find_broken_links(site, file) == []


def test_llms_txt_lists_every_card_with_its_markdown_file(site):
    linked = {path for file in site.glob("llms*.txt") for path in LINK.findall(file.read_text("utf-8"))}
    for folder in ("models", "systems", "teams"):
        cards = {f"{folder}/{page.stem}.md" for page in (site / folder).glob("*.html") if page.stem != "index"}
        assert cards
        assert cards <= {unquote(path) for path in linked}


def test_the_markdown_of_a_model_names_its_type_reference_and_source(shared_books):
    site = Path(shared_books.build("own", write_own_book) / "site")
    front_matter, body = split_front_matter((site / "models" / "ryl.md").read_text("utf-8"))
    assert 'type: "model"' in front_matter
    assert 'ref: "model:ryl"' in front_matter
    assert 'source: "cards/models/ryl.yml:1"' in front_matter
    assert "<svg" not in body
    assert "Links in the diagram:" in body
    assert "[Home feed](../systems/home-feed.md)" in body
