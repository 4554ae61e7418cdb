"""The product on real models: every model a page, every consumer on the pages of both ends, texts intact."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from generator.findings import Severity
from tests.books import open_book, write_book
from tests.corpus import SAMPLE, WHOLE, Corpus, read_corpus, system_id, write_corpus, write_corpus_book
from tests.pages.test_markup import one_line


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus()


@pytest.fixture(scope="module")
def site(shared_books) -> Path:
    return Path(shared_books.build("corpus", write_corpus_book) / "site")


def pages(site: Path, folder: str) -> Iterator[tuple[str, html.HtmlElement]]:
    for path in (site / folder).glob("*.html"):
        if path.name != "index.html":
            tree = html.parse(str(path), html.HTMLParser(encoding="utf-8")).getroot()
            yield path.stem, tree.xpath("//article")[0]


def table(article: html.HtmlElement, heading: str) -> list[list[html.HtmlElement]]:
    """The rows of the table after a heading."""
    found = article.xpath(f'.//h2[@id="{heading}"]/following-sibling::table[1]')
    return [row.xpath("./td") for row in found[0].xpath(".//tbody/tr")] if found else []


def test_the_whole_corpus_is_what_it_says_it_is():
    if not WHOLE.exists():
        pytest.skip("the shared corpus is not beside the project; the committed sample is used")
    whole = read_corpus(WHOLE)
    assert (len(whole.records), len(whole.demos), len(whole.edges)) == (276, 62, 565)


def test_the_sample_is_real(corpus):
    sample = read_corpus(SAMPLE)
    known = {record["id"]: record for record in corpus.records}
    assert len(sample.records) >= 10
    assert all(known[record["id"]] == record for record in sample.records)


def test_every_model_and_every_demo_has_a_page(site, corpus):
    assert {name for name, _ in pages(site, "models")} == {record["id"] for record in corpus.records}
    assert {name for name, _ in pages(site, "systems")} == {system_id(demo) for demo in corpus.demos}


def test_every_consumer_is_on_the_pages_of_both_ends(site, corpus):
    def ends(folder: str, heading: str) -> set[tuple[str, str]]:
        return {
            (name, Path(link).stem)
            for name, article in pages(site, folder)
            for row in table(article, heading)
            for link in row[0].xpath(".//a/@href")
        }

    assert ends("models", "consumers-and-why") == corpus.edges
    assert {(model, system) for system, model in ends("systems", "models-it-uses")} == corpus.edges


def test_descriptions_are_intact(site, corpus):
    articles = dict(pages(site, "models"))
    for record in corpus.records:
        lead = articles[record["id"]].xpath('.//p[@class="mb-lead"]')[0]
        assert one_line(lead.text_content()) == one_line(record["description"])


def test_inputs_are_the_contract(site, corpus):
    articles = dict(pages(site, "models"))
    for record in corpus.records:
        rows = articles[record["id"]].xpath('.//h3[@id="request"]/following-sibling::table[1]//tbody/tr')
        names = [row.xpath("./td[1]")[0].text_content() for row in rows]
        inputs = [item["name"] for item in record["inputs"]]
        assert [name.removeprefix('["').removesuffix('"]') for name in names] == inputs, record["id"]


def test_the_book_has_no_error(tmp_path, corpus):
    write_book(tmp_path, {})
    write_corpus(tmp_path / "cards", corpus)
    errors = [finding for finding in open_book(tmp_path).findings if finding.severity is Severity.ERROR]
    assert {finding.code for finding in errors} <= {"MB203"}  # nobody publishes whom to call
