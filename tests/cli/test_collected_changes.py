"""Comparisons with a revision of a book whose collected cards are committed, or ignored by git."""

from pathlib import Path

import pytest

from tests.cli.running import run
from tests.history.repositories import Repository, new_repository
from tests.locked_books import build_model, write_collected_book

FEED = "kind: system\nid: feed\nname: Feed\ntype: service\nsummary: S.\nowners: [kitchen]\n"
USES = "uses: [{model: ryl, why: It orders.}]\n"
RYL = build_model("ryl", more="review_by: 2026-01-02\n")
OTHER = build_model("other", more="review_by: 2026-01-02\n")


def write(root: Path, feed: str, *, ryl: str = RYL) -> Path:
    files = {"shop/web": {"modelbook/ryl.yml": ryl}, "shop/other": {"modelbook.yml": OTHER}}
    return write_collected_book(root, files, {"feed.yml": feed})


@pytest.fixture(params=["committed", "ignored"])
def repository(request, tmp_path) -> Repository:
    made = new_repository(tmp_path / "book")
    write(made.root, FEED)
    if request.param == "ignored":
        (made.root / ".gitignore").write_text("/cards/collected/\n")
    made.commit("Start", "2026-01-05", {})
    made.git("branch", "base")
    return made


def list_new(root: Path) -> list[tuple[str, str]]:
    ran = run("check", "-C", root, "--changed-since", "base", "--format", "json")
    return [(one["code"], one["file"]) for one in ran.data["findings"] if one["severity"] != "info"]


def test_a_change_of_a_card_of_the_book_has_no_new_findings_on_collected_cards(repository):
    repository.commit("Use", "2026-01-06", {"feed.yml": FEED + USES})
    assert list_new(repository.root) == []


def test_a_new_lock_file_has_the_findings_on_its_changed_cards_only(repository):
    write(repository.root, FEED, ryl=RYL.replace("owners: [ranking]", "owners: [nobody]"))
    repository.commit("Collect", "2026-01-06", {})
    file = "cards/collected/shop/web/modelbook/ryl.yml"
    assert ("MB101", file) in list_new(repository.root)
    assert {name for _, name in list_new(repository.root)} == {file}


def test_a_diff_has_no_changes_of_collected_cards_that_did_not_change(repository):
    repository.commit("Use", "2026-01-06", {"feed.yml": FEED + USES})
    data = run("diff", "base", "-C", repository.root, "--format", "json").data
    declared_by = {ref for card in data["cards"] for fact in card["facts"] for ref in fact["declared_by"]}
    assert declared_by == {"system:feed"}
    assert "model:other" not in [card["ref"] for card in data["cards"]]
    assert data["base_left_out"] == []


def test_an_answer_names_the_missing_files_of_a_clone(repository):
    (repository.root / "cards/collected").rename(repository.root / "elsewhere")
    ran = run("impact", "feed", "-C", repository.root, "--json")
    assert ran.data["left_out"] == ["collect.lock:1"]
