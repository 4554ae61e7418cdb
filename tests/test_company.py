"""The book of a company with 30 repositories: collected, checked in each repository, built and published."""

import json
import shutil
from pathlib import Path

import pytest

from generator.cli.publish.source import read_source
from generator.confluence.sync.values import Outcome
from generator.confluence.wiki import Flavour
from generator.load.collected import CollectLock, parse_lock
from tests.cli.running import Ran, run
from tests.company import RESPONSE, Company, make_company, write_model
from tests.evidence.checkouts import commit_files, git
from tests.publishing import run_demo_server
from tests.sites import build


def collect(company: Company, *arguments: str) -> Ran:
    return run("collect", "-C", company.book, "--cache", company.root / "cache", *arguments)


def check(repository: Path, company: Company, *arguments: str) -> Ran:
    return run("check", "-C", repository, "--book", company.book / "site", *arguments)


def read_lock(company: Company) -> CollectLock:
    return parse_lock((company.book / "collect.lock").read_bytes())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Collect the cards of all repositories and build the site."""
    company = make_company(tmp_path_factory.mktemp("company"))
    assert collect(company).code == 0
    build(company.book, company.book / "site")
    return company


@pytest.fixture
def company(built: Company, tmp_path: Path) -> Company:
    """A copy of the company that a test may change."""
    shutil.copytree(built.root, tmp_path / "company")
    return Company(tmp_path / "company")


def test_each_repository_is_in_the_lock_with_its_commit(built: Company):
    lock = read_lock(built)
    assert len(list(built.list_repositories())) == 30
    assert len(lock.repositories) == 31  # one repository has two entries
    found = {one.name: one for one in lock.repositories}
    assert found["shop/web"].commit.startswith("a00aa168fa"), "the repositories are made differently each time"
    assert len(found["food/photos"].commit) == 64
    assert found["legal/moderation"].commit == git(built.root / "mirrors/moderation.git", "rev-parse", "HEAD")
    assert list(found["ml/serving"].files) == ["services/serving/cards.yml"]
    assert sorted(found["search/ranking"].files) == [
        "api/request.json", "api/response.json", "modelbook/search-ranking.yml",
    ]  # fmt: skip
    assert found["data/tools"].files == {}
    ran = run("check", "-C", built.book)
    assert (ran.code, ran.out) == (0, "no findings\n")


def test_collecting_again_changes_nothing(built: Company):
    before = (built.book / "collect.lock").read_bytes()
    ran = collect(built, "--check")
    assert (ran.code, (built.book / "collect.lock").read_bytes()) == (0, before)


def test_every_repository_passes_the_check_with_the_published_book(built: Company):
    catalog = json.loads((built.book / "site/catalog.json").read_text("utf-8"))
    assert {node["source"]["name"] for node in catalog["nodes"] if node.get("source")} == {
        one.name for one in read_lock(built).repositories if one.files
    }
    for name in ("search/ranking", "shop/web", "data/events"):
        ran = check(built.get_checkout(name), built)
        assert (ran.code, ran.out, ran.err) == (0, "no findings\n", "")
    for arguments in ((), ("--cards", "services/serving/cards.yml"), ("--cards", "services/training")):
        mono = check(built.root / "mono", built, *arguments)
        assert (mono.code, mono.out, mono.err) == (0, "no findings\n", "")
    photos = check(built.get_checkout("food/photos"), built, "--repository", "food/photos")
    assert (photos.code, photos.out, photos.err) == (0, "no findings\n", "")


def test_a_change_that_breaks_another_repository_is_found_before_the_merge(company: Company):
    ranking = company.get_checkout("search/ranking")
    (ranking / "api/response.json").write_text(RESPONSE.replace('"score"', '"points"'), "utf-8")
    ran = check(ranking, company, "--format", "json")
    (finding,) = ran.data["findings"]
    assert (ran.code, finding["code"], finding["file"]) == (1, "MB310", "modelbook/search-ranking.yml")
    assert (finding["source"]["repository"], finding["source"]["file"]) == ("search/gateway", "modelbook/gateway.yml")
    # The answer may have more fields.
    more = RESPONSE.replace('"score"', '"points": {"type": "number"}, "score"')
    (ranking / "api/response.json").write_text(more, "utf-8")
    assert check(ranking, company).out == "no findings\n"


def test_a_name_that_two_repositories_claim_is_found_in_both_places_and_can_be_fixed(company: Company):
    mobile = company.get_checkout("shop/mobile")
    claim = {"modelbook/eta.yml": write_model("eta", "Arrival", "shop")}
    commit_files(mobile, claim)
    words = (
        "modelbook/eta.yml:1 in logistics/eta (owner: logistics), and modelbook/eta.yml:2 in shop/mobile (owner: shop)"
    )
    before = check(mobile, company)
    assert (before.code, words in before.out) == (1, True)
    assert before.out.startswith("modelbook/eta.yml:2:5 error MB023 model:eta has two cards")
    # It was merged anyway: the book names both places too, until one of them is renamed.
    assert collect(company).code == 0
    book = run("check", "-C", company.book)
    assert (book.code, "MB023" in book.out, "shop/mobile" in book.out, "logistics/eta" in book.out) == (1, *[True] * 3)
    commit_files(mobile, {"modelbook/eta.yml": write_model("arrival", "Arrival", "shop")})
    assert collect(company).code == 0
    assert "MB023" not in run("check", "-C", company.book).out
    assert run("check", "-C", company.book).code == 0


def test_a_card_that_moves_to_another_repository_keeps_its_users(company: Company):
    popular, ryl = company.get_checkout("ranking/popular"), company.get_checkout("ranking/ryl")
    card = (popular / "modelbook.yml").read_text("utf-8")
    commit_files(popular, {"modelbook.yml": None})
    commit_files(ryl, {"modelbook/popular.yml": card})
    assert collect(company).code == 0
    ran = run("check", "-C", company.book)
    assert (ran.code, ran.out) == (0, "no findings\n")
    (node,) = (
        node for node in run("export", "catalog", "-C", company.book).data["nodes"] if node["ref"] == "model:popular"
    )
    assert (node["source"]["name"], node["source"]["path"]) == ("ranking/ryl", "modelbook/popular.yml")


def test_only_the_pages_that_a_change_touches_are_published_again(company: Company):
    site = company.book / "site"
    with run_demo_server(Flavour.CLOUD) as place:
        first = place.publish(read_source(company.book, None))
        assert first.outcome is Outcome.DONE
        assert place.plan(read_source(company.book, None)).changes == ()
        uplift = company.get_checkout("growth/uplift")
        card = (uplift / "modelbook.yml").read_text("utf-8")
        commit_files(uplift, {"modelbook.yml": card + "notes: It is trained again each Monday.\n"})
        ran = collect(company)
        assert (ran.code, ran.out.splitlines()[-1]) == (0, "31 repositories: 1 changed, 30 unchanged")
        build(company.book, site)
        again = place.publish(read_source(company.book, None))
        assert [change.title for change in again.done] == ["Coupon uplift"]
        assert "It is trained again each Monday." in (place.get_page("Coupon uplift").body or "")
