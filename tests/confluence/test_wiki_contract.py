"""The contract of `Wiki` for pages, with the demo server over both transports and a real site."""

import pytest

from generator.confluence.demo import DemoServer
from generator.confluence.wiki import (
    BadStorage,
    NewPage,
    NotFound,
    NotOffered,
    Page,
    PageUpdate,
    ParentKind,
    Place,
    Status,
    TitleTaken,
    VersionConflict,
)
from tests.confluence.conftest import Bench, fill
from tests.confluence.demo.server import count_notifications


def next_version(
    page: Page,
    body: str = "<p>Other text</p>",
    *,
    title: str = "",
    message: str = "",
    minor: bool = True,
    parent_id: str | None = None,
) -> PageUpdate:
    return PageUpdate(page.id, title or page.title, body, page.version.number + 1, message, minor, parent_id)


def test_account_and_space_are_read(bench: Bench) -> None:
    account = bench.wiki.account()
    assert account.id
    assert account.name
    assert bench.wiki.account_name(account.id) == account.name
    assert bench.space.homepage_id
    assert bench.wiki.operations(bench.space) & {"create page", "update page"}
    assert "delete page" in bench.wiki.operations(bench.space)


def test_an_unknown_space_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.wiki.space("NOSUCHSPACE")


def test_a_created_page_is_read_back(bench: Bench) -> None:
    made = bench.page("Model", "<p>Ranks</p>")
    read = bench.wiki.page(made.id, body=True)
    assert (read.id, read.title, read.status) == (made.id, bench.title("Model"), Status.CURRENT)
    assert read.space_id == bench.space.id
    assert read.parent_id == bench.space.homepage_id
    assert read.version.number == 1
    assert "Ranks" in (read.body or "")
    assert read.url.startswith("http")
    assert bench.wiki.page(made.id).body is None


def test_a_page_without_a_parent_is_at_the_top(bench: Bench) -> None:
    made = bench.wiki.create_page(NewPage(bench.space, bench.title("Top"), "<p>x</p>"))
    bench.made.append(made.id)
    assert bench.wiki.page(made.id).parent_id is None


def test_an_update_creates_the_next_version(bench: Bench) -> None:
    made = bench.page("Model")
    updated = bench.wiki.update_page(
        next_version(made, message="recall 0.91 → 0.88", minor=True, title=bench.title("Renamed"))
    )
    assert updated.id == made.id
    read = bench.wiki.page(made.id, body=True)
    assert (read.version.number, read.version.message) == (2, "recall 0.91 → 0.88")
    assert read.version.author.id == bench.wiki.account().id
    assert read.title == bench.title("Renamed")
    assert "Other text" in (read.body or "")
    assert "Text" in (bench.wiki.page(made.id, body=True, version=1).body or "")
    assert bench.wiki.page(made.id, version=1).status is not Status.TRASHED


def test_an_update_of_an_old_version_is_a_conflict(bench: Bench) -> None:
    made = bench.page("Model")
    bench.wiki.update_page(next_version(made))
    with pytest.raises(VersionConflict):
        bench.wiki.update_page(next_version(made, "<p>Late</p>"))
    assert "Late" not in (bench.wiki.page(made.id, body=True).body or "")


def test_an_update_can_move_the_page(bench: Bench) -> None:
    first, second = bench.page("First"), bench.page("Second")
    moved = bench.wiki.update_page(next_version(second, parent_id=first.id))
    assert bench.wiki.page(moved.id).parent_id == first.id


def test_an_update_without_a_parent_does_not_move_the_page(bench: Bench) -> None:
    parent = bench.page("Parent")
    child = bench.page("Child", parent=parent)
    bench.wiki.update_page(next_version(child))
    assert bench.wiki.page(child.id).parent_id == parent.id


def test_a_title_is_unique_in_a_space(bench: Bench) -> None:
    bench.page("Model")
    with pytest.raises(TitleTaken):
        bench.page("Model")
    other = bench.page("Other")
    with pytest.raises(TitleTaken):
        bench.wiki.update_page(next_version(other, title=bench.title("Model")))


def test_a_trashed_page_frees_its_title(bench: Bench) -> None:
    made = bench.page("Model")
    bench.wiki.trash_page(made.id)
    assert bench.wiki.page(made.id).status is Status.TRASHED
    assert bench.wiki.page_titled(bench.space, made.title) is None
    again = bench.page("Model")
    assert again.id != made.id


def test_an_unknown_page_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound) as raised:
        bench.wiki.page("1")
    assert raised.value.content_id == "1"


def test_children_of_a_trashed_page_move_up(bench: Bench) -> None:
    parent = bench.page("Parent")
    child = bench.page("Child", parent=parent)
    bench.wiki.trash_page(parent.id)
    assert bench.wiki.page(child.id).parent_id == bench.space.homepage_id


