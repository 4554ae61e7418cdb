"""The demo server of Cloud, compared with statements of Atlassian's documents of API v2 and v1 (July 2026)."""

from collections.abc import Iterator
from typing import Any

import pytest

from generator.confluence.demo import ADMIN
from generator.confluence.wiki import Flavour
from tests.confluence.conftest import fill
from tests.confluence.demo.client import GUEST, Client, set_variant
from tests.confluence.demo.server import Variant, VariantServer

V2, V1 = "/wiki/api/v2", "/wiki/rest/api"


@pytest.fixture
def cloud() -> Iterator[Client]:
    demo = VariantServer(Flavour.CLOUD)
    demo.world.people[GUEST.id] = GUEST
    yield Client(demo)
    demo.close()


@pytest.mark.parametrize("query", ["limit=251", "limit=0", "limit=x", "cursor=bogus", "status=gone"])
def test_a_list_has_1_to_250_items_and_a_cursor_of_the_server(cloud: Client, query: str) -> None:
    """v2, every list: `limit` has the minimum 1 and the maximum 250."""
    assert cloud.ask("GET", f"{V2}/pages?{query}")[0] == 400


def test_pages_are_filtered_by_at_most_250_ids(cloud: Client) -> None:
    """v2, GET /pages: `id` has maxItems 250."""
    assert cloud.ask("GET", f"{V2}/pages?limit=250&id={','.join(map(str, range(251)))}")[0] == 400
    assert cloud.ask("GET", f"{V2}/pages?limit=250&id={','.join(map(str, range(250)))}")[0] == 200


def test_a_list_names_its_next_part_in_body_and_header(cloud: Client) -> None:
    """v2, every list: the next URL is in the `Link` header and in `_links.next`, which is relative."""
    fill(cloud.demo, str(cloud.space["homepageId"]), 30)
    _, first, headers = cloud.ask("GET", f"{V2}/pages?space-id={cloud.space['id']}&limit=20")
    following = first["_links"]["next"]
    assert headers["Link"] == f'<{following}>; rel="next"'
    assert following.startswith(f"{V2}/pages?")
    rest = cloud.get(following)
    assert (len(first["results"]), len(rest["results"])) == (20, 11)
    assert "next" not in rest["_links"]


@pytest.mark.parametrize("missing", ["id", "status", "title", "body", "version"])
def test_an_update_needs_its_required_fields(cloud: Client, missing: str) -> None:
    """v2, PageUpdateRequest: required are id, status, title, body and version."""
    page, body = cloud.page(), {"representation": "storage", "value": ""}
    data = {"id": page, "status": "current", "title": "Model", "body": body, "version": {"number": 2}}
    del data[missing]
    assert cloud.ask("PUT", f"{V2}/pages/{page}", data)[0] == 400


def test_an_update_does_not_move_a_page_to_another_space(cloud: Client) -> None:
    """v2, PageUpdateRequest: "This currently does not support moving the page to a different space"."""
    assert cloud.update_page(cloud.page(), 2, spaceId="1")[0] == 400


def test_a_page_at_the_top_has_no_parent(cloud: Client) -> None:
    """v2, POST /pages: `root-level` excludes `parentId`; without both, the home page is the parent."""
    data = {"spaceId": cloud.space["id"], "title": "Top", "body": {"representation": "storage", "value": ""}}
    home = cloud.space["homepageId"]
    assert cloud.ask("POST", f"{V2}/pages?root-level=true", {**data, "parentId": home})[0] == 400
    assert cloud.ask("POST", f"{V2}/pages?root-level=true", data)[1]["parentId"] is None
    assert cloud.ask("POST", f"{V2}/pages", {**data, "title": "Below"})[1]["parentId"] == home


def test_a_page_over_5_mb_is_refused(cloud: Client) -> None:
    """v2, POST /pages, 413: over 5 MB."""
    assert cloud.create_page(body=f"<p>{'x' * 5 * 1024 * 1024}</p>")[0] == 413


