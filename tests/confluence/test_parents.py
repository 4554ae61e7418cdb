"""The page or folder that a book is published under."""

from pathlib import Path
from typing import Any

import pytest

from generator.confluence.demo import DemoServer
from generator.confluence.sync.values import Action, Outcome
from generator.confluence.wiki import Flavour, NewPage, NotFound, Parent, ParentKind, Wiki
from generator.errors import UserError
from tests.confluence.publishing import Publisher, build_library, configure


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
    assert {each.method for each in demo.log.entries} == {"GET"}
    assert wiki.properties(parent.id) == ()


def as_folder(wiki: Wiki, folder_id: str, monkeypatch: pytest.MonkeyPatch) -> Wiki:
    """Return a wiki in which a page answers as a folder does: only to the calls for folders."""

    def by_kind(name: str) -> None:
        call = getattr(wiki, name)

        def checked(content_id: str, *values: Any, kind: ParentKind = ParentKind.PAGE) -> Any:
            if (content_id == folder_id) != (kind is ParentKind.FOLDER):
                raise NotFound(name, f"there is no {kind} {content_id}", 404, content_id)
            return call(content_id, *values)

        monkeypatch.setattr(wiki, name, checked)

    for name in ("properties", "create_property", "update_property", "descendants"):
        by_kind(name)
    page, pages = wiki.page(folder_id), wiki.pages
    folder = Parent(folder_id, ParentKind.FOLDER, page.title, page.status, page.space_id, page.url)
    monkeypatch.setattr(wiki, "parent", lambda _: folder)
    monkeypatch.setattr(
        wiki, "pages", lambda ids, body=False: pages([each for each in ids if each != folder_id], body=body)
    )
    return wiki


def test_a_book_is_published_under_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = Publisher(DemoServer(Flavour.CLOUD), tmp_path / "site")
    folder = publisher.create_unmanaged_page("Models")
    configure(publisher, parent=folder.id)
    wiki = as_folder(publisher.wiki(), folder.id, monkeypatch)
    book = build_library(8)
    assert publisher.publish(book, wiki=wiki).outcome is Outcome.DONE
    assert publisher.find_page("The book").parent_id == folder.id
    publisher.requests()
    assert publisher.prepared(publisher.build(book), wiki).plan.empty
    space, manifest, bulk = 1, 1, 1
    assert publisher.requests() == space + manifest + bulk
    for each in wiki.properties(folder.id, kind=ParentKind.FOLDER):
        wiki.delete_property(folder.id, each)
    lost = publisher.prepared(publisher.build(book), wiki).plan
    assert {change.actions for change in lost.changes} == {(Action.RECORD,)}
    assert publisher.publish(book, wiki=wiki).outcome is Outcome.DONE


def test_a_parent_that_is_neither_a_page_nor_a_folder_is_refused(flavour: Flavour, tmp_path: Path) -> None:
    publisher = configure(Publisher(DemoServer(flavour), tmp_path / "site"), parent="7")
    with pytest.raises(UserError, match="there is no page or folder 7 that this account can see"):
        publisher.plan(build_library(8))
