"""The demo server of Data Center, compared with its documentation and with reports of real servers."""

from collections.abc import Iterator

import pytest

from generator.confluence.wiki import Flavour
from tests.confluence.conftest import fill
from tests.confluence.demo.client import GUEST, Client, set_variant
from tests.confluence.demo.server import Variant, VariantServer


@pytest.fixture
def datacenter() -> Iterator[Client]:
    demo = VariantServer(Flavour.DATACENTER)
    demo.world.people[GUEST.id] = GUEST
    yield Client(demo)
    demo.close()


def test_an_upload_needs_no_check_with_a_hyphen(datacenter: Client) -> None:
    """https://github.com/sooperset/mcp-atlassian/issues/1207: 403 "XSRF check failed" without it."""
    path = f"/rest/api/content/{datacenter.page()}/child/attachment"
    assert datacenter.ask("POST", path)[1]["message"] == "XSRF check failed"
    assert datacenter.ask("POST", path, **{"X-Atlassian-Token": "nocheck"})[0] == 403
    assert datacenter.ask("POST", path, **{"X-Atlassian-Token": "no-check"})[0] == 400
    assert datacenter.ask("PUT", path, **{"X-Atlassian-Token": "no-check"})[0] == 405


def test_a_taken_property_key_is_a_bad_request(datacenter: Client) -> None:
    path, data = datacenter.properties(datacenter.page()), {"key": "modelbook", "value": 1}
    assert datacenter.ask("POST", path, data)[0] == 200
    status, said, _ = datacenter.ask("POST", path, data)
    assert status == 400
    assert "the content already has a value with the given key" in said["message"]


def test_a_restored_page_keeps_its_text(datacenter: Client) -> None:
    """PUT content/{contentId}: "No other field modifications will be performed when restoring" from the trash."""
    page = datacenter.page()
    assert datacenter.trash_page(page) == 204
    assert datacenter.ask("GET", f"/rest/api/content/{page}")[0] == 404
    status, restored = datacenter.update_page(page, 2, title="Other")
    assert (status, restored["status"], restored["title"]) == (200, "current", "Model")
    assert datacenter.read_page(page)["body"]["storage"]["value"] == "<p>x</p>"


@pytest.mark.parametrize("status", [403, 404])
def test_the_status_of_a_restricted_page_is_selectable(datacenter: Client, status: int) -> None:
    set_variant(datacenter, Variant(forbidden=status))
    page = datacenter.page()
    assert Client(datacenter.demo, GUEST).update_page(page, 2)[0] == status


def test_an_invalid_body_names_its_position(datacenter: Client) -> None:
    status, said = datacenter.create_page(body="<p>x</br></p>")
    assert (status, said["statusCode"], said["reason"]) == (400, 400, "Bad Request")
    assert said["message"].startswith("Error parsing xhtml: ")
    assert "[row,col {unknown-source}]: [1," in said["message"]


def test_a_taken_title_is_named_with_its_space(datacenter: Client) -> None:
    datacenter.page()
    assert datacenter.create_page()[1]["message"] == (
        "A page already exists with the title Model in the space with key BOOK"
    )


def test_a_limit_is_lowered_without_an_error(datacenter: Client) -> None:
    fill(datacenter.demo, datacenter.space["homepage"]["id"], 220)
    said = datacenter.get("/rest/api/content?spaceKey=BOOK&limit=500")
    assert (said["limit"], said["size"]) == (200, 200)
    said = datacenter.get("/rest/api/content?spaceKey=BOOK&limit=500&expand=body.storage")
    assert said["limit"] == 50
    assert "start=50" in said["_links"]["next"]


def test_only_expanded_fields_are_in_a_list(datacenter: Client) -> None:
    datacenter.page()
    bare = datacenter.get("/rest/api/content?spaceKey=BOOK")["results"][0]
    assert not {"version", "ancestors", "space", "body"} & set(bare)


def test_descendants_are_found_by_search(datacenter: Client) -> None:
    top = datacenter.page("Top")
    child = datacenter.page("Child", top)
    below = datacenter.page("Below", child)
    for query in (f"ancestor = {top}", f"ancestor={top} and type=page", f'space = "BOOK" AND ancestor in ({top})'):
        results = datacenter.get(f"/rest/api/content/search?cql={query}")["results"]
        assert {one["id"] for one in results} == {child, below}
    assert datacenter.ask("GET", "/rest/api/content/search?cql=label+~+x")[0] == 400


def test_children_are_sorted_by_title_until_one_moves(datacenter: Client) -> None:
    one, two = datacenter.page("B"), datacenter.page("A")
    path = f"/rest/api/content/{datacenter.space['homepage']['id']}/child/page"
    assert [child["id"] for child in datacenter.get(path)["results"]] == [two, one]
    assert datacenter.ask("PUT", f"/rest/api/content/{one}/move/before/{two}")[0] == 200
    assert [child["id"] for child in datacenter.get(path)["results"]] == [one, two]


def test_cloud_calls_do_not_exist(datacenter: Client) -> None:
    for path in ("/wiki/api/v2/spaces", f"/rest/api/content/{datacenter.page()}/state", "/rest/api/longtask/1"):
        assert datacenter.ask("GET", path)[0] == 404
