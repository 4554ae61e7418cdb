"""Real models in Confluence: the corpus published to the stand-in, both flavours, over sockets."""

import pytest

from generator.cli.publish.source import Source, read_source
from generator.confluence.wiki import Flavour
from tests.books import MKDOCS, write_book
from tests.corpus import read_corpus, write_corpus
from tests.publishing import first_publish, holds_everywhere, running
from tests.sites import build


@pytest.mark.parametrize("flavour", [*Flavour], ids=str)
def test_real_models_arrive_whole(corpus, flavour):
    with running(flavour) as place:
        first_publish(place, corpus)
        holds_everywhere(place, corpus)
        assert place.plan(corpus).empty


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Source:
    options = MKDOCS.replace("{as_of: 2026-11-20}", "{as_of: 2026-11-20, functions: {}, confluence: {space: BOOK}}")
    root = write_book(tmp_path_factory.mktemp("corpus"), {}, options)
    write_corpus(root / "cards", read_corpus())
    build(root, root / "site")
    return read_source(root, None)
