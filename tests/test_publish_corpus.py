"""Real models published to the demo server, in the flavour that the seed chooses."""

import pytest

from generator.cli.publish.source import Source, read_source
from generator.confluence.wiki import Flavour
from tests.corpus import SAMPLE, read_corpus, write_corpus_book
from tests.publishing import expect_parity, publish_first_time, run_demo_server
from tests.sites import build


@pytest.mark.sample(1)
@pytest.mark.parametrize("flavour", [*Flavour], ids=str)
def test_real_models_are_published_completely(corpus, flavour):
    with run_demo_server(flavour) as place:
        publish_first_time(place, corpus)
        expect_parity(place, corpus)
        assert place.plan(corpus).empty


@pytest.fixture(scope="module")
def corpus(shared_books, tmp_path_factory, pytestconfig) -> Source:
    """Build the site of the corpus with --all, else the site of its sample."""
    if pytestconfig.getoption("--all"):
        return read_source(shared_books.build("corpus", write_corpus_book), None)
    root = tmp_path_factory.mktemp("corpus")
    write_corpus_book(root, read_corpus(SAMPLE))
    build(root, root / "site")
    return read_source(root, None)