def test_a_restored_page_keeps_its_text(cloud: Client) -> None:
    """v2, PageUpdateRequest: "page contents will not be updated and only the page status will be changed"."""
    page = cloud.page()
    assert cloud.trash_page(page) == 204
    status, restored = cloud.update_page(page, 2, title="Other", body="<p>new</p>")
    assert (status, restored["status"], restored["title"]) == (200, "current", "Model")
    assert ">x</p>" in cloud.read_page(page)["body"]["storage"]["value"]


def test_only_a_page_in_the_trash_is_purged(cloud: Client) -> None:
    """v2, DELETE /pages/{id}: `purge` must be called on a trashed page."""
    page = cloud.page()
    assert cloud.ask("DELETE", f"{V2}/pages/{page}?purge=true")[0] == 404
    assert cloud.trash_page(page) == 204
    assert cloud.ask("DELETE", f"{V2}/pages/{page}?purge=true")[0] == 204
    assert cloud.ask("GET", f"{V2}/pages/{page}?status=trashed")[0] == 404


def test_a_change_without_permission_is_not_found_in_v2_and_forbidden_in_v1(cloud: Client) -> None:
    """v2, PUT /pages/{id}, 404: "does not have the needed permissions"; v1, POST label, 403: "view but not edit"."""
    page, guest = cloud.page(), Client(cloud.demo, GUEST)
    error = {"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": None}
    assert guest.update_page(page, 2) == (404, {"errors": [error]})
    assert guest.ask("POST", f"{V1}/content/{page}/label", [{"name": "a"}])[0] == 403


@pytest.mark.parametrize("status", [403, 404])
def test_the_status_of_a_restricted_page_is_selectable(cloud: Client, status: int) -> None:
    """The document says 404; 403 is reported for an edit restriction, which is about one page."""
    set_variant(cloud, Variant(forbidden=status))
    page, other = cloud.page(), cloud.page("Other")
    assert isinstance(cloud.demo, VariantServer)
    cloud.demo.editors[int(page)] = {"ada"}
    assert cloud.update_page(page, 2)[0] == status
    assert cloud.update_page(other, 2, "Other")[0] == 200


@pytest.mark.parametrize("status", [400, 409])
def test_the_status_of_a_taken_key_is_selectable(cloud: Client, status: int) -> None:
    """The document lists only 400; sites answer 409 too."""
    set_variant(cloud, Variant(taken_key=status))
    path = cloud.properties(cloud.page())
    assert cloud.ask("POST", path, {"key": "modelbook", "value": 1})[0] == 200
    assert cloud.ask("POST", path, {"key": "modelbook", "value": 1})[0] == status


def test_a_folder_is_content_of_its_own(cloud: Client) -> None:
    """v2, /folders: a folder has properties and descendants, and is no page."""
    folder = cloud.ask("POST", f"{V2}/folders", {"spaceId": cloud.space["id"], "title": "Models"})[1]
    assert (folder["type"], folder["parentId"]) == ("folder", cloud.space["homepageId"])
    page = cloud.page(parent_id=folder["id"])
    assert cloud.read_page(page)["parentType"] == "folder"
    path = f"{V2}/folders/{folder['id']}"
    assert cloud.get(path)["title"] == "Models"
    assert cloud.ask("GET", f"{V2}/pages/{folder['id']}")[0] == 404
    held = cloud.ask("POST", f"{path}/properties", {"key": "modelbook", "value": {"n": 1}})[1]
    assert cloud.get(f"{path}/properties?key=modelbook")["results"] == [held]
    assert [(one["id"], one["type"], one["parentId"]) for one in cloud.get(f"{path}/descendants")["results"]] == [
        (page, "page", folder["id"])
    ]
    assert [one["id"] for one in cloud.get(f"{path}/direct-children")["results"]] == [page]


