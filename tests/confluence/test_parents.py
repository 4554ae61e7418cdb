"""The page or folder that a book is published under."""

from pathlib import Path

import pytest

from generator.confluence.standin import Standin
from generator.confluence.wiki import Flavour, NewPage
from generator.errors import UserError
from tests.confluence.publishing import Publisher, build_library, configure


def test_a_parent_in_another_space_is_refused_before_anything_is_written(flavour: Flavour, tmp_path: Path) -> None:
    standin = Standin(flavour, spaces=[("BOOK", "Model book"), ("OTHER", "Another")])
    publisher = Publisher(standin, tmp_path / "site")
    wiki = publisher.wiki()
    other = wiki.space("OTHER")
    parent = wiki.create_page(NewPage(other, "Theirs", "<p>Text</p>", other.homepage_id))
    configure(publisher, parent=parent.id)
    standin.log.clear()
    with pytest.raises(UserError, match=r"the parent \d+ is not in the space BOOK: set `space`"):
        publisher.publish(build_library(8))
    assert {each.method for each in standin.log.entries} == {"GET"}
    assert wiki.properties(parent.id) == ()
