"""The site of a book of real models: its pages, uses and texts are complete."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

from generator.findings import Severity
from tests.books import open_book, write_book
from tests.corpus import SAMPLE, WHOLE, Corpus, read_corpus, to_system_id, write_corpus, write_corpus_book
from tests.pages.test_markup import one_line


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus()


@pytest.fixture(scope="module")
def site(shared_books) -> Path:
    return Path(shared_books.build("corpus", write_corpus_book) / "site")


def read_articles(site: Path, folder: str) -> Iterator[tuple[str, html.HtmlElement]]:
    for path in (site / folder).glob("*.html"):
        if path.name != "index.html":
            tree = html.parse(str(path), html.HTMLParser(encoding="utf-8")).getroot()
            yield path.stem, tree.xpath("//article")[0]


def find_table(article: html.HtmlElement, heading: str) -> list[list[html.HtmlElement]]:
    """Return the rows of the table after a heading."""
    found = article.xpath(f'.//h2[@id="{heading}"]/following::table[1]')
    return [row.xpath("./td") for row in found[0].xpath(".//tbody/tr")] if found else []


def test_the_corpus_has_its_documented_size():
    if not WHOLE.exists():
        pytest.skip("the shared corpus is not present: the committed sample is used")
    whole = read_corpus(WHOLE)
    assert (len(whole.records), len(whole.demos), len(whole.edges)) == (276, 62, 565)


def test_the_sample_is_part_of_the_corpus(corpus):
    sample = read_corpus(SAMPLE)
    known = {record["id"]: record for record in corpus.records}
    assert len(sample.records) >= 10
    assert all(known[record["id"]] == record for record in sample.records)


def test_every_model_and_every_demo_has_a_page(site, corpus):
    assert {name for name, _ in read_articles(site, "models")} == {record["id"] for record in corpus.records}
    assert {name for name, _ in read_articles(site, "systems")} == {to_system_id(demo) for demo in corpus.demos}


def test_every_use_is_on_the_pages_of_both_ends(site, corpus):
    def list_uses(folder: str, heading: str) -> set[tuple[str, str]]:
        return {
            (name, Path(link).stem)
            for name, article in read_articles(site, folder)
            for row in find_table(article, heading)
            for link in row[0].xpath(".//a/@href")
        }

    assert list_uses("models", "who-uses-it-and-why") == corpus.edges
    assert {(model, system) for system, model in list_uses("systems", "models-it-uses")} == corpus.edges


def test_descriptions_are_unchanged(site, corpus):
    articles = dict(read_articles(site, "models"))
    for record in corpus.records:
        lead = articles[record["id"]].xpath('.//*[@class="mb-lead"]')[0]
        assert one_line(lead.text_content()) == one_line(record["description"])


def test_inputs_are_the_fields_of_the_contract(site, corpus):
    articles = dict(read_articles(site, "models"))
    for record in corpus.records:
        rows = articles[record["id"]].xpath('.//summary[starts-with(., "Request")]/following::table[1]//tbody/tr')
        names = [row.xpath("./td[1]")[0].text_content() for row in rows]
        inputs = [item["name"] for item in record["inputs"]]
        assert [name.removeprefix('["').removesuffix('"]') for name in names] == inputs, record["id"]


def test_the_only_errors_are_missing_contacts(tmp_path, corpus):
    write_book(tmp_path, {})
    write_corpus(tmp_path / "cards", corpus)
    errors = [finding for finding in open_book(tmp_path).findings if finding.severity is Severity.ERROR]
    assert {finding.code for finding in errors} <= {"MB203"}  # the corpus has no contacts
