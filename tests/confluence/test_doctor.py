"""The checks of `publish doctor`, each with a fix."""

from pathlib import Path
from typing import Any

import pytest

from generator.confluence.demo import DemoServer, Fault, FaultKind, serve
from generator.confluence.demo.world import FOLDER, Version
from generator.confluence.doctor import CheckOutcome, run_checks
from generator.confluence.rest import connect
from generator.confluence.sync.manifest import manifest_key
from generator.confluence.wiki import Flavour
from tests.confluence.conftest import access_to, context_of
from tests.confluence.demo.server import Account, count_requests
from tests.confluence.publishing import SETTINGS, Publisher, Sheet
from tests.confluence.rest.test_rate_limit import FakeTime
from tests.confluence.transport import InMemory


def checks(demo: DemoServer, token: str = "admin", user: str = "admin@example.com", **more: Any) -> dict[str, Any]:
    base = f"http://localhost{context_of(demo.flavour)}"
    wiki = connect(access_to(demo, base, token, user), adapter=InMemory(demo), clock=FakeTime().clock())
    found = run_checks(lambda: wiki, SETTINGS.model_copy(update=more))
    assert all(check.fix for check in found if check.verdict is not CheckOutcome.GOOD)
    return {check.name: check for check in found}


def list_failed(found: dict[str, Any]) -> list[str]:
    return [name for name, check in found.items() if check.verdict is CheckOutcome.BAD]


def test_a_working_setup_passes_all_checks(demo: DemoServer, tmp_path: Path) -> None:
    found = checks(demo)
    assert list_failed(found) == []
    assert list(found) == ["credentials", "flavour", "space", "parent page", "manifest", "permissions"]
    assert found["credentials"].said == "signed in as Ada Admin"
    Publisher(demo, tmp_path / "site").publish([Sheet("page:home", "The book")])
    assert checks(demo)["manifest"].said == "1 page published so far"


def test_the_checks_write_nothing(demo: DemoServer) -> None:
    checks(demo)
    assert count_requests(demo, "GET") == count_requests(demo) == 5


def test_an_invalid_token_is_reported(demo: DemoServer) -> None:
    found = checks(demo, token="wrong")
    assert list_failed(found) == ["credentials"]
    assert list(found) == ["credentials"]
    assert "token" in found["credentials"].fix


def test_an_invalid_address_is_reported(demo: DemoServer) -> None:
    with serve(demo) as address:
        site = address.site
    gone = connect(access_to(demo, site), clock=FakeTime().clock())
    [check] = run_checks(lambda: gone, SETTINGS)
    assert (check.name, check.verdict) == ("address", CheckOutcome.BAD)
    other = connect(access_to(demo, "http://localhost/nowhere"), adapter=InMemory(demo))
    [check] = run_checks(lambda: other, SETTINGS)
    assert (check.name, check.verdict) == ("address", CheckOutcome.BAD)
    assert "CONFLUENCE_URL" in check.fix


def test_an_unknown_space_is_reported(demo: DemoServer) -> None:
    found = checks(demo, space="GONE")
    assert list_failed(found) == ["space"]
    assert "permissions" not in found


def test_an_unknown_parent_page_is_reported(demo: DemoServer, tmp_path: Path) -> None:
    assert list_failed(checks(demo, parent="4711")) == ["parent page"]
    made = Publisher(demo, tmp_path / "site")
    page = made.create_unmanaged_page("Corner")
    assert checks(demo, parent=page.id)["parent page"].said == f"Corner (page {page.id})"
    made.wiki().trash_page(page.id)
    assert list_failed(checks(demo, parent=page.id)) == ["parent page"]


def test_a_folder_as_the_parent_is_named_as_one() -> None:
    demo = DemoServer(Flavour.CLOUD)
    session = demo.session()
    space = session.space("BOOK")
    folder = session.create(FOLDER, space, space.homepage_id, Version("Models", ""))
    assert checks(demo, parent=str(folder.id))["parent page"].said == f"Models (folder {folder.id})"


def test_a_parent_in_another_space_is_reported() -> None:
    demo = DemoServer(Flavour.CLOUD, spaces=[("BOOK", "Model book"), ("TEAM", "Team")])
    parent = demo.session().space("TEAM").homepage_id
    found = checks(demo, parent=str(parent))
    assert list_failed(found) == ["parent page"]
    assert "in another space" in found["parent page"].said


@pytest.mark.parametrize(
    ("verbs", "orphans", "missing"),
    [
        (("read",), "archive", "this account may not create pages or remove pages"),
        (("read", "write"), "archive", "this account may not remove pages"),
        (("read", "write"), "keep", ""),
    ],
)
def test_missing_permissions_are_reported(demo: DemoServer, verbs: tuple[str, ...], orphans: str, missing: str) -> None:
    demo.world.people["guest"] = Account("guest", "A guest", "guest@example.com", "guest", verbs)
    found = checks(demo, "guest", "guest@example.com", orphans=orphans)
    assert list_failed(found) == (["permissions"] if missing else [])
    assert not missing or found["permissions"].said == missing


def test_data_center_reports_that_archiving_is_not_supported() -> None:
    demo = DemoServer(Flavour.DATACENTER)
    assert checks(demo)["flavour"].verdict is CheckOutcome.WARNING
    assert checks(demo, orphans="trash")["flavour"].verdict is CheckOutcome.GOOD


def test_a_damaged_manifest_is_a_warning(demo: DemoServer, tmp_path: Path) -> None:
    made = Publisher(demo, tmp_path / "site")
    made.publish([Sheet("page:home", "The book")])
    wiki = made.wiki()
    host = wiki.space("BOOK").homepage_id or ""
    [head] = [each for each in wiki.properties(host) if each.key == manifest_key("modelbook")]
    wiki.update_property(host, head, "nonsense")
    assert checks(demo)["manifest"].verdict is CheckOutcome.WARNING


def test_a_failing_wiki_is_reported(demo: DemoServer) -> None:
    demo.inject([Fault(FaultKind.SERVER_ERROR, count=0, status=503)])
    found = checks(demo)
    assert list_failed(found) == ["address"]
    assert "503" in found["address"].said
