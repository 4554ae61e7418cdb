"""The contract of `Wiki` for properties, labels, files and comments of pages."""

import pytest

from generator.confluence.demo import DemoServer, Fault, FaultKind
from generator.confluence.wiki import (
    PROPERTY_LIMIT,
    AlreadyExists,
    NotFound,
    PageUpdate,
    TooLarge,
    Upload,
    VersionConflict,
)
from tests.confluence.conftest import Bench
from tests.confluence.demo.server import add_comment
from tests.confluence.transport import build_request

PICTURE = Upload("flow é.png", b"\x89PNG\r\n\x1a\n--\x00\xff\r\n", "image/png", "digest abc")


def test_properties_are_created_updated_and_deleted(bench: Bench) -> None:
    page = bench.page("Model")
    made = bench.wiki.create_property(page.id, "modelbook", {"ref": "model:ryl", "n": [1, None, True, "é"]})
    assert bench.wiki.properties(page.id) == (made,)
    assert made.value == {"ref": "model:ryl", "n": [1, None, True, "é"]}
    changed = bench.wiki.update_property(page.id, made, {"ref": "model:tpfy"})
    assert (changed.version, changed.value) == (made.version + 1, {"ref": "model:tpfy"})
    with pytest.raises(VersionConflict):
        bench.wiki.update_property(page.id, made, {"ref": "late"})
    bench.wiki.delete_property(page.id, changed)
    assert bench.wiki.properties(page.id) == ()


def test_a_property_key_is_unique(bench: Bench) -> None:
    page = bench.page("Model")
    bench.wiki.create_property(page.id, "modelbook", 1)
    with pytest.raises(AlreadyExists):
        bench.wiki.create_property(page.id, "modelbook", 2)


def test_the_size_of_a_property_is_limited_as_in_confluence(bench: Bench) -> None:
    page = bench.page("Model")
    made = bench.wiki.create_property(page.id, "full", "x" * (PROPERTY_LIMIT - 2))
    assert made.value == "x" * (PROPERTY_LIMIT - 2)
    with pytest.raises(TooLarge):
        bench.wiki.create_property(page.id, "overfull", "x" * 33_000)


def test_labels_are_added_and_removed(bench: Bench) -> None:
    page = bench.page("Model")
    assert bench.wiki.add_labels(page.id, ["ranking", "production"]) == {"ranking", "production"}
    assert bench.wiki.add_labels(page.id, ["ranking", "online"]) == {"ranking", "production", "online"}
    bench.wiki.remove_label(page.id, "production")
    assert bench.wiki.labels(page.id) == {"ranking", "online"}


def test_a_file_has_versions_and_a_unique_name(bench: Bench) -> None:
    page = bench.page("Model")
    made = bench.wiki.create_attachment(page.id, PICTURE)
    assert (made.name, made.comment) == (PICTURE.name, "digest abc")
    with pytest.raises(AlreadyExists):
        bench.wiki.create_attachment(page.id, PICTURE)
    newer = Upload(PICTURE.name, b"newer", "image/png", "digest def")
    changed = bench.wiki.update_attachment(page.id, made.id, newer)
    assert (changed.id, changed.version, changed.comment) == (made.id, made.version + 1, "digest def")
    assert bench.wiki.attachments(page.id) == (changed,)
    bench.wiki.delete_attachment(made.id)
    assert bench.wiki.attachments(page.id) == ()
    bench.wiki.create_attachment(page.id, PICTURE)


def test_a_file_is_stored_unchanged(bench: Bench, local: DemoServer) -> None:
    page = bench.page("Model")
    bench.wiki.create_attachment(page.id, PICTURE)
    context = "/wiki" if bench.wiki.flavour.archives else ""
    target = f"{context}/download/attachments/{page.id}/flow%20%C3%A9.png"
    response = local.exchange(build_request("GET", target, {})).response
    assert response is not None
    assert response.get_data() == PICTURE.content
    assert response.headers["Content-Type"] == "image/png"