def test_descendants_are_cut_at_a_depth(cloud: Client) -> None:
    """v2, GET /pages/{id}/descendants: `depth` has the default 2 and the maximum 10; the highest come first."""
    pages = [cloud.page("0")]
    for number in range(1, 5):
        pages.append(cloud.page(str(number), pages[-1]))
    path = f"{V2}/pages/{pages[0]}/descendants"
    assert [one["id"] for one in cloud.get(path)["results"]] == pages[1:3]
    found = cloud.get(f"{path}?depth=10&limit=250")["results"]
    assert [(one["id"], one["depth"]) for one in found] == [*zip(pages[1:], range(1, 5), strict=True)]
    assert cloud.ask("GET", f"{path}?depth=11")[0] == 400


def test_a_content_state_creates_a_version(cloud: Client) -> None:
    """v1, PUT …/state: needs `status`, a name of at most 20 characters and a hex color, and creates a new version."""
    page = cloud.page()
    path, state = f"{V1}/content/{page}/state", {"name": "Needs review", "color": "#ffc400"}
    for wrong in ({"name": "x" * 21}, {"name": ""}, {"color": "yellow"}):
        assert cloud.ask("PUT", f"{path}?status=current", {**state, **wrong})[0] == 400
    assert cloud.ask("PUT", path, state)[0] == 400
    before = cloud.read_page(page)
    assert cloud.ask("PUT", f"{path}?status=current", state)[1]["contentState"]["name"] == "Needs review"
    after = cloud.read_page(page)
    assert (after["version"]["number"], after["body"]) == (before["version"]["number"] + 1, before["body"])
    assert cloud.get(path)["contentState"]["color"] == "#ffc400"
    assert cloud.ask("DELETE", path)[0] == 200
    assert cloud.get(path)["contentState"] is None
    assert cloud.read_page(page)["version"]["number"] == 3


@pytest.mark.parametrize("clears", [False, True])
def test_whether_an_update_clears_the_content_state_is_selectable(cloud: Client, clears: bool) -> None:
    """The documents are silent; a publisher reports that an update clears it."""
    set_variant(cloud, Variant(update_clears_state=clears))
    page = cloud.page()
    path = f"{V1}/content/{page}/state"
    cloud.ask("PUT", f"{path}?status=current", {"name": "Verified", "color": "#57d9a3"})
    assert cloud.update_page(page, 3)[0] == 200
    assert (cloud.get(path)["contentState"] is None) is clears


def test_archiving_is_a_task(cloud: Client) -> None:
    """v1, POST content/archive: 202 with a task; 400 for no page or an archived one."""
    page = cloud.page()
    status, task, _ = cloud.ask("POST", f"{V1}/content/archive", {"pages": [{"id": int(page)}]})
    assert status == 202
    assert [cloud.get(f"{V1}/longtask/{task['id']}")["finished"] for _ in range(2)] == [False, True]
    assert cloud.read_page(page)["status"] == "archived"
    for pages in ([{"id": int(page)}], [{"id": 1}], [{"id": "x"}], []):
        assert cloud.ask("POST", f"{V1}/content/archive", {"pages": pages})[0] == 400


def test_a_site_without_premium_archives_one_page_at_a_time(cloud: Client) -> None:
    """v1, POST content/archive, 400: "a non premium edition tenant with more than 1 page ID"."""
    set_variant(cloud, Variant(archive_limit=1))
    ids = [{"id": int(cloud.page(title))} for title in ("A", "B")]
    assert cloud.ask("POST", f"{V1}/content/archive", {"pages": ids})[0] == 400
    assert cloud.ask("POST", f"{V1}/content/archive", {"pages": ids[:1]})[0] == 202


def test_a_move_creates_no_version_and_no_loop(cloud: Client) -> None:
    """v1, PUT …/move: before, after and append; 400 for a parent-child loop; 404 for a page that does not exist."""
    one, two = cloud.page("One"), cloud.page("Two")
    home = cloud.space["homepageId"]
    assert cloud.ask("PUT", f"{V1}/content/{two}/move/before/{one}")[1] == {"pageId": two}
    assert [child["id"] for child in cloud.get(f"{V2}/pages/{home}/direct-children")["results"]] == [two, one]
    assert cloud.ask("PUT", f"{V1}/content/{one}/move/append/{two}")[0] == 200
    assert cloud.ask("PUT", f"{V1}/content/{two}/move/append/{one}")[0] == 400
    assert cloud.ask("PUT", f"{V1}/content/{two}/move/beside/{one}")[0] == 400
    assert cloud.ask("PUT", f"{V1}/content/{two}/move/append/1")[0] == 404
    assert cloud.read_page(two)["version"]["number"] == 1