def test_an_archived_page_keeps_its_title(bench: Bench) -> None:
    made = bench.page("Model")
    if not bench.wiki.flavour.archives:
        with pytest.raises(NotOffered):
            bench.wiki.archive_pages([made.id])
        return
    has_ended = bench.wiki.archive_pages([made.id])
    assert any(has_ended() for _ in range(30))
    assert bench.wiki.page(made.id).status is Status.ARCHIVED
    with pytest.raises(TitleTaken):
        bench.page("Model")
    found = bench.wiki.page_titled(bench.space, made.title)
    assert found is not None
    assert found.id == made.id


def test_an_invalid_body_is_reported_with_its_position(bench: Bench) -> None:
    with pytest.raises(BadStorage, match=r"\[row,col.*\]: \[2,"):
        bench.page("Broken", "<p>one</p>\n<p>two</br></p>")
    assert bench.wiki.page_titled(bench.space, bench.title("Broken")) is None


def test_many_pages_are_read_in_one_request(bench: Bench) -> None:
    made = [bench.page(f"Model {number}") for number in range(3)]
    found = bench.wiki.pages(["1", *(page.id for page in made)], body=True)
    assert set(found) == {page.id for page in made}
    assert all("Text" in (page.body or "") for page in found.values())


def test_a_page_is_found_by_title_in_its_space(bench: Bench) -> None:
    made = bench.page("Model: a, b & c")
    found = bench.wiki.page_titled(bench.space, made.title)
    assert found is not None
    assert found.id == made.id
    assert bench.wiki.page_titled(bench.space, bench.title("Nobody")) is None


def test_all_pages_of_the_space_are_listed(bench: Bench) -> None:
    made = {bench.page(f"Model {number}").id for number in range(3)}
    listed = [page.id for page in bench.wiki.pages_in_space(bench.space)]
    assert made <= set(listed)
    assert len(listed) == len(set(listed))


def test_a_page_can_be_the_parent_of_a_book(bench: Bench) -> None:
    made = bench.page("Models")
    found = bench.wiki.parent(made.id)
    assert (found.id, found.kind, found.title) == (made.id, ParentKind.PAGE, made.title)
    assert (found.space_id, found.status, found.url) == (bench.space.id, Status.CURRENT, made.url)
    with pytest.raises(NotFound):
        bench.wiki.parent("1")


def test_all_pages_below_a_page_are_listed_at_any_depth(bench: Bench) -> None:
    top = bench.page("Top")
    expected = {}
    parent = top
    for depth in range(12):
        parent, below = bench.page(f"Depth {depth}", parent=parent), parent
        expected[parent.id] = below.id
    sibling = bench.page("Sibling", parent=top)
    expected[sibling.id] = top.id
    bench.sent.clear()
    found = bench.wiki.descendants(top.id)
    assert {one.id: one.parent_id for one in found} == expected
    assert len(found) == len(expected)
    assert {(one.kind, one.status) for one in found} == {("page", Status.CURRENT)}
    assert len(bench.sent) == (2 if bench.wiki.flavour.archives else 1)


def test_descendants_of_a_large_book_cost_a_request_for_each_part(bench: Bench, local: DemoServer) -> None:
    top = bench.page("Top")
    made = fill(local, top.id, 301)
    bench.sent.clear()
    assert {one.id for one in bench.wiki.descendants(top.id)} == set(made)
    assert len(bench.sent) == -(-301 // bench.wiki.flavour.bulk)


def test_pages_can_be_reordered(bench: Bench) -> None:
    parent = bench.page("Parent")
    one, two, three = (bench.page(name, parent=parent) for name in ("B", "A", "C"))
    bench.wiki.move_page(three.id, Place.BEFORE, one.id)
    bench.wiki.move_page(two.id, Place.AFTER, one.id)
    assert [child.id for child in bench.wiki.children(parent.id)] == [three.id, one.id, two.id]
    bench.wiki.move_page(three.id, Place.APPEND, two.id)
    assert [child.id for child in bench.wiki.children(two.id)] == [three.id]
    assert bench.wiki.page(three.id).parent_id == two.id
    assert bench.wiki.page(three.id).version.number == 1


def test_saving_rewrites_the_body(bench: Bench, local: DemoServer) -> None:
    body = '<p>caf\u00e9&nbsp;&rarr;</p><ac:structured-macro ac:name="toc"></ac:structured-macro>'
    stored = bench.wiki.page(bench.page("Model", body).id, body=True).body or ""
    assert stored != body
    assert "caf&eacute;&nbsp;&rarr;" in stored
    assert "ac:macro-id=" in stored
    assert bench.wiki.flavour.archives == ("local-id=" in stored)


def test_notifications_are_sent_for_edits_that_are_not_minor(bench: Bench, local: DemoServer) -> None:
    made = bench.page("Model")
    before = count_notifications(local)
    bench.wiki.update_page(next_version(made, minor=True))
    assert count_notifications(local) == before
    bench.wiki.update_page(next_version(bench.wiki.page(made.id), minor=False))
    assert count_notifications(local) == before + 1
