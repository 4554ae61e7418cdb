"""Real models in Confluence: the corpus published to the stand-in, both flavours, over sockets."""

import pytest

from generator.cli.publish.source import Source, read_source
from generator.confluence.wiki import Flavour
from tests.corpus import write_corpus_book
from tests.publishing import first_publish, holds_everywhere, running


@pytest.mark.parametrize("flavour", [*Flavour], ids=str)
def test_real_models_arrive_whole(corpus, flavour):
    with running(flavour) as place:
        first_publish(place, corpus)
        holds_everywhere(place, corpus)
        assert place.plan(corpus).empty


@pytest.fixture(scope="module")
def corpus(shared_books) -> Source:
    return read_source(shared_books.build("corpus", write_corpus_book), None)