def test_children_are_in_the_order_of_their_creation(cloud: Client) -> None:
    titles = ["B", "C", "A"]
    for title in titles:
        cloud.page(title)
    children = cloud.get(f"{V2}/pages/{cloud.space['homepageId']}/direct-children")["results"]
    assert [child["title"] for child in children] == titles


def test_an_inline_comment_is_made_on_a_text(cloud: Client) -> None:
    """v2, POST /inline-comments, 201: `textSelectionMatchCount` should be greater than `textSelectionMatchIndex`."""
    page = cloud.page()

    def comment(selection: str, index: int) -> tuple[int, Any]:
        where = {"textSelection": selection, "textSelectionMatchCount": 1, "textSelectionMatchIndex": index}
        body = {"representation": "storage", "value": "<p>y</p>"}
        data = {"pageId": page, "body": body, "inlineCommentProperties": where}
        return cloud.ask("POST", f"{V2}/inline-comments", data)[:2]

    status, made = comment("x", 0)
    assert (status, made["resolutionStatus"]) == (201, "open")
    assert made["properties"]["inlineMarkerRef"] in cloud.read_page(page)["body"]["storage"]["value"]
    assert comment("missing", 0)[0] == comment("x", 1)[0] == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "content"), ("POST", "content"), ("PUT", "content/1"), ("GET", "content/1/property")],
)
def test_the_calls_that_v2_replaced_are_gone(cloud: Client, method: str, path: str) -> None:
    """v1 has no content and no property since 2026; 410 is reported."""
    status, said, _ = cloud.ask(method, f"{V1}/{path}")
    assert status == 410
    assert "GoneException: This deprecated endpoint has been removed" in said["message"]


def test_a_conflict_names_both_versions(cloud: Client) -> None:
    page = cloud.page()
    title = "Version must be incremented when updating a page. Current Version: [1]. Provided version: [7]"
    assert cloud.update_page(page, 7) == (409, {"errors": [{"code": "CONFLICT", "title": title}]})


def test_a_title_is_taken_in_any_case(cloud: Client) -> None:
    cloud.page()
    status, said = cloud.create_page("MODEL")
    assert status == 400
    assert said["errors"][0]["title"] == (
        "A page with this title already exists: A page already exists with the same TITLE in this space"
    )


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("POST", f"{V2}/pages", {"spaceId": "1"}),
        ("POST", f"{V2}/pages", []),
        ("PUT", f"{V2}/pages/1", {"id": "1", "version": 3}),
        ("POST", f"{V2}/inline-comments", {}),
        ("POST", f"{V1}/content/archive", {"pages": [{"id": "x"}]}),
        ("POST", f"{V1}/content/1/label", [{}]),
        ("GET", f"{V2}/nowhere", None),
        ("GET", f"{V2}/pages/{'9' * 30}", None),
        ("DELETE", f"{V2}/spaces", None),
        ("GET", "/wiki/spaces/NONE", None),
        ("GET", "/wiki/spaces/BOOK/pages/x", None),
    ],
)
def test_an_invalid_request_is_refused(cloud: Client, method: str, path: str, data: object) -> None:
    assert 400 <= cloud.ask(method, path, data)[0] < 500


def test_a_slash_at_the_end_makes_no_difference(cloud: Client) -> None:
    assert cloud.get(f"{V2}/spaces/") == cloud.get(f"{V2}/spaces")
    assert cloud.ask("POST", f"{V2}/pages/{cloud.page()}")[0] == 405


def test_the_admin_is_the_account_of_the_token(cloud: Client) -> None:
    assert cloud.get(f"{V1}/user/current")["accountId"] == ADMIN.id
