"""The page or folder that a book is published under."""

from pathlib import Path

import pytest

from generator.confluence.demo import DemoServer
from generator.confluence.demo.world import FOLDER, Version
from generator.confluence.sync.values import Action, Outcome
from generator.confluence.verify import verify
from generator.confluence.wiki import Flavour, NewPage, ParentKind, Place
from generator.errors import UserError
from tests.confluence.publishing import Publisher, Sheet, build_library, configure


def test_a_parent_in_another_space_is_refused_before_anything_is_written(flavour: Flavour, tmp_path: Path) -> None:
    demo = DemoServer(flavour, spaces=[("BOOK", "Model book"), ("OTHER", "Another")])
    publisher = Publisher(demo, tmp_path / "site")
    wiki = publisher.wiki()
    other = wiki.space("OTHER")
    parent = wiki.create_page(NewPage(other, "Theirs", "<p>Text</p>", other.homepage_id))
    configure(publisher, parent=parent.id)
    demo.log.clear()
    with pytest.raises(UserError, match=r"the parent \d+ is not in the space BOOK: set `space`"):
        publisher.publish(build_library(8))
    assert {each.method for each in demo.log} == {"GET"}
    assert wiki.properties(parent.id) == ()


def test_a_book_is_published_under_a_folder(tmp_path: Path) -> None:
    publisher = Publisher(DemoServer(Flavour.CLOUD), tmp_path / "site")
    session = publisher.demo.session()
    folder = str(session.create(FOLDER, session.space("BOOK"), None, Version("Models")).id)
    configure(publisher, parent=folder)
    wiki, book = publisher.wiki(), build_library(8)
    assert publisher.publish(book).outcome is Outcome.DONE
    assert publisher.find_page("The book").parent_id == folder
    publisher.requests()
    assert publisher.plan(book).empty
    space, not_a_page, manifest, bulk = 1, 1, 1, 1
    assert publisher.requests() == space + not_a_page + manifest + bulk
    for each in wiki.properties(folder, kind=ParentKind.FOLDER):
        wiki.delete_property(folder, each, kind=ParentKind.FOLDER)
    lost = publisher.plan(book)
    assert {change.actions for change in lost.changes} == {(Action.RECORD,)}
    assert publisher.publish(book).outcome is Outcome.DONE


def test_pages_below_a_folder_have_the_order_of_the_site(tmp_path: Path) -> None:
    publisher = Publisher(DemoServer(Flavour.CLOUD), tmp_path / "site")
    session = publisher.demo.session()
    folder = str(session.create(FOLDER, session.space("BOOK"), None, Version("Models")).id)
    configure(publisher, parent=folder)
    sheets = [Sheet(f"model:{name.lower()}", name) for name in ("Ranking", "Ads", "Search")]
    below = [Sheet("model:top-ads", "Top ads", "model:ads")]
    wiki = publisher.wiki()

    def list_titles() -> list[str]:
        return [child.title for child in wiki.children(folder, kind=ParentKind.FOLDER)]

    assert publisher.publish([*sheets, *below]).outcome is Outcome.DONE
    assert list_titles() == ["Ranking", "Ads", "Search"]
    assert publisher.publish([*sheets[::-1], *below]).outcome is Outcome.DONE
    assert list_titles() == ["Search", "Ads", "Ranking"]
    wiki.move_page(publisher.find_page("Ads").id, Place.BEFORE, publisher.find_page("Search").id)
    [difference] = verify(wiki, publisher.build([*sheets[::-1], *below]), publisher.settings)
    assert difference.kind == "order"


def test_a_parent_that_is_neither_a_page_nor_a_folder_is_refused(flavour: Flavour, tmp_path: Path) -> None:
    publisher = configure(Publisher(DemoServer(flavour), tmp_path / "site"), parent="7")
    with pytest.raises(UserError, match="there is no page or folder 7 that this account can see"):
        publisher.plan(build_library(8))