def test_a_comment_is_open_while_its_marker_exists(bench: Bench, local: DemoServer) -> None:
    page = bench.page("Model", "<p>Ranks nearby restaurants</p>")
    add_comment(local, page.id, "nearby restaurants")
    (made,) = bench.wiki.inline_comments(page.id)
    assert (made.state, made.selection) == ("open", "nearby restaurants")
    marked = bench.wiki.page(page.id, body=True)
    assert f'ac:ref="{made.marker}"' in (marked.body or "")
    assert marked.version.number == 1
    kept = (marked.body or "").replace("Ranks", "Sorts")
    bench.wiki.update_page(PageUpdate(page.id, page.title, kept, 2))
    assert bench.wiki.inline_comments(page.id)[0].state == "open"
    bench.wiki.update_page(PageUpdate(page.id, page.title, "<p>Sorts nearby restaurants</p>", 3))
    assert bench.wiki.inline_comments(page.id)[0].state == "dangling"
    bench.wiki.update_page(PageUpdate(page.id, page.title, kept, 4))
    assert bench.wiki.inline_comments(page.id)[0].state == "open"


def test_a_resolved_comment_is_listed(bench: Bench, local: DemoServer) -> None:
    page = bench.page("Model")
    add_comment(local, page.id, "Text").state = "resolved"
    assert [one.state for one in bench.wiki.inline_comments(page.id)] == ["resolved"]


def test_details_of_an_unknown_page_are_not_found(bench: Bench) -> None:
    for call in (
        lambda: bench.wiki.properties("1"),
        lambda: bench.wiki.labels("1"),
        lambda: bench.wiki.attachments("1"),
        lambda: bench.wiki.inline_comments("1"),
        lambda: bench.wiki.children("1"),
        lambda: bench.wiki.create_property("1", "k", 1),
    ):
        with pytest.raises(NotFound):
            call()


def test_records_have_the_labels_and_one_property_of_a_page(bench: Bench) -> None:
    wiki, marked, plain = bench.wiki, bench.page("Marked"), bench.page("Plain")
    wiki.create_property(marked.id, "modelbook-page", {"ref": "model:ryl"})
    wiki.create_property(marked.id, "other", 1)
    wiki.add_labels(marked.id, ["ranking", "online"])
    found = wiki.page_records([marked.id, plain.id, "99999999"], "modelbook-page")
    assert {page_id: (each.labels, each.value) for page_id, each in found.items()} == {
        marked.id: (frozenset({"ranking", "online"}), {"ref": "model:ryl"}),
        plain.id: (frozenset(), None),
    }
    assert found[marked.id].page.title == marked.title


def test_a_record_has_all_labels_and_its_property_among_many(bench: Bench, local: DemoServer) -> None:
    page = bench.page("Model")
    labels = {f"label-{number}" for number in range(120)}
    bench.wiki.add_labels(page.id, labels)
    for number in range(60):
        bench.wiki.create_property(page.id, f"a-{number}", number)
    bench.wiki.create_property(page.id, "modelbook-page", "mine")
    record = bench.wiki.page_records([page.id], "modelbook-page")[page.id]
    assert record.labels == labels
    assert record.value == "mine"


def test_records_without_the_search_index_are_complete(bench: Bench, local: DemoServer) -> None:
    page = bench.page("Model")
    bench.wiki.create_property(page.id, "modelbook-page", "mine")
    bench.wiki.add_labels(page.id, ["ranking"])
    local.inject([Fault(FaultKind.UNINDEXED, path="*/search", count=0)])
    record = bench.wiki.page_records([page.id], "modelbook-page")[page.id]
    assert record.labels == {"ranking"}
    assert record.value == "mine"


def test_a_page_that_is_hidden_from_this_account_has_no_record(bench: Bench, local: DemoServer) -> None:
    """Check a page that users have restricted: no search finds it, and the wiki refuses each request for it."""
    shown, hidden = bench.page("Shown"), bench.page("Hidden")
    paths = (f"*/{hidden.id}", f"*/{hidden.id}/*")
    refused = [Fault(FaultKind.SERVER_ERROR, "GET", path, count=0, status=403) for path in paths]
    local.inject([Fault(FaultKind.UNINDEXED, path="*/search", count=0), *refused])
    assert bench.wiki.page_records([hidden.id, shown.id], "modelbook-page").keys() == {shown.id}
