"""The checks of `publish doctor`, each with a fix."""

from pathlib import Path
from typing import Any

import pytest

from generator.confluence.doctor import Verdict, examine, healthy
from generator.confluence.rest import connect
from generator.confluence.standin import DemoPerson, Fault, InMemory, Mishap, Standin, serve
from generator.confluence.sync.marks import head_key
from generator.confluence.wiki import Flavour
from tests.confluence.conftest import access_to, context_of
from tests.confluence.publishing import SETTINGS, Publisher, Sheet
from tests.confluence.rest.test_rate_limit import FakeTime


def checks(standin: Standin, token: str = "admin", user: str = "admin@example.com", **more: Any) -> dict[str, Any]:
    base = f"http://localhost{context_of(standin.flavour)}"
    wiki = connect(access_to(standin, base, token, user), adapter=InMemory(standin), clock=FakeTime().clock())
    found = examine(lambda: wiki, SETTINGS.model_copy(update=more))
    assert all(check.fix for check in found if check.verdict is not Verdict.GOOD)
    assert healthy(found) == all(check.verdict is not Verdict.BAD for check in found)
    return {check.name: check for check in found}


def list_failed(found: dict[str, Any]) -> list[str]:
    return [name for name, check in found.items() if check.verdict is Verdict.BAD]


def test_a_working_setup_passes_all_checks(standin: Standin, tmp_path: Path) -> None:
    found = checks(standin)
    assert list_failed(found) == []
    assert list(found) == ["credentials", "flavour", "space", "parent page", "manifest", "permissions"]
    assert found["credentials"].said == "signed in as Ada Admin"
    Publisher(standin, tmp_path / "site").publish([Sheet("page:home", "The book")])
    assert checks(standin)["manifest"].said == "1 page published so far"


def test_the_checks_write_nothing(standin: Standin) -> None:
    checks(standin)
    assert standin.log.count("GET") == standin.log.count() == 5


def test_an_invalid_token_is_reported(standin: Standin) -> None:
    found = checks(standin, token="wrong")
    assert list_failed(found) == ["credentials"]
    assert list(found) == ["credentials"]
    assert "token" in found["credentials"].fix


def test_an_invalid_address_is_reported(standin: Standin) -> None:
    with serve(standin) as address:
        site = address.site
    gone = connect(access_to(standin, site), clock=FakeTime().clock())
    [check] = examine(lambda: gone, SETTINGS)
    assert (check.name, check.verdict) == ("address", Verdict.BAD)
    other = connect(access_to(standin, "http://localhost/nowhere"), adapter=InMemory(standin))
    [check] = examine(lambda: other, SETTINGS)
    assert (check.name, check.verdict) == ("address", Verdict.BAD)
    assert "CONFLUENCE_URL" in check.fix


def test_an_unknown_space_is_reported(standin: Standin) -> None:
    found = checks(standin, space="GONE")
    assert list_failed(found) == ["space"]
    assert "permissions" not in found


def test_an_unknown_parent_page_is_reported(standin: Standin, tmp_path: Path) -> None:
    assert list_failed(checks(standin, parent="4711")) == ["parent page"]
    made = Publisher(standin, tmp_path / "site")
    page = made.create_unmanaged_page("Corner")
    assert list_failed(checks(standin, parent=page.id)) == []
    made.wiki().trash_page(page.id)
    assert list_failed(checks(standin, parent=page.id)) == ["parent page"]


@pytest.mark.parametrize(
    ("verbs", "orphans", "missing"),
    [
        (("read",), "archive", "this account may not create pages or remove pages"),
        (("read", "write"), "archive", "this account may not remove pages"),
        (("read", "write"), "keep", ""),
    ],
)
def test_missing_permissions_are_reported(standin: Standin, verbs: tuple[str, ...], orphans: str, missing: str) -> None:
    may = tuple(("BOOK", verb) for verb in verbs)
    standin.add_people([DemoPerson("guest", "A guest", "guest@example.com", "guest", may)])
    found = checks(standin, "guest", "guest@example.com", orphans=orphans)
    assert list_failed(found) == (["permissions"] if missing else [])
    assert not missing or found["permissions"].said == missing


def test_data_center_reports_that_archiving_is_not_supported() -> None:
    standin = Standin(Flavour.DATACENTER)
    assert checks(standin)["flavour"].verdict is Verdict.WARNING
    assert checks(standin, orphans="trash")["flavour"].verdict is Verdict.GOOD


def test_a_damaged_manifest_is_a_warning(standin: Standin, tmp_path: Path) -> None:
    made = Publisher(standin, tmp_path / "site")
    made.publish([Sheet("page:home", "The book")])
    wiki = made.wiki()
    host = wiki.space("BOOK").homepage_id or ""
    [head] = [each for each in wiki.properties(host) if each.key == head_key("modelbook")]
    wiki.update_property(host, head, "nonsense")
    assert checks(standin)["manifest"].verdict is Verdict.WARNING


def test_a_failing_wiki_is_reported(standin: Standin) -> None:
    standin.faults.replace([Fault(Mishap.SERVER_ERROR, count=0, status=503)])
    found = checks(standin)
    assert list_failed(found) == ["address"]
    assert "503" in found["address"].said
