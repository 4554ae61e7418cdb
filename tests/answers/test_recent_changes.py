"""The latest changes from git: by card and commit, as text, by the present names of cards."""

from pathlib import Path

import pytest

from generator.answers.recent_changes import RecentChange, list_recent_changes
from generator.history.read import read_history
from tests.answers.books import book
from tests.answers.duty_books import model
from tests.books import write_book
from tests.history.repositories import Repository, new_repository

TEAMS = (
    "kind: team\nid: one\nname: One\n---\nkind: person\nid: p\nname: Asha Rao\n---\nkind: person\nid: q\nname: Farah\n"
)
USED = "consumers: [{system: s, why: Fills the carousel}]\n"
SYSTEM = "kind: system\nid: s\nname: Home feed\ntype: app\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    write_book(tmp_path, {})
    return new_repository(tmp_path)


def changes_of(repository: Repository, most: int = 50) -> list[RecentChange]:
    graph, history = book(repository.root, {}), read_history(repository.root, "cards")
    return list(list_recent_changes(history, graph, {"ds": "Data Science"}, most))


def test_the_latest_change_is_first_in_words_with_its_author_and_day(repository: Repository) -> None:
    start = {"teams.yml": TEAMS, "s.yml": SYSTEM, "m.yml": model("m", "contacts: {ds: p}\n")}
    repository.commit("start", "2026-01-01", start)
    repository.commit(
        "hand over", "2026-02-02", {"m.yml": model("m", "contacts: {ds: q}\n")}, author="Jo <j@example.com>"
    )
    used = model("m", f"contacts: {{ds: q}}\nreview_by: 2027-03-31\n{USED}")
    repository.commit("carousel", "2026-03-03", {"m.yml": used})
    latest, earlier, *first = changes_of(repository)
    assert latest.texts == ("Added consumer Home feed: Fills the carousel", "Added review date 31 Mar 2027")
    assert (earlier.author, str(earlier.on), earlier.commit.subject) == ("Jo", "2026-02-02", "hand over")
    assert earlier.texts == ("Changed contact for Data Science: Asha Rao → Farah",)
    assert {one.texts for one in first} == {("Added the card",)}
    assert {one.name for one in first} == {"m", "Home feed", "One", "Asha Rao", "Farah"}


def test_a_deleted_card_has_no_page_and_a_renamed_one_has_its_present_name(repository: Repository) -> None:
    repository.commit("start", "2026-01-01", {"a.yml": model("a", ""), "b.yml": model("b", "")})
    repository.commit("rename", "2026-02-02", {"a.yml": model("c", "")})
    repository.commit("delete", "2026-03-03", {"b.yml": None})
    deleted, renamed, *first = changes_of(repository)
    assert (deleted.ref.id, deleted.exists, deleted.texts) == ("b", False, ("Deleted the card",))
    assert (renamed.ref.id, renamed.exists) == ("c", True)
    assert "Renamed from a" in renamed.texts
    assert {(one.ref.id, one.exists) for one in first} == {("c", True), ("b", False)}


def test_only_the_wanted_number_is_listed(repository: Repository) -> None:
    for number in range(5):
        text = model("m", f"review_by: 2027-0{number + 1}-01\n")
        repository.commit(f"change {number}", f"2026-01-0{number + 1}", {"m.yml": text})
    found = changes_of(repository, 2)
    assert [one.commit.subject for one in found] == ["change 4", "change 3"]
    assert all(one.texts for one in found)


def test_a_book_without_git_has_no_changes(tmp_path: Path) -> None:
    history = read_history(write_book(tmp_path, {}), "cards")
    assert list(list_recent_changes(history, book(tmp_path, {}), {}, 5)) == []
