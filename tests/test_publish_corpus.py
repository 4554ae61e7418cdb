"""Real models published to the demo server in both flavours."""

import pytest

from generator.cli.publish.source import Source, read_source
from generator.confluence.wiki import Flavour
from tests.corpus import write_corpus_book
from tests.publishing import expect_parity, publish_first_time, run_demo_server


@pytest.mark.parametrize("flavour", [*Flavour], ids=str)
def test_real_models_are_published_completely(corpus, flavour):
    with run_demo_server(flavour) as place:
        publish_first_time(place, corpus)
        expect_parity(place, corpus)
        assert place.plan(corpus).empty


@pytest.fixture(scope="module")
def corpus(shared_books) -> Source:
    return read_source(shared_books.build("corpus", write_corpus_book), None)
